//! What administrators set from the site's own pages.

pub mod jobs;
pub mod people;
pub mod site;
