//! News posts: reading drafts, saving, publishing and finding them.

pub mod date;
pub mod draft;
pub mod file;
pub mod find;
pub mod front_matter;
pub mod inner_links;
pub mod publish;
pub mod render;
pub mod save;
pub mod slugs;
