//! HTML as tokens: its tags and its text, in order, at a cost that grows with its length alone. Builds no
//! tree, and knows no element but those whose content is not markup.

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, State, Tokenizer};

/// A tag with more attributes than this is taken for an attack.
const MAX_ATTRIBUTES: usize = 1000;

/// One tag has more than [`MAX_ATTRIBUTES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyAttributes;

/// A part of a text of HTML. Comments and the like are left out.
#[derive(Debug)]
pub enum HtmlToken<'a> {
    /// All of the text between two tags or comments, decoded.
    Text(&'a str),
    StartTag(&'a StartTag),
    /// The name of the element, in lower case.
    EndTag(&'a str),
}

/// A tag that begins an element.
#[derive(Debug, Default)]
pub struct StartTag {
    /// In lower case.
    pub name: String,
    /// Whether it ends with `/>`.
    pub is_self_closing: bool,
    /// The names, in lower case, and the decoded values, as they are written.
    attributes: Vec<(String, String)>,
}

impl StartTag {
    /// The value of an attribute; of several with the same name, the first counts.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes()
            .find_map(|(other, value)| (other == name).then_some(value))
    }

    /// The names and values of the attributes, in order.
    pub fn attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.attributes
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// What the tokenizer must do after an event.
enum Command {
    ReadContent(State),
    Stop,
}

/// Calls `visit` with the tokens of a text, in order; stops with an error at a tag with too many
/// attributes.
pub fn read_tokens(
    html: &str,
    mut visit: impl FnMut(HtmlToken<'_>),
) -> Result<(), TooManyAttributes> {
    let mut tag = StartTag::default();
    let emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| {
        match event {
            CallbackEvent::OpenStartTag { name } => {
                tag.name.clear();
                tag.name.push_str(&String::from_utf8_lossy(name));
            }
            CallbackEvent::AttributeName { .. } if tag.attributes.len() == MAX_ATTRIBUTES => {
                return Some(Command::Stop);
            }
            CallbackEvent::AttributeName { name } => {
                let name = String::from_utf8_lossy(name).into_owned();
                tag.attributes.push((name, String::new()));
            }
            CallbackEvent::AttributeValue { value } => {
                if let Some((_, so_far)) = tag.attributes.last_mut() {
                    so_far.push_str(&String::from_utf8_lossy(value));
                }
            }
            CallbackEvent::CloseStartTag { self_closing } => {
                tag.is_self_closing = self_closing;
                visit(HtmlToken::StartTag(&tag));
                tag.attributes.clear();
                return content_of(&tag.name).map(Command::ReadContent);
            }
            CallbackEvent::EndTag { name } => {
                tag.attributes.clear();
                visit(HtmlToken::EndTag(&String::from_utf8_lossy(name)));
            }
            CallbackEvent::String { value } => {
                // As in HTML, section 13.2.6.4.7.
                for text in String::from_utf8_lossy(value).split('\0') {
                    visit(HtmlToken::Text(text));
                }
            }
            CallbackEvent::Comment { .. }
            | CallbackEvent::Doctype { .. }
            | CallbackEvent::Error(_) => {}
        }
        None
    });
    let mut tokenizer = Tokenizer::new_with_emitter(html, emitter);
    while let Some(Ok(command)) = tokenizer.next() {
        match command {
            Command::ReadContent(state) => tokenizer.set_state(state),
            Command::Stop => return Err(TooManyAttributes),
        }
    }
    Ok(())
}

/// How the content of an element must be read that is not markup (HTML, section 13.2.6).
fn content_of(name: &str) -> Option<State> {
    match name {
        "script" => Some(State::ScriptData),
        "style" | "xmp" | "iframe" | "noembed" | "noframes" => Some(State::RawText),
        "title" | "textarea" => Some(State::RcData),
        "plaintext" => Some(State::PlainText),
        _ => None,
    }
}

/// Whether the content of an element ends at its own end tag and nowhere before: scripts, titles and the
/// like.
pub fn is_raw(name: &str) -> bool {
    content_of(name).is_some_and(|state| state != State::PlainText)
}

#[cfg(test)]
mod tests;
