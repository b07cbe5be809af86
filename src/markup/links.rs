//! Finds the links in sanitised HTML: their addresses and the text around them. Never fetches one.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::markup::excerpt::excerpt_around;
use crate::markup::sanitise::SafeHtml;
use crate::markup::tokens::{HtmlToken, StartTag, read_tokens};

/// The host of each link in a response, in lower case; empty where an address has none. Addresses
/// in the text that are not links count too, once for each host.
pub fn link_hosts(html: &str, text: &str) -> Vec<String> {
    let hosts: Vec<String> = html
        .split("<a href=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .map(|address| {
            let url = url::Url::parse(&address.replace("&amp;", "&")).ok();
            let host = url.as_ref().and_then(|url| url.host_str());
            host.map_or_else(String::new, str::to_lowercase)
        })
        .collect();
    let mut known: HashSet<String> = hosts.iter().cloned().collect();
    let in_text = PLAIN_ADDRESS
        .captures_iter(text)
        .map(|found| found[1].trim_end_matches('.').to_lowercase())
        .filter(|host| known.insert(host.clone()));
    let in_text: Vec<String> = in_text.collect();
    [hosts, in_text].concat()
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
        HtmlToken::Text(text) => reader.text.push_str(&text.replace('\n', " ")),
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
    /// How many code elements are open.
    code: usize,
}

impl LinkReader {
    fn start_tag(&mut self, tag: &StartTag) {
        match tag.name.as_str() {
            "a" => {
                self.close();
                if let Some(href) = tag.attribute("href").filter(|_| self.code == 0) {
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
