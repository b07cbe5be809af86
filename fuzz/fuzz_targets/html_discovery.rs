//! Linkback endpoints of any page with any headers: only http and https URLs.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rejoinder::linkbacks::protocol::discovery::discover;
use rejoinder::linkbacks::protocol::document::Document;
use rejoinder_fuzz::in_time;
use url::Url;

fuzz_target!(|input: (&str, &[u8])| in_time(|| {
    let (value, body) = input;
    let Ok(page) = Url::parse("https://t.example/test/1?page") else {
        return;
    };
    let headers = ["Link", "X-Pingback"].map(|name| (name.to_owned(), value.to_owned()));
    let document = Document::read(body, Some("text/html"));
    let found = discover(&headers, Some(&document), &page);
    for url in [found.webmention, found.pingback, found.trackback] {
        assert!(url.is_none_or(|url| matches!(url.scheme(), "http" | "https")));
    }
}));
