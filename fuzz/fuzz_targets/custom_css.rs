//! Custom CSS from any text: what is accepted closes all that it opens, and keeps its scope.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rejoinder::site::{css_tokens, custom_css};
use rejoinder_fuzz::in_time;

fuzz_target!(|text: &str| in_time(|| {
    let Ok(css) = custom_css::compile(text, "") else {
        return;
    };
    let prepared = css_tokens::prepare(&css);
    assert!(css_tokens::read(&prepared).is_ok(), "{css}");
    assert!(!css.contains("</"), "{css}");
    for line in css.lines().filter(|line| line.starts_with(':')) {
        assert!(line.contains(":not(#respond, #respond *, form"), "{line}");
    }
}));
