//! Serves anonymous readers from the page cache where it can, and keeps there what may be kept.

use std::sync::Arc;

use axum::body::{HttpBody, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::web::cacheable::Cacheable;
use crate::web::page_cache::{CodingHeaders, Kept, VARY};
use crate::web::page_request::PageRequest;
use crate::web::session_cookie;
use crate::web::state::Web;

/// A page larger than this is not worth its memory, in bytes.
const LARGEST: usize = 4 * 1024 * 1024;

/// Serves a page from memory where it can, and keeps what may be kept.
pub async fn serve(State(web): State<Web>, mut request: Request, next: Next) -> Response {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    if !is_read {
        return next.run(request).await;
    }
    if web.sessions.is_alive(request.headers()).await {
        return one_persons(next.run(request).await);
    }
    // Nobody is signed in: what the cookie holds makes no difference, and nobody looks it up again.
    session_cookie::forget_cookie(request.headers_mut());
    let Some(key) = request.extensions().get().and_then(PageRequest::key) else {
        return one_persons(next.run(request).await);
    };
    let headers = request.headers();
    if let Some(page) = web.pages.find(&key, web.app.clock.now()) {
        metrics::counter!("rejoinder_page_cache_total", "outcome" => "hit").increment(1);
        let head = CodingHeaders::of(headers);
        return web.pages.answer(&key, &page, &head).await;
    }
    let head = CodingHeaders::of(headers);
    let arrival = web.pages.mark();
    let turn = web.pages.turn(&key).await;
    if turn.is_some()
        && let Some(page) = web.pages.find_made_since(&key, arrival)
    {
        metrics::counter!("rejoinder_page_cache_total", "outcome" => "joined").increment(1);
        return web.pages.answer(&key, &page, &head).await;
    }
    metrics::counter!("rejoinder_page_cache_total", "outcome" => "miss").increment(1);
    let mark = web.pages.mark();
    // A page is the same for both methods, and HEAD would leave nothing to keep.
    *request.method_mut() = Method::GET;
    let mut response = next.run(request).await;
    let Some(cacheable) = response.extensions_mut().remove::<Cacheable>() else {
        return response;
    };
    if response.status() != StatusCode::OK {
        return kept_nowhere(response);
    }
    let size = response.body().size_hint().upper();
    if size.is_none_or(|size| size > LARGEST as u64) {
        tracing::warn!(key, "a page is too large to be kept");
        return kept_nowhere(response);
    }
    let (parts, body) = response.into_parts();
    let Ok(plain) = to_bytes(body, LARGEST).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let page = Arc::new(Kept::new(mark, cacheable, parts.headers, plain));
    web.pages.keep(&key, &page);
    drop(turn);
    web.pages.answer(&key, &page, &head).await
}

/// A page that was made for one person is kept by nobody else.
fn one_persons(mut response: Response) -> Response {
    match response.extensions_mut().remove::<Cacheable>() {
        Some(_) => kept_nowhere(response),
        None => response,
    }
}

fn kept_nowhere(mut response: Response) -> Response {
    let head = response.headers_mut();
    head.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    head.insert(header::VARY, VARY);
    response
}
