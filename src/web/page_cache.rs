//! Whole pages for anonymous readers, cached in memory with their compressed bodies.
//!
//! A page has the cache tags of what it shows; it is served until one of them is invalidated (see
//! `store::changes`). Never holds what was made for a signed-in user.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use moka::sync::Cache;
use sha2::{Digest, Sha256};
use tokio::sync::{Mutex, OnceCell, OwnedMutexGuard};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::clock::Moment;
use crate::store::changes::{CacheTag, Changes, Generation};
use crate::web::cacheable::Cacheable;
use crate::web::content_encoding::{ContentEncoding, negotiate};

/// Larger pages are compressed on a thread of their own, in bytes.
const MAX_INLINE_COMPRESSION: usize = 32 * 1024;
/// How many single-flight locks there are, and how long an idle one is kept.
const MAX_LOCKS: u64 = 10_000;
const LOCK_TTL: Duration = Duration::from_secs(60);
/// The longest wait for a page that another request makes.
const LOCK_TIMEOUT: Duration = Duration::from_secs(5);

/// A page with the compressed bodies that were requested.
pub struct CachedPage {
    generation: Generation,
    tags: Vec<CacheTag>,
    until: Option<Moment>,
    headers: HeaderMap,
    etag: HeaderValue,
    plain: Bytes,
    gzip: OnceCell<Bytes>,
    brotli: OnceCell<Bytes>,
}

/// Cheap to clone.
#[derive(Clone)]
pub struct PageCache {
    pages: Option<Cache<String, Arc<CachedPage>>>,
    locks: Cache<String, Arc<Mutex<()>>>,
    changes: Changes,
}

impl PageCache {
    /// Holds up to `mebibytes` of pages; 0 for none.
    pub fn new(mebibytes: u64, changes: Changes) -> Self {
        let pages = (mebibytes > 0).then(|| {
            Cache::builder()
                .max_capacity(mebibytes * 1024 * 1024)
                // Weighed again once it is compressed.
                .weigher(|key: &String, page: &Arc<CachedPage>| {
                    u32::try_from(key.len() + page.weight()).unwrap_or(u32::MAX)
                })
                .build()
        });
        let locks = Cache::builder()
            .max_capacity(MAX_LOCKS)
            .time_to_idle(LOCK_TTL)
            .build();
        Self {
            pages,
            locks,
            changes,
        }
    }

    /// The page of `key`, if it is up to date.
    pub fn find(&self, key: &str, now: Moment) -> Option<Arc<CachedPage>> {
        let page = self.pages.as_ref()?.get(key)?;
        let is_current = self.changes.is_current(page.generation, &page.tags)
            && page.until.is_none_or(|until| now < until);
        is_current.then_some(page)
    }

    /// The single-flight lock of a page: where many readers request one that has just changed, one request
    /// makes it and the others wait. None for a page that is not cached, which nobody waits for, and after
    /// a timeout.
    pub async fn lock(&self, key: &str) -> Option<OwnedMutexGuard<()>> {
        if !self.pages.as_ref()?.contains_key(key) {
            return None;
        }
        let lock = self.locks.get_with_by_ref(key, Arc::default);
        timeout(LOCK_TIMEOUT, lock.lock_owned()).await.ok()
    }

    /// The response with a page, which is weighed again where that compressed it.
    pub async fn answer(
        &self,
        key: &str,
        page: &Arc<CachedPage>,
        variant: &PageVariant,
    ) -> Response {
        let was_compressed = page.is_compressed(variant.encoding);
        let response = page.respond_to(variant).await;
        if !was_compressed
            && page.is_compressed(variant.encoding)
            && let Some(pages) = &self.pages
            && pages.get(key).is_some_and(|kept| Arc::ptr_eq(&kept, page))
        {
            pages.insert(key.to_owned(), Arc::clone(page));
        }
        response
    }

    /// How far the site's changes have come.
    pub fn generation(&self) -> Generation {
        self.changes.generation()
    }

    /// Adds a page, if pages are cached at all.
    pub fn insert(&self, key: &str, page: &Arc<CachedPage>) {
        if let Some(pages) = &self.pages {
            pages.insert(key.to_owned(), Arc::clone(page));
        }
    }

    /// A page that was started after `arrival`: it shows all that its reader can know of, even where it is
    /// out of date again by now.
    pub fn find_made_since(&self, key: &str, arrival: Generation) -> Option<Arc<CachedPage>> {
        let page = self.pages.as_ref()?.get(key)?;
        (page.generation >= arrival && page.until.is_none()).then_some(page)
    }
}

/// The request headers that a reader's page depends on.
pub const VARY: HeaderValue = HeaderValue::from_static("accept-encoding, cookie");

/// The encoding that a client accepts, and the versions of a page that it has.
pub struct PageVariant {
    encoding: ContentEncoding,
    if_none_match: Vec<HeaderValue>,
}

