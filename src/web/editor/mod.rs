//! The desk: where editors write and publish.

pub mod compose;
pub mod notices;
pub mod posts;
