//! The cookie of a session: reading it from a request and removing it. Knows no database.

use axum::http::{HeaderMap, HeaderValue, header};
use sha2::{Digest, Sha256};
use tower_sessions::session::Id;

/// The cookie that is set for people who sign in, and for nobody else.
pub const COOKIE: &str = "rejoinder_session";

/// Whether the request has the cookie, valid or not.
pub fn has_cookie(headers: &HeaderMap) -> bool {
    headers.get_all(header::COOKIE).iter().any(|cookies| {
        cookies.to_str().is_ok_and(|cookies| {
            cookies.split(';').any(|cookie| {
                cookie
                    .trim_start()
                    .strip_prefix(COOKIE)
                    .is_some_and(|rest| rest.starts_with('='))
            })
        })
    })
}

/// The session id in the cookie; None where its value cannot be one.
pub fn cookie_id(headers: &HeaderMap) -> Option<Id> {
    let value = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|cookies| cookies.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().strip_prefix(COOKIE)?.strip_prefix('='))
        .next_back()?;
    value.parse().ok()
}

pub fn remove_cookie(headers: &mut HeaderMap) {
    if !has_cookie(headers) {
        return;
    }
    let others: Vec<String> = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|cookies| cookies.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .map(str::trim)
        .filter(|cookie| {
            cookie
                .strip_prefix(COOKIE)
                .is_none_or(|rest| !rest.starts_with('='))
        })
        .map(str::to_owned)
        .collect();
    headers.remove(header::COOKIE);
    if !others.is_empty()
        && let Ok(others) = HeaderValue::try_from(others.join("; "))
    {
        headers.insert(header::COOKIE, others);
    }
}

/// The key of a session's row: a hash of its id.
pub fn key(id: &Id) -> String {
    hex::encode(Sha256::digest(id.0.to_be_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(cookies: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, cookies.parse().unwrap());
        headers
    }

    #[test]
    fn only_the_sessions_own_cookie_counts() {
        assert!(has_cookie(&with("a=b; rejoinder_session=x")));
        assert!(!has_cookie(&with(
            "rejoinder_session_old=x; a=rejoinder_session"
        )));
    }

    #[test]
    fn a_cookie_that_cannot_be_a_session_is_none() {
        assert!(cookie_id(&with("rejoinder_session=made-up")).is_none());
        assert!(cookie_id(&with("a=b")).is_none());
        let id = Id::default();
        let cookies = format!("a=b; rejoinder_session={id}");
        assert_eq!(cookie_id(&with(&cookies)), Some(id));
    }

    #[test]
    fn a_removed_cookie_leaves_the_others() {
        let mut headers = with("a=b; rejoinder_session=x;c=d");
        remove_cookie(&mut headers);
        assert_eq!(headers.get(header::COOKIE).unwrap(), "a=b; c=d");
        let mut headers = with("rejoinder_session=x");
        remove_cookie(&mut headers);
        assert!(!headers.contains_key(header::COOKIE));
    }
}
