//! Makes any HTML well-formed before a tree is made of it, in time and space that grow with its
//! length alone: every element that is left is closed where it must be, nothing is nested deeper than
//! [`MAX_DEPTH`], and what is no allowed tag stands as the text that it was typed as.
//!
//! A browser's way of reading HTML opens formatting elements that were left open again in each block
//! that follows: ten kilobytes become seven megabytes. Here nothing is left open for it to do that to.
//! Decides nothing about safety: what comes out goes through the sanitiser.

use std::collections::HashMap;

use crate::markup::tags::{self, Element, Kind, Profile, Tag};

/// The most elements in one another.
pub const MAX_DEPTH: usize = 72;
/// The most elements of a line in one another.
const MAX_INLINE_DEPTH: usize = 16;
/// The longest tag, in bytes.
const MAX_TAG: usize = 16 * 1024;
/// Marks are left out of what would grow beyond so many times its source, and so many bytes more.
const GROWTH: usize = 8;
const GROWTH_MORE: usize = 2 * 1024;

/// `html` with its tags balanced. `source_length` is that of what it was made from, in bytes.
pub fn balance(html: &str, profile: Profile, source_length: usize) -> String {
    let mut balancer = Balancer {
        out: String::with_capacity(html.len() + html.len() / 8),
        limit: source_length
            .saturating_mul(GROWTH)
            .saturating_add(GROWTH_MORE),
        closing: 0,
        open: Vec::new(),
        left_out: HashMap::new(),
        closed_early: HashMap::new(),
    };
    // Looking for the end of what is no tag may come to the same bytes again and again.
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
    /// How many bytes it takes to close all that is open.
    closing: usize,
    open: Vec<&'static Element>,
    /// How many of each were too deep or too much: their ends are left out too.
    left_out: HashMap<&'static str, usize>,
    /// How many of each were closed before their end came.
    closed_early: HashMap<&'static str, usize>,
}

