//! Addresses that are keys: whoever has one may see or decide something. One place knows them, so that
//! none of them stands whole in a log or is sent on in a Referer.

use std::borrow::Cow;

/// Path segments behind which the rest of a path is a key, with the segment that must stand before
/// them, if any.
const KEYS: &[(Option<&str>, &str)] = &[
    (Some("queue"), "letter"),
    (None, "receipt"),
    (None, "linkbacks"),
    (None, "setup"),
];
/// Fields of a query that are keys.
const FIELDS: &[&str] = &["receipt", "token"];
/// A run of so many hexadecimal digits is taken for a key wherever it stands: a slug has none, and an
/// address that is mistyped or spelt unusually matches no route.
const LONG_HEX: usize = 24;
const HIDDEN: &str = "[hidden]";

/// The path as it may be logged.
pub fn loggable(path: &str) -> Cow<'_, str> {
    if !is_key(path) {
        return Cow::Borrowed(path);
    }
    let mut out = String::with_capacity(path.len());
    let mut before: Vec<String> = Vec::new();
    for segment in path.split('/') {
        if !out.is_empty() || !before.is_empty() {
            out.push('/');
        }
        if opens_a_key(&before) && !segment.is_empty() {
            out.push_str(HIDDEN);
            return Cow::Owned(out);
        }
        out.push_str(if has_long_hex(segment) {
            HIDDEN
        } else {
            segment
        });
        before.push(plain(segment));
    }
    Cow::Owned(out)
}

/// Whether an address holds a key.
pub fn is_secret(path: &str, query: Option<&str>) -> bool {
    let in_query = |query: &str| {
        url::form_urlencoded::parse(query.as_bytes()).any(|(name, _)| FIELDS.contains(&&*name))
    };
    is_key(path) || query.is_some_and(in_query)
}

fn is_key(path: &str) -> bool {
    let mut before = Vec::new();
    for segment in path.split('/') {
        if has_long_hex(segment) || (opens_a_key(&before) && !segment.is_empty()) {
            return true;
        }
        before.push(plain(segment));
    }
    false
}

fn opens_a_key(before: &[String]) -> bool {
    let mut nearest = before.iter().rev().filter(|segment| !segment.is_empty());
    let (Some(last), above) = (nearest.next(), nearest.next()) else {
        return false;
    };
    KEYS.iter().any(|(parent, name)| {
        last == name && parent.is_none_or(|parent| above.is_some_and(|above| above == parent))
    })
}

/// A segment as a person reads it: `%6Cetter` is “letter”.
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
    fn a_key_never_stands_whole_in_a_log() {
        let key = "1-7-0-1700000000000-0123456789abcdef0123456789abcdef";
        for (path, logged) in [
            (format!("/queue/letter/{key}"), "/queue/letter/[hidden]"),
            (format!("/queue/letter/{key}/"), "/queue/letter/[hidden]"),
            (
                format!("//queue//letter//{key}"),
                "//queue//letter//[hidden]",
            ),
            (format!("/queue/%6Cetter/{key}"), "/queue/%6Cetter/[hidden]"),
            ("/queue/letter/short".to_owned(), "/queue/letter/[hidden]"),
            (
                format!("/2026/11/27/a/receipt/{key}"),
                "/2026/11/27/a/receipt/[hidden]",
            ),
            ("/linkbacks/abc".to_owned(), "/linkbacks/[hidden]"),
            (format!("/elsewhere/{key}/more"), "/elsewhere/[hidden]/more"),
            ("/setup/abc".to_owned(), "/setup/[hidden]"),
        ] {
            assert_eq!(loggable(&path), logged, "{path}");
            assert!(is_secret(&path, None), "{path}");
        }
        for path in [
            "/",
            "/2026/11/27/a-letter/",
            "/queue/",
            "/queue/letter/",
            "/a/letter/b",
            "/linkbacks",
        ] {
            assert_eq!(loggable(path), path);
            assert!(!is_secret(path, Some("page=2")), "{path}");
        }
        assert!(is_secret("/a/", Some("x=1&receipt=7-abc")));
        assert!(is_secret("/setup", Some("token=abc")));
        assert!(is_secret("/a/", Some("rec%65ipt=7-abc")));
    }
}
