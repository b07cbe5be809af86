//! News posts: writing, publishing, finding.

pub mod draft;
pub mod file;
pub mod find;
pub mod inner_links;
pub mod publish;
