//! Reviewing responses: the queue, decisions, undoing them, work on many at once, the log, rules,
//! people, and what all that teaches.

pub mod bulk;
pub mod claims;
pub mod decide;
pub mod edit;
pub mod email_link;
pub mod entry;
pub mod learn;
pub mod mail;
pub mod numbers;
pub mod outside;
pub mod people;
pub mod privacy;
pub mod queue;
pub mod reply;
pub mod rules;
pub mod standing;
pub mod survey;
pub mod time_machine;
