//! URLs that hold a secret: whoever has one may see or decide something. They are listed here alone, so that
//! no secret is logged or sent in a Referer header. Checks no secret itself.

use std::borrow::Cow;

/// Segments after which the rest of a path is a secret, with the segment that must come before them, if
/// any.
const SECRET_SEGMENTS: &[(Option<&str>, &str)] = &[
    (Some("queue"), "email"),
    (None, "receipt"),
    (None, "linkbacks"),
    (None, "setup"),
];
/// Parameters whose value is a secret.
const SECRET_PARAMETERS: &[&str] = &["receipt", "token"];
/// A run of this many hexadecimal digits counts as a secret in any path: no slug has one, and a mistyped
/// URL matches no route.
const LONG_HEX: usize = 24;
const REDACTED: &str = "[hidden]";

/// The path without its secrets, as it may be logged.
pub fn redact(path: &str) -> Cow<'_, str> {
    if !has_secret(path) {
        return Cow::Borrowed(path);
    }
    let mut out = String::with_capacity(path.len());
    let mut before: Vec<String> = Vec::new();
    for segment in path.split('/') {
        if !out.is_empty() || !before.is_empty() {
            out.push('/');
        }
        if precedes_secret(&before) && !segment.is_empty() {
            out.push_str(REDACTED);
            return Cow::Owned(out);
        }
        out.push_str(if has_long_hex(segment) {
            REDACTED
        } else {
            segment
        });
        before.push(plain(segment));
    }
    Cow::Owned(out)
}

/// Whether a URL holds a secret.
pub fn is_secret(path: &str, query: Option<&str>) -> bool {
    let in_query = |query: &str| {
        url::form_urlencoded::parse(query.as_bytes())
            .any(|(name, _)| SECRET_PARAMETERS.contains(&&*name))
    };
    has_secret(path) || query.is_some_and(in_query)
}

fn has_secret(path: &str) -> bool {
    let mut before = Vec::new();
    for segment in path.split('/') {
        if has_long_hex(segment) || (precedes_secret(&before) && !segment.is_empty()) {
            return true;
        }
        before.push(plain(segment));
    }
    false
}

fn precedes_secret(before: &[String]) -> bool {
    let mut nearest = before.iter().rev().filter(|segment| !segment.is_empty());
    let (Some(last), above) = (nearest.next(), nearest.next()) else {
        return false;
    };
    SECRET_SEGMENTS.iter().any(|(parent, name)| {
        last == name && parent.is_none_or(|parent| above.is_some_and(|above| above == parent))
    })
}

/// A segment in its decoded form: `%65mail` is “email”.
fn plain(segment: &str) -> String {
    percent_encoding::percent_decode_str(segment)
        .decode_utf8_lossy()
        .to_ascii_lowercase()
}

fn has_long_hex(segment: &str) -> bool {
    let mut run = 0;
    plain(segment).bytes().any(|byte| {
        run = if byte.is_ascii_hexdigit() { run + 1 } else { 0 };
        run >= LONG_HEX
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_logged() {
        let key = "1-7-0-1700000000000-0123456789abcdef0123456789abcdef";
        for (path, logged) in [
            (format!("/queue/email/{key}"), "/queue/email/[hidden]"),
            (format!("/queue/email/{key}/"), "/queue/email/[hidden]"),
            (format!("//queue//email//{key}"), "//queue//email//[hidden]"),
            (format!("/queue/%65mail/{key}"), "/queue/%65mail/[hidden]"),
            ("/queue/email/short".to_owned(), "/queue/email/[hidden]"),
            (
                format!("/2026/11/27/a/receipt/{key}"),
                "/2026/11/27/a/receipt/[hidden]",
            ),
            ("/linkbacks/abc".to_owned(), "/linkbacks/[hidden]"),
            (format!("/elsewhere/{key}/more"), "/elsewhere/[hidden]/more"),
            ("/setup/abc".to_owned(), "/setup/[hidden]"),
        ] {
            assert_eq!(redact(&path), logged, "{path}");
            assert!(is_secret(&path, None), "{path}");
        }
        for path in [
            "/",
            "/2026/11/27/an-email/",
            "/queue/",
            "/queue/email/",
            "/a/email/b",
            "/linkbacks",
        ] {
            assert_eq!(redact(path), path);
            assert!(!is_secret(path, Some("page=2")), "{path}");
        }
        assert!(is_secret("/a/", Some("x=1&receipt=7-abc")));
        assert!(is_secret("/setup", Some("token=abc")));
        assert!(is_secret("/a/", Some("rec%65ipt=7-abc")));
    }
}
