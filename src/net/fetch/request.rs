//! What a fetch asks for: method, headers, body, and what redirects do to them. Opens no connection.

use reqwest::Method;
use reqwest::header::{
    ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH,
};

use crate::net::fetch::error::FetchError;

/// The media types accepted for a page that is checked for links.
const ACCEPT_PAGES: &str = "text/html, application/xhtml+xml;q=0.9, */*;q=0.5";
/// The media types accepted for a picture.
const ACCEPT_PICTURES: &str = "image/jpeg, image/png, image/webp, image/gif, image/*;q=0.5";

/// The validators of an earlier reply (RFC 9110, section 8.8), so that an unchanged page is not sent
/// again.
#[derive(Clone, Debug, Default)]
pub struct Validators {
    /// The `ETag` header.
    pub etag: Option<String>,
    /// The `Last-Modified` header.
    pub last_modified: Option<String>,
}

/// What happens to a POST that is answered with a redirect 301, 302 or 303.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PostRedirects {
    /// The redirect is the reply.
    Return,
    /// The body is posted to the new address; after a 303 the result is fetched from there.
    Follow,
}

/// A request, which may be sent several times along its redirects.
pub(super) struct FetchRequest {
    pub(super) method: Method,
    pub(super) headers: HeaderMap,
    pub(super) body: Option<Vec<u8>>,
    /// In place of the fetcher's own limit on the reply's body.
    pub(super) max_bytes: Option<usize>,
    post_redirects: PostRedirects,
}

impl FetchRequest {
    pub(super) fn get(validators: Validators) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static(ACCEPT_PAGES));
        // What cannot be a header is left out: the page is merely sent once more.
        let sendable = |value: Option<String>| value.and_then(|value| value.parse().ok());
        if let Some(etag) = sendable(validators.etag) {
            headers.insert(IF_NONE_MATCH, etag);
        }
        if let Some(last_modified) = sendable(validators.last_modified) {
            headers.insert(IF_MODIFIED_SINCE, last_modified);
        }
        Self {
            method: Method::GET,
            headers,
            body: None,
            max_bytes: None,
            post_redirects: PostRedirects::Follow,
        }
    }

    pub(super) fn get_picture(max_bytes: usize) -> Self {
        let mut request = Self::get(Validators::default());
        request
            .headers
            .insert(ACCEPT, HeaderValue::from_static(ACCEPT_PICTURES));
        request.max_bytes = Some(max_bytes);
        request
    }

    pub(super) fn post(
        content_type: &str,
        body: Vec<u8>,
        accept: &str,
        post_redirects: PostRedirects,
    ) -> Result<Self, FetchError> {
        let mut headers = HeaderMap::new();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_str(content_type).map_err(FetchError::setup)?,
        );
        headers.insert(
            ACCEPT,
            HeaderValue::from_str(accept).map_err(FetchError::setup)?,
        );
        Ok(Self {
            method: Method::POST,
            headers,
            body: Some(body),
            max_bytes: None,
            post_redirects,
        })
    }

    /// Whether a reply with this status leads to another address.
    pub(super) fn follows(&self, status: u16) -> bool {
        match status {
            307 | 308 => true,
            301..=303 => self.method == Method::GET || self.post_redirects == PostRedirects::Follow,
            _ => false,
        }
    }

    /// After a 303 the posted body has arrived, and only the result is still to be fetched.
    pub(super) fn turn_into_get(&mut self) {
        self.method = Method::GET;
        self.body = None;
        self.headers.remove(CONTENT_TYPE);
    }
}
