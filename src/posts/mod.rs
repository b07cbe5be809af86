//! News posts: reading drafts, saving, publishing and finding them.

pub mod cards;
pub mod date;
pub mod draft;
pub mod file;
pub mod find;
pub mod front_matter;
pub mod hierarchy;
pub mod inner_links;
pub mod preview;
pub mod publish;
pub mod reading_time;
pub mod related;
pub mod render;
pub mod rerender;
pub mod rerender_pictures;
pub mod reserved;
pub mod save;
pub mod slugs;
pub mod starter;
