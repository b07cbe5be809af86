//! Validates requests against HTTP (RFC 9110, RFC 9112, RFC 9113) before anything else sees them. Reads no
//! body.

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderValue, Method, StatusCode, Version, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::web::body_limits::BodyLimits;
use crate::web::page_request::PageRequest;

/// Why a request is rejected; an extension of the request, so that [`reject`] answers where error pages are
/// made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RejectedRequest(pub StatusCode);

/// The methods of RFC 9110 and RFC 5789; any other one is answered with 501.
const METHODS: [Method; 9] = [
    Method::GET,
    Method::HEAD,
    Method::POST,
    Method::PUT,
    Method::DELETE,
    Method::CONNECT,
    Method::OPTIONS,
    Method::TRACE,
    Method::PATCH,
];

/// Parses the URL, and marks a request that is not valid.
pub async fn validate(State(limits): State<BodyLimits>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    match check(&parts, limits) {
        Ok((host, page)) => {
            if let Some(uri) = page.canonical_uri(&parts.uri) {
                parts.uri = uri;
            }
            if let Some(host) = host {
                parts.headers.insert(header::HOST, host);
            }
            parts.extensions.insert(page);
        }
        Err(status) => {
            parts.extensions.insert(RejectedRequest(status));
        }
    }
    next.run(Request::from_parts(parts, body)).await
}

/// Answers a request that [`validate`] marked.
pub async fn reject(request: Request, next: Next) -> Response {
    match request.extensions().get::<RejectedRequest>() {
        Some(RejectedRequest(status)) => status.into_response(),
        None => next.run(request).await,
    }
}

