//! Signing in and signing out. The account is proved by `accounts::sign_in`.

use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Redirect};
use serde::Deserialize;
use tower_sessions::Session;

use crate::accounts::browser;
use crate::accounts::register::MAX_EMAIL;
use crate::accounts::sign_in::{SignInAttempt, sign_in};
use crate::error::{Error, Field, FieldError, Problem};
use crate::store::entity::ids::UserId;
use crate::texts::Message;
use crate::ui::problems;
use crate::web::client::ClientIp;
use crate::web::editor::compose;
use crate::web::form::Form;
use crate::web::respond::{PageResult, status_of};
use crate::web::session::{self, SignedIn, Visitor};
use crate::web::sign_in_page::{SignInPage, kept, sign_in_page};
use crate::web::state::Web;

/// The prefix of the cookie of a known browser; the account's id follows.
const BROWSER_COOKIE: &str = "rejoinder_browser_";
/// The most of these cookies that are read.
const MAX_BROWSERS: usize = 20;
/// The `Retry-After` for whoever tries while the server is busy, in seconds.
const BUSY_SECONDS: u64 = 5;

/// The query of the sign-in page.
#[derive(Debug, Default, Deserialize)]
pub struct SignInQuery {
    /// The path where to go afterwards.
    next: Option<String>,
}

/// `GET /login`
pub async fn show_sign_in(
    State(web): State<Web>,
    Visitor(visitor): Visitor,
    Query(query): Query<SignInQuery>,
) -> PageResult {
    let next = query.next.unwrap_or_default();
    if visitor.is_some() {
        return Ok(Redirect::to(session::safe_next(&next)).into_response());
    }
    let page = SignInPage {
        next: &next,
        ..SignInPage::default()
    };
    Ok(sign_in_page(&web, &page).await.into_response())
}

/// `POST /login`
pub async fn create_session(
    State(web): State<Web>,
    session: Session,
    client: ClientIp,
    headers: HeaderMap,
    form: Form,
) -> PageResult {
    let browsers = known_browsers(&headers);
    let attempt = SignInAttempt {
        email: form.get("email"),
        password: form.get("password"),
        client: client.0,
        browsers: &browsers,
    };
    let signed_in = match sign_in(&web.app, &attempt).await {
        Ok(signed_in) => signed_in,
        Err(error) => return refused(&web, &form, error).await,
    };
    let user = signed_in.user;
    session::begin(&session, &user, web.app.clock.now()).await?;
    let kept = kept(&form);
    let cookie = browser_cookie(&web, user.id, &signed_in.browser);
    let mut response = if kept.is_empty() {
        Redirect::to(session::safe_next(form.get("next"))).into_response()
    } else {
        // Their session ended while they wrote: give the text back, nothing is saved yet.
        compose::resume(&web, &SignedIn::from(user), &Form::from_fields(kept)).await?
    };
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// The sign-in page with what is wrong, where the person can do something about it.
async fn refused(web: &Web, form: &Form, error: Error) -> PageResult {
    let status = status_of(&error);
    let at_password = |problem| {
        let field = Field::Password;
        vec![FieldError { field, problem }]
    };
    let (problems, retry_after) = match error {
        Error::Invalid(errors) => (errors, None),
        Error::TooMany { retry_after } => {
            let seconds = retry_after.as_secs() + 1;
            let message = Message::new("sign-in-too-many").with("seconds", seconds);
            (at_password(Problem::Unusable(message)), Some(seconds))
        }
        Error::Unavailable(message) => {
            (at_password(Problem::Unusable(message)), Some(BUSY_SECONDS))
        }
        error => return Err(error.into()),
    };
    let email = form.get("email");
    let page = SignInPage {
        next: form.get("next"),
        // What is too long for an address is not sent back.
        email: if email.len() <= MAX_EMAIL { email } else { "" },
        problems: problems::texts(&web.texts, &problems),
        kept: &kept(form),
    };
    let mut response = (status, sign_in_page(web, &page).await).into_response();
    if let Some(seconds) = retry_after {
        let seconds = HeaderValue::from(seconds);
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    Ok(response)
}

/// The names that earlier sign-ins gave to this browser.
fn known_browsers(headers: &HeaderMap) -> Vec<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|cookies| cookies.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .filter(|(name, _)| name.starts_with(BROWSER_COOKIE))
        .map(|(_, value)| value.to_owned())
        .take(MAX_BROWSERS)
        .collect()
}

/// The cookie that makes the browser known: one for each account, sent to the sign-in page only.
fn browser_cookie(web: &Web, user: UserId, name: &str) -> String {
    let seconds = browser::LIFETIME.as_secs();
    let secure = if web.app.urls.is_https() {
        "; Secure"
    } else {
        ""
    };
    format!(
        "{BROWSER_COOKIE}{user}={name}; Path=/login; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"
    )
}

/// `POST /logout`
pub async fn delete_session(session: Session) -> PageResult {
    session::end(&session).await?;
    Ok(Redirect::to("/").into_response())
}
