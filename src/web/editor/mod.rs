//! The desk: writing posts, their list, and the linkbacks that they send.

pub mod compose;
pub mod outgoing_linkbacks;
pub mod post_form;
pub mod posts;
