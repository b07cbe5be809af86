//! The cookie of a guest who has sent a comment: by it the site knows the same browser again. It is set
//! when a comment is sent, read when one is sent, and never on a page: pages are the same for all guests.

use axum::http::{HeaderMap, HeaderValue, header};
use tower_sessions::cookie::{Cookie, SameSite};

use crate::accounts::secret;
use crate::error::{Error, Result};
use crate::responses::proof::{BrowserKey, Proof};
use crate::store::entity::user;
use crate::web::state::Web;

/// The cookie.
const COOKIE: &str = "rejoinder_writer";
/// How long it is kept after the last comment.
const KEPT: time::Duration = time::Duration::days(365);
/// The longest value that is looked at, in bytes.
const MAX_VALUE: usize = 200;

/// What a request proves of who sends it, and the cookie to set where a comment came of it.
pub async fn prove(
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
        .max_age(KEPT)
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
