//! The path and the parameters of a URL, parsed once: the page cache makes its key from them and the handlers
//! read them, so that both always mean the same page.
//!
//! Other parameters are ignored. A URL that cannot be parsed is not found. Never looks anything up.

use std::convert::Infallible;
use std::fmt::Display;
use std::str::FromStr;

use axum::extract::FromRequestParts;
use axum::http::Uri;
use axum::http::request::Parts;
use axum::http::uri::PathAndQuery;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use url::form_urlencoded;

use crate::posts::hierarchy::MAX_LEVELS;
use crate::posts::reserved;
use crate::store::entity::ids::ResponseId;

/// What is percent-encoded in a segment of a path: all but `pchar` (RFC 3986, section 3.3).
const PATH_SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@');

/// A parameter of the query.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Param<T> {
    #[default]
    Missing,
    Value(T),
    /// Given more than once, or with a value that it cannot have.
    Invalid,
}

impl<T> Param<T> {
    fn add(&mut self, value: Option<T>) {
        *self = match (&self, value) {
            (Self::Missing, Some(value)) => Self::Value(value),
            _ => Self::Invalid,
        };
    }
}

/// What a reader's page depends on in its URL.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct PageRequest {
    /// In its canonical form.
    pub path: String,
    /// `replytocom` on the page of a post or a page: the comment to reply to.
    pub reply_to: Param<ResponseId>,
    /// `receipt` there: the proof that a comment is the reader's own.
    pub receipt: Param<String>,
    /// `p` on the home page: the post of a short URL.
    pub post_id: Param<i64>,
}

impl PageRequest {
    /// None where it cannot be a URL of this site.
    pub fn parse(uri: &Uri) -> Option<Self> {
        let path = canonical_path(uri.path())?;
        let query = uri.query().unwrap_or_default();
        if has_nul(query) {
            return None;
        }
        let is_post = is_permalink(&path) || is_page(&path);
        let mut request = Self {
            path,
            ..Self::default()
        };
        if !is_post && request.path != "/" {
            return Some(request);
        }
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match (name.as_ref(), is_post) {
                ("replytocom", true) => request.reply_to.add(parse_number(&value)),
                ("receipt", true) => request.receipt.add(Some(value.into_owned())),
                ("p", false) => request.post_id.add(parse_number(&value)),
                _ => {}
            }
        }
        Some(request)
    }

    /// The query that requests the same page under another URL of its post; empty for none.
    pub fn post_query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if let Param::Value(id) = &self.reply_to {
            query.append_pair("replytocom", &id.to_string());
        }
        if let Param::Value(receipt) = &self.receipt {
            query.append_pair("receipt", receipt);
        }
        match query.finish() {
            query if query.is_empty() => query,
            query => format!("?{query}"),
        }
    }

    /// The key of the page cache; None for a page of one reader, or none at all.
    pub fn cache_key(&self) -> Option<String> {
        if self.receipt != Param::Missing || self.post_id != Param::Missing {
            return None;
        }
        match self.reply_to {
            Param::Missing => Some(self.path.clone()),
            Param::Value(id) => Some(format!("{}?{id}", self.path)),
            Param::Invalid => None,
        }
    }

    /// `uri` with the canonical path, and without a host.
    pub fn canonical_uri(&self, uri: &Uri) -> Option<Uri> {
        let path_and_query = match uri.query() {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path.clone(),
        };
        let path_and_query = PathAndQuery::from_maybe_shared(path_and_query).ok()?;
        Some(Uri::from(path_and_query))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for PageRequest {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(match parts.extensions.get::<Self>() {
            Some(parsed) => parsed.clone(),
            None => Self::parse(&parts.uri).unwrap_or_default(),
        })
    }
}

/// A number in its canonical form: without a sign or leading zeros.
pub fn parse_number<T: FromStr + Display>(text: &str) -> Option<T> {
    let number: T = text.parse().ok()?;
    (text.starts_with(|first: char| first.is_ascii_digit()) && number.to_string() == text)
        .then_some(number)
}

fn canonical_path(path: &str) -> Option<String> {
    if !path.starts_with('/') {
        return None;
    }
    let mut canonical = String::with_capacity(path.len());
    for (nth, part) in path.split('/').enumerate() {
        if nth > 0 {
            canonical.push('/');
        }
        let part = percent_decode_str(part).decode_utf8().ok()?;
        if part.chars().any(char::is_control) {
            return None;
        }
        canonical.extend(utf8_percent_encode(&part, PATH_SEGMENT));
    }
    Some(canonical)
}

fn has_nul(query: &str) -> bool {
    query.contains("%00") || query.contains('\0')
}

