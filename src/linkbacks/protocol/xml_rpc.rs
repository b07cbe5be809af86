//! XML-RPC (xmlrpc.com/spec) as far as Pingback needs it: strings and lists of strings. Reads no
//! DOCTYPE, knows no entity beyond XML's own five, and nests no deeper than it must.

use encoding_rs::Encoding;
use quick_xml::Reader;
use quick_xml::escape::{escape, resolve_predefined_entity};
use quick_xml::events::Event;

/// The deepest nesting that is read; a well-formed call needs 7.
const DEEPEST: usize = 32;
/// The most tags, texts and entities that are read; a call has less than a hundred.
const MAX_EVENTS: usize = 10_000;
/// The most parameters that are read.
const MOST_PARAMETERS: usize = 16;
/// The longest text of one element, in bytes.
const LONGEST: usize = 64 * 1024;

/// A value: what is no string is kept as such, so that it can be refused by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A string, typed or not.
    Text(String),
    /// Anything else.
    Other,
}

/// Why a message cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// Not well-formed XML, or XML of a kind that is not read.
    Malformed,
    /// Well-formed, and no message.
    NotAMessage,
}

/// A call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MethodCall {
    /// Its name.
    pub method: String,
    /// Its parameters.
    pub parameters: Vec<Value>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MethodResponse {
    /// A value.
    Value(Value),
    /// A fault with its code and text.
    Fault(i32, String),
}

/// An element with what it holds; only what a message needs.
#[derive(Debug, Default)]
struct Element {
    name: String,
    text: String,
    children: Vec<Element>,
}

impl Element {
    fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    fn value(&self) -> Value {
        match self.children.as_slice() {
            [] => Value::Text(self.text.clone()),
            [only] if only.name == "string" && only.children.is_empty() => {
                Value::Text(only.text.clone())
            }
            _ => Value::Other,
        }
    }
}

/// Reads a `methodCall`.
pub fn parse_call(body: &[u8], charset: Option<&str>) -> Result<MethodCall, Unreadable> {
    let root = parse(body, charset)?;
    if root.name != "methodCall" {
        return Err(Unreadable::NotAMessage);
    }
    let method = root.child("methodName").ok_or(Unreadable::NotAMessage)?;
    let parameters = match root.child("params") {
        None => Vec::new(),
        Some(params) => params
            .children
            .iter()
            .filter(|child| child.name == "param")
            .take(MOST_PARAMETERS)
            .map(|param| param.child("value").map_or(Value::Other, Element::value))
            .collect(),
    };
    Ok(MethodCall {
        method: method.text.trim().to_owned(),
        parameters,
    })
}

/// Reads a `methodResponse`.
pub fn parse_response(body: &[u8]) -> Result<MethodResponse, Unreadable> {
    let root = parse(body, None)?;
    if root.name != "methodResponse" {
        return Err(Unreadable::NotAMessage);
    }
    if let Some(fault) = root.child("fault") {
        return Ok(read_fault(fault));
    }
    let value = root
        .child("params")
        .and_then(|params| params.child("param"))
        .and_then(|param| param.child("value"))
        .ok_or(Unreadable::NotAMessage)?;
    Ok(MethodResponse::Value(value.value()))
}

fn read_fault(fault: &Element) -> MethodResponse {
    let members = fault
        .child("value")
        .and_then(|value| value.child("struct"))
        .map(|members| members.children.as_slice())
        .unwrap_or_default();
    let (mut code, mut text) = (0, String::new());
    for member in members {
        let name = member.child("name").map(|name| name.text.trim());
        let Some(value) = member.child("value") else {
            continue;
        };
        let inner = value.children.first().unwrap_or(value);
        match name {
            Some("faultCode") => code = inner.text.trim().parse().unwrap_or(0),
            Some("faultString") => text.clone_from(&inner.text),
            _ => {}
        }
    }
    MethodResponse::Fault(code, text)
}

/// A call with strings for parameters.
pub fn write_call(method: &str, parameters: &[&str]) -> String {
    let parameters: String = parameters
        .iter()
        .map(|text| {
            format!(
                "<param><value><string>{}</string></value></param>",
                escaped(text)
            )
        })
        .collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<methodCall><methodName>{}</methodName><params>{parameters}</params></methodCall>\n",
        escaped(method)
    )
}

