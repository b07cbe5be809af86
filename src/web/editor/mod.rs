//! The desk: writing posts, their list, and the linkbacks that they send.

pub mod compose;
pub mod featured_field;
pub mod findings;
pub mod first_steps;
pub mod import;
pub mod media;
pub mod media_form;
pub mod media_item;
pub mod media_replace;
pub mod media_uses;
pub mod markdown_help;
pub mod outgoing_linkbacks;
pub mod post_form;
pub mod posts;
