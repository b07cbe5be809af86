//! The addresses of pictures in any Markdown: each that is found can be replaced.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rejoinder::markup::picture_addresses::{list, replace};
use rejoinder_fuzz::in_time;

fuzz_target!(|text: &str| in_time(|| {
    // Each replacement reads the text again: some are enough.
    for address in list(text).iter().take(3) {
        let changed = replace(text, address, "/media/x/y.png");
        assert!(
            changed.is_some_and(|changed| changed.contains("/media/x/y.png")),
            "{address}"
        );
    }
}));
