//! What a page says of itself in microformats2 (microformats.org/wiki/microformats2-parsing): who
//! wrote the entry that links here, when, and what it is to its target.
//!
//! Reads `h-entry` with an `h-card` for its author, and nothing else of the vocabulary. Builds no
//! tree, follows nothing, and believes nothing: all of it is what a stranger's page claims.

use std::cell::RefCell;

use html5ever::LocalName;
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use url::Url;

use crate::linkbacks::protocol::html;
use crate::linkbacks::protocol::source::{Document, page_base};
use crate::markup::excerpt::{clean_line, first_words};
use crate::store::entity::response::MentionKind;

/// The most elements with a class or an address that are kept of a page.
const MOST_ELEMENTS: usize = 20_000;
/// The deepest nesting that is read; what stands behind it is left out.
const DEEPEST: usize = 1000;
/// How far up an end tag's element is looked for.
const FARTHEST: usize = 100;
/// The most entries that are looked at.
const MOST_ENTRIES: usize = 100;
/// The longest name that is kept, in characters.
const MAX_NAME: usize = 150;
/// The longest content that is kept, in characters.
const MAX_CONTENT: usize = 2000;

/// An `h-entry` (microformats.org/wiki/h-entry).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// `p-author`, its own or its feed's.
    pub author: Option<Author>,
    /// `p-name`, on one line.
    pub name: Option<String>,
    /// The first words of `e-content`, else of `p-summary`, as text on one line.
    pub content: Option<String>,
    /// What it is to its target.
    pub kind: MentionKind,
    /// `dt-published`; a time without an offset is taken for UTC.
    pub published: Option<Timestamp>,
    /// `u-url`.
    pub url: Option<Url>,
}

/// Who wrote an entry (microformats.org/wiki/h-card).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// `p-name`, else the words of the card, else the host of its address.
    pub name: String,
    /// `u-url`.
    pub url: Option<Url>,
    /// `u-photo`.
    pub photo: Option<Url>,
}

/// The entry of the page that links to the target; where none does, the page's only entry.
/// `is_target` is asked about absolute addresses, relative ones being resolved by `base`.
pub fn entry(document: &Document, base: &Url, is_target: &dyn Fn(&str) -> bool) -> Option<Entry> {
    let base = page_base(document.html()?, base);
    let state = html::tokenize(document.text(), Reader::default())?.0;
    let mut state = state.into_inner();
    state.close_down_to(0);
    let mut page = Page {
        targets: Vec::new(),
        elements: state.elements,
        text: state.text,
        base,
    };
    page.targets = (0..page.elements.len())
        .map(|at| page.address(at).is_some_and(|url| is_target(url.as_str())))
        .collect();
    let entries: Vec<usize> = (0..page.elements.len())
        .filter(|at| page.has_class(*at, "h-entry"))
        .take(MOST_ENTRIES)
        .collect();
    let linking = entries.iter().find(|at| page.links_to_target(**at));
    let at = match (linking, entries.as_slice()) {
        (Some(at), _) | (None, [at]) => *at,
        _ => return None,
    };
    Some(page.read_entry(at))
}

/// An element that may say something.
struct Element {
    name: LocalName,
    class: String,
    /// `href`, `src`, `data`: whatever this element has its address in.
    address: Option<String>,
    /// What stands for its words: `datetime`, `title`, `value`, `alt`.
    instead: Option<String>,
    /// Where its words begin and end in the page's text.
    start: usize,
    end: usize,
    /// The first element behind it that is not inside of it.
    behind: usize,
}

struct Page {
    elements: Vec<Element>,
    text: String,
    base: Url,
    /// Which elements lead to the target.
    targets: Vec<bool>,
}

impl Page {
    fn has_class(&self, at: usize, wanted: &str) -> bool {
        let class = &self.elements[at].class;
        class.split_ascii_whitespace().any(|name| name == wanted)
    }

    fn is_root(&self, at: usize) -> bool {
        let class = &self.elements[at].class;
        class.split_ascii_whitespace().any(|name| {
            name.strip_prefix("h-").is_some_and(|rest| {
                let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
                !rest.is_empty() && rest.chars().all(is_plain)
            })
        })
    }

