//! The one reader of a page's tokens: hands the tags and the text that people see to a visitor, and leaves
//! out scripts, templates and the like. Builds no tree: a tree of hostile markup can grow with the square
//! of its size.

use crate::markup::tokens::{HtmlToken, StartTag, is_raw, read_tokens};

/// What is called for the tokens of a page, in order.
pub trait TokenVisitor {
    /// A tag that begins an element, also one whose content is hidden.
    fn start_tag(&mut self, tag: &StartTag);
    /// A tag that ends an element; nothing says that the element was open.
    fn end_tag(&mut self, name: &str);
    /// Text that people see, decoded; may come in several parts.
    fn text(&mut self, text: &str);
    /// The text of a `<title>`.
    fn title_text(&mut self, _text: &str) {}
}

/// Reads a page; None where its markup is an attack.
pub fn visit<V: TokenVisitor>(html: &str, visitor: V) -> Option<V> {
    let mut reader = TokenReader {
        visitor,
        hidden: None,
    };
    read_tokens(html, |token| match token {
        HtmlToken::Text(text) => reader.text(text),
        HtmlToken::StartTag(tag) => reader.start_tag(tag),
        HtmlToken::EndTag(name) => reader.end_tag(name),
    })
    .ok()?;
    Some(reader.visitor)
}

struct TokenReader<V> {
    visitor: V,
    /// The open element whose content is hidden, and how often it is open.
    hidden: Option<(String, usize)>,
}

impl<V: TokenVisitor> TokenReader<V> {
    fn text(&mut self, text: &str) {
        match &self.hidden {
            None => self.visitor.text(text),
            Some((name, _)) if name == "title" => self.visitor.title_text(text),
            Some(_) => {}
        }
    }

    fn start_tag(&mut self, tag: &StartTag) {
        if let Some((hidden, depth)) = &mut self.hidden {
            *depth += usize::from(*hidden == tag.name);
            return;
        }
        self.visitor.start_tag(tag);
        if hides_content(&tag.name) {
            self.hidden = Some((tag.name.clone(), 1));
        }
    }

    fn end_tag(&mut self, name: &str) {
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
    is_raw(name) || matches!(name, "template" | "noscript" | "select")
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
