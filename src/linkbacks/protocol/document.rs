//! What another site's server sent, decoded: HTML, JSON, XML or text. Never follows anything.

use encoding_rs::Encoding;

use crate::linkbacks::protocol::content_type::read_content_type;
use crate::linkbacks::protocol::html_page::HtmlPage;
use crate::markup::excerpt::clean_line;

/// A longer title is cut, in characters.
const MAX_TITLE: usize = 300;
/// How many bytes decide what a document is that came without a media type.
const MAX_SNIFFED: usize = 1024;
/// How far into a page its `<meta charset>` is looked for (HTML, section 4.2.5.4), in bytes.
const MAX_BEFORE_META: usize = 1024;

#[derive(Debug)]
pub struct Document {
    text: String,
    kind: DocumentKind,
}

/// How the text of a document is read.
#[derive(Debug)]
pub enum DocumentKind {
    Html(Box<HtmlPage>),
    Json,
    Xml,
    Text,
    /// Pictures, archives, and HTML that only an attacker writes.
    Unreadable,
}

impl Document {
    /// Reads what a server sent: by its byte order mark, its media type, its `<meta>`, and else as
    /// UTF-8 where it is valid or as windows-1252 (WHATWG Encoding; UTF-7 is not among them).
    pub fn read(bytes: &[u8], content_type: Option<&str>) -> Self {
        let (media_type, charset) = read_content_type(content_type);
        let media_type = match media_type.as_str() {
            "" => sniff(bytes),
            named => named,
        };
        let is_html = matches!(media_type, "text/html" | "application/xhtml+xml");
        let meta = || {
            let label = charset_in_meta(bytes).filter(|_| is_html)?;
            // What was found byte by byte is not UTF-16 (HTML, section 13.2.3.2).
            Encoding::for_label(label.as_bytes()).map(Encoding::output_encoding)
        };
        let text = decode(bytes, charset.or_else(meta));
        let kind = match media_type {
            _ if is_html => HtmlPage::read(&text).map_or(DocumentKind::Unreadable, |page| {
                DocumentKind::Html(Box::new(page))
            }),
            "application/json" => DocumentKind::Json,
            other if other.ends_with("+json") => DocumentKind::Json,
            "application/xml" | "text/xml" => DocumentKind::Xml,
            other if other.ends_with("+xml") => DocumentKind::Xml,
            other if other.starts_with("text/") => DocumentKind::Text,
            _ => DocumentKind::Unreadable,
        };
        Self { text, kind }
    }

    /// The whole document, decoded.
    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn kind(&self) -> &DocumentKind {
        &self.kind
    }

    /// The page, where it is HTML.
    pub fn html(&self) -> Option<&HtmlPage> {
        match &self.kind {
            DocumentKind::Html(page) => Some(page),
            _ => None,
        }
    }

    /// The page's `<title>`, or its first heading.
    pub fn title(&self) -> Option<String> {
        let page = self.html()?;
        [&page.title, &page.heading]
            .into_iter()
            .map(|title| clean_line(title, MAX_TITLE))
            .find(|title| !title.is_empty())
    }

    /// Whether the page says that it is gone permanently, as pages do whose server cannot:
    /// `<meta http-equiv="Status" content="410">`.
    pub fn says_gone(&self) -> bool {
        self.html().is_some_and(|page| page.status == Some(410))
    }
}

/// The charset that a `<meta>` at the page's beginning names.
fn charset_in_meta(bytes: &[u8]) -> Option<String> {
    let head = &bytes[..bytes.len().min(MAX_BEFORE_META)];
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    without_comments(&head)
        .split("<meta")
        .skip(1)
        .find_map(|rest| {
            let tag = rest.split('>').next()?;
            if tag.contains("content") && !tag.contains("http-equiv") {
                return None;
            }
            let value = tag
                .split("charset")
                .nth(1)?
                .trim_start()
                .strip_prefix('=')?
                .trim_start();
            let label: String = value
                .trim_start_matches(['"', '\''])
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':' | '.'))
                .collect();
            (!label.is_empty()).then_some(label)
        })
}

/// The text with a space in place of each comment of HTML or XML.
pub fn without_comments(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, comment)) = rest.split_once("<!--") {
        kept.push_str(before);
        kept.push(' ');
        rest = comment.split_once("-->").map_or("", |(_, after)| after);
    }
    kept.push_str(rest);
    kept
}

/// The media type of a document that came without one, by its first bytes.
fn sniff(bytes: &[u8]) -> &'static str {
    let head = &bytes[..bytes.len().min(MAX_SNIFFED)];
    let has_byte_order_mark = [&[0xff, 0xfe][..], &[0xfe, 0xff]]
        .iter()
        .any(|mark| head.starts_with(mark));
    if !has_byte_order_mark && head.contains(&0) {
        return "application/octet-stream";
    }
    let head = decode(head, None);
    match head.trim_start().chars().next() {
        Some('{' | '[') => "application/json",
        _ if head.trim_start().starts_with("<?xml") && !head.contains("<html") => "application/xml",
        _ if head.contains('<') => "text/html",
        _ => "text/plain",
    }
}

fn decode(bytes: &[u8], named: Option<&'static Encoding>) -> String {
    let encoding = named.unwrap_or_else(|| {
        if std::str::from_utf8(bytes).is_ok() {
            encoding_rs::UTF_8
        } else {
            encoding_rs::WINDOWS_1252
        }
    });
    encoding.decode(bytes).0.into_owned()
}

#[cfg(test)]
mod tests;
