//! Which link of another site's document leads to a page here, and in which text it stands. Never follows
//! anything.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;
use url::Url;

use crate::linkbacks::protocol::address::is_web;
use crate::linkbacks::protocol::document::{Document, DocumentKind, without_comments};
use crate::linkbacks::protocol::html_page::HtmlPage;
use crate::linkbacks::protocol::xml::unescape;
use crate::markup::excerpt::{clean_line, excerpt_around};

/// An excerpt has at least this many bytes around its link; with fewer the next block is taken in.
const MIN_CONTEXT: usize = 12;
/// A longer link text is cut, in characters.
const MAX_LINK_TEXT: usize = 100;
/// Links beyond this number are ignored.
const MAX_LINKS: usize = 20_000;

/// A link to the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetLink {
    /// Where it leads, absolute.
    pub url: String,
    /// The text of the link itself.
    pub text: String,
    /// The link's text and that around it; None where there is no text.
    pub excerpt: Option<String>,
    /// Whether there is almost no text beside it in an HTML page, as in spammers' lists of links.
    pub is_bare: bool,
}

/// The first link that `is_target` accepts; it is called with absolute addresses. In HTML only the links
/// of real elements count (Webmention, section 3.2.2), in JSON whole string values, in plain text whole
/// words, in XML whole words of what is left when its entities are resolved: feeds carry pages escaped.
pub fn find_link(
    document: &Document,
    is_target: &dyn Fn(&str) -> bool,
    base: &Url,
) -> Option<TargetLink> {
    match document.kind() {
        DocumentKind::Html(page) => find_in_html(page, is_target, base),
        DocumentKind::Json => find_in_json(document.text(), is_target),
        DocumentKind::Xml => find_in_text(&without_markup(document.text()), is_target),
        DocumentKind::Text => find_in_text(document.text(), is_target),
        DocumentKind::Unreadable => None,
    }
}

/// Whether the document has more links than are read.
pub fn has_more_links(document: &Document) -> bool {
    let has_more = |text: &str| web_addresses(text).nth(MAX_LINKS).is_some();
    match document.kind() {
        DocumentKind::Html(page) => page.links.len() > MAX_LINKS,
        DocumentKind::Xml => has_more(&without_markup(document.text())),
        DocumentKind::Text => has_more(document.text()),
        DocumentKind::Json | DocumentKind::Unreadable => false,
    }
}

/// How many addresses on other sites the page has links to that people can follow.
pub fn count_outbound_links(document: &Document, base: &Url) -> usize {
    let Some(page) = document.html() else {
        return 0;
    };
    let relative_to = page.base_url(base);
    let found: HashSet<Url> = page
        .links
        .iter()
        .take(MAX_LINKS)
        .filter(|link| link.is_followed)
        .filter_map(|link| relative_to.join(link.url.trim()).ok())
        .filter(|url| is_web(url) && url.host() != base.host())
        .collect();
    found.len()
}

fn find_in_html(
    page: &HtmlPage,
    is_target: &dyn Fn(&str) -> bool,
    base: &Url,
) -> Option<TargetLink> {
    let base = page.base_url(base);
    page.links.iter().take(MAX_LINKS).find_map(|link| {
        let url = base.join(link.url.trim()).ok()?;
        if !is_target(url.as_str()) {
            return None;
        }
        let text = &page.text[link.start..link.end];
        let (before, after) = around(&page.text, link.start, link.end);
        let has_text =
            !(before.trim().is_empty() && text.trim().is_empty() && after.trim().is_empty());
        Some(TargetLink {
            url: url.into(),
            text: clean_line(text, MAX_LINK_TEXT),
            excerpt: has_text.then(|| excerpt_around(before, text, after)),
            is_bare: before.trim().len() + after.trim().len() < MIN_CONTEXT,
        })
    })
}

/// The text before and after a link in its block; where that is short, in the blocks beside it.
fn around(text: &str, start: usize, end: usize) -> (&str, &str) {
    let mut from = block_start(text, start);
    let mut to = block_end(text, end);
    for _ in 0..2 {
        if text[from..start].trim().len() + text[end..to].trim().len() >= MIN_CONTEXT {
            break;
        }
        from = block_start(text, text[..from].trim_end().len());
        to = block_end(text, text.len() - text[to..].trim_start().len());
    }
    (&text[from..start], &text[end..to])
}

fn block_start(text: &str, at: usize) -> usize {
    text[..at]
        .rfind('\n')
        .map_or(0, |line_break| line_break + 1)
}

fn block_end(text: &str, at: usize) -> usize {
    text[at..]
        .find('\n')
        .map_or(text.len(), |length| at + length)
}

fn find_in_json(text: &str, is_target: &dyn Fn(&str) -> bool) -> Option<TargetLink> {
    let root: serde_json::Value = serde_json::from_str(text).ok()?;
    let mut open = vec![&root];
    while let Some(value) = open.pop() {
        match value {
            serde_json::Value::String(text) if is_web_address(text) && is_target(text) => {
                return Some(link_without_text(text));
            }
            serde_json::Value::Array(items) => open.extend(items),
            serde_json::Value::Object(members) => open.extend(members.values()),
            _ => {}
        }
    }
    None
}

fn find_in_text(text: &str, is_target: &dyn Fn(&str) -> bool) -> Option<TargetLink> {
    web_addresses(text)
        .take(MAX_LINKS)
        .flat_map(|word| {
            let sentence = ['.', ',', ';', ':', '!', '?'];
            [word, word.trim_end_matches(sentence)]
        })
        .find(|word| is_target(word))
        .map(link_without_text)
}

/// The whole words of a text that are addresses.
fn web_addresses(text: &str) -> impl Iterator<Item = &str> {
    BETWEEN_WORDS
        .split(text)
        .filter(|word| is_web_address(word))
}

/// What ends an address: white space, brackets, quotation marks, and the punctuation of
/// other scripts, which write it without a space. Letters of any script may be part of an address.
static BETWEEN_WORDS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"[\s\p{Cc}\u{200b}\u{feff}<>()\[\]{}"'`]|[\p{P}&&[^\x00-\x7f]]|[\p{S}&&[\u{3000}-\u{303f}\u{ff00}-\u{ffef}]]"#)
        .unwrap_or_else(|_| unreachable!("the expression is fixed"))
});

/// XML without comments, and with its entities resolved twice: once for the XML, once for the HTML
/// that a feed carries in it.
fn without_markup(xml: &str) -> String {
    let once = unescape(&without_comments(xml)).into_owned();
    unescape(&without_comments(&once)).into_owned()
}

fn link_without_text(url: &str) -> TargetLink {
    TargetLink {
        url: url.to_owned(),
        text: String::new(),
        excerpt: None,
        is_bare: false,
    }
}

fn is_web_address(text: &str) -> bool {
    ["http://", "https://"].iter().any(|scheme| {
        text.get(..scheme.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(scheme))
    })
}

#[cfg(test)]
mod tests;
