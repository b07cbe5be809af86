//! What an upload is, from any bytes and any name: an accepted document is never a drawing, a picture or a
//! page, and the name in its address is always safe.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rejoinder::media::address::{file_name, is_token, variant_width};
use rejoinder::media::document::DocumentFormat;
use rejoinder::media::refused_format::RefusedFormat;
use rejoinder_fuzz::in_time;

fuzz_target!(|input: (&[u8], &str)| in_time(|| {
    let (bytes, name) = input;
    if RefusedFormat::detect(bytes, "") == Some(RefusedFormat::Svg) {
        assert_eq!(DocumentFormat::detect(bytes, name), None);
    }
    let _ = RefusedFormat::detect(bytes, name);
    let safe = file_name(name, "png");
    assert!(safe.ends_with(".png") && !safe.starts_with('.'));
    assert!(!safe.contains(['/', '\\', '\0', '"', '<', ' ']));
    assert_eq!(variant_width(&safe), None);
    let _ = (is_token(name), variant_width(name));
}));
