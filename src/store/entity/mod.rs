//! The rows, as the nouns that all rooms above share. No queries here.

pub mod decision;
pub mod former_slug;
pub mod gone_slug;
pub mod ids;
pub mod inner_link;
pub mod job;
pub mod linkback;
pub mod outgoing_notice;
pub mod post;
pub mod post_tag;
pub mod response;
pub mod response_count;
pub mod session;
pub mod setting;
pub mod tag;
pub mod trust;
pub mod user;
