//! Prepares Markdown for its parser, in one pass: characters that must not act as markup are
//! replaced by placeholders, so that they can neither turn what follows into raw HTML nor nest too
//! deep. After parsing, each placeholder becomes its character again, also in code, addresses and
//! titles. Never changes the rules of Markdown itself.

use std::borrow::Cow;

use crate::markup::addresses;
use crate::markup::tags::{self, MarkupProfile};

/// Marks the end of a post's summary, as in WordPress.
pub const SUMMARY_END: &str = "<!--more-->";
/// How deep the quotes and list items that one line opens may be nested.
const MAX_NESTING: usize = 24;
/// The most columns of a table.
const MAX_COLUMNS: usize = 64;
/// The longest tag that is recognised, in bytes.
const MAX_TAG: usize = 4096;

/// The characters that have placeholders: the noncharacters from [`FIRST`] on, which are reserved
/// for internal use (Unicode 16, section 23.7) and occur in no text.
const HIDDEN: &[char] = &['<', '>', '-', '+', '*', '.', ')', '"', '\'', '_', '~'];
const FIRST: u32 = 0xfdd0;
const LAST: char = '\u{fdef}';

fn hidden(c: char) -> char {
    let place = HIDDEN.iter().position(|known| *known == c).unwrap_or(0);
    u32::try_from(place)
        .ok()
        .and_then(|place| char::from_u32(FIRST + place))
        .unwrap_or(char::REPLACEMENT_CHARACTER)
}

fn shown(c: char) -> Option<char> {
    let place = u32::from(c).checked_sub(FIRST)?;
    HIDDEN.get(usize::try_from(place).ok()?).copied()
}

/// Whether `text` may contain a placeholder: each begins with the same two bytes.
fn has_hidden(text: &str) -> bool {
    text.as_bytes().windows(2).any(|two| two == [0xef, 0xb7])
}

/// `text` with the characters of its placeholders.
pub fn restore(text: &str) -> Cow<'_, str> {
    if !has_hidden(text) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|c| shown(c).unwrap_or(c)).collect())
}

/// `html` with the characters of its placeholders, escaped.
pub fn restore_escaped(html: &str) -> Cow<'_, str> {
    if !has_hidden(html) {
        return Cow::Borrowed(html);
    }
    let mut restored = String::with_capacity(html.len());
    for c in html.chars() {
        match shown(c) {
            Some('<') => restored.push_str("&lt;"),
            Some('>') => restored.push_str("&gt;"),
            Some('"') => restored.push_str("&quot;"),
            Some(other) => restored.push(other),
            None => restored.push(c),
        }
    }
    Cow::Owned(restored)
}

/// `markdown` with placeholders for what must not be markup.
pub fn prepare(markdown: &str, profile: MarkupProfile) -> String {
    let mut out = String::with_capacity(markdown.len() + markdown.len() / 8);
    let (mut seen, may_see) = (0, markdown.len().saturating_mul(8));
    let mut at = 0;
    while at < markdown.len() {
        if at == 0 || markdown.as_bytes()[at - 1] == b'\n' {
            at += begin_line(&markdown[at..], &mut out);
        }
        let line = &markdown[at..];
        let end = line.find(['<', '\n']).unwrap_or(line.len());
        push_text(&mut out, &line[..end]);
        at += end;
        let rest = &markdown[at..];
        if rest.starts_with('\n') {
            out.push('\n');
            at += 1;
        } else if let Some(inner) = rest.strip_prefix('<') {
            let length = if seen > may_see {
                0
            } else {
                length_of_markup(&markdown[..at], rest, profile, &mut seen)
            };
            if length == 0 {
                out.push(hidden('<'));
                at += 1;
                let typed = length_of_typed(inner);
                push_typed(&mut out, &inner[..typed]);
                at += typed;
            } else {
                push(&mut out, &rest[..length]);
                at += length;
            }
        }
    }
    out
}

fn is_placeholder(c: char) -> bool {
    (hidden('<')..=LAST).contains(&c)
}