/// An answer with a string.
pub fn write_string(text: &str) -> String {
    write_value(&format!("<string>{}</string>", escaped(text)))
}

/// An answer with a list of strings.
pub fn write_strings(texts: &[String]) -> String {
    let items: String = texts
        .iter()
        .map(|text| format!("<value><string>{}</string></value>", escaped(text)))
        .collect();
    write_value(&format!("<array><data>{items}</data></array>"))
}

/// A fault.
pub fn write_fault(code: i32, text: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<methodResponse><fault><value><struct>\
         <member><name>faultCode</name><value><int>{code}</int></value></member>\
         <member><name>faultString</name><value><string>{}</string></value></member>\
         </struct></value></fault></methodResponse>\n",
        escaped(text)
    )
}

fn write_value(value: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<methodResponse><params><param><value>{value}</value></param></params></methodResponse>\n"
    )
}

/// Escaped, and without what XML 1.0, section 2.2, forbids even then.
fn escaped(text: &str) -> String {
    let allowed: String = text
        .chars()
        .filter(|c| {
            matches!(c, '\t' | '\n' | '\r')
                || (!c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}'))
        })
        .collect();
    escape(allowed).into_owned()
}

/// The text of a message: a byte order mark decides, then the transport, then the declaration, and
/// UTF-8 stands where none does (XML 1.0, appendix F).
fn decode(body: &[u8], charset: Option<&str>) -> String {
    let declared = || {
        let head = &body[..body.len().min(200)];
        let head = String::from_utf8_lossy(head);
        let declaration = head
            .trim_start()
            .strip_prefix("<?xml")?
            .split("?>")
            .next()?
            .to_owned();
        let rest = declaration
            .split("encoding")
            .nth(1)?
            .trim_start()
            .strip_prefix('=')?
            .trim_start()
            .to_owned();
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let label = rest[1..].split(quote).next()?.trim();
        // What was readable until here byte by byte is not UTF-16, whatever it says of itself.
        Encoding::for_label(label.as_bytes()).map(Encoding::output_encoding)
    };
    let encoding = charset
        .and_then(|label| Encoding::for_label(label.trim().as_bytes()))
        .or_else(declared)
        .unwrap_or(encoding_rs::UTF_8);
    let (text, _, _) = encoding.decode(body);
    text.into_owned()
}

fn parse(body: &[u8], charset: Option<&str>) -> Result<Element, Unreadable> {
    let text = decode(body, charset);
    let mut reader = Reader::from_str(text.trim_start());
    reader.config_mut().check_end_names = true;
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    let mut events = 0;
    loop {
        let event = reader.read_event().map_err(|_| Unreadable::Malformed)?;
        events += 1;
        if events > MAX_EVENTS {
            return Err(Unreadable::Malformed);
        }
        match event {
            Event::Start(start) => {
                if open.len() >= DEEPEST || root.is_some() {
                    return Err(Unreadable::Malformed);
                }
                let name = start.name().as_ref().to_owned();
                open.push(Element {
                    name,
                    ..Element::default()
                });
            }
            Event::Empty(start) => {
                let name = start.name().as_ref().to_owned();
                let element = Element {
                    name,
                    ..Element::default()
                };
                close(element, &mut open, &mut root)?;
            }
            Event::End(_) => {
                let element = open.pop().ok_or(Unreadable::Malformed)?;
                close(element, &mut open, &mut root)?;
            }
            Event::Text(part) => push(&mut open, &part)?,
            Event::CData(part) => push(&mut open, &part)?,
            Event::GeneralRef(entity) => {
                let character = entity
                    .resolve_char_ref()
                    .map_err(|_| Unreadable::Malformed)?;
                match character {
                    Some(character) => push(&mut open, character.encode_utf8(&mut [0; 4]))?,
                    None => {
                        let text =
                            resolve_predefined_entity(&entity).ok_or(Unreadable::Malformed)?;
                        push(&mut open, text)?;
                    }
                }
            }
            // Entities and notations could be declared there.
            Event::DocType(_) => return Err(Unreadable::Malformed),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof => break,
        }
    }
    if open.is_empty() {
        root.ok_or(Unreadable::Malformed)
    } else {
        Err(Unreadable::Malformed)
    }
}

