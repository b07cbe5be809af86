//! Other blogs' links to posts here: taken, checked, turned into responses, and looked at again; and
//! our posts' links to other blogs, which are told.

pub mod given_up;
pub mod passport;
pub mod protocol;
pub mod reading;
pub mod receive;
pub mod revisit;
pub mod send;
pub mod verify;
