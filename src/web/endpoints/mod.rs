//! Addresses for programs: feeds, linkbacks, monitoring, search engines.

pub mod feeds;
pub mod health;
pub mod icons;
pub mod linkback_status;
pub mod pingback;
pub mod sitemap;
pub mod theme;
pub mod trackback;
pub mod webmention;
