//! Whole pages for anonymous readers, kept in memory with their compressed forms.
//!
//! A page names the parts of the site that it shows; it is served until one of them changes (see
//! `store::changes`). Never holds what was made for somebody signed in.

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
use crate::store::changes::{Changes, Mark, Part};
use crate::web::cacheable::Cacheable;
use crate::web::coding::{Coding, preferred};

/// What is larger is packed where other requests do not wait for it.
const QUICK: usize = 32 * 1024;
/// The most pages that readers may wait for at once, and how long a turn is remembered.
const MOST_TURNS: u64 = 10_000;
const TURN_KEPT: Duration = Duration::from_secs(60);
/// The longest wait for a page that somebody else makes.
const PATIENCE: Duration = Duration::from_secs(5);

/// A page with the forms in which it was asked for.
pub struct Kept {
    mark: Mark,
    parts: Vec<Part>,
    until: Option<Moment>,
    headers: HeaderMap,
    etag: HeaderValue,
    plain: Bytes,
    gzip: OnceCell<Bytes>,
    brotli: OnceCell<Bytes>,
}

/// The pages that are kept; cheap to clone.
#[derive(Clone)]
pub struct PageCache {
    pages: Option<Cache<String, Arc<Kept>>>,
    turns: Cache<String, Arc<Mutex<()>>>,
    changes: Changes,
}

impl PageCache {
    /// Keeps up to `mebibytes` of pages; 0 keeps none.
    pub fn new(mebibytes: u64, changes: Changes) -> Self {
        let pages = (mebibytes > 0).then(|| {
            Cache::builder()
                .max_capacity(mebibytes * 1024 * 1024)
                // Weighed again after it was packed.
                .weigher(|key: &String, page: &Arc<Kept>| {
                    u32::try_from(key.len() + page.weight()).unwrap_or(u32::MAX)
                })
                .build()
        });
        let turns = Cache::builder()
            .max_capacity(MOST_TURNS)
            .time_to_idle(TURN_KEPT)
            .build();
        Self {
            pages,
            turns,
            changes,
        }
    }

    /// The page of `key`, if it shows all that is so now.
    pub fn find(&self, key: &str, now: Moment) -> Option<Arc<Kept>> {
        let page = self.pages.as_ref()?.get(key)?;
        let current = self.changes.is_current(page.mark, &page.parts)
            && page.until.is_none_or(|until| now < until);
        current.then_some(page)
    }

    /// Where many readers want a page that has just changed, one makes it and the others wait. A page
    /// that is asked for the first time, or is never kept, is not waited for.
    pub async fn turn(&self, key: &str) -> Option<OwnedMutexGuard<()>> {
        if !self.pages.as_ref()?.contains_key(key) {
            return None;
        }
        let turn = self.turns.get_with_by_ref(key, Arc::default);
        // Who waited too long makes the page alone.
        timeout(PATIENCE, turn.lock_owned()).await.ok()
    }

    /// Answers with a page, and weighs it again where that packed it.
    pub async fn answer(&self, key: &str, page: &Arc<Kept>, asked: &CodingHeaders) -> Response {
        let was_packed = page.is_packed(asked.coding);
        let response = page.respond_to(asked).await;
        if !was_packed
            && page.is_packed(asked.coding)
            && let Some(pages) = &self.pages
            && pages.get(key).is_some_and(|kept| Arc::ptr_eq(&kept, page))
        {
            pages.insert(key.to_owned(), Arc::clone(page));
        }
        response
    }

    /// How far the site's changes have come.
    pub fn mark(&self) -> Mark {
        self.changes.mark()
    }

    /// Keeps a page, if pages are kept at all.
    pub fn keep(&self, key: &str, page: &Arc<Kept>) {
        if let Some(pages) = &self.pages {
            pages.insert(key.to_owned(), Arc::clone(page));
        }
    }

    /// A page whose making began after `arrival`: it shows all that its reader can know of, also where
    /// it is out of date again by now.
    pub fn find_made_since(&self, key: &str, arrival: Mark) -> Option<Arc<Kept>> {
        let page = self.pages.as_ref()?.get(key)?;
        (page.mark >= arrival && page.until.is_none()).then_some(page)
    }
}

/// What a reader's page depends on beside its address.
pub const VARY: HeaderValue = HeaderValue::from_static("accept-encoding, cookie");

/// In which form somebody wants a page, and which they have.
pub struct CodingHeaders {
    coding: Coding,
    if_none_match: Vec<HeaderValue>,
}

impl CodingHeaders {
    /// As the headers of a request say.
    pub fn of(headers: &HeaderMap) -> Self {
        Self {
            coding: preferred(headers),
            if_none_match: headers
                .get_all(header::IF_NONE_MATCH)
                .iter()
                .cloned()
                .collect(),
        }
    }
}

/// Whether one of these tags is `etag`, however strong they are (RFC 9110, section 13.1.2).
fn names(tags: &[u8], etag: &[u8]) -> bool {
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

impl Kept {
    /// A page whose making began at `mark`.
    pub fn new(mark: Mark, cacheable: Cacheable, mut headers: HeaderMap, plain: Bytes) -> Self {
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
            mark,
            parts: cacheable.parts,
            until: cacheable.until,
            headers,
            etag,
            plain,
            gzip: OnceCell::new(),
            brotli: OnceCell::new(),
        }
    }

    async fn respond_to(&self, asked: &CodingHeaders) -> Response {
        let unchanged = asked
            .if_none_match
            .iter()
            .any(|tags| names(tags.as_bytes(), self.etag.as_bytes()));
        let (status, coding, body) = if unchanged {
            (StatusCode::NOT_MODIFIED, Coding::Identity, Bytes::new())
        } else {
            match self.body(asked.coding).await {
                Some(body) => (StatusCode::OK, asked.coding, body),
                None => (StatusCode::OK, Coding::Identity, self.plain.clone()),
            }
        };
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        *response.headers_mut() = self.headers.clone();
        if let Some(name) = coding.name() {
            response
                .headers_mut()
                .insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
        }
        response
    }

    /// Each form is made when it is first asked for, once; None where that failed.
    async fn body(&self, coding: Coding) -> Option<Bytes> {
        let form = match coding {
            Coding::Identity => return Some(self.plain.clone()),
            Coding::Gzip => &self.gzip,
            Coding::Brotli => &self.brotli,
        };
        let pack = || async {
            if self.plain.len() <= QUICK {
                return Ok(coding.pack(&self.plain));
            }
            let plain = self.plain.clone();
            spawn_blocking(move || coding.pack(&plain)).await
        };
        form.get_or_try_init(pack).await.ok().cloned()
    }

    fn is_packed(&self, coding: Coding) -> bool {
        match coding {
            Coding::Identity => true,
            Coding::Gzip => self.gzip.get().is_some(),
            Coding::Brotli => self.brotli.get().is_some(),
        }
    }

    /// All that it holds, in bytes.
    fn weight(&self) -> usize {
        let packed = |form: &OnceCell<Bytes>| form.get().map_or(0, Bytes::len);
        1024 + self.plain.len() + packed(&self.gzip) + packed(&self.brotli)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_whatever_stands_around_it() {
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
            assert!(names(tags.as_bytes(), etag), "{tags}");
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
            assert!(!names(tags.as_bytes(), etag), "{tags}");
        }
    }
}
