//! The network beyond this process: which addresses may be reached, and the one way to reach them.
//!
//! Nothing outside this module opens a connection to a foreign address.

pub mod fetch;
pub mod guard;
pub mod mail;
pub mod pace;
pub mod turns;
