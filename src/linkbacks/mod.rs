//! Other blogs' links to posts here: taken, checked, and turned into responses.

pub mod protocol;
pub mod receive;
pub mod verify;
