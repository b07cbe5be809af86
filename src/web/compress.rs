//! Packs pages that are made for one person, such as those of the staff; the pages of `cache` come
//! packed already.
//!
//! A packed page tells by its size how much of it repeats (BREACH). So a page whose address holds a
//! secret is never packed. Other pages hold none: forms carry no token, and the session's cookie is
//! in no page.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hyper::body::Body as HttpBody;

use crate::web::coding::{Coding, preferred};
use crate::web::page_request::{Asked, PageRequest};
use crate::web::secrets;

/// What is smaller does not become smaller.
const SMALLEST: u64 = 1024;
/// What is larger is packed where other requests do not wait for it.
const QUICK: u64 = 32 * 1024;
/// What is larger stays as it is.
const LARGEST: u64 = 8 * 1024 * 1024;

/// Packs an answer where that helps.
pub async fn pack(request: Request, next: Next) -> Response {
    let coding = preferred(request.headers());
    let has_secret = request
        .extensions()
        .get::<PageRequest>()
        .is_none_or(|page| {
            page.receipt != Asked::Nothing || secrets::is_secret(&page.path, request.uri().query())
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
    vary(&mut parts.headers);
    let size = body.size_hint().exact().unwrap_or(0);
    if coding == Coding::Identity || is_head || !(SMALLEST..=LARGEST).contains(&size) {
        return Response::from_parts(parts, body);
    }
    let Ok(plain) = to_bytes(body, usize::MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let packed = if size <= QUICK {
        coding.pack(&plain)
    } else {
        let whole = plain.clone();
        match tokio::task::spawn_blocking(move || coding.pack(&whole)).await {
            Ok(packed) => packed,
            Err(_) => Bytes::new(),
        }
    };
    let name = coding.name().filter(|_| !packed.is_empty());
    let body = match name {
        Some(name) => {
            let name = HeaderValue::from_static(name);
            parts.headers.insert(header::CONTENT_ENCODING, name);
            packed
        }
        None => plain,
    };
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(body))
}

fn vary(headers: &mut axum::http::HeaderMap) {
    let is_told = headers.get_all(header::VARY).iter().any(|value| {
        value
            .to_str()
            .is_ok_and(|value| value.to_ascii_lowercase().contains("accept-encoding"))
    });
    if !is_told {
        headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
}
