//! People with accounts: what each may do, how they prove who they are.

pub mod identity;
pub mod password;
pub mod permissions;
pub mod register;
pub mod secret;
pub mod sign_in;
pub mod token;
