//! One account: its role, its password, its sessions, disabling and enabling it. What cannot be undone
//! is confirmed first.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;
use tower_sessions::Session;

use crate::accounts::manage::{self, AccountChange};
use crate::accounts::permissions::Action;
use crate::error::{Error, Field, Problem};
use crate::store::entity::ids::UserId;
use crate::store::entity::user;
use crate::ui::buttons::{ButtonStyle, submit};
use crate::ui::confirmation::Confirmation;
use crate::ui::fields::{self, Checkbox, Input, TextArea};
use crate::ui::problems::{self, FieldText};
use crate::ui::sections::{section, title_row};
use crate::ui::staff_page::NavSection;
use crate::ui::{buttons, notices};
use crate::web::form::Form;
use crate::web::respond::{PageResult, status_of};
use crate::web::session::{self, SignedIn};
use crate::web::settings::roles::{find_role, role_field, role_label_id, role_name};
use crate::web::state::Web;
use crate::web::views::confirmation::confirmation_page;
use crate::web::views::staff::staff_page;

/// The query of the page.
#[derive(Debug, Default, Deserialize)]
pub struct AccountQuery {
    /// What was just done.
    done: Option<String>,
}

fn read_id(id: &str) -> Result<UserId, Error> {
    id.parse().map_err(|_| Error::NotFound("account"))
}

/// `GET /settings/people/ID`
pub async fn show(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
    Query(query): Query<AccountQuery>,
) -> PageResult {
    let account = manage::find(&web.app, &who.actor, read_id(&id)?).await?;
    let texts = &web.texts;
    let notice = match query.done.as_deref() {
        Some("same") => notices::info(texts.text("account-role-same")),
        Some("role") => notices::done(texts.text("account-role-changed")),
        Some("bio") => notices::done(texts.text("account-bio-changed")),
        Some("password") => notices::done(texts.text("account-password-changed")),
        Some("disabled") => notices::done(texts.text("account-disabled")),
        Some("enabled") => notices::done(texts.text("account-enabled")),
        Some("signed-out") => notices::done(texts.text("account-signed-out")),
        _ => Markup::default(),
    };
    page(&web, &who, &account, notice, &[], None, StatusCode::OK).await
}

/// `POST /settings/people/ID/CHANGE`: `role`, `bio`, `password`, `sign-out`, `disable` or `enable`. What
/// cannot be undone is done only with `sure`; without it, the answer asks.
pub async fn update(
    State(web): State<Web>,
    who: SignedIn,
    session: Session,
    Path((id, change)): Path<(String, String)>,
    form: Form,
) -> PageResult {
    let account = manage::find(&web.app, &who.actor, read_id(&id)?).await?;
    let is_sure = form.has("sure");
    let (change, done) = match change.as_str() {
        "role" => match find_role(form.get("role")) {
            Some(role) if role == account.role => return Ok(back(account.id, "same")),
            Some(role) => (AccountChange::Role(role), "role"),
            None => {
                let problem = web.texts.message(&Problem::NotAChoice.message());
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                return refused(&web, &who, &account, &[(Field::Role, problem)], status).await;
            }
        },
        "bio" => return set_bio(&web, &who, account.id, &form).await,
        "password" => return set_password(&web, &who, &session, &account, &form).await,
        "sign-out" if is_sure => (AccountChange::SignOut, "signed-out"),
        "sign-out" => return confirm(&web, &who, &account, &SIGN_OUT).await,
        "disable" if is_sure => (AccountChange::Disable, "disabled"),
        "disable" => return confirm(&web, &who, &account, &DISABLE).await,
        "enable" => (AccountChange::Enable, "enabled"),
        _ => return Err(Error::NotFound("change of an account").into()),
    };
    match manage::change(&web.app, &who.actor, account.id, change).await {
        Ok(_) => Ok(back(account.id, done)),
        Err(error) => {
            let status = status_of(&error);
            let Error::Conflict(message) = error else {
                return Err(error.into());
            };
            let problems = [(Field::Form, web.texts.message(&message))];
            refused(&web, &who, &account, &problems, status).await
        }
    }
}

fn back(id: UserId, done: &str) -> Response {
    Redirect::to(&format!("/settings/people/{id}?done={done}")).into_response()
}

async fn set_bio(web: &Web, who: &SignedIn, id: UserId, form: &Form) -> PageResult {
    let typed = form.get(Field::Bio.name());
    let error = match manage::set_bio(&web.app, &who.actor, id, form.get("before"), typed).await {
        Ok(_) => return Ok(back(id, "bio")),
        Err(error) => error,
    };
    let status = status_of(&error);
    let problems = match error {
        Error::Invalid(errors) => problems::texts(&web.texts, &errors),
        Error::Conflict(message) => vec![(Field::Form, web.texts.message(&message))],
        error => return Err(error.into()),
    };
    // As it is now: sent again, the form replaces what it shows.
    let account = manage::find(&web.app, &who.actor, id).await?;
    let notice = Markup::default();
    page(web, who, &account, notice, &problems, Some(typed), status).await
}

async fn set_password(
    web: &Web,
    who: &SignedIn,
    session: &Session,
    account: &user::Model,
    form: &Form,
) -> PageResult {
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    if !form.has("sure") {
        let problems = [(Field::Form, web.texts.text("account-password-unconfirmed"))];
        return refused(web, who, account, &problems, status).await;
    }
    let password = form.get("password");
    match manage::set_password(&web.app, &who.actor, account.id, password).await {
        Ok(changed) => {
            // Whoever changes their own password stays signed in here, and nowhere else.
            if changed.id == who.user.id {
                session::begin(session, &changed, web.app.clock.now()).await?;
            }
            Ok(back(account.id, "password"))
        }
        Err(Error::Invalid(errors)) => {
            let problems = problems::texts(&web.texts, &errors);
            refused(web, who, account, &problems, status).await
        }
        Err(error) => Err(error.into()),
    }
}

