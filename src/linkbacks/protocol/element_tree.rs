//! The elements of a page that have a class or an address, flat and in order, each with the text that
//! people see in it. Knows no vocabulary of classes.

use url::Url;

use crate::linkbacks::protocol::address::is_web;
use crate::linkbacks::protocol::token_reader::{TokenVisitor, hides_content, is_block, visit};
use crate::markup::tokens::StartTag;

/// Elements beyond this number are left out.
const MAX_ELEMENTS: usize = 20_000;
/// Elements that are nested deeper are left out, with all that follows.
pub const MAX_DEPTH: usize = 1000;
/// How far up an end tag's element is looked for.
const MAX_END_TAG_REACH: usize = 100;

/// The elements of a page; each is named by its index.
pub struct ElementTree {
    elements: Vec<Element>,
    text: String,
    base: Url,
}

struct Element {
    name: String,
    class: String,
    /// The value of `href`, `src` or `data`, whichever its address is in.
    address: Option<String>,
    /// Read in place of its text: `datetime`, `title`, `value` or `alt`.
    value: Option<String>,
    /// Where its text begins in the text of the page, in bytes.
    start: usize,
    /// Where its text ends.
    end: usize,
    /// Index of the first element after it that is not inside of it.
    next: usize,
}

impl ElementTree {
    /// Reads a page; None where its markup is an attack. `base` is what its addresses are relative to.
    pub fn read(html: &str, base: Url) -> Option<Self> {
        let mut builder = visit(html, TreeBuilder::default())?;
        builder.close_down_to(0);
        Some(Self {
            elements: builder.elements,
            text: builder.text,
            base,
        })
    }

    pub fn count(&self) -> usize {
        self.elements.len()
    }

    pub fn is_named(&self, index: usize, name: &str) -> bool {
        self.elements[index].name == name
    }

    pub fn classes(&self, index: usize) -> impl Iterator<Item = &str> {
        self.elements[index].class.split_ascii_whitespace()
    }

    pub fn has_class(&self, index: usize, wanted: &str) -> bool {
        self.classes(index).any(|class| class == wanted)
    }

    /// Index of the first element after it that is not inside of it.
    pub fn next_outside(&self, index: usize) -> usize {
        self.elements[index].next
    }

    /// The elements inside of another one, without those inside of one that `is_excluded` accepts.
    pub fn inside<'a>(
        &'a self,
        index: usize,
        is_excluded: impl Fn(usize) -> bool + 'a,
    ) -> impl Iterator<Item = usize> + 'a {
        let mut next = index + 1;
        std::iter::from_fn(move || {
            let here = next;
            if here >= self.elements[index].next {
                return None;
            }
            next = if is_excluded(here) {
                self.elements[here].next
            } else {
                here + 1
            };
            Some(here)
        })
    }

    /// Where an element leads, on the web.
    pub fn address(&self, index: usize) -> Option<Url> {
        let address = self.elements[index].address.as_deref()?.trim();
        self.base.join(address).ok().filter(is_web)
    }

    /// The text of an element, or the attribute that is read in place of it.
    pub fn text(&self, index: usize) -> &str {
        let element = &self.elements[index];
        match &element.value {
            Some(value) => value,
            None => &self.text[element.start..element.end],
        }
    }
}

#[derive(Default)]
struct TreeBuilder {
    elements: Vec<Element>,
    text: String,
    /// The names of the open elements, each with its index where it is kept.
    open: Vec<(String, Option<usize>)>,
    /// How many `<svg>` and `<math>` are open, in which a slash closes an element.
    foreign: usize,
    is_full: bool,
}

impl TokenVisitor for TreeBuilder {
    fn text(&mut self, text: &str) {
        if !self.is_full {
            self.push_text(text);
        }
    }

    fn start_tag(&mut self, tag: &StartTag) {
        let name = tag.name.as_str();
        if self.is_full || (hides_content(name) && name != "iframe") {
            return;
        }
        self.close_before(&tag.name);
        if is_block(name) {
            self.push_text(" ");
        }
        if self.open.len() >= MAX_DEPTH || self.elements.len() >= MAX_ELEMENTS {
            self.is_full = true;
            return;
        }
        let position = self.keep(tag);
        let is_foreign = matches!(name, "svg" | "math");
        if is_void(name) || (tag.is_self_closing && (is_foreign || self.foreign > 0)) {
            return;
        }
        self.foreign += usize::from(is_foreign);
        self.open.push((tag.name.clone(), position));
    }

    fn end_tag(&mut self, name: &str) {
        if self.is_full {
            return;
        }
        let near = self.open.len().saturating_sub(MAX_END_TAG_REACH);
        let found = self.open[near..].iter().rposition(|(open, _)| open == name);
        if let Some(found) = found {
            self.close_down_to(near + found);
        }
        if is_block(name) {
            self.push_text(" ");
        }
    }
}

impl TreeBuilder {
    fn push_text(&mut self, text: &str) {
        for c in text.chars() {
            if !c.is_whitespace() {
                self.text.push(c);
            } else if !self.text.ends_with(' ') {
                self.text.push(' ');
            }
        }
    }

    /// Keeps an element that has a class or an address.
    fn keep(&mut self, tag: &StartTag) -> Option<usize> {
        let attribute = |name: &str| tag.attribute(name).map(str::to_owned);
        let address = match tag.name.as_str() {
            "a" | "area" | "link" => attribute("href"),
            "img" | "audio" | "video" | "source" | "iframe" => attribute("src"),
            "object" => attribute("data"),
            _ => None,
        };
        let class = attribute("class").unwrap_or_default();
        if address.is_none() && class.is_empty() {
            return None;
        }
        let value = match tag.name.as_str() {
            "time" | "ins" | "del" => attribute("datetime"),
            "abbr" | "link" => attribute("title"),
            "data" | "input" => attribute("value"),
            "img" | "area" => Some(attribute("alt").unwrap_or_default()),
            _ => None,
        };
        let position = self.elements.len();
        self.elements.push(Element {
            name: tag.name.clone(),
            class,
            address,
            value,
            start: self.text.len(),
            end: self.text.len(),
            next: position + 1,
        });
        Some(position)
    }

    /// Closes the element that the beginning of another one ends (HTML, section 13.1.2.4).
    fn close_before(&mut self, name: &str) {
        let Some((top, _)) = self.open.last() else {
            return;
        };
        let closes = match top.as_str() {
            "p" => is_block(name) && name != "br",
            "li" | "tr" => top == name,
            "dt" | "dd" => matches!(name, "dt" | "dd"),
            "td" | "th" => matches!(name, "td" | "th" | "tr"),
            _ => false,
        };
        if closes {
            self.close_down_to(self.open.len() - 1);
        }
    }

    fn close_down_to(&mut self, depth: usize) {
        let (end, next) = (self.text.len(), self.elements.len());
        for (name, position) in self.open.drain(depth..) {
            if matches!(name.as_str(), "svg" | "math") {
                self.foreign = self.foreign.saturating_sub(1);
            }
            if let Some(element) = position.and_then(|position| self.elements.get_mut(position)) {
                (element.end, element.next) = (end, next);
            }
        }
    }
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
