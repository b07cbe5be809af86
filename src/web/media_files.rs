//! Serves pictures and documents: cached for good, in ranges, and so that nothing in them runs. `media::files_of`
//! finds them.

use std::ops::Range;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::error::Error;
use crate::media::files_of::{self, ServedFile};
use crate::store::entity::media::MediaKind;
use crate::web::respond::PageResult;
use crate::web::state::Web;

/// Whatever a file is, a browser that shows it runs and loads nothing.
const SANDBOX: &str = "default-src 'none'; sandbox";
/// The bytes of an address never change.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// Which part of a file is requested.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Requested {
    Whole,
    Part(Range<u64>),
    /// A part that the file does not have.
    Nothing,
}

/// `GET /media/TOKEN/NAME`
pub async fn show(
    State(web): State<Web>,
    Path((token, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> PageResult {
    let Some(file) = files_of::find(&web.app, &token, &name).await? else {
        return replaced(&web, &token, &name).await;
    };
    let etag = file.etag();
    if is_known(&headers, &etag) {
        let mut response = StatusCode::NOT_MODIFIED.into_response();
        describe(&mut response, &file, &etag);
        return Ok(response);
    }
    let requested = requested(&headers, &etag, file.size);
    let (status, range) = match requested {
        Requested::Whole => (StatusCode::OK, None),
        Requested::Part(range) => (StatusCode::PARTIAL_CONTENT, Some(range)),
        Requested::Nothing => return Ok(not_satisfiable(file.size)),
    };
    let found = file.read(&web.app, range.clone()).await?;
    let mut response = (status, Body::from_stream(found.into_stream())).into_response();
    describe(&mut response, &file, &etag);
    let length = range
        .as_ref()
        .map_or(file.size, |range| range.end - range.start);
    let head = response.headers_mut();
    set(head, header::CONTENT_TYPE, &file.media_type);
    head.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    if let Some(range) = range {
        let last = range.end - 1;
        let range = format!("bytes {}-{last}/{}", range.start, file.size);
        set(head, header::CONTENT_RANGE, &range);
    }
    Ok(response)
}

/// Redirects to the file that replaced another one. It may be replaced again, so the redirect is not cached.
async fn replaced(web: &Web, token: &str, name: &str) -> PageResult {
    let address = files_of::find_replacement(&web.app, token, name)
        .await?
        .ok_or(Error::NotFound("file"))?;
    let mut response = Redirect::temporary(&address).into_response();
    let head = response.headers_mut();
    set(head, header::CACHE_CONTROL, "no-cache");
    set(
        head,
        HeaderName::from_static("cross-origin-resource-policy"),
        "cross-origin",
    );
    Ok(response)
}

/// The headers of a file, also where the browser has it already.
fn describe(response: &mut Response, file: &ServedFile, etag: &str) {
    let head = response.headers_mut();
    for (name, value) in [
        (header::CACHE_CONTROL, FOR_EVER),
        (header::ETAG, etag),
        (header::ACCEPT_RANGES, "bytes"),
        (header::CONTENT_SECURITY_POLICY, SANDBOX),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        set(head, name, value);
    }
    match file.kind {
        // Feeds are read on other sites, with their pictures.
        MediaKind::Picture => set(
            head,
            HeaderName::from_static("cross-origin-resource-policy"),
            "cross-origin",
        ),
        MediaKind::Document => set(
            head,
            header::CONTENT_DISPOSITION,
            &disposition(&file.file_name),
        ),
    }
}

fn set(head: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        head.insert(name, value);
    }
}

/// To be saved under its name, in any script (RFC 6266, RFC 8187).
fn disposition(file_name: &str) -> String {
    let ascii: String = file_name
        .chars()
        .map(|c| match c {
            '"' | '\\' => '_',
            c if c.is_ascii() && !c.is_ascii_control() => c,
            _ => '_',
        })
        .collect();
    let encoded = utf8_percent_encode(file_name, NON_ALPHANUMERIC);
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{encoded}")
}

fn not_satisfiable(size: u64) -> Response {
    let mut response = StatusCode::RANGE_NOT_SATISFIABLE.into_response();
    let head = response.headers_mut();
    // With a type, it is a response of its own and not replaced by an error page.
    set(head, header::CONTENT_TYPE, "application/octet-stream");
    set(head, header::CONTENT_RANGE, &format!("bytes */{size}"));
    response
}

/// Whether the browser has this file (RFC 9110, section 13.1.2).
fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|known| known.trim().trim_start_matches("W/"))
        .any(|known| known == "*" || known == etag)
}

/// One range of bytes; several, or another unit, are ignored, as RFC 9110 (section 14.2) allows.
fn requested(headers: &HeaderMap, etag: &str, size: u64) -> Requested {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if text(header::IF_RANGE).is_some_and(|known| known.trim() != etag) {
        return Requested::Whole;
    }
    match text(header::RANGE).and_then(|range| range.trim().strip_prefix("bytes=")) {
        Some(range) => parse_range(range, size),
        None => Requested::Whole,
    }
}

fn parse_range(range: &str, size: u64) -> Requested {
    let number = |text: &str| match text.bytes().all(|byte| byte.is_ascii_digit()) {
        true => text.parse::<u64>().ok(),
        false => None,
    };
    let Some((first, last)) = range.split_once('-') else {
        return Requested::Whole;
    };
    match (first, last) {
        ("", last) => match number(last) {
            Some(0) => Requested::Nothing,
            Some(_) if size == 0 => Requested::Nothing,
            Some(length) => Requested::Part(size.saturating_sub(length)..size),
            None => Requested::Whole,
        },
        (first, last) => {
            let end = match last {
                "" => Some(size),
                last => number(last).map(|last| last.saturating_add(1).min(size)),
            };
            match (number(first), end) {
                (Some(first), Some(_)) if first >= size => Requested::Nothing,
                (Some(first), Some(end)) if first < end => Requested::Part(first..end),
                _ => Requested::Whole,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_parts_of_the_file() {
        for (range, expected) in [
            ("0-0", Requested::Part(0..1)),
            ("2-", Requested::Part(2..10)),
            ("-3", Requested::Part(7..10)),
            ("-99", Requested::Part(0..10)),
            ("5-99999999999999999999", Requested::Whole),
            ("5-18446744073709551615", Requested::Part(5..10)),
            ("10-", Requested::Nothing),
            ("-0", Requested::Nothing),
            ("3-2", Requested::Whole),
            ("0-1,3-4", Requested::Whole),
            ("a-b", Requested::Whole),
            ("-", Requested::Whole),
            ("", Requested::Whole),
            ("+1-2", Requested::Whole),
        ] {
            assert_eq!(parse_range(range, 10), expected, "{range}");
        }
        assert_eq!(parse_range("0-", 0), Requested::Nothing);
    }

    #[test]
    fn a_name_cannot_end_its_header() {
        assert_eq!(
            disposition("a\"é.pdf"),
            "attachment; filename=\"a__.pdf\"; filename*=UTF-8''a%22%C3%A9%2Epdf"
        );
    }
}