/// A change that is confirmed first: its path, and the ids of its texts.
struct ConfirmedChange {
    path: &'static str,
    title: &'static str,
    consequence: &'static str,
    button: &'static str,
}

const SIGN_OUT: ConfirmedChange = ConfirmedChange {
    path: "sign-out",
    title: "account-sign-out-title",
    consequence: "account-sign-out-consequence",
    button: "account-sign-out",
};
const DISABLE: ConfirmedChange = ConfirmedChange {
    path: "disable",
    title: "account-disable-title",
    consequence: "account-disable-consequence",
    button: "account-disable",
};

async fn confirm(
    web: &Web,
    who: &SignedIn,
    account: &user::Model,
    change: &ConfirmedChange,
) -> PageResult {
    let texts = &web.texts;
    let back = format!("/settings/people/{}", account.id);
    let question = Confirmation {
        title: &texts.with(change.title, &[("name", account.name.as_str().into())]),
        consequence: html! { p { (texts.text(change.consequence)) } },
        action: &format!("{back}/{}", change.path),
        fields: &[("sure", "1")],
        button: &texts.text(change.button),
        back: &back,
    };
    confirmation_page(web, who, NavSection::Settings, question).await
}

async fn refused(
    web: &Web,
    who: &SignedIn,
    account: &user::Model,
    problems: &[FieldText],
    status: StatusCode,
) -> PageResult {
    page(web, who, account, Markup::default(), problems, None, status).await
}

async fn page(
    web: &Web,
    who: &SignedIn,
    account: &user::Model,
    notice: Markup,
    problems: &[FieldText],
    typed_bio: Option<&str>,
    status: StatusCode,
) -> PageResult {
    who.actor.must(Action::ManageAccounts)?;
    let texts = &web.texts;
    let facts = [
        ("email", account.email.as_str().into()),
        ("role", texts.text(role_label_id(account.role)).into()),
    ];
    let facts = match account.disabled_at {
        Some(_) => texts.with("account-facts-disabled", &facts),
        None => texts.with("account-facts", &facts),
    };
    let role = html! {
        form method="post" action=(address(account, "role")) {
            (role_field(texts, role_name(account.role), problems))
            p.hint { (texts.text("account-role-hint")) }
            p.buttons { (submit(ButtonStyle::Secondary, &texts.text("account-change-role"))) }
        }
    };
    let back = html! { a href="/settings/" { (texts.text("settings-back")) } };
    let main = html! {
        (title_row(html! { bdi { (account.name) } }, back))
        (notice)
        (problems::summary(texts, &texts.text("account-not-changed"), problems))
        p { (facts) }
        (section("role-heading", &texts.text("account-role"), role))
        (section("bio-heading", &texts.text("account-bio"), bio_form(web, account, typed_bio, problems)))
        (section("password-heading", &texts.text("account-password"), password_form(web, account, problems)))
        (section("access-heading", &texts.text("account-access"), access(web, account)))
    };
    let page = staff_page(web, who, NavSection::Settings, &account.name, &main).await?;
    Ok((status, page).into_response())
}

fn address(account: &user::Model, change: &str) -> String {
    format!("/settings/people/{}/{change}", account.id)
}

/// `typed` is what was refused.
fn bio_form(
    web: &Web,
    account: &user::Model,
    typed: Option<&str>,
    problems: &[FieldText],
) -> Markup {
    let texts = &web.texts;
    let hint = texts.with("field-bio-hint", &[("max", manage::MAX_BIO.into())]);
    let none = texts.text("account-bio-none");
    let now = if account.bio.is_empty() {
        &none
    } else {
        &account.bio
    };
    html! {
        form method="post" action=(address(account, "bio")) {
            @if typed.is_some_and(|typed| typed != account.bio) {
                p { (texts.around("account-bio-now", ("bio", now), &[])) }
            }
            (fields::text_area(&TextArea {
                field: Field::Bio, label: &texts.text("field-bio"), hint: Some(&hint), rows: 3,
                value: typed.unwrap_or(&account.bio),
            }, problems))
            input type="hidden" name="before" value=(account.bio);
            p.buttons { (submit(ButtonStyle::Secondary, &texts.text("account-change-bio"))) }
        }
    }
}

fn password_form(web: &Web, account: &user::Model, problems: &[FieldText]) -> Markup {
    let texts = &web.texts;
    html! {
        form method="post" action=(address(account, "password")) {
            (fields::input(&Input {
                field: Field::Password, label: &texts.text("field-new-password"),
                hint: Some(&texts.text("field-password-hint")), kind: "password",
                autocomplete: Some("new-password"), value: "", required: true,
            }, problems))
            (fields::checkbox(&Checkbox {
                name: "sure", value: "1", label: &texts.text("account-password-confirm"),
                checked: false, required: true,
            }))
            p.buttons { (submit(ButtonStyle::Secondary, &texts.text("account-change-password"))) }
        }
    }
}

fn access(web: &Web, account: &user::Model) -> Markup {
    let texts = &web.texts;
    html! {
        div.row-actions {
            (buttons::action(&address(account, "sign-out"), &texts.text("account-ask-sign-out"), None))
            @if account.disabled_at.is_some() {
                (buttons::action(&address(account, "enable"), &texts.text("account-enable"), None))
            } @else {
                (buttons::action(&address(account, "disable"), &texts.text("account-ask-disable"), None))
            }
        }
    }
}
