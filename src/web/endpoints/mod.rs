//! Addresses for machines.

pub mod feeds;
pub mod health;
pub mod linkback;
pub mod passport;
pub mod pingback;
pub mod sitemap;
pub mod trackback;
pub mod webmention;
