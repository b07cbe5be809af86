//! Reviewing responses: the queue, decisions, undoing them, and the log.

pub mod decide;
pub mod queue;
