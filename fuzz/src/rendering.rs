//! What holds for every text that is rendered: its size, its time, and what never stands in it.
//!
//! Growth has targets of its own, which render each input many times over. They take some hundred times as
//! long, so that one target for both would leave little time to search for inputs.

use std::collections::HashSet;
use std::time::Duration;

use cpu_time::ThreadTime;
use rejoinder::markup::markdown::{is_blank, render};
use rejoinder::markup::plain::text_of;
use rejoinder::markup::sanitise::{MarkupProfile, SafeHtml};
use rejoinder::markup::visible::clean_text;

/// For each ten kilobytes that are begun.
const LONGEST: Duration = Duration::from_millis(100);
const PIECE: usize = 10_000;

/// Renders the repetition of `markdown` to a length at which growth with the square would show.
pub fn check_growth(markdown: &str, profile: MarkupProfile) {
    let times = (PIECE / markdown.len().max(1)).max(1);
    check(&markdown.repeat(times), profile);
}

/// Renders `markdown` as it is.
pub fn check(markdown: &str, profile: MarkupProfile) {
    let markdown = clean_text(markdown);
    let begun = ThreadTime::now();
    let html = render(&markdown, profile);
    let took = begun.elapsed();
    let pieces = u32::try_from(markdown.len() / PIECE + 1).unwrap_or(u32::MAX);
    assert!(
        took <= LONGEST * pieces,
        "{} bytes took {took:?}",
        markdown.len()
    );
    let (length, most) = (html.as_str().len(), 20 * markdown.len() + 4096);
    assert!(length <= most, "{} bytes became {length}", markdown.len());
    if profile == MarkupProfile::Post {
        let begun = ThreadTime::now();
        let coloured = html.highlighted();
        assert!(begun.elapsed() <= LONGEST * pieces);
        assert_eq!(text_of(coloured.as_str()), text_of(html.as_str()));
    }
    let _ = is_blank(&markdown, &html, profile);
    let _ = text_of(html.as_str());
    // Once is enough, and no id comes twice.
    let once = SafeHtml::sanitise(html.as_str(), profile);
    assert_eq!(SafeHtml::sanitise(once.as_str(), profile), once);
    let ids = ids(once.as_str());
    let unique: HashSet<&&str> = ids.iter().collect();
    assert_eq!(ids.len(), unique.len(), "{}", once.as_str());
    for bad in [
        "<script",
        "<style",
        "<iframe",
        "<svg",
        "<math",
        "<form",
        "<!--",
        "<title",
        "<textarea",
    ] {
        assert!(!html.as_str().contains(bad), "{bad} in {}", html.as_str());
    }
    // HTML from elsewhere is as cheap.
    let begun = ThreadTime::now();
    let _ = SafeHtml::sanitise(&markdown, profile);
    assert!(begun.elapsed() <= LONGEST * pieces);
}

/// The ids in sanitised HTML, where every attribute value is in double quotes.
fn ids(html: &str) -> Vec<&str> {
    let mut ids = Vec::new();
    for tag in html.split('<').skip(1) {
        let parts: Vec<&str> = tag.split('"').collect();
        for pair in parts.chunks_exact(2) {
            if pair[0].contains('>') {
                break;
            }
            if pair[0].ends_with(" id=") {
                ids.push(pair[1]);
            }
        }
    }
    ids
}
