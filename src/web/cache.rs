//! The middleware of the page cache: answers anonymous readers from it, and adds cacheable pages to it.
//! Never caches a page that was made for a signed-in user.

use std::sync::Arc;

use axum::body::{HttpBody, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::web::cacheable::Cacheable;
use crate::web::page_cache::{CachedPage, PageVariant, VARY};
use crate::web::page_request::PageRequest;
use crate::web::session_cookie;
use crate::web::state::Web;

/// Larger pages are not cached, in bytes.
const MAX_PAGE: usize = 4 * 1024 * 1024;

pub async fn serve(State(web): State<Web>, mut request: Request, next: Next) -> Response {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    if !is_read {
        return next.run(request).await;
    }
    if web.sessions.is_alive(request.headers()).await {
        return without_caching(next.run(request).await);
    }
    // Nobody is signed in: without the cookie, nothing looks its session up again.
    session_cookie::remove_cookie(request.headers_mut());
    let Some(key) = request.extensions().get().and_then(PageRequest::cache_key) else {
        return without_caching(next.run(request).await);
    };
    let variant = PageVariant::from_headers(request.headers());
    if let Some(page) = web.pages.find(&key, web.app.clock.now()) {
        metrics::counter!("rejoinder_page_cache_total", "outcome" => "hit").increment(1);
        return web.pages.answer(&key, &page, &variant).await;
    }
    let arrival = web.pages.generation();
    let lock = web.pages.lock(&key).await;
    if lock.is_some()
        && let Some(page) = web.pages.find_made_since(&key, arrival)
    {
        metrics::counter!("rejoinder_page_cache_total", "outcome" => "joined").increment(1);
        return web.pages.answer(&key, &page, &variant).await;
    }
    metrics::counter!("rejoinder_page_cache_total", "outcome" => "miss").increment(1);
    let generation = web.pages.generation();
    // A page is the same for both methods, and HEAD would leave nothing to cache.
    *request.method_mut() = Method::GET;
    let mut response = next.run(request).await;
    let Some(cacheable) = response.extensions_mut().remove::<Cacheable>() else {
        return response;
    };
    if response.status() != StatusCode::OK {
        return no_store(response);
    }
    let size = response.body().size_hint().upper();
    if size.is_none_or(|size| size > MAX_PAGE as u64) {
        tracing::warn!(key, "a page is too large to be cached");
        return no_store(response);
    }
    let (parts, body) = response.into_parts();
    let Ok(plain) = to_bytes(body, MAX_PAGE).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let page = Arc::new(CachedPage::new(generation, cacheable, parts.headers, plain));
    web.pages.insert(&key, &page);
    drop(lock);
    web.pages.answer(&key, &page, &variant).await
}

/// A page that was made for one person is stored nowhere.
fn without_caching(mut response: Response) -> Response {
    match response.extensions_mut().remove::<Cacheable>() {
        Some(_) => no_store(response),
        None => response,
    }
}

fn no_store(mut response: Response) -> Response {
    let head = response.headers_mut();
    head.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    head.insert(header::VARY, VARY);
    response
}
