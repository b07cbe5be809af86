//! The queue: where moderators review responses.

pub mod asking;
pub mod decisions;
pub mod entry;
pub mod letter;
pub mod live;
pub mod log;
pub mod numbers;
pub mod person;
pub mod plot;
pub mod queue;
pub mod rules;
pub mod shown;
pub mod standing;
pub mod tasks;
pub mod undo;
pub mod words;
