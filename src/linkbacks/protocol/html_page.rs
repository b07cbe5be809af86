//! What a page of another site says, from its tokens: its text in blocks, its links, its title. Follows
//! nothing.

use url::Url;

use crate::linkbacks::protocol::address::is_web;
use crate::linkbacks::protocol::token_reader::{TokenVisitor, is_block, visit};
use crate::markup::tokens::StartTag;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HtmlPage {
    /// `<title>`.
    pub title: String,
    /// The first `<h1>`.
    pub heading: String,
    /// The first `<base href>`.
    pub base: Option<String>,
    /// The text that people see, white space folded, a line break between blocks.
    pub text: String,
    /// Links of real elements, in order.
    pub links: Vec<HtmlLink>,
    /// `<link>` and `<a>` with a `rel`, in order.
    pub rel_links: Vec<RelLink>,
    /// The HTTP status that the first `<meta http-equiv="Status">` names.
    pub status: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HtmlLink {
    /// As it is written.
    pub url: String,
    /// Where its text begins in the text of the page, in bytes.
    pub start: usize,
    /// Where its text ends.
    pub end: usize,
    /// Whether people can follow it: `<a>` and `<area>`, not pictures and quotations.
    pub is_followed: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelLink {
    /// The value of `rel`.
    pub rel: String,
    /// As it is written; may be missing.
    pub href: Option<String>,
}

impl HtmlPage {
    /// Reads a page; None where its markup is an attack.
    pub fn read(text: &str) -> Option<Self> {
        let mut builder = visit(text, PageBuilder::default())?;
        builder.end_link();
        Some(builder.page)
    }

    /// What relative addresses on the page are relative to (HTML, section 4.2.3). `url` is the page's own
    /// address.
    pub fn base_url(&self, url: &Url) -> Url {
        self.base
            .as_deref()
            .and_then(|base| url.join(base.trim()).ok())
            .filter(is_web)
            .unwrap_or_else(|| url.clone())
    }
}

#[derive(Default)]
struct PageBuilder {
    page: HtmlPage,
    in_title: bool,
    in_heading: bool,
    /// How many `<svg>` are open: their titles are not the page's.
    open_svgs: usize,
    /// The open `<a>`, as its position among the links.
    open_link: Option<usize>,
}

impl TokenVisitor for PageBuilder {
    fn text(&mut self, text: &str) {
        if self.in_heading {
            self.page.heading.push_str(text);
        }
        for c in text.chars() {
            if !c.is_whitespace() {
                self.page.text.push(c);
            } else if !self.page.text.ends_with([' ', '\n']) {
                self.page.text.push(' ');
            }
        }
    }

    fn title_text(&mut self, text: &str) {
        if self.in_title {
            self.page.title.push_str(text);
        }
    }

    fn start_tag(&mut self, tag: &StartTag) {
        let name = tag.name.as_str();
        if is_block(name) {
            self.break_block();
        }
        match name {
            "a" | "area" | "link" => self.start_link(name, tag),
            "base" if self.page.base.is_none() => {
                self.page.base = tag.attribute("href").map(str::to_owned);
            }
            "h1" => self.in_heading = self.page.heading.is_empty(),
            "meta" if self.page.status.is_none() => self.page.status = status_in_meta(tag),
            "svg" if !tag.is_self_closing => self.open_svgs += 1,
            "title" => {
                self.in_title = self.open_svgs == 0 && self.page.title.trim().is_empty();
            }
            _ => {}
        }
        let cited = match name {
            "img" | "video" | "audio" | "source" | "iframe" | "embed" | "track" => "src",
            "blockquote" | "q" | "del" | "ins" => "cite",
            "object" => "data",
            _ => return,
        };
        if let Some(url) = tag.attribute(cited) {
            self.add_link(url, false);
        }
    }

    fn end_tag(&mut self, name: &str) {
        match name {
            "a" => self.end_link(),
            "svg" => self.open_svgs = self.open_svgs.saturating_sub(1),
            "h1" => self.in_heading = false,
            "title" => self.in_title = false,
            _ => {}
        }
        if is_block(name) {
            self.break_block();
        }
    }
}

impl PageBuilder {
    fn start_link(&mut self, name: &str, tag: &StartTag) {
        let (href, rel) = (tag.attribute("href"), tag.attribute("rel"));
        if let Some(rel) = rel.filter(|_| name != "area") {
            self.page.rel_links.push(RelLink {
                rel: rel.to_owned(),
                href: href.map(str::to_owned),
            });
        }
        if name == "a" {
            self.end_link();
        }
        if let Some(href) = href.filter(|_| name != "link") {
            self.add_link(href, true);
            self.open_link = (name == "a").then(|| self.page.links.len() - 1);
        }
    }

    fn add_link(&mut self, url: &str, is_followed: bool) {
        let here = self.page.text.len();
        self.page.links.push(HtmlLink {
            url: url.to_owned(),
            start: here,
            end: here,
            is_followed,
        });
    }

    fn end_link(&mut self) {
        let here = self.page.text.len();
        let open = self.open_link.take();
        if let Some(link) = open.and_then(|position| self.page.links.get_mut(position)) {
            link.end = here;
        }
    }

    fn break_block(&mut self) {
        if !self.page.text.ends_with('\n') {
            self.page.text.push('\n');
        }
    }
}

fn status_in_meta(tag: &StartTag) -> Option<u16> {
    let name = tag.attribute("http-equiv")?;
    if !name.trim().eq_ignore_ascii_case("status") {
        return None;
    }
    let content = tag.attribute("content")?;
    content.split_ascii_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests;
