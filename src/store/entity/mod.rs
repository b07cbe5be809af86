//! The rows, as the nouns that all rooms above share. No queries here.

pub mod appeal;
pub mod claim;
pub mod decision;
pub mod edit;
pub mod filter_bucket;
pub mod filter_day;
pub mod former_slug;
pub mod gone_slug;
pub mod ids;
pub mod inner_link;
pub mod job;
pub mod linkback;
pub mod outgoing_notice;
pub mod post;
pub mod post_tag;
pub mod report;
pub mod response;
pub mod response_count;
pub mod rule;
pub mod session;
pub mod setting;
pub mod shield;
pub mod standing;
pub mod tag;
pub mod task;
pub mod user;
