//! HTTP and pages: what people and machines send becomes a verb of the domain, and what it answers
//! becomes a page.

pub mod assets;
pub mod cache;
pub mod cacheable;
pub mod client;
pub mod commenter;
pub mod coding;
pub mod compress;
pub mod connections;
pub mod door;
pub mod editor;
pub mod endpoints;
pub mod form;
pub mod forwarded;
pub mod kept;
pub mod layers;
pub mod moderator;
pub mod pacing;
pub mod page_cache;
pub mod page_request;
pub mod reader;
pub mod respond;
pub mod routes;
pub mod secrets;
pub mod serve;
pub mod session;
pub mod session_cookie;
pub mod session_memory;
pub mod settings;
pub mod sign_in_page;
pub mod state;
pub mod texts;
pub mod views;
pub mod wellformed;
