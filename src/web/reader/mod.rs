//! Pages for readers.

pub mod archives;
pub mod comment_link;
pub mod home;
pub mod moderation_log;
pub mod post;
pub mod report;
pub mod respond;
pub mod statement;
pub mod whole;
