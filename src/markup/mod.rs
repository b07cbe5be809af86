//! Text to HTML and back, as pure functions.

pub mod absolute;
pub mod balance;
pub mod excerpt;
pub mod fold;
pub mod printable;
pub mod links;
pub mod mailbox;
pub mod markdown;
pub mod plain;
pub mod sanitise;
pub mod scroll;
pub mod slug;
pub mod source;
pub mod tags;
pub mod tokens;
pub mod visible;
