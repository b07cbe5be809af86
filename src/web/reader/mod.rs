//! Pages for readers.

pub mod archives;
pub mod home;
pub mod post;
pub mod respond;
