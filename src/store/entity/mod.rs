//! The rows, as the nouns that all rooms above share. No queries here.

pub mod decision;
pub mod former_slug;
pub mod ids;
pub mod job;
pub mod linkback;
pub mod post;
pub mod post_tag;
pub mod response;
pub mod response_count;
pub mod session;
pub mod setting;
pub mod tag;
pub mod user;
