//! A post many times over, from Markdown to safe HTML.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rejoinder::markup::sanitise::MarkupProfile;
use rejoinder_fuzz::rendering::check_growth;

fuzz_target!(|markdown: &str| check_growth(markdown, MarkupProfile::Post));
