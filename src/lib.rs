//! Rejoinder: news posts and the conversation about them, in one binary.
//!
//! The modules, from the top layer down. A module imports only modules of the layers below it; the test
//! `architecture` enforces that.

// What a command prints goes through `commands::output`, which no closed pipe makes panic.
#![warn(clippy::print_stdout, clippy::print_stderr)]

/// The command line.
pub mod commands;
/// HTTP and pages.
pub mod web;
/// Reusable pieces of pages.
pub mod ui;
/// Runs background jobs.
pub mod worker;

/// Link cards: what pages of other sites say about themselves.
pub mod cards;
/// Reviewing responses.
pub mod moderation;
/// Links from other sites to posts here, and notifications of links from here.
pub mod linkbacks;
/// Everything that answers a post.
pub mod responses;
/// News posts.
pub mod posts;
/// What administrators edit of the site itself: identity and menus.
pub mod site;
/// Pictures and documents.
pub mod media;
/// People with accounts.
pub mod accounts;

/// Feeds as text (pure).
pub mod feeds;

/// What the domain works with: settings, database, fetchers, clock, rate limits.
pub mod app;
/// Decides whether a response is shown, and why (pure).
pub mod judge;
/// The queue of background jobs.
pub mod jobs;
/// Rate limits.
pub mod limits;
/// The database: rows and queries.
pub mod store;

/// Text to HTML and back (pure).
pub mod markup;
/// Connections to other sites and to the mail server.
pub mod net;

/// Where uploaded files are kept.
pub mod files;
/// A thread pool for work that takes the processor.
pub mod cpu;
/// The site's addresses.
pub mod urls;
/// The settings.
pub mod config;
/// The current time.
pub mod clock;
/// Every text that people read.
pub mod texts;
/// What can go wrong.
pub mod error;