/// Replaces noncharacters, so that nobody can type a placeholder.
fn push(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.find(is_placeholder) {
        out.push_str(&rest[..at]);
        out.push(char::REPLACEMENT_CHARACTER);
        rest = &rest[at + LAST.len_utf8()..];
    }
    out.push_str(rest);
}

/// Text outside of tags. In addresses, nothing is emphasis or smart punctuation.
fn push_text(out: &mut String, text: &str) {
    let mut end = 0;
    for range in addresses::find(text) {
        push_words(out, &text[end..range.start]);
        for c in text[range.clone()].chars() {
            match c {
                '-' | '.' | '\'' | '*' | '_' | '~' => out.push(hidden(c)),
                c if is_placeholder(c) => out.push(char::REPLACEMENT_CHARACTER),
                other => out.push(other),
            }
        }
        end = range.end;
    }
    push_words(out, &text[end..]);
}

/// Text without addresses. The end of an HTML comment stays as it was typed.
fn push_words(out: &mut String, text: &str) {
    let mut parts = text.split("-->");
    push(out, parts.next().unwrap_or_default());
    for part in parts {
        out.extend([hidden('-'), hidden('-'), '>']);
        push(out, part);
    }
}

/// Text in what looks like a tag, where smart punctuation must change nothing.
fn push_typed(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '-' | '.' | '"' | '\'' => out.push(hidden(c)),
            c if is_placeholder(c) => out.push(char::REPLACEMENT_CHARACTER),
            other => out.push(other),
        }
    }
}

/// The length of what looks like a tag, between its `<` and its `>`; 0 for anything else.
fn length_of_typed(rest: &str) -> usize {
    if !rest.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?')) {
        return 0;
    }
    match rest.find(['<', '>', '\n']) {
        Some(end) if rest[end..].starts_with('>') => end,
        _ if rest.starts_with("!--") => 3,
        _ => 0,
    }
}

/// How much of `rest`, which begins with `<`, Markdown may read as markup; 0 where it may not.
fn length_of_markup(before: &str, rest: &str, profile: MarkupProfile, seen: &mut usize) -> usize {
    let slashes = before.len() - before.trim_end_matches('\\').len();
    if slashes % 2 == 1 {
        return 1;
    }
    if profile == MarkupProfile::Post && rest.starts_with(SUMMARY_END) {
        return SUMMARY_END.len();
    }
    if let Some(tag) = tags::read(rest, profile, MAX_TAG, seen) {
        return tag.length;
    }
    let blank: &[char] = &[' ', '\t', '\n'];
    let outside = before.trim_end_matches(blank);
    // The address of a link may be in angle brackets.
    if before.ends_with("](") || outside.ends_with("]:") {
        return 1;
    }
    length_of_autolink(rest, seen)
}

/// An address in angle brackets (CommonMark, section 6.5).
fn length_of_autolink(rest: &str, seen: &mut usize) -> usize {
    let inner = &rest[1..];
    let mut cut = inner.len().min(MAX_TAG);
    while !inner.is_char_boundary(cut) {
        cut -= 1;
    }
    let is_end = |c: char| c.is_whitespace() || matches!(c, '<' | '>');
    let end = inner[..cut].find(is_end).unwrap_or(cut);
    *seen += end + 1;
    if !inner[end..].starts_with('>') {
        return 0;
    }
    let address = &inner[..end];
    let is_scheme = address.split_once(':').is_some_and(|(scheme, _)| {
        (2..=32).contains(&scheme.len())
            && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'.' | b'-'))
    });
    let is_email = address.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty()
            && host
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
    });
    if is_scheme || is_email { end + 2 } else { 0 }
}