impl PageVariant {
    pub fn from_headers(headers: &HeaderMap) -> Self {
        Self {
            encoding: negotiate(headers),
            if_none_match: headers
                .get_all(header::IF_NONE_MATCH)
                .iter()
                .cloned()
                .collect(),
        }
    }
}

/// Whether one of the tags in an If-None-Match header is `etag`, by weak comparison (RFC 9110, section
/// 13.1.2).
fn matches_etag(tags: &[u8], etag: &[u8]) -> bool {
    let mut rest = tags.trim_ascii();
    if rest == b"*" {
        return true;
    }
    loop {
        rest = rest.trim_ascii_start();
        rest = rest.strip_prefix(b",").unwrap_or(rest).trim_ascii_start();
        let opaque = rest.strip_prefix(b"W/").unwrap_or(rest);
        // A tag may hold a comma, and no quote.
        let Some(quoted) = opaque.strip_prefix(b"\"") else {
            return false;
        };
        let Some(end) = quoted.iter().position(|byte| *byte == b'"') else {
            return false;
        };
        let (tag, after) = opaque.split_at(end + 2);
        if tag == etag.strip_prefix(b"W/").unwrap_or(etag) {
            return true;
        }
        rest = after;
    }
}

impl CachedPage {
    /// A page that was started at `generation`.
    pub fn new(
        generation: Generation,
        cacheable: Cacheable,
        mut headers: HeaderMap,
        plain: Bytes,
    ) -> Self {
        let hash = hex::encode(&Sha256::digest(&plain)[..8]);
        headers.remove(header::CONTENT_LENGTH);
        headers.insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static("public, no-cache"),
        );
        headers.insert(header::VARY, VARY);
        let etag = HeaderValue::from_str(&format!("W/\"{hash}\""))
            .unwrap_or(HeaderValue::from_static("W/\"0\""));
        headers.insert(header::ETAG, etag.clone());
        Self {
            generation,
            tags: cacheable.tags,
            until: cacheable.until,
            headers,
            etag,
            plain,
            gzip: OnceCell::new(),
            brotli: OnceCell::new(),
        }
    }

    async fn respond_to(&self, variant: &PageVariant) -> Response {
        let is_unchanged = variant
            .if_none_match
            .iter()
            .any(|tags| matches_etag(tags.as_bytes(), self.etag.as_bytes()));
        let (status, encoding, body) = if is_unchanged {
            (
                StatusCode::NOT_MODIFIED,
                ContentEncoding::Identity,
                Bytes::new(),
            )
        } else {
            match self.body(variant.encoding).await {
                Some(body) => (StatusCode::OK, variant.encoding, body),
                None => (
                    StatusCode::OK,
                    ContentEncoding::Identity,
                    self.plain.clone(),
                ),
            }
        };
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        *response.headers_mut() = self.headers.clone();
        if let Some(name) = encoding.name() {
            response
                .headers_mut()
                .insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
        }
        response
    }

    /// Compresses a body when it is first requested, once; None where that fails.
    async fn body(&self, encoding: ContentEncoding) -> Option<Bytes> {
        let compressed = match encoding {
            ContentEncoding::Identity => return Some(self.plain.clone()),
            ContentEncoding::Gzip => &self.gzip,
            ContentEncoding::Brotli => &self.brotli,
        };
        let compress = || async {
            if self.plain.len() <= MAX_INLINE_COMPRESSION {
                return Ok(encoding.compress(&self.plain));
            }
            let plain = self.plain.clone();
            spawn_blocking(move || encoding.compress(&plain)).await
        };
        compressed.get_or_try_init(compress).await.ok().cloned()
    }

    fn is_compressed(&self, encoding: ContentEncoding) -> bool {
        match encoding {
            ContentEncoding::Identity => true,
            ContentEncoding::Gzip => self.gzip.get().is_some(),
            ContentEncoding::Brotli => self.brotli.get().is_some(),
        }
    }

    /// In bytes.
    fn weight(&self) -> usize {
        let size = |body: &OnceCell<Bytes>| body.get().map_or(0, Bytes::len);
        1024 + self.plain.len() + size(&self.gzip) + size(&self.brotli)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_in_every_form_of_the_header() {
        let etag = b"W/\"abc\"";
        for tags in [
            "W/\"abc\"",
            "\"abc\"",
            "*",
            " * ",
            "\"x\", W/\"abc\"",
            "\"a,b\",\"abc\"",
            ", \"abc\"",
        ] {
            assert!(matches_etag(tags.as_bytes(), etag), "{tags}");
        }
        for tags in [
            "",
            "abc",
            "\"abcd\"",
            "w/\"abc\"",
            "\"abc",
            "\"x\"*",
            "\"x\" abc",
        ] {
            assert!(!matches_etag(tags.as_bytes(), etag), "{tags}");
        }
    }
}
