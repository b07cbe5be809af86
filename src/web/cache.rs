//! Whole pages for anonymous readers, kept in memory with their compressed forms.
//!
//! A page names the parts of the site that it shows; it is served until one of them changes (see
//! `store::changes`). Never holds what was made for somebody signed in.

use std::io::Write;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use moka::sync::Cache;
use sha2::{Digest, Sha256};
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::timeout;

use crate::clock::Moment;
use crate::store::changes::{Changes, Mark, Part};
use crate::web::session;
use crate::web::state::Web;

/// A page larger than this is not worth its memory.
const LARGEST: usize = 4 * 1024 * 1024;
/// The most pages that readers may wait for at once, and how long a turn is remembered.
const MOST_TURNS: u64 = 10_000;
const TURN_KEPT: Duration = Duration::from_secs(60);
/// The longest wait for a page that somebody else makes.
const PATIENCE: Duration = Duration::from_secs(5);
/// The one parameter that makes another page for anonymous readers, beside WordPress's `?p=`.
const PARAMETERS: &[&str] = &["replytocom"];

/// Says that a response may be kept, and what it shows.
#[derive(Clone, Debug)]
pub struct Cacheable {
    /// The parts of the site that it shows.
    pub parts: Vec<Part>,
    /// When it changes by itself, such as when a post closes.
    pub until: Option<Moment>,
}

/// How a body is packed on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// Not at all.
    Identity,
    /// gzip.
    Gzip,
    /// Brotli.
    Brotli,
}

impl Coding {
    /// Its name in `Content-Encoding`.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
        }
    }
}

/// The best coding that the client takes (RFC 9110, section 12.5.3). A weight of 0 refuses one.
pub fn preferred(headers: &HeaderMap) -> Coding {
    let accepted = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let takes = |name: &str| {
        accepted.split(',').any(|item| {
            let mut parts = item.split(';').map(str::trim);
            let refused = |weight: &str| {
                weight
                    .strip_prefix("q=")
                    .is_some_and(|q| q.trim().parse::<f32>().is_ok_and(|q| q == 0.0))
            };
            parts
                .next()
                .is_some_and(|coding| coding.eq_ignore_ascii_case(name))
                && !parts.any(refused)
        })
    };
    if takes("br") {
        Coding::Brotli
    } else if takes("gzip") {
        Coding::Gzip
    } else {
        Coding::Identity
    }
}

