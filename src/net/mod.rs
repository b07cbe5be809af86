//! The network beyond this process: which addresses may be reached, and the one way to reach them.
//!
//! Nothing outside this folder opens a connection to a foreign address.

pub mod client_network;
pub mod fetch;
pub mod guard;
pub mod host_limits;
pub mod mail;
pub mod object_client;
pub mod transfer_speed;
