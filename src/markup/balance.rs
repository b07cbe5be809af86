//! Makes any HTML well-formed before it is parsed into a tree, in linear time and space: every
//! element is closed where it must be, nothing is nested deeper than [`MAX_DEPTH`], and everything
//! that is not an allowed tag becomes text.
//!
//! HTML parsers reopen unclosed formatting elements in every following block, which turns ten
//! kilobytes into seven megabytes; here nothing is left unclosed. Decides nothing about safety: the
//! sanitiser does that to the output.

use std::collections::{HashMap, HashSet};

use crate::markup::headings;
use crate::markup::tags::{self, Element, ElementKind, MarkupProfile, Tag};

/// How deep elements may be nested.
pub const MAX_DEPTH: usize = 72;
/// How deep inline elements may be nested.
const MAX_INLINE_DEPTH: usize = 16;
/// The longest tag, in bytes.
const MAX_TAG: usize = 16 * 1024;
/// Tags are left out once the output is longer than the source times the factor, plus the extra
/// bytes.
///
/// Cells of a post's tables and its footnotes are longer than their Markdown.
const fn max_growth_factor(profile: MarkupProfile) -> usize {
    match profile {
        MarkupProfile::Post => 12,
        MarkupProfile::Response => 8,
    }
}
const MAX_GROWTH_EXTRA: usize = 2 * 1024;

/// `html` with its tags balanced. `source_length` is the length of the source it was rendered from,
/// in bytes.
pub fn balance(html: &str, profile: MarkupProfile, source_length: usize) -> String {
    let mut balancer = Balancer {
        out: String::with_capacity(html.len() + html.len() / 8),
        limit: source_length
            .saturating_mul(max_growth_factor(profile))
            .saturating_add(MAX_GROWTH_EXTRA),
        closing: 0,
        open: Vec::new(),
        left_out: HashMap::new(),
        closed_early: HashMap::new(),
        ids: HashSet::new(),
    };
    // The search for the end of what is not a tag may read the same bytes many times: it is
    // limited.
    let (mut seen, may_see) = (0, html.len().saturating_mul(8));
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        balancer.text(&rest[..at]);
        rest = &rest[at..];
        let tag = match seen <= may_see {
            true => tags::read(rest, profile, MAX_TAG, &mut seen),
            false => None,
        };
        let length = tag.as_ref().map_or(1, |tag| tag.length);
        let is_taken = match &tag {
            Some(tag) if tag.is_end => balancer.end(tag.element),
            Some(tag) => balancer.begin(tag),
            None => false,
        };
        if !is_taken {
            balancer.typed(&rest[..length]);
        }
        rest = &rest[length..];
    }
    balancer.text(rest);
    while let Some(element) = balancer.open.pop() {
        balancer.write_end(element);
    }
    balancer.out
}

struct Balancer {
    out: String,
    limit: usize,
    /// The length of the end tags of all open elements, in bytes.
    closing: usize,
    open: Vec<&'static Element>,
    /// How many start tags of each element were left out: their end tags are left out too.
    left_out: HashMap<&'static str, usize>,
    /// How many of each element were closed before their end tag.
    closed_early: HashMap<&'static str, usize>,
    /// The ids that were written.
    ids: HashSet<String>,
}

