//! Reviewing responses: the queue, decisions, undoing them, the log, and trust.

pub mod decide;
pub mod queue;
pub mod trust;
