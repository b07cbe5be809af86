//! TrackBack 1.2 (Six Apart, `trackback_spec`): the form that a blog sends, the answer to it, and the
//! RDF by which a page says where to send it. Fetches nothing and checks no claim of a form.

use encoding_rs::Encoding;
use percent_encoding::percent_decode;
use url::form_urlencoded;

use crate::linkbacks::protocol::content_type::read_content_type;
use crate::linkbacks::protocol::xml::{self, DECLARATION};
use crate::texts::Message;

/// Forms with more fields are refused.
const MAX_FIELDS: usize = 64;
/// The value of one field, in bytes.
const MAX_VALUE: usize = 16 * 1024;
/// An answer is read up to here, in bytes.
const MAX_ANSWER: usize = 64 * 1024;

/// A ping ("Sending a TrackBack Ping"); all of it is what its sender claims.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrackbackPing {
    /// The page that links; the only required field.
    pub url: String,
    /// The page's title, or its address where none is sent.
    pub title: String,
    /// Text or HTML: the specification does not say which.
    pub excerpt: String,
    /// May be empty.
    pub blog_name: String,
}

/// Why a form is not a ping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PingFormError {
    /// Not `application/x-www-form-urlencoded`.
    NotAForm,
    /// Too many fields, or one that is too long.
    TooLong,
    /// `url` is missing or empty.
    UrlMissing,
}

impl PingFormError {
    /// What the sender must fix.
    pub fn message(self) -> Message {
        Message::new(match self {
            Self::NotAForm => "trackback-error-not-a-form",
            Self::TooLong => "trackback-error-too-long",
            Self::UrlMissing => "trackback-error-url-missing",
        })
    }
}

/// Reads a ping. Its charset is what the `Content-Type` says, else what the field `charset` says,
/// else UTF-8 where all of it is valid, else windows-1252 (WHATWG Encoding, which has no UTF-7).
pub fn parse_ping(body: &[u8], content_type: Option<&str>) -> Result<TrackbackPing, PingFormError> {
    let (media_type, charset) = read_content_type(content_type);
    if !matches!(
        media_type.as_str(),
        "" | "application/x-www-form-urlencoded"
    ) {
        return Err(PingFormError::NotAForm);
    }
    let fields = read_fields(body)?;
    let field = |wanted: &str| {
        fields
            .iter()
            .find(|(name, _)| name.as_slice() == wanted.as_bytes())
            .map_or(&b""[..], |(_, value)| value.as_slice())
    };
    let encoding = charset
        .or_else(|| Encoding::for_label(field("charset")))
        .unwrap_or_else(|| {
            let is_utf_8 = fields
                .iter()
                .all(|(_, value)| std::str::from_utf8(value).is_ok());
            if is_utf_8 {
                encoding_rs::UTF_8
            } else {
                encoding_rs::WINDOWS_1252
            }
        });
    // A byte order mark in one field says nothing about the others.
    let text = |name: &str| {
        let (text, _) = encoding.decode_without_bom_handling(field(name));
        text.trim().to_owned()
    };
    let url = text("url");
    if url.is_empty() {
        return Err(PingFormError::UrlMissing);
    }
    let title = Some(text("title")).filter(|title| !title.is_empty());
    Ok(TrackbackPing {
        title: title.unwrap_or_else(|| url.clone()),
        excerpt: text("excerpt"),
        blog_name: text("blog_name"),
        url,
    })
}

/// The answer to a ping ("Sending a TrackBack Ping": error 0 for success, 1 and a message for
/// failure).
pub fn answer(outcome: Result<(), &str>) -> String {
    let content = match outcome {
        Ok(()) => "<error>0</error>".to_owned(),
        Err(message) => {
            let message = xml::escape(message);
            format!("<error>1</error>\n<message>{message}</message>")
        }
    };
    format!("{DECLARATION}<response>\n{content}\n</response>\n")
}

/// Why a ping that was answered was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PingRefusal {
    /// The other blog refused, for the reason it gives; may be empty.
    Refused(String),
    /// Not an answer of TrackBack.
    NotTrackback,
}

/// Reads what the other blog answered.
pub fn parse_answer(body: &[u8]) -> Result<(), PingRefusal> {
    let body = &body[..body.len().min(MAX_ANSWER)];
    let [error, message] = xml::texts_of(body, ["error", "message"]);
    match error.as_deref().map(str::trim) {
        Some("0") => Ok(()),
        Some(_) => {
            let message = message.unwrap_or_default().trim().to_owned();
            Err(PingRefusal::Refused(message))
        }
        None => Err(PingRefusal::NotTrackback),
    }
}

/// RDF that names where a page takes pings ("Auto-Discovery of TrackBack Ping URLs"), for a comment of
/// HTML, which no title can end.
pub fn rdf(permalink: &str, title: &str, ping_url: &str) -> String {
    let [permalink, title, ping_url] = [permalink, title, ping_url].map(escape_in_comment);
    format!(
        "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"\n         \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\"\n         \
         xmlns:trackback=\"http://madskills.com/public/xml/rss/module/trackback/\">\n\
         <rdf:Description rdf:about=\"{permalink}\"\n    \
         dc:identifier=\"{permalink}\"\n    \
         dc:title=\"{title}\"\n    \
         trackback:ping=\"{ping_url}\" />\n\
         </rdf:RDF>"
    )
}

/// Keeps two hyphens apart, which would end the comment; readers without an XML parser still know an
/// address with single hyphens.
fn escape_in_comment(text: &str) -> String {
    let on_one_line = text.replace(['\t', '\n', '\r'], " ");
    xml::escape(&on_one_line).replace("--", "-&#45;")
}

/// A ping as the form to send, in UTF-8; empty fields are left out.
pub fn form_body(ping: &TrackbackPing) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("url", &ping.url);
    for (name, value) in [
        ("title", &ping.title),
        ("excerpt", &ping.excerpt),
        ("blog_name", &ping.blog_name),
    ] {
        if !value.is_empty() {
            form.append_pair(name, value);
        }
    }
    form.finish()
}

/// The name and the value of a field as bytes: their charset is not known yet.
type Field = (Vec<u8>, Vec<u8>);

fn read_fields(body: &[u8]) -> Result<Vec<Field>, PingFormError> {
    let mut fields = Vec::new();
    for pair in body
        .split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
    {
        if fields.len() == MAX_FIELDS || pair.len() > 3 * MAX_VALUE {
            return Err(PingFormError::TooLong);
        }
        let equals = pair.iter().position(|byte| *byte == b'=');
        let (name, value) = match equals {
            Some(at) => (&pair[..at], &pair[at + 1..]),
            None => (pair, &b""[..]),
        };
        let (name, value) = (decoded(name), decoded(value));
        if value.len() > MAX_VALUE {
            return Err(PingFormError::TooLong);
        }
        fields.push((name, value));
    }
    Ok(fields)
}

fn decoded(text: &[u8]) -> Vec<u8> {
    let spaced: Vec<u8> = text
        .iter()
        .map(|byte| if *byte == b'+' { b' ' } else { *byte })
        .collect();
    percent_decode(&spaced).collect()
}

#[cfg(test)]
mod tests;