impl Balancer {
    fn text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if !text.bytes().all(|byte| byte.is_ascii_whitespace()) {
            self.open_parents();
        }
        self.out.push_str(text);
    }

    /// Writes what is not a tag as text.
    fn typed(&mut self, text: &str) {
        self.open_parents();
        for c in text.chars() {
            match c {
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                other => self.out.push(other),
            }
        }
    }

    /// Opens the elements that text needs around it directly inside a list or a table.
    fn open_parents(&mut self) {
        let Some(top) = self.open.last() else { return };
        let needed: &[&str] = match top.kind {
            ElementKind::List if top.name == "dl" => &["dd"],
            ElementKind::List => &["li"],
            ElementKind::Table | ElementKind::Section => &["tr", "td"],
            ElementKind::Row => &["td"],
            _ => &[],
        };
        for name in needed {
            self.push(tags::element(name), &[]);
        }
    }

    /// Whether the tag was written or left out on purpose; false where it has to become text.
    fn begin(&mut self, tag: &Tag<'_>) -> bool {
        let element = tag.element;
        let Some(keep) = self.depth_for(element) else {
            return false;
        };
        let is_void = matches!(
            element.kind,
            ElementKind::InlineVoid | ElementKind::BlockVoid
        );
        let lines = self.open[..keep].iter().rev();
        let lines = lines.take_while(|open| is_inline(open)).count();
        let is_deep = keep >= MAX_DEPTH || is_inline(element) && lines >= MAX_INLINE_DEPTH;
        let attributes = tag.attributes.iter();
        let cost: usize = attributes
            .map(|(name, value)| name.len() + value.len() + 4)
            .sum();
        let cost = cost + 2 * element.name.len() + 5;
        if is_deep && !is_void || self.out.len() + self.closing + cost > self.limit {
            if !is_void {
                *self.left_out.entry(element.name).or_default() += 1;
            }
            return true;
        }
        self.close_to(keep);
        if !matches!(
            element.kind,
            ElementKind::Item | ElementKind::Section | ElementKind::Row | ElementKind::Cell
        ) {
            self.open_parents();
        }
        if element.kind == ElementKind::Cell
            && element.name != "caption"
            && self
                .open
                .last()
                .is_some_and(|top| top.kind != ElementKind::Row)
        {
            self.push(tags::element("tr"), &[]);
        }
        self.push(element, &tag.attributes);
        if is_void {
            self.open.pop();
            self.closing -= element.name.len() + 3;
        }
        true
    }

    /// How many of the open elements stay open around a new one; None where it is not allowed here.
    fn depth_for(&self, element: &Element) -> Option<usize> {
        let open = &self.open;
        // Inline elements, and the paragraph around them, end where a block begins.
        let above_paragraph = || {
            let lines = open.iter().rev().take_while(|open| is_inline(open));
            let block = open.len() - lines.count();
            if block > 0 && open[block - 1].kind == ElementKind::Lines {
                return block - 1;
            }
            let inner = open
                .iter()
                .rev()
                .take_while(|open| open.kind == ElementKind::Inline);
            open.len() - inner.count()
        };
        let above_block = || {
            let lines = open
                .iter()
                .rev()
                .take_while(|open| is_inline(open) || open.kind == ElementKind::Lines);
            open.len() - lines.count()
        };
        match element.kind {
            ElementKind::Inline | ElementKind::InlineVoid => Some(open.len()),
            // A link ends where another begins.
            ElementKind::Transparent if element.name == "a" => {
                let cell = open.iter().rposition(|open| open.kind == ElementKind::Cell);
                let link = open.iter().rposition(|open| open.name == "a");
                Some(link.filter(|link| cell < Some(*link)).unwrap_or(open.len()))
            }
            ElementKind::Transparent => Some(open.len()),
            ElementKind::Lines
            | ElementKind::Block
            | ElementKind::List
            | ElementKind::Table
            | ElementKind::BlockVoid => Some(above_paragraph()),
            ElementKind::Item => {
                let block = above_block();
                let is_term = element.name != "li";
                let fits = |open: &Element| match open.kind {
                    ElementKind::List => (open.name == "dl") == is_term,
                    ElementKind::Item => (open.name != "li") == is_term,
                    _ => false,
                };
                let top = open[..block].last().filter(|open| fits(open))?;
                Some(block - usize::from(top.kind == ElementKind::Item))
            }
            ElementKind::Label => {
                let block = above_block();
                let around = if element.name == "summary" {
                    "details"
                } else {
                    "figure"
                };
                (open[..block].last()?.name == around).then_some(block)
            }
            ElementKind::Section => self.in_table(|kind| kind == ElementKind::Table),
            ElementKind::Cell if element.name == "caption" => {
                self.in_table(|kind| kind == ElementKind::Table)
            }
            ElementKind::Row => {
                self.in_table(|kind| matches!(kind, ElementKind::Table | ElementKind::Section))
            }
            ElementKind::Cell => self.in_table(|kind| {
                matches!(
                    kind,
                    ElementKind::Table | ElementKind::Section | ElementKind::Row
                )
            }),
        }
    }

    /// How many elements stay open, down to the part of the innermost table that fits.
    fn in_table(&self, fits: impl Fn(ElementKind) -> bool) -> Option<usize> {
        let table = self
            .open
            .iter()
            .rposition(|open| open.kind == ElementKind::Table)?;
        let part = self.open[table..]
            .iter()
            .rposition(|open| fits(open.kind))?;
        Some(table + part + 1)
    }

    fn end(&mut self, element: &'static Element) -> bool {
        if let Some(count) = self
            .left_out
            .get_mut(element.name)
            .filter(|count| **count > 0)
        {
            *count -= 1;
            return true;
        }
        let is_barrier = |open: &Element| match element.kind {
            ElementKind::Inline | ElementKind::InlineVoid => !is_inline(open),
            ElementKind::Lines => !is_inline(open) && open.kind != ElementKind::Lines,
            ElementKind::Item => open.kind == ElementKind::List || open.kind == ElementKind::Cell,
            ElementKind::Table | ElementKind::Section | ElementKind::Row | ElementKind::Cell => {
                open.kind == ElementKind::Table
            }
            _ => open.kind == ElementKind::Cell,
        };
        let mut found = None;
        for (at, open) in self.open.iter().enumerate().rev() {
            if open.name == element.name {
                found = Some(at);
                break;
            }
            if is_barrier(open) {
                break;
            }
        }
        match found {
            Some(at) => {
                self.close_to(at + 1);
                self.open.pop();
                self.write_end(element);
                true
            }
            None => match self.closed_early.get_mut(element.name) {
                Some(count) if *count > 0 => {
                    *count -= 1;
                    true
                }
                _ => false,
            },
        }
    }

    fn push(&mut self, element: &'static Element, attributes: &[(&str, &str)]) {
        self.out.push('<');
        self.out.push_str(element.name);
        for (name, value) in attributes {
            if name.eq_ignore_ascii_case("id") && !self.is_new_id(value) {
                continue;
            }
            self.out.push(' ');
            self.out
                .extend(name.chars().map(|c| c.to_ascii_lowercase()));
            self.out.push_str("=\"");
            for c in value.chars() {
                match c {
                    '"' => self.out.push_str("&quot;"),
                    '<' => self.out.push_str("&lt;"),
                    other => self.out.push(other),
                }
            }
            self.out.push('"');
        }
        self.out.push('>');
        self.open.push(element);
        self.closing += element.name.len() + 3;
    }

    /// Whether an element may have this id: no other has it, and it is written without references
    /// and white space.
    fn is_new_id(&mut self, id: &str) -> bool {
        !id.is_empty()
            && id.chars().all(headings::is_allowed)
            && self.ids.insert(headings::prefixed(id))
    }

    /// Closes all but the outer `keep` open elements before their end tags.
    fn close_to(&mut self, keep: usize) {
        while self.open.len() > keep {
            if let Some(element) = self.open.pop() {
                *self.closed_early.entry(element.name).or_default() += 1;
                self.write_end(element);
            }
        }
    }

    fn write_end(&mut self, element: &Element) {
        self.closing -= element.name.len() + 3;
        self.out.push_str("</");
        self.out.push_str(element.name);
        self.out.push('>');
    }
}

fn is_inline(element: &Element) -> bool {
    matches!(element.kind, ElementKind::Inline | ElementKind::Transparent)
}

#[cfg(test)]
mod tests;
