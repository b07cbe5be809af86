//! The plain text of sanitised HTML. Never used on HTML from elsewhere.

use crate::markup::tokens::{HtmlToken, read_tokens};

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
    // Sanitised tags have few attributes.
    let _ = read_tokens(html, |token| match token {
        HtmlToken::Text(text) => plain.push_str(text),
        HtmlToken::StartTag(tag) if is_break(&tag.name) => plain.push('\n'),
        HtmlToken::EndTag(name) if is_break(name) => plain.push('\n'),
        HtmlToken::StartTag(_) | HtmlToken::EndTag(_) => {}
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
    }
}
