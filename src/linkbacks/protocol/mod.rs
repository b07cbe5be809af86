//! The protocols by which blogs tell each other of links, as pure functions: bytes in, values out,
//! no panic, cost that grows with the input alone.

pub mod discovery;
pub mod html;
pub mod link_header;
pub mod microformats;
pub mod pingback;
pub mod source;
pub mod trackback;
pub mod webmention;
pub mod xml_rpc;
