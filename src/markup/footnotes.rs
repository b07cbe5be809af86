//! Numbers footnotes in the order of their references and writes them as a list at the end of the
//! text, with links in both directions. Never follows references in a circle: each footnote is
//! written once. A footnote without a reference is left out.

use std::collections::{HashMap, HashSet};
use std::hash::Hasher;

use pulldown_cmark::{CowStr, Event, Tag, TagEnd};
use siphasher::sip::SipHasher13;

/// How many references are links; the others are numbers alone.
const MAX_LINKED: usize = 1000;
/// How many references to one footnote it links back to.
const MAX_BACK_LINKS: usize = 10;

/// How the list of footnotes begins, here and after the sanitiser.
pub const LIST: &str = "<ol class=\"footnotes\">";
/// The sign of a link back, as a character of the text and not as a coloured picture.
const BACK: &str = "↩\u{fe0e}";

/// The footnotes of a text by their labels.
pub type Notes<'a> = HashMap<String, Vec<Event<'a>>>;

/// A label as references and definitions share it.
pub fn key_of(label: &str) -> String {
    label.to_lowercase()
}

/// Marks the footnotes of one text, so that those of several posts on a page or in a feed do not
/// clash. The same for the same text.
pub fn fingerprint(markdown: &str) -> String {
    let mut hasher = SipHasher13::new();
    hasher.write(markdown.as_bytes());
    format!("{:06x}", hasher.finish() & 0xff_ffff)
}

/// `text` without the references to footnotes that `markdown` defines. For a part of a text, which
/// does not have the definitions with it.
pub fn without_references(text: &str, markdown: &str) -> String {
    let label_of = |text: &str| -> Option<(String, usize)> {
        let inner = text.strip_prefix("[^")?;
        let end = inner.find(['[', ']', '\n'])?;
        (end > 0 && inner[end..].starts_with(']')).then(|| (key_of(&inner[..end]), end + 3))
    };
    let defined: HashSet<String> = markdown
        .lines()
        .filter_map(|line| {
            let line = line.trim_start();
            let (label, length) = label_of(line)?;
            line[length..].starts_with(':').then_some(label)
        })
        .collect();
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("[^") {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = match label_of(rest) {
            Some((label, length)) if defined.contains(&label) => length,
            _ => {
                out.push_str("[^");
                "[^".len()
            }
        };
        rest = &rest[length..];
    }
    out.push_str(rest);
    out
}

/// `body` with numbers in place of references, followed by the list of footnotes.
pub fn write<'a>(
    mut body: Vec<Event<'a>>,
    mut notes: Notes<'a>,
    fingerprint: &str,
) -> Vec<Event<'a>> {
    let mut numbering = Numbering {
        fingerprint,
        labels: Vec::new(),
        referenced: Vec::new(),
        numbers: notes.keys().map(|label| (label.clone(), 0)).collect(),
        linked: 0,
    };
    numbering.replace(&mut body);
    let mut written = Vec::new();
    while let Some(label) = numbering.labels.get(written.len()) {
        let mut note = notes.remove(label).unwrap_or_default();
        numbering.replace(&mut note);
        written.push(note);
    }
    if written.is_empty() {
        return body;
    }
    body.push(html(format!("{LIST}\n")));
    for (place, mut note) in written.into_iter().enumerate() {
        let number = place + 1;
        body.push(html(format!("<li id=\"p-fn:{fingerprint}-{number}\">")));
        let back = numbering.back_links(number);
        match note.pop() {
            Some(end @ Event::End(TagEnd::Paragraph)) => {
                body.append(&mut note);
                body.push(html(back));
                body.push(end);
            }
            last => {
                body.append(&mut note);
                body.extend(last);
                body.push(html(back));
            }
        }
        body.push(html("</li>\n".to_owned()));
    }
    body.push(html("</ol>\n".to_owned()));
    body
}

struct Numbering<'k> {
    fingerprint: &'k str,
    /// The labels of the footnotes that have a number, from 1.
    labels: Vec<String>,
    /// How many references to each of them are links with an id.
    referenced: Vec<usize>,
    /// The number of each label; 0 before its first reference.
    numbers: HashMap<String, usize>,
    linked: usize,
}

impl Numbering<'_> {
    fn replace(&mut self, events: &mut [Event<'_>]) {
        let mut images = 0_usize;
        for event in events {
            match event {
                Event::Start(Tag::Image { .. }) => images += 1,
                Event::End(TagEnd::Image) => images = images.saturating_sub(1),
                Event::FootnoteReference(label) => {
                    *event = match self.number_of(label) {
                        Some(number) if images == 0 => html(self.reference(number)),
                        _ => Event::Text(format!("[^{label}]").into()),
                    };
                }
                _ => {}
            }
        }
    }

    fn number_of(&mut self, label: &str) -> Option<usize> {
        let key = key_of(label);
        let number = self.numbers.get_mut(&key)?;
        if *number == 0 {
            self.labels.push(key);
            self.referenced.push(0);
            *number = self.labels.len();
        }
        Some(*number)
    }

    fn reference(&mut self, number: usize) -> String {
        if self.linked >= MAX_LINKED {
            return format!("<sup>{number}</sup>");
        }
        self.linked += 1;
        let key = self.fingerprint;
        let Some(count) = self
            .referenced
            .get_mut(number - 1)
            .filter(|count| **count < MAX_BACK_LINKS)
        else {
            return format!("<sup><a href=\"#p-fn:{key}-{number}\">{number}</a></sup>");
        };
        *count += 1;
        let id = reference_id(key, number, *count);
        format!("<sup><a href=\"#p-fn:{key}-{number}\" id=\"{id}\">{number}</a></sup>")
    }

    fn back_links(&self, number: usize) -> String {
        let count = self.referenced.get(number - 1).copied().unwrap_or(0);
        (1..=count)
            .map(|nth| {
                let id = reference_id(self.fingerprint, number, nth);
                match nth {
                    1 => format!(" <a href=\"#{id}\">{BACK}</a>"),
                    nth => format!(" <a href=\"#{id}\">{BACK}{nth}</a>"),
                }
            })
            .collect()
    }
}

fn reference_id(key: &str, number: usize, nth: usize) -> String {
    match nth {
        1 => format!("p-fnref:{key}-{number}"),
        nth => format!("p-fnref:{key}-{number}-{nth}"),
    }
}

fn html<'a>(html: String) -> Event<'a> {
    Event::InlineHtml(CowStr::from(html))
}
