//! People with accounts: what each may do, how they prove who they are.

pub mod browser;
pub mod identity;
pub mod manage;
pub mod password;
pub mod permissions;
pub mod register;
pub mod secret;
pub mod sign_in;
pub mod token;
