//! Finds the links in sanitised HTML: their addresses and the text around them. Never fetches one.

use std::collections::HashSet;
use std::sync::LazyLock;

use percent_encoding::percent_decode_str;
use regex::Regex;

use crate::markup::excerpt::excerpt_around;
use crate::markup::pictures::PICTURE_ELSEWHERE;
use crate::markup::plain::is_footnote_link;
use crate::markup::sanitise::SafeHtml;
use crate::markup::tokens::{HtmlToken, StartTag, read_tokens};

/// The host of each link in a response, in lower case; empty where an address has none. Bare
/// addresses count once for each host, whether they are links or not.
pub fn link_hosts(html: &str, text: &str) -> Vec<String> {
    let mut hosts = Vec::new();
    let mut bare = Vec::new();
    for (address, rest) in html
        .split("<a href=\"")
        .skip(1)
        .filter_map(|rest| rest.split_once('"'))
    {
        let url = url::Url::parse(&address.replace("&amp;", "&")).ok();
        let host = url.as_ref().and_then(|url| url.host_str());
        let host = host.map_or_else(String::new, str::to_lowercase);
        match bare_text(address, rest) {
            Some(text) => bare.push(plain_hosts(text).next().unwrap_or(host)),
            None => hosts.push(host),
        }
    }
    let mut known_bare: HashSet<String> = hosts.iter().cloned().collect();
    bare.retain(|host| known_bare.insert(host.clone()));
    hosts.append(&mut bare);
    let mut known: HashSet<String> = hosts.iter().cloned().collect();
    let in_text = plain_hosts(text).filter(|host| known.insert(host.clone()));
    let in_text: Vec<String> = in_text.collect();
    [hosts, in_text].concat()
}

/// The text of a link where it is the link's address. `rest` follows the address in the link's tag.
fn bare_text<'a>(address: &str, rest: &'a str) -> Option<&'a str> {
    let (_, text) = rest.split_once('>')?;
    let text = text.split('<').next()?;
    let decoded = percent_decode_str(address).decode_utf8_lossy();
    let is_address = |address: &str| {
        text == address || (!text.is_empty() && address.strip_prefix("http://") == Some(text))
    };
    (is_address(address) || is_address(&decoded)).then_some(text)
}

/// The hosts of the addresses in plain text, in lower case.
fn plain_hosts(text: &str) -> impl Iterator<Item = String> {
    PLAIN_ADDRESS
        .captures_iter(text)
        .map(|found| found[1].trim_end_matches('.').to_lowercase())
}

/// Addresses in plain text.
static PLAIN_ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:https?://|\b(?:www\.))((?:[\pL\pN-]+\.)+[\pL\pN-]+)")
        .unwrap_or_else(|_| unreachable!("the expression is fixed"))
});

/// A link that readers of a post can follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextLink {
    /// As it is written; may be relative.
    pub href: String,
    /// The link text and the text around it.
    pub excerpt: String,
}

/// How much text on either side of a link is read for its excerpt, in bytes: more than an excerpt shows, and
/// so little that many links in one paragraph cost no more than a multiple of its length.
const MAX_CONTEXT: usize = 2_000;

/// The links of a text, in order. Links in code are examples and left out.
pub fn text_links(html: &SafeHtml) -> Vec<TextLink> {
    let mut reader = LinkReader::default();
    // Sanitised tags have few attributes.
    let _ = read_tokens(html.as_str(), |token| match token {
        HtmlToken::Text(text) if !reader.is_footnote_link => {
            reader.text.push_str(&text.replace('\n', " "));
        }
        HtmlToken::Text(_) => {}
        HtmlToken::StartTag(tag) => reader.start_tag(tag),
        HtmlToken::EndTag(name) => reader.end_tag(name),
    });
    let text = reader.text.as_str();
    reader
        .links
        .into_iter()
        .map(|(href, start, end)| {
            let near = text.floor_char_boundary(start.saturating_sub(MAX_CONTEXT));
            let far = text.floor_char_boundary(text.len().min(end + MAX_CONTEXT));
            let from = text[near..start]
                .rfind('\n')
                .map_or(near, |at| near + at + 1);
            let to = text[end..far].find('\n').map_or(far, |at| end + at);
            TextLink {
                href,
                excerpt: excerpt_around(&text[from..start], &text[start..end], &text[end..to]),
            }
        })
        .collect()
}

