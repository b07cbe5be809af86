//! The queue: where moderators review responses.

pub mod decisions;
pub mod entry;
pub mod log;
pub mod queue;
pub mod trust;
