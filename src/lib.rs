//! Rejoinder: news posts and the conversation about them, in one binary.
//!
//! The rooms, from the front door down. A room imports only rooms that stand below it; the test
//! `architecture` holds the code to that.

// What a command prints goes through `commands::output`, which no closed pipe makes panic.
#![warn(clippy::print_stdout, clippy::print_stderr)]

/// The command line.
pub mod commands;
/// HTTP and pages.
pub mod web;
/// Does the jobs.
pub mod worker;

/// Reviewing responses.
pub mod moderation;
/// Other blogs' links to posts here.
pub mod linkbacks;
/// Everything that answers a post.
pub mod responses;
/// News posts.
pub mod posts;
/// People with accounts.
pub mod accounts;

/// Feeds as text (pure).
pub mod feeds;

/// What a room may be handed.
pub mod app;
/// What becomes of a response, and why (pure).
pub mod judge;
/// The queue of work for later.
pub mod jobs;
/// How often somebody may do something.
pub mod limits;
/// Rows and queries.
pub mod store;

/// Text to HTML and back (pure).
pub mod markup;
/// The one way out to other sites.
pub mod net;

/// How often something may happen for each key, on this node.
pub mod budget;
/// Work that takes the processor, beside the async threads.
pub mod cpu;
/// The site's addresses.
pub mod urls;
/// The settings.
pub mod config;
/// What time it is.
pub mod clock;
/// What can go wrong.
pub mod error;
