//! `Link` headers from any text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rejoinder::linkbacks::protocol::link_header;
use rejoinder_fuzz::in_time;

fuzz_target!(|value: &str| in_time(|| {
    for link in link_header::parse(value) {
        assert!(link.target.len() <= value.len());
    }
}));
