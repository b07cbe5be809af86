//! `Link` headers from any text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rejoinder::linkbacks::protocol::link_header;

fuzz_target!(|value: &str| {
    for link in link_header::parse(value) {
        assert!(link.target.len() <= value.len());
    }
});
