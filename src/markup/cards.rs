//! Link cards: a link with the title “card” that is alone in its paragraph, with what is known of the page
//! behind it. Reads only what the sanitiser wrote; never fetches anything.

use std::collections::HashMap;

use maud::{Markup, html};
use url::Url;

use crate::markup::pictures::OwnPicture;
use crate::markup::written_tags::{attribute, name_of, tag_length, unescaped};

/// The title that asks for a card.
const ASKS: &str = "card";
/// The most cards in a text; further ones stay links.
pub const MAX_CARDS: usize = 20;
/// The longest address, in bytes.
const MAX_ADDRESS: usize = 2048;
/// How wide the picture of a card is shown.
const SIZES: &str = "12rem";

/// What is known of a page. Every text may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Card {
    pub title: String,
    pub description: String,
    pub site_name: String,
    pub picture: Option<OwnPicture>,
}

/// The addresses that a text asks cards for, each once.
pub fn addresses(html: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    walk(html, |_, link| {
        if let Some(link) = link
            && found.len() < MAX_CARDS
            && !found.contains(&link.address)
        {
            found.push(link.address);
        }
    });
    found
}

/// `html` with the cards that are known; all others are plain links.
pub fn place(html: &str, cards: &HashMap<String, Card>) -> String {
    let mut out = String::with_capacity(html.len() + 1024);
    walk(html, |text, link| {
        out.push_str(text);
        let Some(link) = link else { return };
        match cards.get(&link.address) {
            Some(card) => out.push_str(&link.as_card(card)),
            None => {
                out.push_str("<p>");
                out.push_str(&link.tag.replacen(" title=\"card\"", "", 1));
                out.push_str(link.text);
                out.push_str("</a></p>");
            }
        }
    });
    out
}

/// A paragraph that asks for a card.
struct CardLink<'t> {
    /// The tag of the link.
    tag: &'t str,
    /// The HTML in it.
    text: &'t str,
    address: String,
}

/// Calls `with` for each piece of `html`, and for the paragraph after it that asks for a card.
fn walk<'t>(html: &'t str, mut with: impl FnMut(&'t str, Option<CardLink<'t>>)) {
    const BEGIN: &str = "<p><a ";
    let mut rest = html;
    let mut from = 0;
    while let Some(found) = rest[from..].find(BEGIN) {
        let at = from + found;
        match read(&rest[at + "<p>".len()..]) {
            Some((link, after)) => {
                with(&rest[..at], Some(link));
                rest = after;
                from = 0;
            }
            None => from = at + BEGIN.len(),
        }
    }
    with(rest, None);
}

/// The link at the beginning of `html`, and what comes after its paragraph.
fn read(html: &str) -> Option<(CardLink<'_>, &str)> {
    let (tag, behind) = html.split_at(tag_length(html));
    if attribute(tag, "title") != Some(ASKS) {
        return None;
    }
    let address = unescaped(attribute(tag, "href")?);
    if address.len() > MAX_ADDRESS {
        return None;
    }
    let url = Url::parse(&address).ok()?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return None;
    }
    let (text, after) = behind.split_once("</a>")?;
    let after = after.strip_prefix("</p>")?;
    // A picture in the link is the picture that was chosen.
    let is_text = !text.contains("<img ") && name_of(tag) == "a";
    is_text.then_some((CardLink { tag, text, address }, after))
}

impl CardLink<'_> {
    /// The text that was typed is the title, unless it is the address again.
    fn as_card(&self, card: &Card) -> String {
        let typed = unescaped(self.text.trim());
        let is_address = typed.is_empty()
            || typed == self.address
            || Url::parse(&typed).is_ok()
            || typed.starts_with("www.");
        let host = Url::parse(&self.address)
            .ok()
            .and_then(|url| url.host_str().map(str::to_owned))
            .unwrap_or_default();
        let host = host.strip_prefix("www.").unwrap_or(&host);
        let picture = card.picture.as_ref().map(|picture| {
            let srcset = Some(&picture.srcset).filter(|srcset| !srcset.is_empty());
            html! {
                img src=(picture.src) srcset=[srcset] sizes=[srcset.map(|_| SIZES)]
                    width=(picture.width) height=(picture.height) loading="lazy" decoding="async" alt="";
            }
        });
        let source: Markup = html! {
            span.link-card-source {
                @if !card.site_name.is_empty() && card.site_name != host {
                    bdi { (card.site_name) } " · "
                }
                bdi { (host) }
            }
        };
        let mut out = String::from("<div class=\"link-card\">");
        out.push_str(&self.tag.replacen(" title=\"card\"", "", 1));
        out.push_str(&picture.unwrap_or_default().into_string());
        out.push_str("<span class=\"link-card-text\"><strong dir=\"auto\">");
        match (is_address, card.title.as_str()) {
            (true, "") => out.push_str(&html! { (host) }.into_string()),
            (true, title) => out.push_str(&html! { (title) }.into_string()),
            (false, _) => out.push_str(self.text),
        }
        out.push_str("</strong> ");
        if !card.description.is_empty() {
            let description =
                html! { span.link-card-description dir="auto" { (card.description) } " " };
            out.push_str(&description.into_string());
        }
        out.push_str(&source.into_string());
        out.push_str("</span></a></div>");
        out
    }
}

#[cfg(test)]
mod tests;