impl Balancer {
    fn text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if !text.bytes().all(|byte| byte.is_ascii_whitespace()) {
            self.make_place();
        }
        self.out.push_str(text);
    }

    /// What is no tag, as it was typed.
    fn typed(&mut self, text: &str) {
        self.make_place();
        for c in text.chars() {
            match c {
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                other => self.out.push(other),
            }
        }
    }

    /// Opens what text needs around it, where it would stand in a list or a table itself.
    fn make_place(&mut self) {
        let Some(top) = self.open.last() else { return };
        let needed: &[&str] = match top.kind {
            Kind::List if top.name == "dl" => &["dd"],
            Kind::List => &["li"],
            Kind::Table | Kind::Section => &["tr", "td"],
            Kind::Row => &["td"],
            _ => &[],
        };
        for name in needed {
            self.push(tags::known(name), &[]);
        }
    }

    /// Whether the tag was used, or left out on purpose; where it was not, it is no more than text.
    fn begin(&mut self, tag: &Tag<'_>) -> bool {
        let element = tag.element;
        let Some(keep) = self.place_of(element) else {
            return false;
        };
        let is_void = matches!(element.kind, Kind::InlineVoid | Kind::BlockVoid);
        let lines = self.open[..keep].iter().rev();
        let lines = lines.take_while(|open| is_in_line(open)).count();
        let is_deep = keep >= MAX_DEPTH || is_in_line(element) && lines >= MAX_INLINE_DEPTH;
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
            Kind::Item | Kind::Section | Kind::Row | Kind::Cell
        ) {
            self.make_place();
        }
        if element.kind == Kind::Cell
            && element.name != "caption"
            && self.open.last().is_some_and(|top| top.kind != Kind::Row)
        {
            self.push(tags::known("tr"), &[]);
        }
        self.push(element, &tag.attributes);
        if is_void {
            self.open.pop();
            self.closing -= element.name.len() + 3;
        }
        true
    }

    /// How many of the open elements stay open around a new one; None where it cannot stand here.
    fn place_of(&self, element: &Element) -> Option<usize> {
        let open = &self.open;
        // Elements of a line that end where a block begins, with the paragraph around them.
        let above_lines = || {
            let lines = open.iter().rev().take_while(|open| is_in_line(open));
            let block = open.len() - lines.count();
            if block > 0 && open[block - 1].kind == Kind::Lines {
                return block - 1;
            }
            let inner = open
                .iter()
                .rev()
                .take_while(|open| open.kind == Kind::Inline);
            open.len() - inner.count()
        };
        let above_block = || {
            let lines = open
                .iter()
                .rev()
                .take_while(|open| is_in_line(open) || open.kind == Kind::Lines);
            open.len() - lines.count()
        };
        match element.kind {
            Kind::Inline | Kind::InlineVoid => Some(open.len()),
            // A link ends where another one begins.
            Kind::Transparent if element.name == "a" => {
                let cell = open.iter().rposition(|open| open.kind == Kind::Cell);
                let link = open.iter().rposition(|open| open.name == "a");
                Some(link.filter(|link| cell < Some(*link)).unwrap_or(open.len()))
            }
            Kind::Transparent => Some(open.len()),
            Kind::Lines | Kind::Block | Kind::List | Kind::Table | Kind::BlockVoid => {
                Some(above_lines())
            }
            Kind::Item => {
                let block = above_block();
                let is_term = element.name != "li";
                let fits = |open: &Element| match open.kind {
                    Kind::List => (open.name == "dl") == is_term,
                    Kind::Item => (open.name != "li") == is_term,
                    _ => false,
                };
                let top = open[..block].last().filter(|open| fits(open))?;
                Some(block - usize::from(top.kind == Kind::Item))
            }
            Kind::Label => {
                let block = above_block();
                let around = if element.name == "summary" {
                    "details"
                } else {
                    "figure"
                };
                (open[..block].last()?.name == around).then_some(block)
            }
            Kind::Section => self.in_table(|kind| kind == Kind::Table),
            Kind::Cell if element.name == "caption" => self.in_table(|kind| kind == Kind::Table),
            Kind::Row => self.in_table(|kind| matches!(kind, Kind::Table | Kind::Section)),
            Kind::Cell => {
                self.in_table(|kind| matches!(kind, Kind::Table | Kind::Section | Kind::Row))
            }
        }
    }

    /// How many elements stay open down to the part of the innermost table that fits.
    fn in_table(&self, fits: impl Fn(Kind) -> bool) -> Option<usize> {
        let table = self
            .open
            .iter()
            .rposition(|open| open.kind == Kind::Table)?;
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
            Kind::Inline | Kind::InlineVoid => !is_in_line(open),
            Kind::Lines => !is_in_line(open) && open.kind != Kind::Lines,
            Kind::Item => open.kind == Kind::List || open.kind == Kind::Cell,
            Kind::Table | Kind::Section | Kind::Row | Kind::Cell => open.kind == Kind::Table,
            _ => open.kind == Kind::Cell,
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

    /// Closes all but the outer `keep` of what is open, before their own ends came.
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

fn is_in_line(element: &Element) -> bool {
    matches!(element.kind, Kind::Inline | Kind::Transparent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(html: &str) -> String {
        balance(html, Profile::Post, html.len())
    }

    fn response(html: &str) -> String {
        balance(html, Profile::Response, html.len())
    }

    #[test]
    fn what_is_well_formed_stays_as_it_is() {
        for html in [
            "<p>One <b>two <i>three</i></b></p>",
            "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>",
            "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td><p>b</p></td></tr></tbody></table>",
            "<details><summary>a</summary><p>b</p></details>",
            "<figure><img src=\"a\"><figcaption>b</figcaption></figure>",
            "<a href=\"/x\"><h2>a</h2></a>",
            "<dl><dt>a</dt><dd>b</dd></dl>",
        ] {
            assert_eq!(post(html), html);
        }
    }

    #[test]
    fn what_is_left_open_is_closed_and_does_not_come_back() {
        assert_eq!(response("<p><b>x<p>y"), "<p><b>x</b></p><p>y</p>");
        assert_eq!(response("<b><i>x</b>y</i>z"), "<b><i>x</i></b>yz");
        assert_eq!(
            response("<p>a <blockquote>b</blockquote> c</p>"),
            "<p>a </p><blockquote>b</blockquote> c"
        );
        assert_eq!(
            response("<ul><li>a<li>b</ul>"),
            "<ul><li>a</li><li>b</li></ul>"
        );
        assert_eq!(
            post("<table><tr><td>a<td>b<tr><th>c</table>"),
            "<table><tr><td>a</td><td>b</td></tr><tr><th>c</th></tr></table>"
        );
    }

    #[test]
    fn what_is_no_tag_stays_as_it_was_typed() {
        for (html, shown) in [
            ("The <title> of", "The &lt;title> of"),
            ("Vec<String>", "Vec&lt;String>"),
            ("<!-- x", "&lt;!-- x"),
            ("<?php echo 1; ?>", "&lt;?php echo 1; ?>"),
            ("a </b> b", "a &lt;/b&gt; b"),
            ("<li>x", "&lt;li&gt;x"),
            (
                "<script>alert(1)</script>",
                "&lt;script>alert(1)&lt;/script>",
            ),
        ] {
            assert_eq!(response(html), shown);
        }
        assert_eq!(post("a <td> b"), "a &lt;td&gt; b");
    }

    #[test]
    fn what_lists_and_tables_hold_stands_in_items_and_cells() {
        assert_eq!(response("<ul>a</ul>"), "<ul><li>a</li></ul>");
        assert_eq!(
            post("<table>a<tr>b</table>"),
            "<table><tr><td>a</td></tr><tr><td>b</td></tr></table>"
        );
    }

    #[test]
    fn nothing_is_nested_deeper_than_it_may() {
        let deepest = |html: &str| {
            let (mut depth, mut most) = (0_i32, 0);
            for part in html.split('<').skip(1) {
                depth += if part.starts_with('/') { -1 } else { 1 };
                most = most.max(depth);
            }
            assert_eq!(depth, 0);
            most
        };
        let quotes = response(&"<blockquote>x".repeat(1000));
        assert!(deepest(&quotes) <= MAX_DEPTH as i32);
        assert!(deepest(&response(&"<b>x".repeat(1000))) <= MAX_INLINE_DEPTH as i32);
    }
}
