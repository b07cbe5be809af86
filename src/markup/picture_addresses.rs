//! Finds and changes the addresses of pictures in Markdown: in images, in the definitions that they refer to,
//! and in `<img>`. Changes nothing else of a text.

use std::collections::HashSet;
use std::ops::Range;

use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TagEnd};
use url::Url;

/// The most pictures that are found in a text.
const MAX_FOUND: usize = 1000;

/// An address where it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Written {
    /// As it is read, without escapes.
    address: String,
    /// In the text, in bytes.
    place: Range<usize>,
}

/// The addresses of the pictures of a text, each once, in order.
pub fn list(markdown: &str) -> Vec<String> {
    let mut addresses: Vec<String> = Vec::new();
    for written in find(markdown).into_iter().take(MAX_FOUND) {
        if !addresses.contains(&written.address) {
            addresses.push(written.address);
        }
    }
    addresses
}

/// The text with another address for the pictures at `from`, in whatever spelling; None where there are none.
pub fn replace(markdown: &str, from: &str, to: &str) -> Option<String> {
    let wanted = normalised(from);
    let mut found = find(markdown);
    found.retain(|written| normalised(&written.address) == wanted);
    if found.is_empty() {
        return None;
    }
    found.sort_by_key(|written| written.place.start);
    found.dedup_by_key(|written| written.place.start);
    let mut changed = String::with_capacity(markdown.len());
    let mut at = 0;
    for written in found {
        if written.place.start < at {
            continue;
        }
        changed.push_str(markdown.get(at..written.place.start)?);
        changed.push_str(to);
        at = written.place.end;
    }
    changed.push_str(markdown.get(at..)?);
    Some(changed)
}

/// The form in which two spellings of an address are the same.
fn normalised(address: &str) -> String {
    let whole = match address.strip_prefix("//") {
        Some(_) => format!("https:{address}"),
        None => address.to_owned(),
    };
    Url::parse(&whole).map_or(whole, String::from)
}

fn find(markdown: &str) -> Vec<Written> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES;
    let mut found = Vec::new();
    let mut referred: HashSet<String> = HashSet::new();
    // In the text of an image another one is only text.
    let mut open_images = 0_usize;
    let mut events = Parser::new_ext(markdown, options).into_offset_iter();
    for (event, place) in events.by_ref() {
        if found.len() + referred.len() >= MAX_FOUND {
            break;
        }
        let source = markdown.get(place.clone()).unwrap_or_default();
        match event {
            Event::Start(Tag::Image { .. }) if open_images > 0 => open_images += 1,
            Event::End(TagEnd::Image) => open_images = open_images.saturating_sub(1),
            Event::Start(Tag::Image {
                link_type: LinkType::Inline,
                dest_url,
                ..
            }) => {
                open_images = 1;
                found.extend(written_in(source, &dest_url, place.start, destination_in));
            }
            Event::Start(Tag::Image { dest_url, .. }) => {
                open_images = 1;
                referred.insert(dest_url.into_string());
            }
            Event::Html(html) | Event::InlineHtml(html) => {
                let mut from = 0;
                for address in sources_in(&html).into_iter().take(MAX_FOUND) {
                    let rest = source.get(from..).unwrap_or_default();
                    let start = place.start + from;
                    let written = written_in(rest, &address, start, |text, part| text.find(part));
                    if let Some(written) = written {
                        from = written.place.end - place.start;
                        found.push(written);
                    }
                }
            }
            _ => {}
        }
    }
    if referred.is_empty() {
        return found;
    }
    let defined: Vec<(String, Range<usize>)> = events
        .reference_definitions()
        .iter()
        .map(|(_, definition)| (definition.dest.to_string(), definition.span.clone()))
        .collect();
    for (address, place) in defined {
        if referred.contains(&address) {
            let source = markdown.get(place.clone()).unwrap_or_default();
            // After the label.
            let label = source.find("]:").map_or(0, |at| at + 2);
            let rest = source.get(label..).unwrap_or_default();
            found.extend(written_in(
                rest,
                &address,
                place.start + label,
                |text, part| text.find(part),
            ));
        }
    }
    found
}

/// Where `address` is written in a piece of the text that begins at `start`.
fn written_in(
    source: &str,
    address: &str,
    start: usize,
    find: fn(&str, &str) -> Option<usize>,
) -> Option<Written> {
    if address.is_empty() {
        return None;
    }
    let escaped = address.replace('&', "&amp;");
    let (at, length) = match find(source, address) {
        Some(at) => (at, address.len()),
        None => (find(source, &escaped)?, escaped.len()),
    };
    Some(Written {
        address: address.to_owned(),
        place: start + at..start + at + length,
    })
}

