//! The senders who are always approved, always held or blocked: by address, domain, network, host or author.

use std::time::Duration;

use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use maud::{Markup, html};

use crate::accounts::permissions::Action;
use crate::error::{Error, Field};
use crate::moderation::sender_policy::{self, PolicyRequest};
use crate::store::entity::ids::SenderPolicyId;
use crate::store::entity::sender_policy::Model as SenderPolicyRow;
use crate::texts::Texts;
use crate::ui::problems::{self, FieldText};
use crate::ui::staff_page::NavSection;
use crate::ui::{notices, when};
use crate::web::form::Form;
use crate::web::form_problems::form_problems;
use crate::web::moderator::decisions::back_to_queue;
use crate::web::moderator::labels::{scope_label, sender_policy_label};
use crate::web::moderator::names::{
    SCOPES, SENDER_POLICIES, find_scope, find_sender_policy, scope_name, sender_policy_name,
};
use crate::web::respond::PageResult;
use crate::web::session::SignedIn;
use crate::web::state::Web;
use crate::web::views::staff::staff_page;

/// How long a policy can apply: name, label and days; permanently where there are none.
const DURATIONS: [(&str, &str, Option<u64>); 5] = [
    ("", "sender-duration-permanent", None),
    ("1", "sender-duration-day", Some(1)),
    ("7", "sender-duration-week", Some(7)),
    ("30", "sender-duration-month", Some(30)),
    ("365", "sender-duration-year", Some(365)),
];

/// The fields for a policy, its duration and a note.
pub fn policy_fields(texts: &Texts, typed: &Form) -> Markup {
    let given = typed.find("policy").unwrap_or("block");
    html! {
        div.field {
            label for="policy" { (texts.text("sender-action")) }
            select #policy name="policy" {
                @for policy in SENDER_POLICIES {
                    @let name = sender_policy_name(policy);
                    option value=(name) selected[name == given] { (sender_policy_label(texts, policy)) }
                }
            }
        }
        div.field {
            label for="term" { (texts.text("sender-duration")) }
            select #term name="term" {
                @for (name, label, _) in DURATIONS {
                    option value=(name) selected[name == typed.get("term")] { (texts.text(label)) }
                }
            }
        }
        div.field {
            label for="note" { (texts.text("queue-note")) " " span.hint { "(" (texts.text("sender-note-hint")) ")" } }
            input #note name="note" type="text" maxlength="500" autocomplete="off" dir="auto" value=(typed.get("note"));
        }
    }
}

/// `GET /queue/senders`; `done=` names what was just done.
pub async fn index(State(web): State<Web>, who: SignedIn, RawQuery(query): RawQuery) -> PageResult {
    let params = Form::parse(query.unwrap_or_default().as_bytes());
    let done = match params.get("done") {
        "added" => Some("sender-added"),
        "removed" => Some("sender-removed"),
        _ => None,
    };
    let done = done.map(|id| web.texts.text(id));
    page(&web, &who, &Form::default(), &[], done, StatusCode::OK).await
}

async fn page(
    web: &Web,
    who: &SignedIn,
    typed: &Form,
    problems: &[FieldText],
    done: Option<String>,
    status: StatusCode,
) -> PageResult {
    let rows = sender_policy::list(&web.app, &who.actor).await?;
    let now = web.app.clock.now();
    let (current, ended): (Vec<_>, Vec<_>) = rows
        .into_iter()
        .partition(|row| row.until.is_none_or(|until| until > now));
    let texts = &web.texts;
    let title = texts.text("senders-title");
    let main = html! {
        div.title-row { h1 { (title) } a href="/queue/" { (texts.text("back-to-queue")) } }
        @if let Some(done) = done { (notices::done(done)) }
        p { (texts.text("senders-intro")) }
        @if current.is_empty() {
            div.empty { p { (texts.text("senders-none")) } }
        } @else { (policy_rows(web, &current)) }
        @if !ended.is_empty() { h2 { (texts.text("senders-ended")) } (policy_rows(web, &ended)) }
        (add_form(texts, typed, problems))
    };
    let page = staff_page(web, who, NavSection::Queue, &title, &main).await?;
    Ok((status, page).into_response())
}