/// `/YYYY/MM/DD/slug/`.
fn is_permalink(path: &str) -> bool {
    let mut parts = path.split('/');
    let mut is_number = |length: usize| {
        parts.next().is_some_and(|part| {
            part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    is_number(0)
        && is_number(4)
        && is_number(2)
        && is_number(2)
        && parts.next().is_some_and(|slug| !slug.is_empty())
        && parts.next() == Some("")
        && parts.next().is_none()
}

/// `/PAGE/`, `/PAGE/PAGE/` or `/PAGE/PAGE/PAGE/`, as far as the form tells.
fn is_page(path: &str) -> bool {
    let Some(slugs) = path
        .strip_prefix('/')
        .and_then(|path| path.strip_suffix('/'))
    else {
        return false;
    };
    let mut slugs = slugs.split('/');
    slugs.by_ref().take(MAX_LEVELS).all(reserved::may_be_page) && slugs.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    const POST: &str = "/2026/11/23/a-post/";

    fn parse(address: &str) -> Option<PageRequest> {
        PageRequest::parse(&address.parse().unwrap())
    }

    fn key(address: &str) -> Option<String> {
        parse(address).unwrap().cache_key()
    }

    #[test]
    fn all_spellings_of_a_url_are_one_page() {
        for address in [
            "/2026/11/23/a-post/",
            "/2026/11/23/a%2Dpost/",
            "/%32026/11/23/%61-post/",
            "/2026/11/23/a-post/?utm_source=x",
            "/2026/11/23/a-post/?p=7&x=%ff",
            "https://other.example/2026/11/23/a-post/?",
        ] {
            assert_eq!(key(address).as_deref(), Some(POST), "{address}");
        }
        assert_eq!(
            key("/feed/?replytocom=1&receipt=2&p=3").as_deref(),
            Some("/feed/")
        );
        assert_ne!(key("/a%2Fb/"), key("/a/b/"));
        assert_ne!(key("/a+b/"), key("/a%20b/"));
    }

    #[test]
    fn each_parameter_is_in_the_key_or_there_is_none() {
        let with = |query: &str| key(&format!("{POST}?{query}"));
        assert_eq!(with("replytocom=12"), Some(format!("{POST}?12")));
        assert_eq!(with("%72eplytocom=1%32"), with("replytocom=12"));
        assert_eq!(with("x=1&replytocom=12&y"), with("replytocom=12"));
        for query in [
            "replytocom=00000000000000000001",
            "replytocom=99999999999999999999",
            "replytocom=01",
            "replytocom=%2B1",
            "replytocom=+1",
            "replytocom=-1",
            "replytocom=1%20",
            "replytocom=",
            "replytocom",
            "replytocom=1&replytocom=1",
            "replytocom=1&%72eplytocom=2",
            "replytocom=x",
            "replytocom=%D9%A1",
        ] {
            assert_eq!(with(query), None, "{query}");
            let request = parse(&format!("{POST}?{query}")).unwrap();
            assert_eq!(request.reply_to, Param::Invalid, "{query}");
        }
        assert_eq!(with("receipt=1-x"), None);
        assert_eq!(with("receipt=1-x&replytocom=1"), None);
        assert_eq!(key("/?p=1"), None);
        for page in ["/about/", "/about/team/", "/about/team/ada/"] {
            assert_eq!(
                key(&format!("{page}?replytocom=12")),
                Some(format!("{page}?12"))
            );
            assert_eq!(key(&format!("{page}?receipt=1-x")), None);
        }
        for other in [
            "/tag/x/",
            "/a/b/c/d/",
            "/about",
            "/about//",
            "/about/comment-page-2/",
        ] {
            let with_query = format!("{other}?replytocom=12");
            assert_eq!(key(&with_query).as_deref(), Some(other), "{other}");
        }
    }

    #[test]
    fn what_cannot_be_text_is_not_found() {
        for address in [
            "/%00",
            "/a%00b/",
            "/%ff/",
            "/%ed%a0%80/",
            "/%0a/",
            "/a/?x=%00",
            "*",
        ] {
            assert_eq!(parse(address), None, "{address}");
        }
        assert!(parse("/a/?x=%ff").is_some(), "a parameter that is ignored");
    }

    #[test]
    fn a_url_is_put_into_its_canonical_form() {
        let uri = |address: &str| {
            let uri: Uri = address.parse().unwrap();
            PageRequest::parse(&uri)
                .unwrap()
                .canonical_uri(&uri)
                .unwrap()
                .to_string()
        };
        assert_eq!(uri("/%66eed/"), "/feed/");
        assert_eq!(uri("http://x.example/a%2fb/?c=%64"), "/a%2Fb/?c=%64");
        assert_eq!(uri("/%E6%97%A5/%"), "/%E6%97%A5/%25");
    }

    #[test]
    fn numbers_have_one_form() {
        assert_eq!(parse_number("12"), Some(12_u64));
        assert_eq!(parse_number::<u64>("0"), Some(0));
        for text in ["", "01", "+1", " 1", "1 ", "１", "99999999999999999999"] {
            assert_eq!(parse_number::<u64>(text), None, "{text}");
        }
        assert_eq!(parse_number::<i64>("-1"), None);
    }
}
