//! Coming in and going out: signing in, signing out, and the first administrator's set-up.

use axum::extract::{Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect};
use maud::{Markup, html};
use serde::Deserialize;
use tower_sessions::Session;

use crate::accounts::register::{self, AccountInput};
use crate::accounts::sign_in::sign_in;
use crate::error::{Error, Field, FieldError, Problem};
use crate::web::client::Client;
use crate::web::editor::compose;
use crate::web::form::Form;
use crate::web::respond::PageResult;
use crate::web::session::{self, SignedIn, Visitor};
use crate::web::state::Web;
use crate::web::views::fields::{self, Input};
use crate::web::views::staff::door_page;

/// A field that carries another form through the sign-in page begins so.
const KEPT: &str = "kept-";

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
    form: Form,
) -> PageResult {
    let email = form.get("email");
    let user = match sign_in(&web.app, email, form.get("password").to_owned(), client.0).await {
        Ok(user) => user,
        Err(error @ (Error::Invalid(_) | Error::TooMany { .. })) => {
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
                _ => (Vec::new(), None),
            };
            let kept = kept(&form);
            let page = SignInPage {
                next: form.get("next"),
                email,
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
    session::begin(&session, user.id, web.app.clock.now()).await?;
    let kept = kept(&form);
    if kept.is_empty() {
        return Ok(Redirect::to(session::safe_next(form.get("next"))).into_response());
    }
    // Their session ended while they wrote: give the text back, nothing is saved yet.
    let who = SignedIn {
        actor: (&user).into(),
        user,
    };
    compose::resume(&web, &who, &Form::from_fields(kept)).await
}

/// `POST /logout`
pub async fn delete_session(session: Session) -> PageResult {
    session::end(&session).await?;
    Ok(Redirect::to("/").into_response())
}

/// The sign-in page for somebody whose session ended while they wrote: what they sent is carried
/// through it.
pub async fn ask_again(web: &Web, form: &Form) -> PageResult {
    let page = SignInPage {
        kept: form.fields(),
        ..SignInPage::default()
    };
    Ok((StatusCode::UNAUTHORIZED, sign_in_page(web, &page).await?).into_response())
}

fn kept(form: &Form) -> Vec<(String, String)> {
    form.fields()
        .iter()
        .filter_map(|(name, value)| Some((name.strip_prefix(KEPT)?.to_owned(), value.clone())))
        .collect()
}

#[derive(Default)]
struct SignInPage<'a> {
    next: &'a str,
    email: &'a str,
    problems: Vec<(Field, String)>,
    kept: &'a [(String, String)],
}

async fn sign_in_page(web: &Web, page: &SignInPage<'_>) -> Result<Markup, Error> {
    let site = web.site_name().await?;
    let main = html! {
        @if !page.kept.is_empty() {
            div.received role="status" {
                p { strong { "Your session has ended. Your text is safe." } }
                p { "Sign in here, and you get it back to save it. Keep this page open until then." }
            }
        }
        form method="post" action="/login" {
            (fields::input(&Input {
                field: Field::Email, label: "E-mail", hint: None, kind: "email",
                autocomplete: Some("username"), value: page.email, required: true,
            }, &page.problems))
            (fields::input(&Input {
                field: Field::Password, label: "Password", hint: None, kind: "password",
                autocomplete: Some("current-password"), value: "", required: true,
            }, &page.problems))
            @if !page.next.is_empty() { input type="hidden" name="next" value=(page.next); }
            @for (name, value) in page.kept {
                textarea.visually-hidden name={ (KEPT) (name) } aria-hidden="true" tabindex="-1" readonly { "\n" (value) }
            }
            p.buttons { button.primary type="submit" { "Sign in" } }
        }
        p.hint { "Accounts are made by the site’s administrator." }
    };
    Ok(door_page(&site.name, "Sign in", &main))
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
            session::begin(&session, user.id, web.app.clock.now()).await?;
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
        (fields::problem_summary("Please mend this:", problems))
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
            p.buttons { button.primary type="submit" { "Open the site" } }
        }
    };
    Ok(door_page(&site.name, "Set up your site", &main))
}
