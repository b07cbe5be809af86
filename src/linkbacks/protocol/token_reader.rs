//! The one reader of a page's tokens: hands the tags and the text that people see to a visitor, and leaves
//! out scripts, templates and the like. Builds no tree: a tree of hostile markup can grow with the square
//! of its size.

use std::cell::RefCell;

use html5ever::LocalName;
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult};

use crate::linkbacks::protocol::tokenizer::{content_of, tokenize};

/// What is called for the tokens of a page, in order.
pub trait TokenVisitor {
    /// A tag that begins an element, also one whose content is hidden.
    fn start_tag(&mut self, tag: &Tag);
    /// A tag that ends an element; nothing says that the element was open.
    fn end_tag(&mut self, name: &LocalName);
    /// Text that people see, decoded; may come in several parts.
    fn text(&mut self, text: &str);
    /// The text of a `<title>`.
    fn title_text(&mut self, _text: &str) {}
}

/// Reads a page; None where its markup is an attack.
pub fn visit<V: TokenVisitor>(text: &str, visitor: V) -> Option<V> {
    let reader = TokenReader(RefCell::new(ReaderState {
        visitor,
        hidden: None,
    }));
    Some(tokenize(text, reader)?.0.into_inner().visitor)
}

struct TokenReader<V>(RefCell<ReaderState<V>>);

struct ReaderState<V> {
    visitor: V,
    /// The open element whose content is hidden, and how often it is open.
    hidden: Option<(LocalName, usize)>,
}

impl<V: TokenVisitor> TokenSink for TokenReader<V> {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut state = self.0.borrow_mut();
        match token {
            Token::CharacterTokens(text) => state.text(&text),
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => {
                state.start_tag(&tag);
                return content_of(&tag.name);
            }
            Token::TagToken(tag) => state.end_tag(&tag.name),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl<V: TokenVisitor> ReaderState<V> {
    fn text(&mut self, text: &str) {
        match &self.hidden {
            None => self.visitor.text(text),
            Some((name, _)) if &**name == "title" => self.visitor.title_text(text),
            Some(_) => {}
        }
    }

    fn start_tag(&mut self, tag: &Tag) {
        if let Some((hidden, depth)) = &mut self.hidden {
            *depth += usize::from(*hidden == tag.name);
            return;
        }
        self.visitor.start_tag(tag);
        if hides_content(&tag.name) {
            self.hidden = Some((tag.name.clone(), 1));
        }
    }

    fn end_tag(&mut self, name: &LocalName) {
        if let Some((hidden, depth)) = &mut self.hidden {
            *depth -= usize::from(hidden == name);
            if *depth > 0 {
                return;
            }
            self.hidden = None;
        }
        self.visitor.end_tag(name);
    }
}

/// Whether people do not see what is in the element.
pub fn hides_content(name: &str) -> bool {
    matches!(content_of(name), TokenSinkResult::RawData(_))
        || matches!(name, "template" | "noscript" | "select")
}

/// The value of an attribute of a tag.
pub fn attribute(tag: &Tag, name: &str) -> Option<String> {
    tag.attrs
        .iter()
        .find(|attribute| *attribute.name.local == *name)
        .map(|attribute| attribute.value.to_string())
}

/// Whether the element begins a block of its own.
pub fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "body"
            | "br"
            | "caption"
            | "dd"
            | "details"
            | "dialog"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hr"
            | "legend"
            | "li"
            | "main"
            | "nav"
            | "ol"
            | "option"
            | "p"
            | "pre"
            | "section"
            | "summary"
            | "table"
            | "tbody"
            | "td"
            | "tfoot"
            | "th"
            | "thead"
            | "tr"
            | "ul"
    )
}