fn push(open: &mut [Element], text: &str) -> Result<(), Unreadable> {
    match open.last_mut() {
        Some(element) if element.text.len() + text.len() <= LONGEST => {
            element.text.push_str(text);
            Ok(())
        }
        Some(_) => Err(Unreadable::Malformed),
        None if text.trim().is_empty() => Ok(()),
        None => Err(Unreadable::Malformed),
    }
}

fn close(
    element: Element,
    open: &mut [Element],
    root: &mut Option<Element>,
) -> Result<(), Unreadable> {
    match open.last_mut() {
        Some(parent) => parent.children.push(element),
        None if root.is_none() => *root = Some(element),
        None => return Err(Unreadable::Malformed),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn method(body: &[u8], charset: Option<&str>) -> Result<String, Unreadable> {
        parse_call(body, charset).map(|call| call.method)
    }

    #[test]
    fn a_charset_that_nobody_knows_leaves_the_word_to_the_declaration() {
        let body =
            b"<?xml version='1.0' encoding = 'latin1'?><methodCall><methodName>\xfc</methodName></methodCall>";
        assert_eq!(method(body, Some("x-unheard-of")), Ok("ü".into()));
        assert_eq!(method(body, None), Ok("ü".into()));
    }

    #[test]
    fn a_declaration_of_utf_16_in_single_bytes_is_not_believed() {
        let body = "<?xml version=\"1.0\" encoding=\"UTF-16\"?><methodCall><methodName>ü</methodName></methodCall>";
        assert_eq!(method(body.as_bytes(), None), Ok("ü".into()));
        let mut wide = vec![0xfe, 0xff];
        wide.extend(body.encode_utf16().flat_map(u16::to_be_bytes));
        assert_eq!(method(&wide, Some("utf-8")), Ok("ü".into()));
    }

    #[test]
    fn nesting_is_read_to_its_bound_and_no_deeper() {
        let nested = |depth: usize| {
            let (begin, end) = ("<a>".repeat(depth), "</a>".repeat(depth));
            format!("<methodCall><methodName>x</methodName>{begin}{end}</methodCall>")
        };
        assert_eq!(method(nested(DEEPEST - 1).as_bytes(), None), Ok("x".into()));
        assert_eq!(
            method(nested(DEEPEST).as_bytes(), None),
            Err(Unreadable::Malformed)
        );
    }

    #[test]
    fn only_strings_are_text() {
        for (value, expected) in [
            ("a", Value::Text("a".into())),
            ("<string>a</string>", Value::Text("a".into())),
            (" \n <string>a</string>\t", Value::Text("a".into())),
            ("<string/>", Value::Text(String::new())),
            (
                "<string><![CDATA[<a>]]>&#x41;&apos;</string>",
                Value::Text("<a>A'".into()),
            ),
            ("<int>1</int>", Value::Other),
            ("<string>a</string><string>b</string>", Value::Other),
            ("<array><data/></array>", Value::Other),
            ("<string><b>a</b></string>", Value::Other),
        ] {
            let body = format!(
                "<methodCall><methodName>x</methodName><params><param><value>{value}</value></param></params></methodCall>"
            );
            let call = parse_call(body.as_bytes(), None).unwrap();
            assert_eq!(call.parameters, [expected], "{value}");
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics_on_any_bytes(
            bytes: Vec<u8>,
            markup in "(<|>|/|&|;|#|x|\\?xml|!\\[CDATA\\[|\\]\\]|methodCall|value|\"| ){0,60}",
            charset in proptest::option::of("(utf-8|utf-16|latin1|x)"),
        ) {
            for body in [bytes.as_slice(), markup.as_bytes()] {
                let _ = parse_call(body, charset.as_deref());
                let _ = parse_response(body);
            }
        }

        #[test]
        fn whatever_is_written_is_well_formed(text: String, code: i32) {
            for written in [
                write_call(&text, &[&text, &text]),
                write_string(&text),
                write_strings(&[text.clone(), text.clone()]),
                write_fault(code, &text),
            ] {
                proptest::prop_assert!(parse(written.as_bytes(), None).is_ok(), "{}", written);
            }
            let fault = parse_response(write_fault(code, &text).as_bytes());
            proptest::prop_assert!(matches!(fault, Ok(MethodResponse::Fault(c, _)) if c == code));
        }
    }
}
