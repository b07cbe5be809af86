//! Middleware for all requests: id, log line, metrics and security headers. Changes no body.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::web::body_limits;
use crate::web::cacheable::Cacheable;
use crate::web::secret_urls;

/// Identifies a request in the log and on the page of an internal error.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// Only resources of this site, nothing inline, no frames.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
     font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'";

static SECURITY_HEADERS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    // With no-referrer browsers send forms with Origin: null, which looks like another site.
    (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// What the security headers of a site depend on.
#[derive(Clone)]
pub struct SecuritySettings {
    /// For a site that is reached by https.
    pub transport: Option<HeaderValue>,
    /// The policy of pages that show posts, where posts may show pictures of other hosts.
    pub posts_policy: Option<HeaderValue>,
}

/// The policy that allows pictures of these hosts too, by https; None without hosts.
pub fn posts_policy(hosts: &[String]) -> Option<HeaderValue> {
    if hosts.is_empty() {
        return None;
    }
    let own = "img-src 'self' data:";
    let allowed: String = hosts
        .iter()
        .map(|host| format!(" https://{host}"))
        .collect();
    let policy = CONTENT_SECURITY_POLICY.replacen(own, &format!("{own}{allowed}"), 1);
    HeaderValue::from_str(&policy).ok()
}

/// Whether a page may show a post: readers' pages and the editor.
fn shows_posts(path: &str) -> bool {
    let is_staffs = ["/desk/", "/queue/", "/settings/"]
        .iter()
        .any(|prefix| path.starts_with(prefix));
    let has_form_alone = matches!(path, "/login" | "/setup");
    (!is_staffs && !has_form_alone) || path.starts_with("/desk/posts")
}

/// Adds the security headers, and forbids to store what is not marked as cacheable.
pub async fn security_headers(
    State(settings): State<SecuritySettings>,
    request: Request,
    next: Next,
) -> Response {
    let posts_policy = settings
        .posts_policy
        .filter(|_| shows_posts(request.uri().path()));
    let mut response = next.run(request).await;
    let is_cacheable = response.extensions().get::<Cacheable>().is_some();
    let headers = response.headers_mut();
    if !is_cacheable {
        headers
            .entry(header::CACHE_CONTROL)
            .or_insert(HeaderValue::from_static("no-store"));
    }
    if let Some(transport) = settings.transport {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, transport);
    }
    if let Some(policy) = posts_policy {
        headers
            .entry(header::CONTENT_SECURITY_POLICY)
            .or_insert(policy);
    }
    for (name, value) in &SECURITY_HEADERS {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Keeps a URL that holds a secret out of the Referer header. It is outside of the page cache, where one page
/// may have several URLs.
pub async fn hide_secret_url(request: Request, next: Next) -> Response {
    let is_secret = secret_urls::is_secret(request.uri().path(), request.uri().query());
    let mut response = next.run(request).await;
    if is_secret {
        let only_origin = HeaderValue::from_static("strict-origin");
        response
            .headers_mut()
            .insert(header::REFERRER_POLICY, only_origin);
    }
    response
}

/// The header that makes browsers use https alone (RFC 6797), for a site that is reached by it.
pub fn strict_transport_security(is_https: bool, seconds: u64) -> Option<HeaderValue> {
    (is_https && seconds > 0)
        .then(|| HeaderValue::from_str(&format!("max-age={seconds}")).ok())
        .flatten()
}

/// Gives the request its id, and logs and measures it once it is answered. Pages that were read without
/// an error are logged at the level `debug`.
pub async fn log_request(mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = request_id();
    let method = request.method().clone();
    let path = secret_urls::redact(request.uri().path()).into_owned();
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut response = next.run(request).await;
    let status = response.status();
    let took = started.elapsed();
    let route = response
        .extensions()
        .get::<MatchedPath>()
        .map_or("none", MatchedPath::as_str)
        .to_owned();
    metrics::histogram!("rejoinder_request_seconds", "method" => method_name(&method), "route" => route)
        .record(took.as_secs_f64());
    metrics::counter!("rejoinder_requests_total", "status" => status_class(status.as_u16()))
        .increment(1);
    let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    // An unknown method (501) is the client's mistake.
    if status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED {
        tracing::error!(id, %method, path, status = status.as_u16(), took_us = took, "answer");
    } else if status.is_client_error()
        || status.is_server_error()
        || (method != Method::GET && method != Method::HEAD)
    {
        tracing::info!(id, %method, path, status = status.as_u16(), took_us = took, "answer");
    } else {
        tracing::debug!(id, %method, path, status = status.as_u16(), took_us = took, "answer");
    }
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("x-request-id", id);
    }
    response
}

/// Passes the route's pattern on to [`log_request`], which is outside of the routing.
pub async fn expose_route(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut response = next.run(request).await;
    if let Some(route) = route {
        response.extensions_mut().insert(route);
    }
    response
}

/// Practically unique among the nodes of a site: a random prefix for each process, then a count.
fn request_id() -> String {
    static START: std::sync::LazyLock<u32> = std::sync::LazyLock::new(rand::random);
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("{:08x}-{:x}", *START, NEXT.fetch_add(1, Ordering::Relaxed))
}

fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        _ => "other",
    }
}

fn status_class(status: u16) -> &'static str {
    match status {
        200..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        _ => "5xx",
    }
}

/// The longest that an upload may take, with the work on its pictures.
const MAX_UPLOAD_TIME: Duration = Duration::from_secs(600);

/// Answers 503 where a request takes longer than `time`, or an upload longer than its own limit.
pub async fn limit_time(State(time): State<Duration>, request: Request, next: Next) -> Response {
    let time = match body_limits::is_upload(request.method(), request.uri().path()) {
        true => time.max(MAX_UPLOAD_TIME),
        false => time,
    };
    match tokio::time::timeout(time, next.run(request)).await {
        Ok(response) => response,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// For pages of the staff, which no cache may store.
pub async fn no_store(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
