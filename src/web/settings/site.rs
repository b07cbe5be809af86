//! The site's identity, and the accounts of its staff.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use maud::{Markup, html};
use serde::Deserialize;

use crate::accounts::permissions::Action;
use crate::accounts::register::{self, AccountInput};
use crate::error::{Error, Field, Problem};
use crate::site::identity::{self, SiteIdentity};
use crate::store::entity::setting_change::SettingsSection;
use crate::store::entity::user;
use crate::store::users;
use crate::texts::Texts;
use crate::ui::buttons::{ButtonStyle, submit};
use crate::ui::fields::{self, Input};
use crate::ui::frame::PageFrame;
use crate::ui::problems::{self, FieldText};
use crate::ui::sections::{section, title_row};
use crate::ui::staff_page::{self, NavSection};
use crate::ui::{notices, tables};
use crate::web::form::Form;
use crate::web::form_problems::form_problems;
use crate::web::respond::PageResult;
use crate::web::session::SignedIn;
use crate::web::settings::changes::change_list;
use crate::web::settings::identity_form;
use crate::web::settings::preview_frame;
use crate::web::settings::roles::{find_role, role_field, role_label_id};
use crate::web::settings::settings_tabs::{SettingsPage, settings_tabs};
use crate::web::state::Web;

/// The query of the page.
#[derive(Debug, Default, Deserialize)]
pub struct SettingsQuery {
    /// What was just done.
    pub done: Option<String>,
}

/// What the page shows beside what is stored.
#[derive(Default)]
struct SettingsForms {
    notice: Markup,
    /// The site's identity as it was typed, where it was refused.
    site: Option<SiteIdentity>,
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
        Some("undone") => notices::done(web.texts.text("settings-undone")),
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
    let typed = identity_form::read(&form);
    let seen = form.get("revision").parse().unwrap_or(0);
    match identity::save(&web.app, &who.actor, &typed, Some(seen)).await {
        Ok(()) => Ok(Redirect::to("/settings/?done=site").into_response()),
        Err(error) => {
            // After a conflict, the form has the new revision: saving it again replaces what was saved in the
            // meantime, which the list of changes shows.
            let (status, site_problems) = form_problems(&web.texts, error)?;
            let forms = SettingsForms {
                site: Some(typed),
                site_problems,
                ..SettingsForms::default()
            };
            page(&web, &who, forms, status).await
        }
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
    let (stored, revision) = identity::find(&web.app).await?;
    let site = forms.site.as_ref().unwrap_or(&stored);
    let texts = &web.texts;
    let title = texts.text("settings");
    let beside = html! {
        p.beside {
            a href="/settings/components" { (texts.text("components-title")) }
        }
    };
    let people = html! {
        (account_table(texts, &accounts))
        h3 { (texts.text("account-add")) }
        (problems::summary(texts, &texts.text("form-problems"), &forms.account_problems))
        (account_form(texts, &forms))
    };
    let form = identity_form::identity_form(texts, site, revision, &forms.site_problems);
    let main = html! {
        (title_row(&title, beside))
        (settings_tabs(texts, SettingsPage::Site))
        (forms.notice)
        (section("site-heading", &texts.text("settings-site"), preview_frame::beside(texts, &form)))
        (change_list(web, SettingsSection::Identity).await?)
        (section("people-heading", &texts.text("settings-people"), people))
    };
    let name = web.site_name().await?;
    let frame = PageFrame {
        head: preview_frame::script(),
        ..web.frame(&name).titled(&title)
    };
    let page = staff_page::staff_page(&frame, &who.user, NavSection::Settings, &main);
    Ok(preview_frame::allow_frame((status, page).into_response()))
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
