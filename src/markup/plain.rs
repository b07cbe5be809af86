//! The plain text of sanitised HTML. Never used on HTML from elsewhere.

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

#[derive(Default)]
struct TextSink(RefCell<String>);

impl TokenSink for TextSink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        match token {
            Token::CharacterTokens(text) => self.0.borrow_mut().push_str(&text),
            Token::TagToken(tag) if is_break(&tag.name) => self.0.borrow_mut().push('\n'),
            _ => {}
        }
        TokenSinkResult::Continue
    }
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
    let tokenizer = Tokenizer::new(TextSink::default(), TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(html));
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.0.into_inner().trim().to_owned()
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
