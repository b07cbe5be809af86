//! What Rejoinder does, as its users see it: over HTTP, from the command line, in a browser, on
//! both databases.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod accounts;
mod addressing;
mod architecture;
mod at_once;
mod browsing;
mod commands;
mod commenting;
mod concealing;
mod connecting;
mod dated;
mod emailing;
mod feeds;
mod helping;
mod interacting;
mod keeping;
mod killing;
mod killing_jobs;
mod learning;
mod linkback_sources;
mod linkbacks_under_load;
mod living;
mod messages;
mod migrations;
mod operating;
mod permissions;
mod pingbacks;
mod privacy;
mod proving;
mod proxies;
mod publishing;
mod racing;
mod reading;
mod reconsidering;
mod rendering;
mod reviewing;
mod ruling;
mod saving;
mod sending;
mod several_nodes;
mod signing_in;
mod support;
mod notifying;
mod trackbacks;
mod trusting;
mod typing;
mod webmentions;
mod working;
