//! Coming in and going out: signing in, signing out, and the first administrator's set-up.

use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;
use tower_sessions::Session;

use crate::accounts::browser;
use crate::accounts::register::{self, AccountInput, MAX_EMAIL};
use crate::accounts::sign_in::{Attempt, sign_in};
use crate::error::{Error, Field, FieldError, Problem};
use crate::store::entity::ids::UserId;
use crate::web::client::Client;
use crate::web::editor::compose;
use crate::web::form::Form;
use crate::web::respond::PageResult;
use crate::web::session::{self, SignedIn, Visitor};
use crate::web::sign_in_page::{SignInPage, kept, sign_in_page};
use crate::web::state::Web;
use crate::web::views::fields::{self, Input};
use crate::web::views::staff::door_page;

/// The cookie of a known browser begins so; the account's number follows.
const BROWSER: &str = "rejoinder_browser_";
/// The most of them that are looked at.
const MAX_BROWSERS: usize = 20;
/// When somebody shall try again who came when there was too much to do, in seconds.
const BUSY_SECONDS: u64 = 5;

/// Where to go afterwards.
#[derive(Debug, Default, Deserialize)]
pub struct After {
    next: Option<String>,
}

/// `GET /login`
pub async fn show_sign_in(
    State(web): State<Web>,
    Visitor(visitor): Visitor,
    Query(after): Query<After>,
) -> PageResult {
    let next = after.next.unwrap_or_default();
    if visitor.is_some() {
        return Ok(Redirect::to(session::safe_next(&next)).into_response());
    }
    let page = SignInPage {
        next: &next,
        ..SignInPage::default()
    };
    Ok(sign_in_page(&web, &page).await?.into_response())
}

/// `POST /login`
pub async fn create_session(
    State(web): State<Web>,
    session: Session,
    client: Client,
    headers: HeaderMap,
    form: Form,
) -> PageResult {
    let email = form.get("email");
    let browsers = browsers(&headers);
    let attempt = Attempt {
        email,
        password: form.get("password"),
        client: client.0,
        browsers: &browsers,
    };
    let signed_in = match sign_in(&web.app, &attempt).await {
        Ok(signed_in) => signed_in,
        Err(error @ (Error::Invalid(_) | Error::TooMany { .. } | Error::Unavailable(_))) => {
            let status = crate::web::respond::status_of(&error);
            let (problems, retry_after) = match error {
                Error::TooMany { retry_after } => {
                    let seconds = retry_after.as_secs() + 1;
                    let wait = FieldError {
                        field: Field::Password,
                        problem: Problem::TooFast { seconds },
                    };
                    (vec![wait], Some(seconds))
                }
                Error::Invalid(fields) => (fields, None),
                error => {
                    let words = error.to_string();
                    let problem = Problem::Unusable { words };
                    let field = Field::Password;
                    (vec![FieldError { field, problem }], Some(BUSY_SECONDS))
                }
            };
            let kept = kept(&form);
            let page = SignInPage {
                next: form.get("next"),
                // What no address can be is not carried about.
                email: if email.len() <= MAX_EMAIL { email } else { "" },
                problems: fields::plain_problems(&problems),
                kept: &kept,
            };
            let mut response = (status, sign_in_page(&web, &page).await?).into_response();
            if let Some(value) =
                retry_after.and_then(|seconds| HeaderValue::from_str(&seconds.to_string()).ok())
            {
                response.headers_mut().insert(header::RETRY_AFTER, value);
            }
            return Ok(response);
        }
        Err(error) => return Err(error.into()),
    };
    let user = signed_in.user;
    session::begin(&session, &user, web.app.clock.now()).await?;
    let kept = kept(&form);
    let cookie = browser_cookie(&web, user.id, &signed_in.browser);
    let mut response = if kept.is_empty() {
        Redirect::to(session::safe_next(form.get("next"))).into_response()
    } else {
        // Their session ended while they wrote: give the text back, nothing is saved yet.
        let who = SignedIn {
            actor: (&user).into(),
            user,
        };
        compose::resume(&web, &who, &Form::from_fields(kept)).await?
    };
    know_browser(&mut response, &cookie);
    Ok(response)
}