#[derive(Default)]
struct LinkReader {
    text: String,
    /// The address, and where the link text begins and ends.
    links: Vec<(String, usize, usize)>,
    /// Whether the last of the links is still open.
    is_open: bool,
    /// Whether the number of a footnote is being read, or the arrow back to it.
    is_footnote_link: bool,
    /// How many code elements are open.
    code: usize,
}

impl LinkReader {
    fn start_tag(&mut self, tag: &StartTag) {
        match tag.name.as_str() {
            "a" if is_footnote_link(tag) => {
                self.close();
                self.is_footnote_link = true;
            }
            "a" => {
                self.close();
                // A picture is no mention of the site that it is on.
                let is_counted =
                    self.code == 0 && tag.attribute("class") != Some(PICTURE_ELSEWHERE);
                if let Some(href) = tag.attribute("href").filter(|_| is_counted) {
                    let at = self.text.len();
                    self.links.push((href.to_owned(), at, at));
                    self.is_open = true;
                }
            }
            name if is_code(name) => self.code += 1,
            name => self.break_line(name),
        }
    }

    fn end_tag(&mut self, name: &str) {
        match name {
            "a" => self.close(),
            _ if is_code(name) => self.code = self.code.saturating_sub(1),
            _ => self.break_line(name),
        }
    }

    fn break_line(&mut self, name: &str) {
        if matches!(
            name,
            "p" | "li"
                | "br"
                | "h2"
                | "h3"
                | "h4"
                | "h5"
                | "h6"
                | "td"
                | "th"
                | "blockquote"
                | "dt"
                | "dd"
                | "figcaption"
                | "hr"
        ) {
            self.text.push('\n');
        }
    }

    fn close(&mut self) {
        self.is_footnote_link = false;
        if std::mem::take(&mut self.is_open) {
            let end = self.text.len();
            if let Some(link) = self.links.last_mut() {
                link.2 = end;
            }
        }
    }
}

fn is_code(name: &str) -> bool {
    matches!(name, "code" | "pre" | "kbd" | "samp")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markup::markdown;
    use crate::markup::sanitise::MarkupProfile;

    #[test]
    fn links_come_with_the_words_around_them() {
        let html = markdown::render(
            "First.\n\nWe read [a *good* report](https://a.example/x?a=1&b=2) twice.\n\n- [own](/2026/01/01/x/)",
            MarkupProfile::Post,
        );
        let links = text_links(&html);
        assert_eq!(links.len(), 2);
        assert_eq!(links[0].href, "https://a.example/x?a=1&b=2");
        assert_eq!(links[0].excerpt, "[…] We read a good report twice. […]");
        assert_eq!(links[1].href, "/2026/01/01/x/");
    }

    #[test]
    fn a_bare_address_counts_once_for_each_host() {
        let hosts = |markdown: &str| {
            let html = markdown::render(markdown, MarkupProfile::Response);
            let text = crate::markup::plain::text_of(html.as_str());
            link_hosts(html.as_str(), &text)
        };
        assert_eq!(
            hosts("https://a.example/1?x=1&y=2 https://a.example/2"),
            ["a.example"]
        );
        assert_eq!(
            hosts("www.a.example and WWW.b.example"),
            ["a.example", "b.example"]
        );
        let both = "[a](https://a.example/1) [b](https://a.example/2) https://a.example/3";
        assert_eq!(hosts(both), ["a.example", "a.example"]);
        assert_eq!(
            hosts("http://Öl.example/x http://öl.example"),
            ["öl.example"]
        );
        assert_eq!(hosts("`https://c.example/`"), ["c.example"]);
    }

    #[test]
    fn footnotes_are_no_links_and_their_numbers_no_words() {
        let html = markdown::render(
            "The [report](https://a.example/)[^1] says so.\n\n[^1]: Page [2](https://b.example/).",
            MarkupProfile::Post,
        );
        let links = text_links(&html);
        let hrefs: Vec<&str> = links.iter().map(|link| link.href.as_str()).collect();
        assert_eq!(hrefs, ["https://a.example/", "https://b.example/"]);
        assert!(
            links[0].excerpt.contains("The report says so."),
            "{}",
            links[0].excerpt
        );
    }

    #[test]
    fn links_in_code_samples_are_no_links() {
        let html = SafeHtml::sanitise(
            "<pre><code><a href='https://a.example/'>x</a></code></pre><p><code>https://b.example/</code> \
             <a href='https://c.example/'>x</a> <a name=y>z</a>",
            MarkupProfile::Post,
        );
        let links = text_links(&html);
        let hrefs: Vec<&str> = links.iter().map(|link| link.href.as_str()).collect();
        assert_eq!(hrefs, ["https://c.example/"]);
    }
}
