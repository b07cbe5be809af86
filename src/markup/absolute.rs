//! Makes the addresses in sanitised HTML absolute, for feeds and emails that are read away from the
//! page. Changes nothing else in it.

use url::Url;

use crate::markup::tokens::{HtmlToken, StartTag, read_tokens};

/// `html` of the page at `page` with absolute addresses in links, in pictures of all sizes, and in
/// links to anchors of the page itself.
pub fn absolute(html: &str, page: &Url) -> String {
    let mut writer = AddressWriter {
        page,
        out: String::with_capacity(html.len() + html.len() / 8),
    };
    // Sanitised tags have few attributes.
    let _ = read_tokens(html, |token| match token {
        HtmlToken::Text(text) => escape(text, false, &mut writer.out),
        HtmlToken::StartTag(tag) => writer.write_start_tag(tag),
        HtmlToken::EndTag(name) => writer.out.extend(["</", name, ">"]),
    });
    writer.out
}

struct AddressWriter<'a> {
    page: &'a Url,
    out: String,
}

impl AddressWriter<'_> {
    fn write_start_tag(&mut self, tag: &StartTag) {
        self.out.extend(["<", &tag.name]);
        for (name, value) in tag.attributes() {
            self.out.extend([" ", name, "=\""]);
            match name {
                "href" | "src" | "cite" | "poster" | "longdesc" => {
                    escape(&self.resolve(value), true, &mut self.out);
                }
                "srcset" => escape(&self.resolve_set(value), true, &mut self.out),
                _ => escape(value, true, &mut self.out),
            }
            self.out.push('"');
        }
        self.out.push('>');
    }

    fn resolve(&self, address: &str) -> String {
        // An absolute address stays as it is written.
        match Url::parse(address) {
            Err(url::ParseError::RelativeUrlWithoutBase) => self
                .page
                .join(address)
                .map_or_else(|_| address.to_owned(), String::from),
            _ => address.to_owned(),
        }
    }

    /// Resolves a `srcset`: candidates separated by commas, each an address and an optional
    /// descriptor (HTML, section 4.8.4.2.1). An address may contain commas, but neither begin nor
    /// end with one.
    fn resolve_set(&self, set: &str) -> String {
        let mut candidates = Vec::new();
        let mut rest = set;
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == ',');
            if rest.is_empty() {
                return candidates.join(", ");
            }
            let end = rest
                .find(|c: char| c.is_ascii_whitespace())
                .unwrap_or(rest.len());
            let (address, after) = rest.split_at(end);
            let bare = address.trim_end_matches(',');
            let mut candidate = self.resolve(bare);
            if bare.len() == address.len() {
                let end = after.find(',').unwrap_or(after.len());
                let descriptor = after[..end].trim();
                if !descriptor.is_empty() {
                    candidate = format!("{candidate} {descriptor}");
                }
                rest = &after[end..];
            } else {
                rest = after;
            }
            candidates.push(candidate);
        }
    }
}

/// HTML, section 13.3: what a serializer escapes in text and in attributes.
fn escape(text: &str, in_attribute: bool, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\u{a0}' => out.push_str("&nbsp;"),
            '"' if in_attribute => out.push_str("&quot;"),
            _ => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markup::markdown;
    use crate::markup::sanitise::{MarkupProfile, SafeHtml};

    fn page() -> Url {
        Url::parse("https://news.example/2026/11/23/a-post/").unwrap()
    }

    #[test]
    fn addresses_are_whole() {
        for (html, whole) in [
            (
                r#"<a href="/x?a=1&amp;b=2">x</a>"#,
                r#"<a href="https://news.example/x?a=1&amp;b=2">x</a>"#,
            ),
            (
                r##"<a href="#fn-1">1</a>"##,
                r##"<a href="https://news.example/2026/11/23/a-post/#fn-1">1</a>"##,
            ),
            (
                r#"<img src="../map.png" alt="a &quot;map&quot;">"#,
                r#"<img src="https://news.example/2026/11/23/map.png" alt="a &quot;map&quot;">"#,
            ),
            (
                r#"<img src="//cdn.example/a.png" srcset="a.png 1x,  /b,c.png 2x, d.png">"#,
                r#"<img src="https://cdn.example/a.png" srcset="https://news.example/2026/11/23/a-post/a.png 1x, https://news.example/b,c.png 2x, https://news.example/2026/11/23/a-post/d.png">"#,
            ),
            (
                r#"<a href="HTTPS://Other.example">x</a> <a href="mailto:a@b.example">y</a>"#,
                r#"<a href="HTTPS://Other.example">x</a> <a href="mailto:a@b.example">y</a>"#,
            ),
            (
                r#"<a href="">x</a>"#,
                r#"<a href="https://news.example/2026/11/23/a-post/">x</a>"#,
            ),
        ] {
            assert_eq!(absolute(html, &page()), whole);
        }
    }

    #[test]
    fn nothing_else_changes() {
        let html = markdown::render(
            "# A\n\n`<img onerror>` &amp; \"q\" <br>\n\n```\n\n<b>\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n> x\u{a0}y",
            MarkupProfile::Post,
        );
        assert_eq!(absolute(html.as_str(), &page()), html.as_str());
    }

    proptest::proptest! {
        #[test]
        fn safe_html_stays_safe_and_whole_addresses_stay(html in "[a-z<>/=\"' &;#!-]{0,200}") {
            let safe = SafeHtml::sanitise(&html, MarkupProfile::Post);
            let whole = absolute(safe.as_str(), &page());
            let again = absolute(&whole, &page());
            proptest::prop_assert_eq!(&whole, &again);
            let sanitised = SafeHtml::sanitise(&whole, MarkupProfile::Post);
            proptest::prop_assert_eq!(sanitised.as_str(), whole.as_str());
        }
    }
}
