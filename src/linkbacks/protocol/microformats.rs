//! What a page says of itself in microformats2 (microformats.org/wiki/microformats2-parsing): who wrote
//! the entry that links here, when, and what it is to its target.
//!
//! Reads `h-entry` with an `h-card` for its author, and nothing else of the vocabulary. Follows nothing and
//! checks nothing: all of it is what a stranger's page claims.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use url::Url;

use crate::linkbacks::protocol::document::Document;
use crate::linkbacks::protocol::element_tree::ElementTree;
use crate::markup::excerpt::{clean_line, leading_excerpt};
use crate::store::entity::response::MentionKind;

/// Entries beyond this number are ignored.
const MAX_ENTRIES: usize = 100;
/// A longer name is cut, in characters.
const MAX_NAME: usize = 150;
/// Longer content is cut, in characters.
const MAX_CONTENT: usize = 2000;

/// An `h-entry` (microformats.org/wiki/h-entry).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HEntry {
    /// `p-author`, its own or its feed's.
    pub author: Option<HCard>,
    /// `p-name`, on one line.
    pub name: Option<String>,
    /// How `e-content` begins, else `p-summary`, as text on one line.
    pub content: Option<String>,
    /// What it is to its target.
    pub kind: MentionKind,
    /// `dt-published`; a time without an offset is in UTC.
    pub published: Option<Timestamp>,
    /// `u-url`.
    pub url: Option<Url>,
}

/// The author of an entry (microformats.org/wiki/h-card).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HCard {
    /// `p-name`, else the text of the card, else the host of its address.
    pub name: String,
    /// `u-url`.
    pub url: Option<Url>,
    /// `u-photo`.
    pub photo: Option<Url>,
}

/// The entry of the page that links to the target; where none does, the page's only entry. `is_target` is
/// called with absolute addresses. `url` is the page's own address.
pub fn find_entry(
    document: &Document,
    url: &Url,
    is_target: &dyn Fn(&str) -> bool,
) -> Option<HEntry> {
    let base = document.html()?.base_url(url);
    let tree = ElementTree::read(document.text(), base)?;
    let targets = (0..tree.count())
        .map(|index| {
            tree.address(index)
                .is_some_and(|url| is_target(url.as_str()))
        })
        .collect();
    let reader = EntryReader { tree, targets };
    let entries: Vec<usize> = (0..reader.tree.count())
        .filter(|index| reader.tree.has_class(*index, "h-entry"))
        .take(MAX_ENTRIES)
        .collect();
    let linking = entries.iter().find(|entry| reader.links_to_target(**entry));
    let entry = match (linking, entries.as_slice()) {
        (Some(entry), _) | (None, [entry]) => *entry,
        _ => return None,
    };
    Some(reader.read_entry(entry))
}

struct EntryReader {
    tree: ElementTree,
    /// Which elements lead to the target.
    targets: Vec<bool>,
}

impl EntryReader {
    /// Whether the element is an item of its own.
    fn is_root(&self, index: usize) -> bool {
        self.tree.classes(index).any(|class| {
            class.strip_prefix("h-").is_some_and(|rest| {
                let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
                !rest.is_empty() && rest.chars().all(is_plain)
            })
        })
    }

    /// The elements that hold an item's own property.
    fn properties<'a>(&'a self, item: usize, name: &'a str) -> impl Iterator<Item = usize> + 'a {
        self.tree
            .inside(item, |inner| self.is_root(inner))
            .filter(move |inner| self.tree.has_class(*inner, name))
    }

    fn property(&self, item: usize, name: &str) -> Option<usize> {
        self.properties(item, name).next()
    }

    fn links_to_target(&self, entry: usize) -> bool {
        let is_entry = |index: usize| self.tree.has_class(index, "h-entry");
        self.tree
            .inside(entry, is_entry)
            .any(|index| self.targets[index] && !is_entry(index))
    }

    fn line(&self, index: usize, max_chars: usize) -> Option<String> {
        Some(clean_line(self.tree.text(index), max_chars)).filter(|line| !line.is_empty())
    }

    fn read_entry(&self, entry: usize) -> HEntry {
        let content = self
            .property(entry, "e-content")
            .or_else(|| self.property(entry, "p-content"))
            .or_else(|| self.property(entry, "p-summary"))
            .map(|content| leading_excerpt(self.tree.text(content), MAX_CONTENT))
            .filter(|content| !content.is_empty());
        HEntry {
            author: self.author_of(entry).or_else(|| {
                let feed = (0..entry).rev().find(|feed| {
                    self.tree.next_outside(*feed) > entry && self.tree.has_class(*feed, "h-feed")
                })?;
                self.author_of(feed)
            }),
            name: self
                .property(entry, "p-name")
                .and_then(|name| self.line(name, MAX_NAME)),
            content,
            kind: self.kind_of(entry),
            published: self
                .property(entry, "dt-published")
                .and_then(|time| read_time(self.tree.text(time))),
            url: self
                .property(entry, "u-url")
                .and_then(|url| self.tree.address(url)),
        }
    }

    /// The first of the response properties that leads to the target, in the order of Post Type
    /// Discovery.
    fn kind_of(&self, entry: usize) -> MentionKind {
        let kinds = [
            ("u-in-reply-to", MentionKind::Reply),
            ("u-repost-of", MentionKind::Repost),
            ("u-like-of", MentionKind::Like),
            ("u-bookmark-of", MentionKind::Bookmark),
        ];
        kinds
            .into_iter()
            .find(|(name, _)| {
                self.properties(entry, name).any(|property| {
                    // The property may be an h-cite around the link.
                    let next = self.tree.next_outside(property);
                    self.targets[property..next].contains(&true)
                })
            })
            .map_or(MentionKind::Mention, |(_, kind)| kind)
    }

    fn author_of(&self, item: usize) -> Option<HCard> {
        let card = self
            .property(item, "p-author")
            .or_else(|| self.property(item, "u-author"))?;
        let address = |index: Option<usize>| index.and_then(|index| self.tree.address(index));
        let first = |name: &str| {
            self.tree
                .inside(card, |_| false)
                .find(|inner| self.tree.is_named(*inner, name))
        };
        let is_image = self.tree.is_named(card, "img");
        let url = address(self.property(card, "u-url"))
            .or_else(|| self.tree.address(card).filter(|_| !is_image))
            .or_else(|| address(first("a")));
        let photo = address(self.property(card, "u-photo"))
            .or_else(|| self.tree.address(card).filter(|_| is_image))
            .or_else(|| address(first("img")));
        let name = self
            .property(card, "p-name")
            .and_then(|name| self.line(name, MAX_NAME))
            .or_else(|| self.line(card, MAX_NAME))
            .or_else(|| self.line(first("img")?, MAX_NAME))
            .or_else(|| Some(url.as_ref()?.host_str()?.to_owned()))?;
        Some(HCard { name, url, photo })
    }
}

fn read_time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(time) = text.parse() {
        return Some(time);
    }
    let local: DateTime = text.parse().ok()?;
    TimeZone::UTC.to_timestamp(local).ok()
}

#[cfg(test)]
mod tests;
