//! The protocols by which blogs notify each other of links, as pure functions: bytes in, values out, no
//! panic, and a cost that grows with the input alone.

pub mod address;
pub mod content_type;
pub mod discovery;
pub mod document;
pub mod element_tree;
pub mod html_page;
pub mod link_header;
pub mod microformats;
pub mod pingback;
pub mod target_link;
pub mod token_reader;
pub mod trackback;
pub mod webmention;
pub mod xml;
pub mod xml_rpc;
