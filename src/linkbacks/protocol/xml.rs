//! XML as far as blogs send it to each other: small messages as a tree, and lenient reading of what is
//! barely XML. Reads no DOCTYPE, knows no entity beyond XML's own five, and nests no deeper than it must.

use std::borrow::Cow;
use std::sync::LazyLock;

use encoding_rs::Encoding;
use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, Event};
use regex::Regex;

/// The deepest nesting that is read; a well-formed call needs 7.
pub const MAX_DEPTH: usize = 32;
/// Tags, texts and entities of one message; a call has less than a hundred.
const MAX_EVENTS: usize = 10_000;
/// The text of one element, in bytes.
const MAX_TEXT: usize = 64 * 1024;
/// How far into a message its XML declaration is looked for, in bytes.
const MAX_DECLARATION: usize = 200;

/// Begins every message that is written.
pub const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";

/// Not well-formed, or XML of a kind that is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MalformedXml;

/// An element with what it holds; attributes are left out.
#[derive(Debug, Default)]
pub struct XmlElement {
    /// With its prefix, where it has one.
    pub name: String,
    /// The texts directly in it, joined.
    pub text: String,
    /// The elements directly in it, in order.
    pub children: Vec<XmlElement>,
}

impl XmlElement {
    /// The first child of this name.
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }
}

/// Escapes text for an element or a quoted attribute, and leaves out what XML 1.0, section 2.2, forbids.
pub fn escape(text: &str) -> String {
    let allowed: String = text
        .chars()
        .filter(|c| {
            matches!(c, '\t' | '\n' | '\r')
                || (!c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}'))
        })
        .collect();
    quick_xml::escape::escape(allowed).into_owned()
}

/// Resolves XML's own five entities and characters by number; anything else stays as it is.
pub fn unescape(text: &str) -> Cow<'_, str> {
    ENTITIES.replace_all(text, |found: &regex::Captures<'_>| {
        let name = &found[1];
        let character = match name.strip_prefix('#') {
            None => {
                return resolve_predefined_entity(name)
                    .unwrap_or_default()
                    .to_owned();
            }
            Some(number) => match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16).ok(),
                None => number.parse().ok(),
            },
        };
        let character = character.filter(|code| *code != 0).and_then(char::from_u32);
        character.map_or_else(|| found[0].to_owned(), String::from)
    })
}

static ENTITIES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"&(lt|gt|quot|apos|amp|#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,6});")
        .unwrap_or_else(|_| unreachable!("the expression is fixed"))
});

/// Reads a message. `charset` is what the transport says.
pub fn parse(body: &[u8], charset: Option<&str>) -> Result<XmlElement, MalformedXml> {
    let text = decode(body, charset);
    let mut reader = Reader::from_str(text.trim_start());
    reader.config_mut().check_end_names = true;
    let mut open: Vec<XmlElement> = Vec::new();
    let mut root = None;
    for _ in 0..MAX_EVENTS {
        match reader.read_event().map_err(|_| MalformedXml)? {
            Event::Start(start) => {
                if open.len() >= MAX_DEPTH || root.is_some() {
                    return Err(MalformedXml);
                }
                open.push(element_named(start.name().0));
            }
            Event::Empty(start) => {
                close(element_named(start.name().0), &mut open, &mut root)?;
            }
            Event::End(_) => {
                let element = open.pop().ok_or(MalformedXml)?;
                close(element, &mut open, &mut root)?;
            }
            Event::Text(part) => push_text(&mut open, &part)?,
            Event::CData(part) => push_text(&mut open, &part)?,
            Event::GeneralRef(entity) => {
                push_text(&mut open, &resolve(&entity).ok_or(MalformedXml)?)?;
            }
            // Entities and notations could be declared there.
            Event::DocType(_) => return Err(MalformedXml),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof => {
                return root.filter(|_| open.is_empty()).ok_or(MalformedXml);
            }
        }
    }
    Err(MalformedXml)
}

/// The text of the first element of each name, from what need not be well-formed: what other blogs
/// answer often is not.
pub fn texts_of<const N: usize>(body: &[u8], names: [&str; N]) -> [Option<String>; N] {
    let text = decode(body, None);
    let mut reader = Reader::from_str(text.trim_start());
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    let mut texts: [Option<String>; N] = [const { None }; N];
    let mut current = None;
    for _ in 0..MAX_EVENTS {
        let part = match reader.read_event() {
            Ok(Event::Start(start)) if current.is_none() => {
                let position = names.iter().position(|name| *name == start.name().0);
                current = position.filter(|position| texts[*position].is_none());
                String::new()
            }
            Ok(Event::End(end))
                if current.is_some_and(|position| names[position] == end.name().0) =>
            {
                current = None;
                continue;
            }
            Ok(Event::Text(part)) => part.to_string(),
            Ok(Event::CData(part)) => part.to_string(),
            Ok(Event::GeneralRef(entity)) => {
                resolve(&entity).unwrap_or_else(|| format!("&{};", &*entity))
            }
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => continue,
        };
        if let Some(position) = current {
            texts[position].get_or_insert_default().push_str(&part);
        }
    }
    texts
}

/// A byte order mark decides, then the transport, then the declaration; without any of them the text is
/// UTF-8 (XML 1.0, appendix F).
fn decode(body: &[u8], charset: Option<&str>) -> String {
    let encoding = charset
        .and_then(|label| Encoding::for_label(label.trim().as_bytes()))
        .or_else(|| declared_encoding(body))
        .unwrap_or(encoding_rs::UTF_8);
    encoding.decode(body).0.into_owned()
}

fn declared_encoding(body: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(&body[..body.len().min(MAX_DECLARATION)]);
    let declaration = head
        .trim_start()
        .strip_prefix("<?xml")?
        .split("?>")
        .next()?;
    let value = declaration.split("encoding").nth(1)?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let label = value[1..].split(quote).next()?.trim();
    // What could be read byte by byte up to here is not UTF-16, whatever it declares.
    Encoding::for_label(label.as_bytes()).map(Encoding::output_encoding)
}

fn element_named(name: &str) -> XmlElement {
    XmlElement {
        name: name.to_owned(),
        ..XmlElement::default()
    }
}

fn resolve(entity: &BytesRef<'_>) -> Option<String> {
    match entity.resolve_char_ref().ok()? {
        Some(character) => Some(character.into()),
        None => resolve_predefined_entity(entity).map(str::to_owned),
    }
}

fn push_text(open: &mut [XmlElement], text: &str) -> Result<(), MalformedXml> {
    match open.last_mut() {
        Some(element) if element.text.len() + text.len() <= MAX_TEXT => {
            element.text.push_str(text);
            Ok(())
        }
        Some(_) => Err(MalformedXml),
        None if text.trim().is_empty() => Ok(()),
        None => Err(MalformedXml),
    }
}

fn close(
    element: XmlElement,
    open: &mut [XmlElement],
    root: &mut Option<XmlElement>,
) -> Result<(), MalformedXml> {
    match open.last_mut() {
        Some(parent) => parent.children.push(element),
        None if root.is_none() => *root = Some(element),
        None => return Err(MalformedXml),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_are_read_once_and_unknown_ones_are_left() {
        assert_eq!(
            unescape("&amp;lt; &#65;&#x42; &nbsp; & &; &#0;"),
            "&lt; AB &nbsp; & &; &#0;"
        );
        assert_eq!(unescape("&ééééééééé;"), "&ééééééééé;");
    }
}
