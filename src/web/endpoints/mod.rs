//! Addresses for machines.

pub mod feeds;
pub mod health;
pub mod pingback;
pub mod sitemap;
