//! The middleware that compresses pages made for one person, such as those of the staff; cached pages are
//! compressed already.
//!
//! The size of a compressed page shows how much of it repeats (BREACH). So a page whose URL holds a secret
//! is never compressed. Other pages hold none: forms have no token, and the session's cookie is in no
//! page.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hyper::body::Body as HttpBody;

use crate::web::content_encoding::{ContentEncoding, negotiate};
use crate::web::page_request::{PageRequest, Param};
use crate::web::secret_urls;

/// Smaller bodies hardly shrink, in bytes.
const MIN_SIZE: u64 = 1024;
/// Larger bodies are compressed on a thread of their own, in bytes.
const MAX_INLINE_COMPRESSION: u64 = 32 * 1024;
/// Larger bodies are not compressed, in bytes.
const MAX_SIZE: u64 = 8 * 1024 * 1024;

pub async fn compress_response(request: Request, next: Next) -> Response {
    let encoding = negotiate(request.headers());
    let has_secret = request
        .extensions()
        .get::<PageRequest>()
        .is_none_or(|page| {
            page.receipt != Param::Missing
                || secret_urls::is_secret(&page.path, request.uri().query())
        });
    let is_head = request.method() == Method::HEAD;
    let response = next.run(request).await;
    let head = response.headers();
    let is_text = head
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| {
            value.starts_with("text/") || value.contains("json") || value.contains("xml")
        });
    if has_secret || !is_text || head.contains_key(header::CONTENT_ENCODING) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    vary_by_encoding(&mut parts.headers);
    let size = body.size_hint().exact().unwrap_or(0);
    if encoding == ContentEncoding::Identity || is_head || !(MIN_SIZE..=MAX_SIZE).contains(&size) {
        return Response::from_parts(parts, body);
    }
    let Ok(plain) = to_bytes(body, usize::MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let compressed = if size <= MAX_INLINE_COMPRESSION {
        encoding.compress(&plain)
    } else {
        let whole = plain.clone();
        match tokio::task::spawn_blocking(move || encoding.compress(&whole)).await {
            Ok(compressed) => compressed,
            Err(_) => Bytes::new(),
        }
    };
    let name = encoding.name().filter(|_| !compressed.is_empty());
    let body = match name {
        Some(name) => {
            let name = HeaderValue::from_static(name);
            parts.headers.insert(header::CONTENT_ENCODING, name);
            compressed
        }
        None => plain,
    };
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(body))
}

fn vary_by_encoding(headers: &mut axum::http::HeaderMap) {
    let is_set = headers.get_all(header::VARY).iter().any(|value| {
        value
            .to_str()
            .is_ok_and(|value| value.to_ascii_lowercase().contains("accept-encoding"))
    });
    if !is_set {
        headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
}