/// The names that a browser was given when somebody signed in from it.
fn browsers(headers: &HeaderMap) -> Vec<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|cookies| cookies.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .filter(|(name, _)| name.starts_with(BROWSER))
        .map(|(_, value)| value.to_owned())
        .take(MAX_BROWSERS)
        .collect()
}

/// The cookie by which a browser is known: one for each account, sent to the sign-in page alone.
fn browser_cookie(web: &Web, user: UserId, name: &str) -> String {
    let seconds = browser::LIFETIME.as_secs();
    let secure = if web.app.urls.is_https() {
        "; Secure"
    } else {
        ""
    };
    format!(
        "{BROWSER}{user}={name}; Path=/login; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"
    )
}

fn know_browser(response: &mut Response, cookie: &str) {
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// `POST /logout`
pub async fn delete_session(session: Session) -> PageResult {
    session::end(&session).await?;
    Ok(Redirect::to("/").into_response())
}

/// What a set-up link brings.
#[derive(Debug, Default, Deserialize)]
pub struct SetUpLink {
    token: Option<String>,
}

/// `GET /setup?token=…`
pub async fn show_set_up(State(web): State<Web>, Query(link): Query<SetUpLink>) -> PageResult {
    let token = link.token.unwrap_or_default();
    register::check_set_up(&web.app, &token).await?;
    let page = set_up_page(&web, &token, "", &AccountInput::default(), &[]).await?;
    Ok(page.into_response())
}

/// `POST /setup`
pub async fn create_administrator(
    State(web): State<Web>,
    session: Session,
    form: Form,
) -> PageResult {
    let (token, site_name) = (form.get("token"), form.get("site_name"));
    let input = AccountInput {
        name: form.get("author").to_owned(),
        email: form.get("email").to_owned(),
        password: form.get("password").to_owned(),
    };
    match register::set_up(&web.app, token, site_name, &input).await {
        Ok(user) => {
            session::begin(&session, &user, web.app.clock.now()).await?;
            Ok(Redirect::to("/desk/").into_response())
        }
        Err(Error::Invalid(errors)) => {
            let problems = fields::plain_problems(&errors);
            let page = set_up_page(&web, token, site_name, &input, &problems).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

async fn set_up_page(
    web: &Web,
    token: &str,
    site_name: &str,
    input: &AccountInput,
    problems: &[(Field, String)],
) -> Result<Markup, Error> {
    let site = web.site_name().await?;
    let main = html! {
        p { "Two things and you can publish: what the site is called, and who runs it." }
        (fields::problem_summary("Please fix this:", problems))
        form method="post" action="/setup" {
            input type="hidden" name="token" value=(token);
            (fields::input(&Input {
                field: Field::SiteName, label: "Name of the site", hint: Some("readers see it"), kind: "text",
                autocomplete: Some("off"), value: site_name, required: true,
            }, problems))
            (fields::input(&Input {
                field: Field::Name, label: "Your name", hint: Some("readers see it under your posts"), kind: "text",
                autocomplete: Some("name"), value: &input.name, required: true,
            }, problems))
            (fields::input(&Input {
                field: Field::Email, label: "Your e-mail", hint: Some("you sign in with it"), kind: "email",
                autocomplete: Some("email"), value: &input.email, required: true,
            }, problems))
            (fields::input(&Input {
                field: Field::Password, label: "Password", hint: Some("at least 10 characters"), kind: "password",
                autocomplete: Some("new-password"), value: "", required: true,
            }, problems))
            p.buttons { button.primary type="submit" { "Create site" } }
        }
    };
    Ok(door_page(&site.name, "Set up your site", &main))
}
