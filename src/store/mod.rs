//! Rows: how they are reached, and every query, in a file a noun. Knows no rule of the domain.

pub mod changes;
pub mod db;
pub mod decisions;
pub mod entity;
pub mod health;
pub mod inner_links;
pub mod jobs;
pub mod linkbacks;
pub mod outgoing;
pub mod posts;
pub mod queue;
pub mod responses;
pub mod sessions;
pub mod settings;
pub mod tags;
pub mod thread;
pub mod trusts;
pub mod users;
mod writer;
