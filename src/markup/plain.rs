//! The plain text of sanitised HTML. Never used on HTML from elsewhere.

use crate::markup::tokens::{HtmlToken, StartTag, read_tokens};

/// Whether the tag begins a link from a footnote's number to its text, or back.
pub fn is_footnote_link(tag: &StartTag) -> bool {
    tag.name == "a"
        && tag
            .attribute("href")
            .is_some_and(|href| href.starts_with("#p-fn:") || href.starts_with("#p-fnref:"))
}

/// Whether the text before and after such a tag is on different lines.
fn is_break(name: &str) -> bool {
    matches!(
        name,
        "p" | "br"
            | "li"
            | "blockquote"
            | "pre"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "td"
            | "th"
            | "caption"
            | "dt"
            | "dd"
            | "figcaption"
            | "summary"
            | "hr"
    )
}

/// The text of a piece of HTML, with line breaks between blocks.
pub fn text_of(html: &str) -> String {
    let mut plain = String::new();
    let mut is_in_footnote_link = false;
    // Sanitised tags have few attributes.
    let _ = read_tokens(html, |token| match token {
        HtmlToken::Text(text) if !is_in_footnote_link => plain.push_str(text),
        HtmlToken::StartTag(tag) if tag.name == "a" => is_in_footnote_link = is_footnote_link(tag),
        HtmlToken::EndTag("a") => is_in_footnote_link = false,
        HtmlToken::StartTag(tag) if is_break(&tag.name) => plain.push('\n'),
        HtmlToken::EndTag(name) if is_break(name) => plain.push('\n'),
        HtmlToken::Text(_) | HtmlToken::StartTag(_) | HtmlToken::EndTag(_) => {}
    });
    plain.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_what_a_reader_sees() {
        assert_eq!(text_of("<p>A &amp; <b>B</b></p>"), "A & B");
        assert_eq!(text_of("<p>One</p><p>Two</p>"), "One\n\nTwo");
        let note = "<p>Oil<sup><a href=\"#p-fn:1\">1</a></sup> <a href=\"#x\">up</a></p>";
        assert_eq!(text_of(note), "Oil up");
    }
}
