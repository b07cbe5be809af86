//! What administrators change from the site's own pages.

pub mod components;
pub mod jobs;
pub mod people;
pub mod roles;
pub mod site;