    /// The elements inside of another one, but not inside of one that `is_other` says yes to.
    fn inside<'a>(
        &'a self,
        at: usize,
        is_other: impl Fn(usize) -> bool + 'a,
    ) -> impl Iterator<Item = usize> + 'a {
        let mut next = at + 1;
        std::iter::from_fn(move || {
            let here = next;
            if here >= self.elements[at].behind {
                return None;
            }
            next = if is_other(here) {
                self.elements[here].behind
            } else {
                here + 1
            };
            Some(here)
        })
    }

    /// The elements that hold an item's own property.
    fn properties<'a>(&'a self, at: usize, name: &'a str) -> impl Iterator<Item = usize> + 'a {
        self.inside(at, |inner| self.is_root(inner))
            .filter(move |inner| self.has_class(*inner, name))
    }

    fn property(&self, at: usize, name: &str) -> Option<usize> {
        self.properties(at, name).next()
    }

    fn links_to_target(&self, entry: usize) -> bool {
        let is_entry = |at: usize| self.has_class(at, "h-entry");
        self.inside(entry, is_entry)
            .any(|at| self.targets[at] && !is_entry(at))
    }

    /// Where an element leads, on the web.
    fn address(&self, at: usize) -> Option<Url> {
        let address = self.elements[at].address.as_deref()?.trim();
        let url = self.base.join(address).ok()?;
        matches!(url.scheme(), "http" | "https").then_some(url)
    }

    fn words(&self, at: usize) -> &str {
        let element = &self.elements[at];
        match &element.instead {
            Some(instead) => instead,
            None => &self.text[element.start..element.end],
        }
    }

    fn line(&self, at: usize, max_chars: usize) -> Option<String> {
        Some(clean_line(self.words(at), max_chars)).filter(|line| !line.is_empty())
    }

    fn read_entry(&self, at: usize) -> Entry {
        let content = self
            .property(at, "e-content")
            .or_else(|| self.property(at, "p-content"))
            .or_else(|| self.property(at, "p-summary"))
            .map(|content| first_words(self.words(content), MAX_CONTENT))
            .filter(|content| !content.is_empty());
        Entry {
            author: self.author_of(at).or_else(|| {
                let feed = (0..at).rev().find(|feed| {
                    self.elements[*feed].behind > at && self.has_class(*feed, "h-feed")
                })?;
                self.author_of(feed)
            }),
            name: self
                .property(at, "p-name")
                .and_then(|name| self.line(name, MAX_NAME)),
            content,
            kind: self.kind_of(at),
            published: self
                .property(at, "dt-published")
                .and_then(|time| read_time(self.words(time))),
            url: self.property(at, "u-url").and_then(|url| self.address(url)),
        }
    }

    /// The first of the response properties that leads to the target, in the order of Post Type
    /// Discovery.
    fn kind_of(&self, at: usize) -> MentionKind {
        let kinds = [
            ("u-in-reply-to", MentionKind::Reply),
            ("u-repost-of", MentionKind::Repost),
            ("u-like-of", MentionKind::Like),
            ("u-bookmark-of", MentionKind::Bookmark),
        ];
        kinds
            .into_iter()
            .find(|(name, _)| {
                self.properties(at, name).any(|property| {
                    // The property may be an h-cite around the link.
                    let behind = self.elements[property].behind;
                    self.targets[property..behind].contains(&true)
                })
            })
            .map_or(MentionKind::Mention, |(_, kind)| kind)
    }

    fn author_of(&self, at: usize) -> Option<Author> {
        let card = self
            .property(at, "p-author")
            .or_else(|| self.property(at, "u-author"))?;
        let picture = |property: Option<usize>| property.and_then(|at| self.address(at));
        let first = |name: &str| {
            self.inside(card, |_| false)
                .find(|inner| &*self.elements[*inner].name == name)
        };
        let url = picture(self.property(card, "u-url"))
            .or_else(|| {
                self.address(card)
                    .filter(|_| &*self.elements[card].name != "img")
            })
            .or_else(|| picture(first("a")));
        let photo = picture(self.property(card, "u-photo"))
            .or_else(|| {
                self.address(card)
                    .filter(|_| &*self.elements[card].name == "img")
            })
            .or_else(|| picture(first("img")));
        let name = self
            .property(card, "p-name")
            .and_then(|name| self.line(name, MAX_NAME))
            .or_else(|| self.line(card, MAX_NAME))
            .or_else(|| self.line(first("img")?, MAX_NAME))
            .or_else(|| Some(url.as_ref()?.host_str()?.to_owned()))?;
        Some(Author { name, url, photo })
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

#[derive(Default)]
struct Reader(RefCell<State>);

#[derive(Default)]
struct State {
    elements: Vec<Element>,
    text: String,
    /// What is open: its name, and its place among the elements where it is one of them.
    open: Vec<(LocalName, Option<usize>)>,
    /// The element whose content is not for people, and how often it is open.
    skipped: Option<(LocalName, usize)>,
    /// How many elements of drawings and formulas are open, where a slash closes an element.
    foreign: usize,
    is_full: bool,
}

impl TokenSink for Reader {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut state = self.0.borrow_mut();
        match token {
            Token::CharacterTokens(text) if !state.is_full && state.skipped.is_none() => {
                state.add_text(&text);
            }
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => {
                if !state.is_full {
                    state.start_tag(&tag);
                }
                return html::content_of(&tag.name);
            }
            Token::TagToken(tag) if !state.is_full => state.end_tag(&tag.name),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl State {
    fn add_text(&mut self, text: &str) {
        for c in text.chars() {
            if !c.is_whitespace() {
                self.text.push(c);
            } else if !self.text.ends_with(' ') {
                self.text.push(' ');
            }
        }
    }

    fn start_tag(&mut self, tag: &Tag) {
        if let Some((skipped, depth)) = &mut self.skipped {
            *depth += usize::from(*skipped == tag.name);
            return;
        }
        let name: &str = &tag.name;
        if is_left_out(name) {
            self.skipped = Some((tag.name.clone(), 1));
            return;
        }
        self.close_before(&tag.name);
        if html::is_block(name) {
            self.add_text(" ");
        }
        if self.open.len() >= DEEPEST || self.elements.len() >= MOST_ELEMENTS {
            self.is_full = true;
            return;
        }
        let place = self.keep(tag);
        let is_foreign = matches!(name, "svg" | "math");
        if is_void(name) || (tag.self_closing && (is_foreign || self.foreign > 0)) {
            return;
        }
        self.foreign += usize::from(is_foreign);
        self.open.push((tag.name.clone(), place));
    }

    /// Keeps an element that has a class or an address.
    fn keep(&mut self, tag: &Tag) -> Option<usize> {
        let attribute = |wanted: &str| {
            tag.attrs
                .iter()
                .find(|attribute| *attribute.name.local == *wanted)
                .map(|attribute| attribute.value.to_string())
        };
        let address = match &*tag.name {
            "a" | "area" | "link" => attribute("href"),
            "img" | "audio" | "video" | "source" | "iframe" => attribute("src"),
            "object" => attribute("data"),
            _ => None,
        };
        let class = attribute("class").unwrap_or_default();
        if address.is_none() && class.is_empty() {
            return None;
        }
        let instead = match &*tag.name {
            "time" | "ins" | "del" => attribute("datetime"),
            "abbr" | "link" => attribute("title"),
            "data" | "input" => attribute("value"),
            "img" | "area" => Some(attribute("alt").unwrap_or_default()),
            _ => None,
        };
        let place = self.elements.len();
        self.elements.push(Element {
            name: tag.name.clone(),
            class,
            address,
            instead,
            start: self.text.len(),
            end: self.text.len(),
            behind: place + 1,
        });
        Some(place)
    }

    /// What an element closes by beginning (HTML, section 13.1.2.4).
    fn close_before(&mut self, name: &LocalName) {
        let Some((top, _)) = self.open.last() else {
            return;
        };
        let closes = match &**top {
            "p" => html::is_block(name) && &**name != "br",
            "li" | "tr" => top == name,
            "dt" | "dd" => matches!(&**name, "dt" | "dd"),
            "td" | "th" => matches!(&**name, "td" | "th" | "tr"),
            _ => false,
        };
        if closes {
            self.close_down_to(self.open.len() - 1);
        }
    }

    fn end_tag(&mut self, name: &LocalName) {
        if let Some((skipped, depth)) = &mut self.skipped {
            *depth -= usize::from(skipped == name);
            if *depth == 0 {
                self.skipped = None;
            }
            return;
        }
        let near = self.open.len().saturating_sub(FARTHEST);
        let found = self.open[near..].iter().rposition(|(open, _)| open == name);
        if let Some(found) = found {
            self.close_down_to(near + found);
        }
        if html::is_block(name) {
            self.add_text(" ");
        }
    }

    fn close_down_to(&mut self, depth: usize) {
        let (end, behind) = (self.text.len(), self.elements.len());
        for (name, place) in self.open.drain(depth..) {
            if matches!(&*name, "svg" | "math") {
                self.foreign = self.foreign.saturating_sub(1);
            }
            if let Some(element) = place.and_then(|place| self.elements.get_mut(place)) {
                (element.end, element.behind) = (end, behind);
            }
        }
    }
}

fn is_left_out(name: &str) -> bool {
    matches!(
        name,
        "script"
            | "style"
            | "template"
            | "noscript"
            | "textarea"
            | "title"
            | "select"
            | "xmp"
            | "noembed"
            | "noframes"
    )
}

fn is_void(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "br"
            | "col"
            | "embed"
            | "hr"
            | "img"
            | "input"
            | "link"
            | "meta"
            | "source"
            | "track"
            | "wbr"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    const TARGET: &str = "https://news.example/post/";

    fn read(html: &str) -> Option<Entry> {
        let document = Document::read(html.as_bytes(), Some("text/html; charset=utf-8"));
        let base = Url::parse("https://blog.example/2026/a").unwrap();
        entry(&document, &base, &|url| url == TARGET)
    }

    fn url(text: &str) -> Option<Url> {
        Some(Url::parse(text).unwrap())
    }

    #[test]
    fn an_entry_is_read_with_all_that_it_says() {
        let html = r#"<body class="h-feed"><article class="h-entry">
            <h1 class="p-name">A <em>fine</em> title</h1>
            <p>by <a class="p-author h-card" href="/me"><img class="u-photo" src="/me.png" alt="">Ann Author</a>
            on <time class="dt-published" datetime="2026-03-01T10:00:00+01:00">1 March</time>
            <a class="u-url" href="/2026/a">here</a>
            <p class="u-in-reply-to h-cite"><a class="u-url p-name" href="https://news.example/post/">The post</a>
            <div class="e-content"><p>I agree.<p>Mostly.<script>alert()</script></div></article>"#;
        assert_eq!(
            read(html),
            Some(Entry {
                author: Some(Author {
                    name: "Ann Author".into(),
                    url: url("https://blog.example/me"),
                    photo: url("https://blog.example/me.png"),
                }),
                name: Some("A fine title".into()),
                content: Some("I agree. Mostly.".into()),
                kind: MentionKind::Reply,
                published: Some("2026-03-01T09:00:00Z".parse().unwrap()),
                url: url("https://blog.example/2026/a"),
            })
        );
    }

    #[test]
    fn the_kind_is_that_of_the_property_that_leads_here() {
        for (class, kind) in [
            ("u-in-reply-to", MentionKind::Reply),
            ("x u-like-of", MentionKind::Like),
            ("u-repost-of", MentionKind::Repost),
            ("u-bookmark-of", MentionKind::Bookmark),
            ("u-syndication", MentionKind::Mention),
            ("", MentionKind::Mention),
        ] {
            let html = format!(
                "<div class=h-entry><a class='u-like-of' href='https://o.example/'>o</a>\
                 <a class='{class}' href='//news.example/post/'>x</a></div>"
            );
            assert_eq!(read(&html).unwrap().kind, kind, "{class}");
        }
    }

    #[test]
    fn the_entry_is_the_one_that_links_here() {
        let other = "<div class=h-entry><p class=p-name>Other</p></div>";
        let comment = "<div class='u-comment h-entry'><p class=p-name>Comment</p><a href=https://news.example/post/>x</a></div>";
        let html = format!("{other}<div class=h-entry><p class=p-name>Outer</p>{comment}</div>");
        assert_eq!(read(&html).unwrap().name.as_deref(), Some("Comment"));
        assert_eq!(read(other).unwrap().name.as_deref(), Some("Other"));
        assert_eq!(read(&other.repeat(2)), None);
        assert_eq!(read("<p>no entry"), None);
        let hidden = "<!-- <div class=h-entry> --><template><div class=h-entry></template>";
        assert_eq!(read(hidden), None);
    }

    #[test]
    fn an_author_is_read_from_whatever_there_is() {
        let author = |html: &str| {
            let author = read(&format!("<div class=h-entry>{html}</div>"))?.author?;
            Some((author.name, author.url.map(String::from)))
        };
        let ann = |url: Option<&str>| Some(("Ann".to_owned(), url.map(str::to_owned)));
        assert_eq!(author("<span class=p-author>Ann</span>"), ann(None));
        assert_eq!(
            author(
                "<div class='p-author h-card'><b class=p-name>Ann</b>, editor <a class=u-url href=/a>w</a></div>"
            ),
            ann(Some("https://blog.example/a"))
        );
        assert_eq!(
            author("<a class=u-author href=/a></a>"),
            Some(("blog.example".into(), Some("https://blog.example/a".into())))
        );
        assert_eq!(
            author("<a class=p-author href=javascript:x>Ann</a>"),
            ann(None)
        );
        assert_eq!(author("<img class=p-author alt=Ann src=/a.png>"), ann(None));
        assert_eq!(author("words"), None);
        let feed = "<div class=h-feed><i class=p-author>Ann</i><div class=h-entry>x</div></div>";
        assert_eq!(read(feed).unwrap().author.unwrap().name, "Ann");
    }

    #[test]
    fn times_are_read_in_the_forms_that_pages_have() {
        for (text, time) in [
            ("2026-03-01T10:00:00Z", Some("2026-03-01T10:00:00Z")),
            ("2026-03-01 10:00:00+0100", Some("2026-03-01T09:00:00Z")),
            (" 2026-03-01T10:00 ", Some("2026-03-01T10:00:00Z")),
            ("2026-03-01", Some("2026-03-01T00:00:00Z")),
            ("yesterday", None),
            ("", None),
        ] {
            let expected: Option<Timestamp> = time.map(|time| time.parse().unwrap());
            assert_eq!(read_time(text), expected, "{text}");
        }
    }

    #[test]
    fn a_drawing_with_many_closed_elements_does_not_swallow_the_page() {
        let html = format!(
            "<div class=h-entry><svg>{}</svg><p class=p-name>Name</p></div><p>behind",
            "<path d=x class=y />".repeat(2000)
        );
        assert_eq!(read(&html).unwrap().name.as_deref(), Some("Name"));
    }

    #[test]
    fn hostile_pages_of_a_mebibyte_are_read_quickly_in_a_small_stack() {
        let size = 1024 * 1024;
        let pages = [
            "<div class=h-entry>".repeat(size / 19),
            "<a class='h-entry p-author u-in-reply-to' href=x>".repeat(size / 50),
            "<a class='h-entry p-author u-in-reply-to' href=x></a>".repeat(size / 54),
            "<div>".repeat(DEEPEST - 1) + &"</x>".repeat(size / 4),
            format!("<div class='{}'>", "h-entry ".repeat(size / 8)),
            "<svg><path/>".repeat(size / 12),
        ];
        let read_all = move || {
            for page in pages {
                let begun = Instant::now();
                let _ = read(&page);
                // Not a figure: what grows with the square would take an hour.
                assert!(begun.elapsed() < Duration::from_secs(60), "{}", &page[..20]);
            }
        };
        let thread = std::thread::Builder::new().stack_size(2 * 1024 * 1024);
        thread.spawn(read_all).unwrap().join().unwrap();
    }

    proptest::proptest! {
        #[test]
        fn never_panics_on_any_bytes(
            bytes: Vec<u8>,
            html in "(<div class=h-entry>|<a class='p-author h-card' href=x>|<img class=u-photo src=x>|<time class=dt-published>|<p class=e-content>|<svg>|<path/>|<template>|</div>|</a>|</p>|</template>|</svg>|2026-01-01|é| ){0,40}",
        ) {
            let base = Url::parse("https://blog.example/").unwrap();
            for bytes in [bytes.as_slice(), html.as_bytes()] {
                let document = Document::read(bytes, Some("text/html"));
                let _ = entry(&document, &base, &|_| true);
                let _ = entry(&document, &base, &|_| false);
            }
        }
    }
}
