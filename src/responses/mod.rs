//! Everything that answers a post: how it comes in, from whom, and its place in the thread.

pub mod appeal;
mod burst;
pub mod challenge;
pub mod comment;
pub mod comment_input;
pub mod discussion;
pub mod judging;
pub mod person;
pub mod proof;
pub mod receive;
pub mod reconsider;
pub mod report;
pub mod resend;
pub mod rules;
pub mod stored_submission;
pub mod text;
pub mod thread;
