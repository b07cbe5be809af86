//! What any bytes say about themselves as the page of a link card: bounded texts, and an address of the web.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rejoinder::cards::page_facts;
use rejoinder_fuzz::in_time;
use url::Url;

fuzz_target!(|body: &[u8]| in_time(|| {
    let Ok(url) = Url::parse("https://other.example/a/b") else {
        return;
    };
    for media_type in [
        None,
        Some("text/html; charset=utf-8"),
        Some("application/xhtml+xml"),
    ] {
        let Some(facts) = page_facts::read(body, media_type, &url) else {
            continue;
        };
        for text in [&facts.title, &facts.description, &facts.site_name] {
            assert!(text.chars().count() <= 301, "{text}");
        }
        if let Some(picture) = facts.picture {
            assert!(matches!(picture.scheme(), "http" | "https"), "{picture}");
        }
    }
}));
