//! A comment from Markdown to safe HTML.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rejoinder::markup::sanitise::MarkupProfile;
use rejoinder_fuzz::rendering::check;

fuzz_target!(|markdown: &str| check(markdown, MarkupProfile::Response));
