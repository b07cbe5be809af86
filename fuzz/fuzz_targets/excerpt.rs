//! Excerpts of any text: never longer than the limit, and cleaning twice changes nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rejoinder::markup::excerpt::{clean_line, excerpt_around, leading_excerpt};
use rejoinder_fuzz::in_time;

fuzz_target!(|input: (&str, u8)| in_time(|| {
    let (text, max) = (input.0, usize::from(input.1));
    let line = clean_line(text, max);
    assert!(line.chars().count() <= max);
    assert!(!line.chars().any(char::is_control));
    assert_eq!(clean_line(&line, max), line);
    assert!(leading_excerpt(text, max).chars().count() <= max + 1);
    let _ = leading_excerpt(text, usize::MAX);
    assert!(excerpt_around(text, text, text).chars().count() <= 310);
}));
