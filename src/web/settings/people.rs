//! One person's account: role, password, sessions, closing and opening it. What cannot be undone is
//! asked about first.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use maud::{Markup, html};
use serde::Deserialize;
use tower_sessions::Session;

use crate::accounts::manage::{self, Change};
use crate::accounts::permissions::Action;
use crate::error::{Error, Field, Problem};
use crate::store::entity::ids::UserId;
use crate::store::entity::user;
use crate::web::form::Form;
use crate::web::respond::{PageResult, status_of};
use crate::web::session::{self, SignedIn};
use crate::web::settings::site::{ROLES, role_name, role_named};
use crate::web::state::Web;
use crate::web::views::fields::{self, Input};
use crate::web::views::staff::{Room, staff_page};

/// What was just done.
#[derive(Debug, Default, Deserialize)]
pub struct Done {
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
    Query(done): Query<Done>,
) -> PageResult {
    let account = manage::find(&web.app, &who.actor, read_id(&id)?).await?;
    let notice = done.done.as_deref().and_then(|done| match done {
        "same" => Some("Nothing was changed: they have this role already."),
        "role" => Some("The role is changed, and they are signed out everywhere."),
        "password" => Some("The password is changed, and they are signed out everywhere."),
        "disabled" => Some("The account is disabled, and they are signed out everywhere."),
        "enabled" => Some("They can sign in again."),
        "signed-out" => Some("They are signed out everywhere."),
        _ => None,
    });
    page(&web, &who, &account, notice, &[], StatusCode::OK).await
}

/// `POST /settings/people/ID/CHANGE`: `role`, `password`, `sign-out`, `disabling` or `enabling`.
/// Without `sure`, what cannot be undone is asked about.
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
        "role" => match role_named(form.get("role")) {
            Some(role) if role == account.role => return Ok(back(account.id, "same")),
            Some(role) => (Change::Role(role), "role"),
            None => {
                let problems = [(Field::Role, Problem::NotAChoice.to_string())];
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                return page(&web, &who, &account, None, &problems, status).await;
            }
        },
        "password" => return set_password(&web, &who, &session, &account, &form).await,
        "sign-out" if is_sure => (Change::SignOut, "signed-out"),
        "sign-out" => return ask(&web, &who, &account, &SIGN_OUT).await,
        "disabling" if is_sure => (Change::Disable, "disabled"),
        "disabling" => return ask(&web, &who, &account, &DISABLE).await,
        "enabling" => (Change::Enable, "enabled"),
        _ => return Err(Error::NotFound("change of an account").into()),
    };
    match manage::change(&web.app, &who.actor, account.id, change).await {
        Ok(_) => Ok(back(account.id, done)),
        Err(error @ Error::Conflict(_)) => {
            let problems = [(Field::Form, error.to_string())];
            page(&web, &who, &account, None, &problems, status_of(&error)).await
        }
        Err(error) => Err(error.into()),
    }
}

fn back(id: UserId, done: &str) -> axum::response::Response {
    Redirect::to(&format!("/settings/people/{id}?done={done}")).into_response()
}

async fn set_password(
    web: &Web,
    who: &SignedIn,
    session: &Session,
    account: &user::Model,
    form: &Form,
) -> PageResult {
    if !form.has("sure") {
        let words = "tick the box: whoever is signed in to this account is signed out".to_owned();
        let problems = [(Field::Form, words)];
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return page(web, who, account, None, &problems, status).await;
    }
    let password = form.get("password");
    match manage::set_password(&web.app, &who.actor, account.id, password).await {
        Ok(changed) => {
            // Who changes their own password stays signed in here, and nowhere else.
            if changed.id == who.user.id {
                session::begin(session, &changed, web.app.clock.now()).await?;
            }
            Ok(back(account.id, "password"))
        }
        Err(Error::Invalid(errors)) => {
            let problems = fields::plain_problems(&errors);
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            page(web, who, account, None, &problems, status).await
        }
        Err(error) => Err(error.into()),
    }
}