/// Writes the markers that begin a line, with placeholders for those that nest too deep; returns
/// their length.
fn begin_line(rest: &str, out: &mut String) -> usize {
    let line = rest.split('\n').next().unwrap_or_default();
    if is_wide_table(line) {
        for c in line.chars() {
            out.push(if c == '-' { hidden('-') } else { c });
        }
        return line.len();
    }
    let bytes = line.as_bytes();
    let (mut at, mut columns, mut nested) = (0, 0, 0);
    while at < bytes.len() {
        let next = bytes.get(at + 1);
        let is_gap =
            |byte: Option<&u8>| byte.is_none_or(|byte| matches!(byte, b' ' | b'\t' | b'\r'));
        let length = match bytes[at] {
            b' ' => {
                columns += 1;
                0
            }
            b'\t' => {
                columns += 4;
                0
            }
            b'>' => 1,
            b'-' | b'+' | b'*' if is_gap(next) => 1,
            b'0'..=b'9' => {
                let digits = bytes[at..]
                    .iter()
                    .take(10)
                    .take_while(|byte| byte.is_ascii_digit());
                let digits = digits.count();
                let marker = bytes.get(at + digits);
                match matches!(marker, Some(b'.' | b')')) && is_gap(bytes.get(at + digits + 1)) {
                    true => digits + 1,
                    false => break,
                }
            }
            _ => break,
        };
        if length == 0 {
            out.push(char::from(bytes[at]));
            at += 1;
            continue;
        }
        if is_rule(&bytes[at..]) {
            break;
        }
        nested += 1;
        let marker = &line[at..at + length];
        if nested + columns / 4 > MAX_NESTING {
            let last = marker.chars().next_back().unwrap_or('>');
            out.push_str(&marker[..length - 1]);
            out.push(hidden(last));
            // The rest is text now.
            return at + length;
        }
        out.push_str(marker);
        at += length;
    }
    at
}

/// Whether the rest of a line is a thematic break, such as three stars.
fn is_rule(rest: &[u8]) -> bool {
    matches!(rest[0], b'-' | b'*')
        && rest
            .iter()
            .all(|byte| *byte == rest[0] || byte.is_ascii_whitespace())
        && rest.iter().filter(|byte| **byte == rest[0]).count() >= 3
}

/// Whether a line is the delimiter row of a table with too many columns.
fn is_wide_table(line: &str) -> bool {
    let columns = line.bytes().filter(|byte| *byte == b'|').count();
    columns > MAX_COLUMNS
        && line
            .bytes()
            .all(|byte| matches!(byte, b'|' | b'-' | b':' | b'>') || byte.is_ascii_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(markdown: &str) -> String {
        restore_escaped(&prepare(markdown, MarkupProfile::Response)).into_owned()
    }

    #[test]
    fn what_may_be_markup_stays_and_the_rest_is_hidden() {
        for text in [
            "a <b>c</b> <https://x.example/> <me@x.example>",
            "[a](<b c>) \\<title>",
            "> - 1. x",
            "[a]: <b c>",
        ] {
            assert_eq!(prepare(text, MarkupProfile::Response), text);
        }
        assert_eq!(response("The <title> of"), "The &lt;title> of");
        assert_eq!(prepare(SUMMARY_END, MarkupProfile::Post), SUMMARY_END);
        assert_ne!(prepare(SUMMARY_END, MarkupProfile::Response), SUMMARY_END);
        assert_eq!(response("\u{fdd0}x"), "\u{fffd}x");
    }

    #[test]
    fn a_line_opens_no_more_than_it_may() {
        let quotes = prepare(&">".repeat(100), MarkupProfile::Response);
        assert_eq!(quotes.find(hidden('>')), Some(MAX_NESTING));
        let items = prepare(&("1) ".repeat(100) + "x"), MarkupProfile::Response);
        let first = items.find(hidden(')'));
        assert!(first.is_some_and(|at| at <= 3 * MAX_NESTING + 1), "{items}");
        let deep = prepare(&(" ".repeat(200) + "- x"), MarkupProfile::Response);
        assert!(!deep.contains('-'));
        let line = "- ".repeat(50);
        assert_eq!(prepare(&line, MarkupProfile::Response), line);
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_lost(text in "[-<>a-z/!?*+1.)\"' \n\\\\\\[\\]:|]{0,200}") {
            for profile in [MarkupProfile::Post, MarkupProfile::Response] {
                let prepared = prepare(&text, profile);
                proptest::prop_assert_eq!(restore(&prepared), text.as_str());
            }
        }
    }
}
