//! The sign-in page. It can carry another form through, so that nobody whose session ended while they
//! wrote loses their text.

use axum::http::StatusCode;
use axum::response::IntoResponse;
use maud::{Markup, html};

use crate::error::{Error, Field};
use crate::web::form::Form;
use crate::web::respond::PageResult;
use crate::web::state::{SiteName, Web};
use crate::web::views::fields::{self, Input};
use crate::web::views::staff::door_page;

/// A field that carries another form through the sign-in page begins so.
const KEPT: &str = "kept-";

/// The sign-in page for somebody whose session ended while they wrote: what they sent is carried
/// through it.
pub async fn ask_again(web: &Web, form: &Form) -> PageResult {
    let page = SignInPage {
        kept: form.fields(),
        ..SignInPage::default()
    };
    Ok((StatusCode::UNAUTHORIZED, sign_in_page(web, &page).await?).into_response())
}

/// What the sign-in page carries.
pub fn kept(form: &Form) -> Vec<(String, String)> {
    form.fields()
        .iter()
        .filter_map(|(name, value)| Some((name.strip_prefix(KEPT)?.to_owned(), value.clone())))
        .collect()
}

/// What is on a sign-in page.
#[derive(Default)]
pub struct SignInPage<'a> {
    /// The path where to go afterwards; empty for the start of the desk.
    pub next: &'a str,
    /// What was typed.
    pub email: &'a str,
    /// What is wrong with it.
    pub problems: Vec<(Field, String)>,
    /// The fields of another form, carried along.
    pub kept: &'a [(String, String)],
}

/// The page itself.
pub async fn sign_in_page(web: &Web, page: &SignInPage<'_>) -> Result<Markup, Error> {
    // What somebody typed comes back even where the database does not answer.
    let site = web.site_name().await.unwrap_or_else(|_| SiteName {
        name: web.app.config.site.name.clone(),
        tagline: String::new(),
    });
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
        p.hint { "Need an account? Ask your administrator." }
    };
    Ok(door_page(&site.name, "Sign in", &main))
}
