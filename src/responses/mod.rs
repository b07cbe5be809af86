//! Everything that answers a post: how it comes in, from whom, and how it stands in a thread.

pub mod appeal;
pub mod comment;
pub mod openness;
pub mod person;
pub mod proof;
pub mod recall;
pub mod receive;
pub mod reconsider;
pub mod report;
pub mod resend;
pub mod rules;
pub mod text;
pub mod thread;
pub mod ticket;
