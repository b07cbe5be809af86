//! Setting up a new site: its name and its first administrator, by a link that works once.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use maud::{Markup, html};
use serde::Deserialize;
use tower_sessions::Session;

use crate::accounts::register::{self, AccountInput};
use crate::error::{Error, Field};
use crate::posts::starter;
use crate::ui::buttons::{ButtonStyle, submit};
use crate::ui::fields::{self, Input};
use crate::ui::problems::{self, FieldText};
use crate::ui::signed_out_page::signed_out_page;
use crate::web::form::Form;
use crate::web::respond::PageResult;
use crate::web::session;
use crate::web::state::Web;

/// The query of a set-up link.
#[derive(Debug, Default, Deserialize)]
pub struct SetupQuery {
    token: Option<String>,
}

/// `GET /setup?token=…`
pub async fn show(State(web): State<Web>, Query(query): Query<SetupQuery>) -> PageResult {
    let token = query.token.unwrap_or_default();
    register::check_setup_token(&web.app, &token).await?;
    let page = page(&web, &token, "", &AccountInput::default(), &[]).await?;
    Ok(page.into_response())
}

/// `POST /setup`
pub async fn create(State(web): State<Web>, session: Session, form: Form) -> PageResult {
    let (token, site_name) = (form.get("token"), form.get("site_name"));
    let input = AccountInput {
        name: form.get("author").to_owned(),
        email: form.get("email").to_owned(),
        password: form.get("password").to_owned(),
    };
    match register::complete_setup(&web.app, token, site_name, &input).await {
        Ok(user) => {
            session::begin(&session, &user, web.app.clock.now()).await?;
            // The site is set up without them too.
            if let Err(error) = starter::create(&web.app, &user).await {
                tracing::error!(%error, "create the starter pages");
            }
            Ok(Redirect::to("/desk/").into_response())
        }
        Err(Error::Invalid(errors)) => {
            let problems = problems::texts(&web.texts, &errors);
            let page = page(&web, token, site_name, &input, &problems).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

async fn page(
    web: &Web,
    token: &str,
    site_name: &str,
    input: &AccountInput,
    problems: &[FieldText],
) -> Result<Markup, Error> {
    let site = web.site_name().await?;
    let texts = &web.texts;
    let main = html! {
        p { (texts.text("setup-intro")) }
        (problems::summary(texts, &texts.text("form-problems"), problems))
        form method="post" action="/setup" {
            input type="hidden" name="token" value=(token);
            (fields::input(&Input {
                field: Field::SiteName, label: &texts.text("setup-site-name"),
                hint: Some(&texts.text("setup-site-name-hint")), kind: "text",
                autocomplete: Some("off"), value: site_name, required: true,
            }, problems))
            (fields::input(&Input {
                field: Field::Name, label: &texts.text("setup-name"),
                hint: Some(&texts.text("setup-name-hint")), kind: "text",
                autocomplete: Some("name"), value: &input.name, required: true,
            }, problems))
            (fields::input(&Input {
                field: Field::Email, label: &texts.text("setup-email"),
                hint: Some(&texts.text("setup-email-hint")), kind: "email",
                autocomplete: Some("email"), value: &input.email, required: true,
            }, problems))
            (fields::input(&Input {
                field: Field::Password, label: &texts.text("field-password"),
                hint: Some(&texts.text("field-password-hint")), kind: "password",
                autocomplete: Some("new-password"), value: "", required: true,
            }, problems))
            p.buttons { (submit(ButtonStyle::Primary, &texts.text("setup-create"))) }
        }
    };
    let title = texts.text("setup-title");
    Ok(signed_out_page(&web.frame(&site).titled(&title), &main))
}
