//! What administrators set from the site's own pages.

pub mod site;
