//! The site's name, and the accounts of its staff.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use maud::{Markup, html};
use serde::Deserialize;

use crate::accounts::permissions::Action;
use crate::accounts::register::{self, AccountInput};
use crate::accounts::site_identity;
use crate::error::{Error, Field, Problem};
use crate::store::entity::user;
use crate::store::users;
use crate::texts::Texts;
use crate::ui::buttons::{ButtonStyle, submit};
use crate::ui::fields::{self, Input};
use crate::ui::frame::SiteName;
use crate::ui::problems::{self, FieldText};
use crate::ui::sections::{section, title_row};
use crate::ui::staff_page::NavSection;
use crate::ui::{notices, tables};
use crate::web::form::Form;
use crate::web::respond::PageResult;
use crate::web::session::SignedIn;
use crate::web::settings::roles::{find_role, role_field, role_label_id};
use crate::web::state::Web;
use crate::web::views::staff::staff_page;

/// The query of the page.
#[derive(Debug, Default, Deserialize)]
pub struct SettingsQuery {
    /// What was just done.
    done: Option<String>,
}

/// What the page shows beside what is stored.
#[derive(Default)]
struct SettingsForms {
    notice: Markup,
    /// The site's name as it was typed, where it was refused.
    site: Option<SiteName>,
    site_problems: Vec<FieldText>,
    account: AccountInput,
    /// The chosen role, by its name in forms.
    role: String,
    account_problems: Vec<FieldText>,
}

/// `GET /settings/`
pub async fn show(
    State(web): State<Web>,
    who: SignedIn,
    Query(query): Query<SettingsQuery>,
) -> PageResult {
    who.actor.must(Action::ChangeSettings)?;
    let notice = match query.done.as_deref() {
        Some("site") => notices::done(web.texts.text("settings-saved")),
        Some("person") => notices::done(web.texts.text("account-created")),
        _ => Markup::default(),
    };
    let forms = SettingsForms {
        notice,
        ..SettingsForms::default()
    };
    page(&web, &who, forms, StatusCode::OK).await
}

/// `POST /settings/site`
pub async fn update(State(web): State<Web>, who: SignedIn, form: Form) -> PageResult {
    let typed = SiteName {
        name: form.get("site_name").to_owned(),
        tagline: form.get("tagline").to_owned(),
    };
    match site_identity::name_site(&web.app, &who.actor, &typed.name, &typed.tagline).await {
        Ok(()) => Ok(Redirect::to("/settings/?done=site").into_response()),
        Err(Error::Invalid(errors)) => {
            let forms = SettingsForms {
                site: Some(typed),
                site_problems: problems::texts(&web.texts, &errors),
                ..SettingsForms::default()
            };
            page(&web, &who, forms, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /settings/people`
pub async fn create_person(State(web): State<Web>, who: SignedIn, form: Form) -> PageResult {
    who.actor.must(Action::ManageAccounts)?;
    let account = AccountInput {
        name: form.get("author").to_owned(),
        email: form.get("email").to_owned(),
        password: form.get("password").to_owned(),
    };
    let added = match find_role(form.get("role")) {
        Some(role) => register::add_account(&web.app, &who.actor, &account, role).await,
        None => Err(Error::field(Field::Role, Problem::NotAChoice)),
    };
    match added {
        Ok(_) => Ok(Redirect::to("/settings/?done=person").into_response()),
        Err(Error::Invalid(errors)) => {
            let forms = SettingsForms {
                account,
                role: form.get("role").to_owned(),
                account_problems: problems::texts(&web.texts, &errors),
                ..SettingsForms::default()
            };
            page(&web, &who, forms, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn page(web: &Web, who: &SignedIn, forms: SettingsForms, status: StatusCode) -> PageResult {
    let accounts = users::list(web.app.store.read()).await?;
    let site = match &forms.site {
        Some(typed) => typed.clone(),
        None => web.site_name().await?,
    };
    let texts = &web.texts;
    let title = texts.text("settings");
    let beside = html! {
        p.beside {
            a href="/settings/jobs" { (texts.text("jobs-title")) } " "
            a href="/settings/components" { (texts.text("components-title")) }
        }
    };
    let people = html! {
        (account_table(texts, &accounts))
        h3 { (texts.text("account-add")) }
        (problems::summary(texts, &texts.text("form-problems"), &forms.account_problems))
        (account_form(texts, &forms))
    };
    let main = html! {
        (title_row(&title, beside))
        (forms.notice)
        (section("site-heading", &texts.text("settings-site"), site_form(texts, &site, &forms.site_problems)))
        (section("people-heading", &texts.text("settings-people"), people))
    };
    let page = staff_page(web, who, NavSection::Settings, &title, &main).await?;
    Ok((status, page).into_response())
}

fn site_form(texts: &Texts, site: &SiteName, problems: &[FieldText]) -> Markup {
    html! {
        form method="post" action="/settings/site" {
            (fields::input(&Input {
                field: Field::SiteName, label: &texts.text("field-name"), hint: None, kind: "text",
                autocomplete: Some("off"), value: &site.name, required: true,
            }, problems))
            div.field {
                label for="tagline" {
                    (texts.text("field-tagline")) " " span.hint { "(" (texts.text("field-optional")) ")" }
                }
                input #tagline name="tagline" type="text" dir="auto" autocomplete="off" value=(site.tagline);
            }
            p.buttons { (submit(ButtonStyle::Primary, &texts.text("button-save"))) }
        }
    }
}

fn account_table(texts: &Texts, accounts: &[user::Model]) -> Markup {
    let headings =
        ["field-name", "field-email", "field-role", "account-state"].map(|id| texts.text(id));
    let rows: Vec<_> = accounts
        .iter()
        .map(|account| {
            let state = match account.disabled_at {
                Some(_) => "account-state-disabled",
                None => "account-state-enabled",
            };
            vec![
                html! { a href={ "/settings/people/" (account.id) } { bdi { (account.name) } } },
                html! { (account.email) },
                html! { (texts.text(role_label_id(account.role))) },
                html! { (texts.text(state)) },
            ]
        })
        .collect();
    tables::table(&texts.text("settings-accounts"), &headings, &rows)
}

fn account_form(texts: &Texts, forms: &SettingsForms) -> Markup {
    let problems = &forms.account_problems;
    let role = if forms.role.is_empty() {
        "author"
    } else {
        &forms.role
    };
    html! {
        form method="post" action="/settings/people" {
            (fields::input(&Input {
                field: Field::Name, label: &texts.text("field-name"), hint: None, kind: "text",
                autocomplete: Some("off"), value: &forms.account.name, required: true,
            }, problems))
            (fields::input(&Input {
                field: Field::Email, label: &texts.text("field-email"), hint: None, kind: "email",
                autocomplete: Some("off"), value: &forms.account.email, required: true,
            }, problems))
            (fields::input(&Input {
                field: Field::Password, label: &texts.text("field-password"),
                hint: Some(&texts.text("field-password-hint")), kind: "password",
                autocomplete: Some("new-password"), value: "", required: true,
            }, problems))
            (role_field(texts, role, problems))
            p.buttons { (submit(ButtonStyle::Primary, &texts.text("account-add-button"))) }
        }
    }
}
