//! User accounts: signing in, permissions, and changing accounts.

pub mod browser;
pub mod manage;
pub mod password;
pub mod permissions;
pub mod register;
pub mod secret;
pub mod sign_in;
pub mod token;
