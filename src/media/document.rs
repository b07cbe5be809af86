//! What documents are accepted, by their content: PDF, plain text and CSV. Pure. Never trusts a name beyond
//! the difference between plain text and CSV, and never reads what a document says.

/// What file choosers offer: not every system knows the type of CSV.
pub const DOCUMENT_TYPES: &str = "application/pdf,text/plain,text/csv,.csv";

/// The documents that are accepted. They are only offered for download.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DocumentFormat {
    Pdf,
    Text,
    Csv,
}

/// How much of a text is searched for signs of markup, in bytes.
const MAX_SNIFFED: usize = 4096;

impl DocumentFormat {
    /// The format that the bytes show. A text is CSV where its name says so: both are served as text.
    pub fn detect(bytes: &[u8], name: &str) -> Option<Self> {
        if bytes.starts_with(b"%PDF-") {
            return Some(Self::Pdf);
        }
        let text = std::str::from_utf8(bytes).ok()?;
        if text.trim().is_empty() || text.chars().any(is_binary) || is_markup(text) {
            return None;
        }
        let is_csv = name
            .rsplit_once('.')
            .is_some_and(|(_, ending)| ending.eq_ignore_ascii_case("csv"));
        Some(if is_csv { Self::Csv } else { Self::Text })
    }

    /// The media type to serve it with.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Text => "text/plain; charset=utf-8",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }

    /// The ending of its file name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Text => "txt",
            Self::Csv => "csv",
        }
    }
}

fn is_binary(c: char) -> bool {
    c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{c}')
}

/// Whether a text is a page or a program in disguise.
fn is_markup(text: &str) -> bool {
    let mut end = text.len().min(MAX_SNIFFED);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let begin = text[..end].trim_start_matches('\u{feff}').trim_start();
    let begin = begin.to_ascii_lowercase();
    begin.starts_with('<')
        || begin.starts_with("#!")
        || ["<script", "<html", "<svg", "<!doctype", "<?php"]
            .iter()
            .any(|tag| begin.contains(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_known_by_their_content() {
        let detect = |bytes: &[u8], name| DocumentFormat::detect(bytes, name);
        assert_eq!(detect(b"%PDF-1.7\n", "x.txt"), Some(DocumentFormat::Pdf));
        assert_eq!(
            detect("Grüße\n".as_bytes(), "x"),
            Some(DocumentFormat::Text)
        );
        assert_eq!(detect(b"a,b\n1,2\n", "x.CSV"), Some(DocumentFormat::Csv));
        for refused in [
            &b"<html>"[..],
            b"  <svg xmlns='x'>",
            b"text <SCRIPT>alert(1)</script>",
            b"#!/bin/sh",
            b"PK\x03\x04",
            b"MZ\x90\0",
            b"\xff\xfe",
            b"a\0b",
            b"",
            b" \n",
        ] {
            assert_eq!(detect(refused, "x.pdf"), None, "{refused:?}");
        }
    }
}
