//! TrackBack pings and responses, and Webmention requests, from any bytes; what is written reads back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rejoinder::linkbacks::protocol::{trackback, webmention};
use rejoinder_fuzz::in_time;

fuzz_target!(|body: &[u8]| in_time(|| {
    let form = Some("application/x-www-form-urlencoded");
    if let Ok(ping) = trackback::parse_ping(body, form) {
        let sent = trackback::form_body(&ping);
        let read = trackback::parse_ping(sent.as_bytes(), form);
        // Text of another charset can be too long once it is UTF-8.
        assert!(read.as_ref() == Ok(&ping) || read == Err(trackback::PingFormError::TooLong));
        let comment = trackback::rdf(&ping.url, &ping.title, &ping.url);
        assert!(!comment.contains("--"));
    }
    let _ = trackback::parse_answer(body);
    if let Ok(mention) = webmention::parse_request(body) {
        let sent = webmention::form_body(mention.source.as_str(), mention.target.as_str());
        assert_eq!(webmention::parse_request(sent.as_bytes()), Ok(mention));
    }
}));
