//! The sign-in page. It can carry another form through, so that nobody whose session ended while they
//! wrote loses their text. Signs nobody in itself: that is `web::login`.

use axum::http::StatusCode;
use axum::response::IntoResponse;
use maud::{Markup, html};

use crate::error::Field;
use crate::ui::buttons::{ButtonStyle, submit};
use crate::ui::fields::{self, Input};
use crate::ui::problems::FieldText;
use crate::ui::signed_out_page::signed_out_page;
use crate::web::form::Form;
use crate::web::respond::PageResult;
use crate::web::state::Web;

/// The prefix of a field that carries another form through the sign-in page.
const KEPT: &str = "kept-";

/// The sign-in page for somebody whose session ended while they wrote: it carries what they sent.
pub async fn ask_again(web: &Web, form: &Form) -> PageResult {
    let page = SignInPage {
        kept: form.fields(),
        ..SignInPage::default()
    };
    Ok((StatusCode::UNAUTHORIZED, sign_in_page(web, &page).await).into_response())
}

/// The fields of another form that the sign-in form carries.
pub fn kept(form: &Form) -> Vec<(String, String)> {
    form.fields()
        .iter()
        .filter_map(|(name, value)| Some((name.strip_prefix(KEPT)?.to_owned(), value.clone())))
        .collect()
}

#[derive(Default)]
pub struct SignInPage<'a> {
    /// The path where to go afterwards; empty for the start of the desk.
    pub next: &'a str,
    /// What was typed before.
    pub email: &'a str,
    pub problems: Vec<FieldText>,
    /// The fields of another form, carried along.
    pub kept: &'a [(String, String)],
}

/// The page itself. It needs no database, so that what somebody typed comes back in any case.
pub async fn sign_in_page(web: &Web, page: &SignInPage<'_>) -> Markup {
    let site = match web.site_name().await {
        Ok(site) => site,
        Err(_) => web.last_site_name(),
    };
    let texts = &web.texts;
    let main = html! {
        @if !page.kept.is_empty() {
            div.received role="status" {
                p { strong { (texts.text("sign-in-kept")) } }
                p { (texts.text("sign-in-kept-next")) }
            }
        }
        form method="post" action="/login" {
            (fields::input(&Input {
                field: Field::Email, label: &texts.text("field-email"), hint: None, kind: "email",
                autocomplete: Some("username"), value: page.email, required: true,
            }, &page.problems))
            (fields::input(&Input {
                field: Field::Password, label: &texts.text("field-password"), hint: None, kind: "password",
                autocomplete: Some("current-password"), value: "", required: true,
            }, &page.problems))
            @if !page.next.is_empty() { input type="hidden" name="next" value=(page.next); }
            @for (name, value) in page.kept {
                textarea.visually-hidden name={ (KEPT) (name) } aria-hidden="true" tabindex="-1" readonly { "\n" (value) }
            }
            p.buttons { (submit(ButtonStyle::Primary, &texts.text("sign-in"))) }
        }
        p.hint { (texts.text("sign-in-no-account")) }
    };
    signed_out_page(&web.frame(&site).titled(&texts.text("sign-in")), &main)
}