/// The host where it has to be added to the headers, and the page that is requested.
fn check(
    parts: &Parts,
    limits: BodyLimits,
) -> Result<(Option<HeaderValue>, PageRequest), StatusCode> {
    if !METHODS.contains(&parts.method) {
        return Err(StatusCode::NOT_IMPLEMENTED);
    }
    if parts.method == Method::TRACE || parts.method == Method::CONNECT {
        return Err(StatusCode::METHOD_NOT_ALLOWED);
    }
    let host = check_host(parts)?;
    if !matches!(parts.uri.scheme_str(), None | Some("http" | "https")) {
        return Err(StatusCode::BAD_REQUEST);
    }
    check_expect(parts)?;
    let max_body = limits.of_path(parts.uri.path());
    if content_length(parts)?.is_some_and(|length| length > max_body as u64) {
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    let page = PageRequest::parse(&parts.uri).ok_or(StatusCode::NOT_FOUND)?;
    Ok((host, page))
}

/// One host, in one place (RFC 9112, section 3.2; RFC 9113, section 8.3.1). The host of an absolute
/// URL takes precedence over the header.
fn check_host(parts: &Parts) -> Result<Option<HeaderValue>, StatusCode> {
    let mut hosts = parts.headers.get_all(header::HOST).iter();
    let named = hosts.next();
    if hosts.next().is_some() {
        return Err(StatusCode::BAD_REQUEST);
    }
    if named.is_some_and(|host| !is_host(host.as_bytes())) {
        return Err(StatusCode::BAD_REQUEST);
    }
    match (parts.uri.authority(), named) {
        (Some(authority), named) => {
            let authority = authority.as_str();
            let differs = named
                .is_some_and(|host| !host.as_bytes().eq_ignore_ascii_case(authority.as_bytes()));
            if !is_host(authority.as_bytes()) || (parts.version == Version::HTTP_2 && differs) {
                return Err(StatusCode::BAD_REQUEST);
            }
            HeaderValue::from_str(authority)
                .map(Some)
                .map_err(|_| StatusCode::BAD_REQUEST)
        }
        (None, None) if parts.version >= Version::HTTP_11 => Err(StatusCode::BAD_REQUEST),
        (None, _) => Ok(None),
    }
}

/// A host with or without a port, and nothing else.
fn is_host(bytes: &[u8]) -> bool {
    let Ok(authority) = Authority::try_from(bytes) else {
        return false;
    };
    let text = authority.as_str();
    let rest = text.strip_prefix(authority.host()).unwrap_or("@");
    let has_port = match rest.strip_prefix(':') {
        Some(port) => port.is_empty() || port.parse::<u16>().is_ok() && !port.starts_with('+'),
        None => rest.is_empty(),
    };
    !authority.host().is_empty()
        && has_port
        && authority
            .host()
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~[]:%".contains(&byte))
}

/// There is only one expectation (RFC 9110, section 10.1.1).
fn check_expect(parts: &Parts) -> Result<(), StatusCode> {
    let all_known = parts.headers.get_all(header::EXPECT).iter().all(|value| {
        value
            .as_bytes()
            .trim_ascii()
            .eq_ignore_ascii_case(b"100-continue")
    });
    if all_known {
        Ok(())
    } else {
        Err(StatusCode::EXPECTATION_FAILED)
    }
}

fn content_length(parts: &Parts) -> Result<Option<u64>, StatusCode> {
    let mut found = None;
    for value in parts.headers.get_all(header::CONTENT_LENGTH) {
        let bytes = value.as_bytes();
        let is_number = !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit);
        let length: u64 = std::str::from_utf8(bytes)
            .ok()
            .filter(|_| is_number)
            .and_then(|text| text.parse().ok())
            .ok_or(StatusCode::BAD_REQUEST)?;
        if found.is_some_and(|other| other != length) {
            return Err(StatusCode::BAD_REQUEST);
        }
        found = Some(length);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: BodyLimits = BodyLimits {
        ordinary: 1000,
        upload: 2000,
        replacement: 1500,
    };

    fn status(method: &str, target: &str, headers: &[(&str, &str)]) -> Option<u16> {
        let mut request = axum::http::Request::builder().method(method).uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        check(&parts, LIMITS).err().map(|status| status.as_u16())
    }

    #[test]
    fn a_request_names_one_host() {
        for (host, expected) in [
            ("news.example", None),
            ("news.example:8080", None),
            ("127.0.0.1:80", None),
            ("[::1]:80", None),
            ("", Some(400)),
            ("user@news.example", Some(400)),
            ("news.example/path", Some(400)),
            ("a b", Some(400)),
            ("a,b", Some(400)),
            ("news.example:99999", Some(400)),
            ("news.example:x", Some(400)),
        ] {
            assert_eq!(status("GET", "/", &[("host", host)]), expected, "{host}");
        }
        assert_eq!(status("GET", "/", &[]), Some(400));
        assert_eq!(
            status("GET", "/", &[("host", "a"), ("host", "a")]),
            Some(400)
        );
        assert_eq!(status("GET", "http://a/", &[("host", "b")]), None);
        assert_eq!(status("GET", "ftp://a/", &[("host", "a")]), Some(400));
        assert_eq!(status("GET", "http://u@a/", &[("host", "a")]), Some(400));
    }

    #[test]
    fn in_http2_the_host_header_must_match_the_url() {
        for (host, is_accepted) in [
            ("a:80", true),
            ("A:80", true),
            ("a", false),
            ("b:80", false),
        ] {
            let request = axum::http::Request::builder().version(Version::HTTP_2);
            let request = request.uri("http://a:80/").header("host", host).body(());
            let (parts, ()) = request.unwrap().into_parts();
            assert_eq!(check(&parts, LIMITS).is_ok(), is_accepted, "{host}");
        }
    }

    #[test]
    fn invalid_methods_expectations_and_sizes_have_their_own_status() {
        let host = ("host", "a");
        assert_eq!(status("BREW", "/", &[host]), Some(501));
        assert_eq!(status("TRACE", "/", &[host]), Some(405));
        assert_eq!(status("CONNECT", "/", &[host]), Some(405));
        assert_eq!(
            status("POST", "/", &[host, ("expect", "100-Continue")]),
            None
        );
        assert_eq!(status("POST", "/", &[host, ("expect", "magic")]), Some(417));
        assert_eq!(
            status("POST", "/", &[host, ("content-length", "1000")]),
            None
        );
        assert_eq!(
            status("POST", "/", &[host, ("content-length", "1001")]),
            Some(413)
        );
        assert_eq!(
            status("POST", "/", &[host, ("content-length", "+1")]),
            Some(400)
        );
        assert_eq!(status("GET", "/%00", &[host]), Some(404));
    }
}
