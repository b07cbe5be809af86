//! Links, titles and microformats of any page.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rejoinder::linkbacks::protocol::document::Document;
use rejoinder::linkbacks::protocol::{microformats, target_link};
use rejoinder_fuzz::in_time;
use url::Url;

fuzz_target!(|input: (u8, &[u8])| in_time(|| {
    let types = [
        None,
        Some("text/html"),
        Some("text/html; charset=shift_jis"),
        Some("application/json"),
        Some("text/plain"),
    ];
    let content_type = types[usize::from(input.0) % types.len()];
    let Ok(base) = Url::parse("https://blog.example/2026/a") else {
        return;
    };
    let document = Document::read(input.1, content_type);
    if let Some(link) = target_link::find_link(&document, &|_| true, &base) {
        assert!(Url::parse(&link.url).is_ok() || document.html().is_none());
    }
    let _ = target_link::find_link(&document, &|_| false, &base);
    let _ = document.title();
    let _ = target_link::count_outbound_links(&document, &base);
    let _ = microformats::find_entry(&document, &base, &|_| true);
}));
