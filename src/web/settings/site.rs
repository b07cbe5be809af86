//! The site's name, and the people with accounts.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use maud::{Markup, html};
use serde::Deserialize;

use crate::accounts::identity;
use crate::accounts::permissions::Action;
use crate::accounts::register::{self, AccountInput};
use crate::error::{Error, Field, Problem};
use crate::store::entity::user::{self, Role};
use crate::store::users;
use crate::web::form::Form;
use crate::web::respond::PageResult;
use crate::web::session::SignedIn;
use crate::web::state::{SiteName, Web};
use crate::web::views::fields::{self, Input};
use crate::web::views::staff::{Room, staff_page};

/// What was just done.
#[derive(Debug, Default, Deserialize)]
pub struct Done {
    done: Option<String>,
}

/// The roles, with their names in forms and the words for them.
pub const ROLES: [(Role, &str, &str); 5] = [
    (
        Role::Administrator,
        "administrator",
        "Administrator: everything",
    ),
    (Role::Editor, "editor", "Editor: all posts and the queue"),
    (Role::Author, "author", "Author: their own posts"),
    (
        Role::Contributor,
        "contributor",
        "Contributor: drafts, which somebody else publishes",
    ),
    (Role::Moderator, "moderator", "Moderator: the queue"),
];

/// The role that a word names.
pub fn role_named(name: &str) -> Option<Role> {
    ROLES
        .iter()
        .find(|(_, other, _)| *other == name)
        .map(|(role, _, _)| *role)
}

/// The name of a role.
pub fn role_name(role: Role) -> &'static str {
    ROLES
        .iter()
        .find(|(other, _, _)| *other == role)
        .map_or("", |(_, name, _)| name)
}

#[derive(Default)]
struct People {
    input: AccountInput,
    role: String,
    problems: Vec<(Field, String)>,
}

/// `GET /settings/`
pub async fn show(State(web): State<Web>, who: SignedIn, Query(done): Query<Done>) -> PageResult {
    who.actor.must(Action::ChangeSettings)?;
    let site = web.site_name().await?;
    let notice = match done.done.as_deref() {
        Some("site") => Some("Saved."),
        Some("person") => Some("Account created. Send them the address and password."),
        _ => None,
    };
    page(
        &web,
        &who,
        &site,
        &[],
        People::default(),
        notice,
        StatusCode::OK,
    )
    .await
}

/// `POST /settings/site`
pub async fn update(State(web): State<Web>, who: SignedIn, form: Form) -> PageResult {
    let typed = SiteName {
        name: form.get("site_name").to_owned(),
        tagline: form.get("tagline").to_owned(),
    };
    match identity::name_site(&web.app, &who.actor, &typed.name, &typed.tagline).await {
        Ok(()) => Ok(Redirect::to("/settings/?done=site").into_response()),
        Err(Error::Invalid(errors)) => {
            let problems = fields::plain_problems(&errors);
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            page(
                &web,
                &who,
                &typed,
                &problems,
                People::default(),
                None,
                status,
            )
            .await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /settings/people`
pub async fn create_person(State(web): State<Web>, who: SignedIn, form: Form) -> PageResult {
    who.actor.must(Action::ManageAccounts)?;
    let input = AccountInput {
        name: form.get("author").to_owned(),
        email: form.get("email").to_owned(),
        password: form.get("password").to_owned(),
    };
    let made = match role_named(form.get("role")) {
        Some(role) => register::add_account(&web.app, &who.actor, &input, role).await,
        None => Err(Error::field(Field::Role, Problem::NotAChoice)),
    };
    match made {
        Ok(_) => Ok(Redirect::to("/settings/?done=person").into_response()),
        Err(Error::Invalid(errors)) => {
            let people = People {
                input,
                role: form.get("role").to_owned(),
                problems: fields::plain_problems(&errors),
            };
            let site = web.site_name().await?;
            page(
                &web,
                &who,
                &site,
                &[],
                people,
                None,
                StatusCode::UNPROCESSABLE_ENTITY,
            )
            .await
        }
        Err(error) => Err(error.into()),
    }
}

async fn page(
    web: &Web,
    who: &SignedIn,
    typed: &SiteName,
    problems: &[(Field, String)],
    people: People,
    notice: Option<&str>,
    status: StatusCode,
) -> PageResult {
    let accounts = users::list(web.app.store.read()).await?;
    let site = web.site_name().await?;
    let main = html! {
        div.title-row { h1 { "Settings" } a href="/settings/jobs" { "Background jobs" } }
        @if let Some(notice) = notice { p.received role="status" { (notice) } }
        section aria-labelledby="site-heading" {
            h2 #site-heading { "The site" }
            form method="post" action="/settings/site" {
                (fields::input(&Input {
                    field: Field::SiteName, label: "Name", hint: None, kind: "text",
                    autocomplete: Some("off"), value: &typed.name, required: true,
                }, problems))
                div.field {
                    label for="tagline" { "Tagline " span.hint { "(optional)" } }
                    input #tagline name="tagline" type="text" dir="auto" autocomplete="off" value=(typed.tagline);
                }
                p.buttons { button.primary type="submit" { "Save" } }
            }
        }
        section aria-labelledby="people-heading" {
            h2 #people-heading { "People" }
            (people_table(&accounts))
            h3 { "Add a user" }
            (fields::problem_summary("Please fix this:", &people.problems))
            (person_form(&people))
        }
    };
    Ok((
        status,
        staff_page(&site, who, Room::Settings, "Settings", &main),
    )
        .into_response())
}

fn people_table(accounts: &[user::Model]) -> Markup {
    html! {
        div.table-scroll tabindex="0" role="region" aria-label="Accounts" {
            table {
                thead { tr { th scope="col" { "Name" } th scope="col" { "E-mail" } th scope="col" { "Role" } th scope="col" { "State" } } }
                tbody {
                    @for account in accounts {
                        tr {
                            td { a href={ "/settings/people/" (account.id) } { bdi { (account.name) } } }
                            td { (account.email) }
                            td { (role_name(account.role)) }
                            td { @if account.disabled_at.is_some() { "disabled" } @else { "can sign in" } }
                        }
                    }
                }
            }
        }
    }
}

fn person_form(people: &People) -> Markup {
    let problem = fields::problem_of(Field::Role, &people.problems);
    html! {
        form method="post" action="/settings/people" {
            (fields::input(&Input {
                field: Field::Name, label: "Name", hint: None, kind: "text",
                autocomplete: Some("off"), value: &people.input.name, required: true,
            }, &people.problems))
            (fields::input(&Input {
                field: Field::Email, label: "E-mail", hint: None, kind: "email",
                autocomplete: Some("off"), value: &people.input.email, required: true,
            }, &people.problems))
            (fields::input(&Input {
                field: Field::Password, label: "Password", hint: Some("at least 10 characters"), kind: "password",
                autocomplete: Some("new-password"), value: "", required: true,
            }, &people.problems))
            div.field {
                label for="role" { "Role" }
                select #role name="role" aria-describedby=[problem.map(|_| "role-problem")] {
                    @for (_, name, label) in ROLES {
                        option value=(name) selected[people.role == name || (people.role.is_empty() && name == "author")] { (label) }
                    }
                }
                (fields::problem_note("role", problem))
            }
            p.buttons { button.primary type="submit" { "Add" } }
        }
    }
}
