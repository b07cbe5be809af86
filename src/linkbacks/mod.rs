//! Linkbacks in both directions: other sites' links to posts here, which are received, verified, shown as
//! responses and rechecked; and our posts' links to other sites, which are notified.

pub mod accept;
pub mod check_source;
pub mod deliver;
pub mod delivery_attempt;
pub mod evidence;
pub mod given_up;
pub mod protocol;
pub mod receive;
pub mod recheck;
pub mod send;
pub mod sender_claims;
pub mod status;
pub mod verify;
pub mod wait;
