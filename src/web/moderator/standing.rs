//! How people and sites stand here: always let in, always held, banned.

use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use maud::{Markup, html};

use crate::accounts::permissions::Action;
use crate::error::{Error, Field};
use crate::moderation::standing::{self, Grant};
use crate::store::entity::ids::StandingId;
use crate::store::entity::standing::Model as StandingRow;
use crate::web::form::Form;
use crate::web::moderator::decisions;
use crate::web::moderator::words::{
    SCOPES, STANDINGS, scope_named, scope_words, standing_name, standing_words,
};
use crate::web::respond::PageResult;
use crate::web::session::SignedIn;
use crate::web::state::Web;
use crate::web::views::fields;
use crate::web::views::staff::{Room, staff_page};
use crate::web::views::when;

/// How long a standing may last, in days; none for good.
const TERMS: [(&str, &str, Option<u64>); 5] = [
    ("", "permanently", None),
    ("1", "for a day", Some(1)),
    ("7", "for a week", Some(7)),
    ("30", "for a month", Some(30)),
    ("365", "for a year", Some(365)),
];

/// The choice of how somebody shall stand, and for how long.
pub fn standing_choice(typed: &Form) -> Markup {
    let given = typed.find("standing").unwrap_or("ban");
    html! {
        div.field {
            label for="standing" { "Action" }
            select #standing name="standing" {
                @for (_, name, words) in STANDINGS { option value=(name) selected[name == given] { (words) } }
            }
        }
        div.field {
            label for="term" { "Duration" }
            select #term name="term" { @for (name, words, _) in TERMS { option value=(name) selected[name == typed.get("term")] { (words) } } }
        }
        div.field {
            label for="note" { "Why " span.hint { "(for the other moderators)" } }
            input #note name="note" type="text" maxlength="500" autocomplete="off" dir="auto" value=(typed.get("note"));
        }
    }
}

/// `GET /queue/standings`
pub async fn index(State(web): State<Web>, who: SignedIn) -> PageResult {
    page(&web, &who, &Form::default(), &[], StatusCode::OK).await
}

async fn page(
    web: &Web,
    who: &SignedIn,
    typed: &Form,
    problems: &[(Field, String)],
    status: StatusCode,
) -> PageResult {
    let rows = standing::list(&web.app, &who.actor).await?;
    let now = web.app.clock.now();
    let (lasting, ended): (Vec<_>, Vec<_>) = rows
        .into_iter()
        .partition(|row| row.until.is_none_or(|until| until > now));
    let main = html! {
        div.title-row { h1 { "People and sites" } a href="/queue/" { "Back to the queue" } }
        p { "Who is always approved, always held, or banned. If you remove an approval, the responses that it let in go back to the queue. You can undo that." }
        @if lasting.is_empty() {
            div.empty { p { "No one is approved, held or banned yet. Open a profile from the queue, choose “Trust …” beside a linkback, or add an entry below." } }
        } @else { (standing_rows(web, &lasting)) }
        @if !ended.is_empty() { h2 { "Ended" } (standing_rows(web, &ended)) }
        section aria-labelledby="add" {
            h2 #add { "Add" }
            (fields::problem_summary("Please fix this:", problems))
            form method="post" action="/queue/standings" {
                div.field {
                    label for="scope" { "By" }
                    select #scope name="scope" {
                        @for (_, name, words) in SCOPES { option value=(name) selected[typed.get("scope") == name] { (words) } }
                    }
                }
                div.field {
                    label for="subject" { "Which" }
                    input #subject name="subject" type="text" dir="auto" required autocomplete="off" value=(typed.get("subject"));
                    (fields::problem_note("subject", fields::problem_of(Field::Subject, problems)))
                }
                (standing_choice(typed))
                p.buttons { button.primary type="submit" { "Add" } }
            }
        }
    };
    let site = web.site_name().await?;
    Ok((
        status,
        staff_page(&site, who, Room::Queue, "People and sites", &main),
    )
        .into_response())
}

fn standing_rows(web: &Web, rows: &[StandingRow]) -> Markup {
    let zone = web.app.urls.zone();
    html! {
        ul.rows {
            @for row in rows {
                li.row {
                    div {
                        strong dir="auto" { (row.subject) } " " span.kind { (scope_words(row.scope)) }
                        " " span class={ "state standing-" (standing_name(row.standing)) } { (standing_words(row.standing)) }
                        p.meta {
                            "since " (when::time_of_minute(row.given_at, zone)) ", by " bdi { (row.given_by_name) }
                            @if let Some(until) = row.until { ", until " (when::time_of_minute(until, zone)) }
                            @if !row.note.is_empty() { ": " bdi { (row.note) } }
                        }
                    }
                    form method="post" action={ "/queue/standings/" (row.id) "/withdrawal" } {
                        button type="submit" aria-label={ "Remove: " (row.subject) } { "Remove" }
                    }
                }
            }
        }
    }
}

/// `POST /queue/standings`: `trust=SCOPE:ID` lets in by the response ID; `scope`, `subject`,
/// `standing`, `term` and `note` give any standing, `clean_up` moves what they sent.
pub async fn create(State(web): State<Web>, who: SignedIn, form: Form) -> PageResult {
    who.actor.must(Action::SetRules)?;
    if let Some(trust) = form.find("trust") {
        let (scope, id) = trust.split_once(':').ok_or(Error::NotFound("linkback"))?;
        let scope = scope_named(scope).ok_or(Error::NotFound("linkback"))?;
        let id = id.parse().map_err(|_| Error::NotFound("linkback"))?;
        let decided = standing::trust(&web.app, &who.actor, id, scope).await?;
        return Ok(decisions::back(&form, &decided));
    }
    let scope = scope_named(form.get("scope")).ok_or(Error::NotFound("standing"))?;
    let given = STANDINGS
        .iter()
        .find(|(_, name, _)| *name == form.get("standing"))
        .map(|(standing, _, _)| *standing)
        .ok_or(Error::NotFound("standing"))?;
    let days = TERMS
        .iter()
        .find(|(name, _, _)| *name == form.get("term"))
        .and_then(|(_, _, days)| *days);
    let grant = Grant {
        scope,
        subject: form.get("subject").to_owned(),
        standing: given,
        lasting: days.map(|days| Duration::from_secs(days * 24 * 60 * 60)),
        note: form.get("note").to_owned(),
        clean_up: form.has("clean_up"),
    };
    match standing::give(&web.app, &who.actor, grant).await {
        Ok(Some(decided)) => Ok(decisions::back(&form, &decided)),
        Ok(None) => Ok(Redirect::to("/queue/standings").into_response()),
        Err(Error::Invalid(errors)) => {
            let problems = fields::plain_problems(&errors);
            page(
                &web,
                &who,
                &form,
                &problems,
                StatusCode::UNPROCESSABLE_ENTITY,
            )
            .await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /queue/standings/ID/withdrawal`
pub async fn delete(State(web): State<Web>, who: SignedIn, Path(id): Path<String>) -> PageResult {
    who.actor.must(Action::SetRules)?;
    let id: StandingId = id.parse().map_err(|_| Error::NotFound("standing"))?;
    let decided = standing::take_back(&web.app, &who.actor, id).await?;
    Ok(if decided.moved > 0 {
        decisions::back(&Form::default(), &decided)
    } else {
        Redirect::to("/queue/standings").into_response()
    })
}