/// A question before something that cannot be undone.
struct Question {
    path: &'static str,
    button: &'static str,
    what: &'static str,
}

const SIGN_OUT: Question = Question {
    path: "sign-out",
    button: "Sign out everywhere",
    what: "All their sessions end at once. What they are writing at this moment is kept by their browser, and they can sign in again.",
};
const DISABLE: Question = Question {
    path: "disabling",
    button: "Disable account",
    what: "They are signed out at once and cannot sign in until you enable the account again. Their posts and decisions remain.",
};

async fn ask(web: &Web, who: &SignedIn, account: &user::Model, question: &Question) -> PageResult {
    let title = format!("{}: {}?", question.button, account.name);
    let main = html! {
        h1 { (title) }
        p { (question.what) }
        form method="post" action={ "/settings/people/" (account.id) "/" (question.path) } {
            input type="hidden" name="sure" value="1";
            p.buttons {
                button.primary type="submit" { (question.button) }
                " " a href={ "/settings/people/" (account.id) } { "Cancel" }
            }
        }
    };
    let site = web.site_name().await?;
    Ok(staff_page(&site, who, Room::Settings, &title, &main).into_response())
}

async fn page(
    web: &Web,
    who: &SignedIn,
    account: &user::Model,
    notice: Option<&str>,
    problems: &[(Field, String)],
    status: StatusCode,
) -> PageResult {
    who.actor.must(Action::ManageAccounts)?;
    let is_disabled = account.disabled_at.is_some();
    let action = |change: &str| format!("/settings/people/{}/{change}", account.id);
    let main = html! {
        div.title-row { h1 { (account.name) } a href="/settings/" { "Back to the settings" } }
        @if let Some(notice) = notice { p.received role="status" { (notice) } }
        (fields::problem_summary("This was not changed:", problems))
        p { (account.email) ", " (role_name(account.role)) @if is_disabled { ", disabled" } }
        section aria-labelledby="role-heading" {
            h2 #role-heading { "Role" }
            form method="post" action=(action("role")) {
                (role_field(account, problems))
                p.hint { "They are signed out everywhere and sign in again with the new role." }
                p.buttons { button type="submit" { "Change role" } }
            }
        }
        section aria-labelledby="password-heading" {
            h2 #password-heading { "Password" }
            form method="post" action=(action("password")) {
                (fields::input(&Input {
                    field: Field::Password, label: "New password", hint: Some("at least 10 characters"), kind: "password",
                    autocomplete: Some("new-password"), value: "", required: true,
                }, problems))
                label.check { input type="checkbox" name="sure" value="1" required; " Sign them out everywhere; the old password stops working" }
                p.buttons { button type="submit" { "Change password" } }
            }
        }
        section aria-labelledby="sessions-heading" {
            h2 #sessions-heading { "Access" }
            form method="post" action=(action("sign-out")) {
                p.buttons { button type="submit" { "Sign out everywhere …" } }
            }
            @if is_disabled {
                form method="post" action=(action("enabling")) { p.buttons { button type="submit" { "Enable account" } } }
            } @else {
                form method="post" action=(action("disabling")) { p.buttons { button type="submit" { "Disable account …" } } }
            }
        }
    };
    let site = web.site_name().await?;
    let page = staff_page(&site, who, Room::Settings, &account.name, &main);
    Ok((status, page).into_response())
}

fn role_field(account: &user::Model, problems: &[(Field, String)]) -> Markup {
    let problem = fields::problem_of(Field::Role, problems);
    html! {
        div.field {
            label for="role" { "Role" }
            select #role name="role" aria-describedby=[problem.map(|_| "role-problem")] {
                @for (role, name, label) in ROLES {
                    option value=(name) selected[account.role == role] { (label) }
                }
            }
            (fields::problem_note("role", problem))
        }
    }
}
