//! The words of stored HTML, without its marks. Reads what the sanitiser made.

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

#[derive(Default)]
struct Words(RefCell<String>);

impl TokenSink for Words {
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

/// Whether what stands before and behind such a tag stands in lines of its own.
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

/// The words of a piece of HTML.
pub fn text_of(html: &str) -> String {
    let tokenizer = Tokenizer::new(Words::default(), TokenizerOpts::default());
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
