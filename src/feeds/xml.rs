//! Writes XML 1.0, without the characters that it forbids.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

/// An XML document that is being written.
pub(super) struct XmlDocument(Writer<Vec<u8>>);

impl XmlDocument {
    pub(super) fn new() -> Self {
        let mut document = Self(Writer::new(Vec::new()));
        document.put(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
        document
    }

    /// An element with the content that `fill` writes.
    pub(super) fn element(
        &mut self,
        name: &str,
        attributes: &[(&str, &str)],
        fill: impl FnOnce(&mut Self),
    ) {
        let start = BytesStart::new(name).with_attributes(
            attributes
                .iter()
                .map(|(key, value)| (*key, allowed(value)))
                .collect::<Vec<_>>()
                .iter()
                .map(|(key, value)| (*key, value.as_str())),
        );
        self.put(Event::Start(start));
        fill(self);
        self.put(Event::End(BytesEnd::new(name)));
    }

    /// An element that contains `text`.
    pub(super) fn text(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        self.element(name, attributes, |document| {
            let text = allowed(text);
            document.put(Event::Text(BytesText::new(&text)));
        });
    }

    /// An empty element.
    pub(super) fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        let values: Vec<(&str, String)> = attributes
            .iter()
            .map(|(key, value)| (*key, allowed(value)))
            .collect();
        let start = BytesStart::new(name)
            .with_attributes(values.iter().map(|(key, value)| (*key, value.as_str())));
        self.put(Event::Empty(start));
    }

    pub(super) fn finish(self) -> String {
        String::from_utf8(self.0.into_inner()).unwrap_or_default()
    }

    fn put(&mut self, event: Event<'_>) {
        // Writing to memory does not fail.
        let _ = self.0.write_event(event);
    }
}

/// Without the characters that no document may contain, escaped or not (XML 1.0, section 2.2).
fn allowed(text: &str) -> String {
    text.chars()
        .filter(|c| {
            matches!(c, '\t' | '\n' | '\r')
                || (!c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}'))
        })
        .collect()
}
