//! Everything that answers a post: how it comes in, and how it stands in a thread.

pub mod comment;
pub mod openness;
pub mod receive;
pub mod thread;
