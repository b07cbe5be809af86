//! The cookie of a guest who has sent a comment, which lets the site recognise the browser. Set and read when
//! a comment is sent, never on a page: pages are the same for all guests.

use axum::http::{HeaderMap, HeaderValue, header};
use tower_sessions::cookie::{Cookie, SameSite};

use crate::accounts::secret;
use crate::error::{Error, Result};
use crate::responses::proof::{BrowserKey, Proof};
use crate::store::entity::user;
use crate::web::state::Web;

const COOKIE: &str = "rejoinder_commenter";
/// Counted from the last comment.
const LIFETIME: time::Duration = time::Duration::days(365);
/// Longer values are ignored, in bytes.
const MAX_VALUE: usize = 200;

/// What a request proves about its sender, and the cookie to set if it becomes a comment.
pub async fn identify(
    web: &Web,
    headers: &HeaderMap,
    visitor: Option<&user::Model>,
) -> Result<(Proof, Option<HeaderValue>)> {
    if let Some(user) = visitor {
        return Ok((Proof::Staff(user.id), None));
    }
    let secret = secret::find(&web.app).await?;
    let key = value_of(headers)
        .and_then(|value| BrowserKey::read(&secret, value))
        .unwrap_or_else(BrowserKey::random);
    let cookie = Cookie::build((COOKIE, key.signed(&secret)))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(web.app.urls.is_https())
        .max_age(LIFETIME)
        .build();
    let cookie = HeaderValue::from_str(&cookie.to_string())
        .map_err(|error| Error::internal("write a cookie", error))?;
    Ok((Proof::Browser(key), Some(cookie)))
}

fn value_of(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|cookies| cookies.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .find_map(|cookie| cookie.trim().strip_prefix(COOKIE)?.strip_prefix('='))
        .filter(|value| value.len() <= MAX_VALUE)
}