fn add_form(texts: &Texts, typed: &Form, problems: &[FieldText]) -> Markup {
    let problem = problems::of_field(Field::Subject, problems);
    let summary = texts.with("problems-title", &[("count", problems.len().into())]);
    html! {
        section aria-labelledby="add" {
            h2 #add { (texts.text("sender-add-title")) }
            (problems::summary(texts, &summary, problems))
            form method="post" action="/queue/senders" {
                div.field {
                    label for="scope" { (texts.text("sender-type")) }
                    select #scope name="scope" {
                        @for scope in SCOPES {
                            @let name = scope_name(scope);
                            option value=(name) selected[typed.get("scope") == name] { (scope_label(texts, scope)) }
                        }
                    }
                }
                div.field {
                    label for="subject" { (texts.text("sender-value")) }
                    input #subject name="subject" type="text" dir="auto" required autocomplete="off" value=(typed.get("subject"))
                        aria-invalid=[problem.map(|_| "true")] aria-describedby=[problem.map(|_| "subject-problem")];
                    (problems::note("subject", problem))
                }
                (policy_fields(texts, typed))
                p.buttons { button.primary type="submit" { (texts.text("sender-add")) } }
            }
        }
    }
}

fn policy_rows(web: &Web, rows: &[SenderPolicyRow]) -> Markup {
    let texts = &web.texts;
    html! {
        ul.rows {
            @for row in rows {
                @let remove = texts.with("sender-remove-named", &[("subject", row.subject.as_str().into())]);
                li.row {
                    div {
                        strong dir="auto" { (row.subject) } " " span.kind { (scope_label(texts, row.scope)) }
                        " " span class={ "state policy-" (sender_policy_name(row.policy)) } { (sender_policy_label(texts, row.policy)) }
                        p.meta {
                            (policy_since(web, row))
                            @if !row.note.is_empty() { " " q dir="auto" { (row.note) } }
                        }
                    }
                    form method="post" action={ "/queue/senders/" (row.id) "/remove" } {
                        button type="submit" aria-label=(remove) { (texts.text("sender-remove")) }
                    }
                }
            }
        }
    }
}

/// Who set a policy, since when and until when it applies.
pub fn policy_since(web: &Web, row: &SenderPolicyRow) -> Markup {
    let zone = &web.app.zone();
    let by = ("name", row.set_by_name.as_str());
    let since = when::minute(row.set_at, zone);
    match row.until {
        None => web
            .texts
            .around("sender-since", by, &[("since", since.into())]),
        Some(until) => {
            let times = [
                ("since", since.into()),
                ("until", when::minute(until, zone).into()),
            ];
            web.texts.around("sender-since-until", by, &times)
        }
    }
}

/// `POST /queue/senders`: `trust=SCOPE:ID` approves by the response ID; `scope`, `subject`, `policy`,
/// `term` and `note` set any policy, and `clean_up` moves what they sent.
pub async fn create(State(web): State<Web>, who: SignedIn, form: Form) -> PageResult {
    who.actor.must(Action::SetRules)?;
    if let Some(trust) = form.find("trust") {
        let (scope, id) = trust.split_once(':').ok_or(Error::NotFound("linkback"))?;
        let scope = find_scope(scope).ok_or(Error::NotFound("linkback"))?;
        let id = id.parse().map_err(|_| Error::NotFound("linkback"))?;
        let decided = sender_policy::approve_sender(&web.app, &who.actor, id, scope).await?;
        return Ok(back_to_queue(&form, &decided));
    }
    let days = DURATIONS
        .iter()
        .find(|(name, _, _)| *name == form.get("term"))
        .and_then(|(_, _, days)| *days);
    let request = PolicyRequest {
        scope: find_scope(form.get("scope")).ok_or(Error::NotFound("policy"))?,
        subject: form.get("subject").to_owned(),
        policy: find_sender_policy(form.get("policy")).ok_or(Error::NotFound("policy"))?,
        duration: days.map(|days| Duration::from_secs(days * 24 * 60 * 60)),
        note: form.get("note").to_owned(),
        clean_up: form.has("clean_up"),
    };
    match sender_policy::set(&web.app, &who.actor, request).await {
        Ok(Some(decided)) => Ok(back_to_queue(&form, &decided)),
        Ok(None) => Ok(Redirect::to("/queue/senders?done=added").into_response()),
        Err(error) => {
            let (status, problems) = form_problems(&web.texts, error)?;
            page(&web, &who, &form, &problems, None, status).await
        }
    }
}

/// `POST /queue/senders/ID/remove`
pub async fn delete(State(web): State<Web>, who: SignedIn, Path(id): Path<String>) -> PageResult {
    who.actor.must(Action::SetRules)?;
    let id: SenderPolicyId = id.parse().map_err(|_| Error::NotFound("policy"))?;
    let decided = sender_policy::remove(&web.app, &who.actor, id).await?;
    Ok(match decided.moved {
        0 => Redirect::to("/queue/senders?done=removed").into_response(),
        _ => back_to_queue(&Form::default(), &decided),
    })
}