struct Kept {
    mark: Mark,
    parts: Vec<Part>,
    until: Option<Moment>,
    headers: HeaderMap,
    etag: HeaderValue,
    plain: Bytes,
    gzip: OnceLock<Bytes>,
    brotli: OnceLock<Bytes>,
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
                // The packed forms come later; together they are about half as large again.
                .weigher(|key: &String, page: &Arc<Kept>| {
                    u32::try_from(key.len() + page.plain.len() * 3 / 2 + 1024).unwrap_or(u32::MAX)
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

    fn find(&self, key: &str, now: Moment) -> Option<Arc<Kept>> {
        let page = self.pages.as_ref()?.get(key)?;
        let current = self.changes.is_current(page.mark, &page.parts)
            && page.until.is_none_or(|until| now < until);
        current.then_some(page)
    }

    /// Where many readers want a page that has just changed, one makes it and the others wait. A page
    /// that is asked for the first time, or is never kept, is not waited for.
    async fn turn(&self, key: &str) -> Option<OwnedMutexGuard<()>> {
        if !self.pages.as_ref()?.contains_key(key) {
            return None;
        }
        let turn = self.turns.get_with_by_ref(key, Arc::default);
        // Who waited too long makes the page alone.
        timeout(PATIENCE, turn.lock_owned()).await.ok()
    }

    /// A page whose making began after `arrival`: it shows all that its reader can know of, also where
    /// it is out of date again by now.
    fn find_made_since(&self, key: &str, arrival: Mark) -> Option<Arc<Kept>> {
        let page = self.pages.as_ref()?.get(key)?;
        (page.mark >= arrival && page.until.is_none()).then_some(page)
    }
}

/// Serves a page from memory where it can, and keeps what may be kept.
pub async fn serve(State(web): State<Web>, request: Request, next: Next) -> Response {
    let anonymous = !session::has_cookie(request.headers());
    let method = request.method();
    let Some(key) = (anonymous && (method == Method::GET || method == Method::HEAD))
        .then(|| key_of(&request))
        .flatten()
    else {
        return next.run(request).await;
    };
    let headers = request.headers();
    if let Some(page) = web.pages.find(&key, web.app.clock.now()) {
        metrics::counter!("rejoinder_page_cache_total", "outcome" => "hit").increment(1);
        return page.respond(headers);
    }
    let head = CodingHeaders::of(headers);
    let arrival = web.pages.changes.mark();
    let turn = web.pages.turn(&key).await;
    if turn.is_some()
        && let Some(page) = web.pages.find_made_since(&key, arrival)
    {
        metrics::counter!("rejoinder_page_cache_total", "outcome" => "joined").increment(1);
        return page.respond_to(&head);
    }
    metrics::counter!("rejoinder_page_cache_total", "outcome" => "miss").increment(1);
    let mark = web.pages.changes.mark();
    let mut request = request;
    // A page is the same for both methods, and HEAD would leave nothing to keep.
    *request.method_mut() = Method::GET;
    let mut response = next.run(request).await;
    let Some(cacheable) = response.extensions_mut().remove::<Cacheable>() else {
        return response;
    };
    if response.status() != StatusCode::OK {
        return response;
    }
    let size = response.body().size_hint().upper();
    if size.is_none_or(|size| size > LARGEST as u64) {
        tracing::warn!(key, "a page is too large to be kept");
        return response;
    }
    let (parts, body) = response.into_parts();
    let Ok(plain) = to_bytes(body, LARGEST).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let page = Arc::new(Kept::new(mark, cacheable, parts.headers, plain));
    if let Some(pages) = &web.pages.pages {
        pages.insert(key, Arc::clone(&page));
    }
    drop(turn);
    page.respond_to(&head)
}

struct CodingHeaders {
    coding: Coding,
    if_none_match: Option<HeaderValue>,
}

impl CodingHeaders {
    fn of(headers: &HeaderMap) -> Self {
        Self {
            coding: preferred(headers),
            if_none_match: headers.get(header::IF_NONE_MATCH).cloned(),
        }
    }
}

/// The path with the parameters that matter: others cannot fill the cache with copies.
fn key_of(request: &Request) -> Option<String> {
    let uri = request.uri();
    let Some(query) = uri.query() else {
        return Some(uri.path().to_owned());
    };
    let mut key = uri.path().to_owned();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        if name == "receipt" || name == "p" {
            return None;
        }
        if PARAMETERS.contains(&name.as_ref()) && value.len() < 20 {
            key.push('?');
            key.push_str(&value);
        }
    }
    Some(key)
}

impl Kept {
    fn new(mark: Mark, cacheable: Cacheable, mut headers: HeaderMap, plain: Bytes) -> Self {
        let hash = hex::encode(&Sha256::digest(&plain)[..8]);
        headers.remove(header::CONTENT_LENGTH);
        headers.insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static("public, no-cache"),
        );
        headers.insert(
            header::VARY,
            HeaderValue::from_static("accept-encoding, cookie"),
        );
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
            gzip: OnceLock::new(),
            brotli: OnceLock::new(),
        }
    }

    fn respond(&self, headers: &HeaderMap) -> Response {
        self.respond_to(&CodingHeaders::of(headers))
    }

    fn respond_to(&self, asked: &CodingHeaders) -> Response {
        let unchanged = asked.if_none_match.as_ref().is_some_and(|tags| {
            tags.as_bytes().split(|byte| *byte == b',').any(|tag| {
                let tag = tag.trim_ascii();
                tag == self.etag.as_bytes() || tag == b"*"
            })
        });
        let (status, coding, body) = if unchanged {
            (StatusCode::NOT_MODIFIED, Coding::Identity, Bytes::new())
        } else {
            (StatusCode::OK, asked.coding, self.body(asked.coding))
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

    /// Each form is made when it is first asked for.
    fn body(&self, coding: Coding) -> Bytes {
        match coding {
            Coding::Identity => self.plain.clone(),
            Coding::Gzip => self.gzip.get_or_init(|| gzip(&self.plain)).clone(),
            Coding::Brotli => self.brotli.get_or_init(|| brotli(&self.plain)).clone(),
        }
    }
}

fn gzip(plain: &[u8]) -> Bytes {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    match packed.write_all(plain).and_then(|()| packed.finish()) {
        Ok(packed) => packed.into(),
        // Writing to memory does not fail.
        Err(_) => Bytes::new(),
    }
}

fn brotli(plain: &[u8]) -> Bytes {
    let mut packed = Vec::new();
    {
        let mut writer = brotli::CompressorWriter::new(&mut packed, 4096, 5, 20);
        let _ = writer.write_all(plain);
    }
    packed.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepting(value: &'static str) -> Coding {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(value));
        preferred(&headers)
    }

    #[test]
    fn the_best_coding_that_the_client_takes_is_chosen() {
        assert_eq!(accepting("gzip, deflate, br, zstd"), Coding::Brotli);
        assert_eq!(accepting("gzip;q=0.5, br;q=0"), Coding::Gzip);
        assert_eq!(accepting("gzip;q=0.0"), Coding::Identity);
        assert_eq!(accepting("identity"), Coding::Identity);
        assert_eq!(preferred(&HeaderMap::new()), Coding::Identity);
    }

    #[test]
    fn parameters_that_do_not_matter_make_no_copies() {
        let key = |uri: &str| key_of(&Request::builder().uri(uri).body(Body::empty()).unwrap());
        assert_eq!(key("/a/?utm_source=x"), key("/a/"));
        assert_ne!(key("/a/?replytocom=1"), key("/a/"));
        assert_eq!(key("/a/?receipt=1-x"), None);
        assert_eq!(key("/?p=1"), None);
    }
}