/// Where `address` is the destination of the image that `image` is; its texts may have it too.
fn destination_in(image: &str, address: &str) -> Option<usize> {
    let is_destination = |at: &usize| {
        let before = image.get(..*at).unwrap_or_default();
        let before = before.trim_end_matches(|c: char| c == '<' || c.is_whitespace());
        before.ends_with("](")
    };
    // The last one: an image in the text in brackets comes before.
    image
        .match_indices(address)
        .map(|(at, _)| at)
        .filter(is_destination)
        .last()
}

/// The addresses in the `<img>` of a piece of HTML.
fn sources_in(html: &str) -> Vec<String> {
    let mut found = Vec::new();
    for tag in html.split("<img").skip(1) {
        let tag = tag.split('>').next().unwrap_or_default();
        let value = tag.split("src=").nth(1).unwrap_or_default();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let address = match quote {
            Some(quote) => value[1..].split(quote).next(),
            None => value.split_ascii_whitespace().next(),
        };
        if let Some(address) = address.filter(|address| !address.is_empty()) {
            found.push(address.replace("&amp;", "&"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "https://other.example/a_b.jpg?x=1&y=2";
    const NEW: &str = "/media/ab/a-b.jpg";

    #[test]
    fn the_address_changes_and_nothing_else() {
        for (before, after) in [
            ("![A *b*](OLD \"At dusk\") x", "![A *b*](NEW \"At dusk\") x"),
            ("![a](<OLD>)", "![a](NEW)"),
            ("![OLD](OLD \"OLD\")", "![OLD](NEW \"OLD\")"),
            (
                "[![a](OLD)](https://other.example/)",
                "[![a](NEW)](https://other.example/)",
            ),
            ("![a][s]\n\n[s]: OLD \"t\"\n", "![a][s]\n\n[s]: NEW \"t\"\n"),
            ("<img src=\"OLD\" alt=\"a\">", "<img src=\"NEW\" alt=\"a\">"),
            ("x <img alt='a' src='OLD'> y", "x <img alt='a' src='NEW'> y"),
            ("> - ![a](OLD)\n\n![b](OLD)", "> - ![a](NEW)\n\n![b](NEW)"),
            ("| a |\n|---|\n| ![a](OLD) |", "| a |\n|---|\n| ![a](NEW) |"),
            ("![é ü](OLD) ünd `![a](OLD)`", "![é ü](NEW) ünd `![a](OLD)`"),
        ] {
            let changed = replace(&before.replace("OLD", OLD), OLD, NEW);
            let expected = after
                .replace("OLD", OLD)
                .replace("<NEW>", NEW)
                .replace("NEW", NEW);
            let changed = changed.map(|changed| changed.replace(&format!("<{NEW}>"), NEW));
            assert_eq!(changed.as_deref(), Some(expected.as_str()), "{before}");
        }
    }

    #[test]
    fn other_spellings_of_an_address_are_the_same() {
        let text = "![a](HTTPS://Other.example:443/a%20b.jpg?x=1&amp;y=2)";
        let changed = replace(text, "https://other.example/a%20b.jpg?x=1&y=2", NEW);
        assert_eq!(changed.as_deref(), Some("![a](/media/ab/a-b.jpg)"));
        let changed = replace(
            "![a](//other.example/x.png)",
            "https://other.example/x.png",
            NEW,
        );
        assert_eq!(changed.as_deref(), Some("![a](/media/ab/a-b.jpg)"));
    }

    #[test]
    fn links_code_and_other_pictures_stay() {
        for text in [
            format!("[a]({OLD})"),
            format!("`![a]({OLD})`"),
            format!("    ![a]({OLD})"),
            format!("![a]({OLD}&z=3)"),
            format!("[s]: {OLD}"),
            OLD.to_owned(),
        ] {
            assert_eq!(replace(&text, OLD, NEW), None, "{text}");
        }
    }

    #[test]
    fn the_pictures_of_a_text_are_listed_once() {
        let text = "![a](x.png) ![b](x.png)\n\n<img src=y.png>\n\n![c][s]\n\n[s]: z.png";
        assert_eq!(list(text), ["x.png", "y.png", "z.png"]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in "(!\\[|\\]\\(|\\)|https://o\\.example/|<img src=|\"|>|é|\\[s\\]: |[a-z \n&;]){0,60}") {
            for address in list(&text) {
                let changed = replace(&text, &address, "/media/x/y.png");
                proptest::prop_assert!(changed.is_some());
            }
        }
    }
}
