//! Work on many responses: how far it is, and what came of it.

use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Redirect};
use maud::{Markup, html};

use crate::moderation::bulk::{self, Work};
use crate::moderation::time_machine::{self, Draft, Match, Replay};
use crate::store::entity::task::Model as Task;
use crate::web::moderator::entry::quote_marked;
use crate::web::moderator::words::{outcome_words, place_words, state_name};
use crate::web::respond::PageResult;
use crate::web::session::SignedIn;
use crate::web::state::Web;
use crate::web::views::staff::{Room, staff_page};

/// `GET /queue/tasks/TOKEN`: loads itself again until the work is done.
pub async fn show(State(web): State<Web>, who: SignedIn, Path(token): Path<String>) -> PageResult {
    let (task, work) = bulk::find(&web.app, &who.actor, &token).await?;
    let title = match &work {
        Work::Decide { to, .. } => format!("Moving all that match to “{}”", state_name(*to)),
        Work::Undo { .. } => "Undoing".to_owned(),
        Work::Try { draft } => format!("What “{}” would have done", draft.name),
    };
    let main = html! {
        div.title-row { h1 { (title) } a href="/queue/" { "Back to the queue" } }
        @if task.error.is_empty() { (progress(&task)) } @else { (stopped(&task)) }
        @match &work {
            Work::Decide { .. } => { @if task.ended_at.is_some() { (undo(&task)) } },
            Work::Undo { .. } => {},
            Work::Try { draft } => (replay(&task, draft)),
        }
    };
    let site = web.site_name().await?;
    let mut response = staff_page(&site, &who, Room::Queue, &title, &main).into_response();
    if task.ended_at.is_none() {
        let refresh = HeaderName::from_static("refresh");
        response
            .headers_mut()
            .insert(refresh, HeaderValue::from_static("1"));
    }
    Ok(response)
}

/// `POST /queue/tasks/TOKEN/retry`: goes on where it stopped.
pub async fn retry(State(web): State<Web>, who: SignedIn, Path(token): Path<String>) -> PageResult {
    bulk::retry(&web.app, &who.actor, &token).await?;
    Ok(Redirect::to(&format!("/queue/tasks/{token}")).into_response())
}

fn stopped(task: &Task) -> Markup {
    html! {
        div.problems role="status" {
            p { "This stopped after " (task.seen) " of " (task.total.max(task.seen)) ". " (task.error) }
            @if task.kind != "try" { p { (task.moved) " were moved. They stay moved unless you undo it." } }
        }
        form method="post" action={ "/queue/tasks/" (task.token) "/retry" } {
            p { button.primary type="submit" { "Go on where it stopped" } }
        }
    }
}

fn progress(task: &Task) -> Markup {
    let (seen, total) = (task.seen, task.total.max(task.seen));
    html! {
        @if task.ended_at.is_none() {
            p role="status" { (seen) " of " (total) " so far. This goes on by itself: you need not keep this page open." }
            progress max=(total.max(1)) value=(seen) aria-label="Progress" { (seen) " of " (total) }
        } @else if task.kind == "try" {
            p.received role="status" { "Done: " (seen) " past responses looked at." }
        } @else {
            p.received role="status" { "Done: " (task.moved) " moved, " (seen - task.moved) " left as they were." }
        }
    }
}

fn undo(task: &Task) -> Markup {
    html! {
        @if task.moved > 0 {
            form method="post" action="/queue/undo" {
                input type="hidden" name="batch" value=(task.token);
                p { button type="submit" { "Undo all " (task.moved) } " " span.hint { "possible for 30 days, also from the log" } }
            }
        }
    }
}

fn replay(task: &Task, draft: &Draft) -> Markup {
    let replay: Replay = time_machine::replay_of(task);
    let matched: u64 = replay.matched.values().sum();
    html! {
        p { "The rule would " strong { (outcome_words(draft.outcome)) } " what it matches. It matches "
            strong { (matched) } " of these responses." }
        @if matched > 0 {
            div.table-scroll tabindex="0" role="region" aria-label="Matches by where they stand" {
                table {
                    thead { tr { th scope="col" { "Moderators decided" } th scope="col" { "Matches" } } }
                    tbody { @for (state, count) in &replay.matched { tr { td { (state) } td { (count) } } } }
                }
            }
        }
        @if task.ended_at.is_some() && task.error.is_empty() {
            form.trial method="post" action="/queue/rules" {
                input type="hidden" name="task" value=(task.token);
                p.buttons {
                    button.primary type="submit" { "Save this rule" }
                    " " a href={ "/queue/rules/new?task=" (task.token) } { "Change it" }
                    " " a href="/queue/rules" { "Discard" }
                }
            }
        }
        @if !replay.surprises.is_empty() {
            h2 { "Surprises: moderators disagreed" }
            (matches(&replay.surprises))
        }
        @if !replay.others.is_empty() {
            h2 { "Other matches" }
            (matches(&replay.others))
        }
    }
}

fn matches(matches: &[Match]) -> Markup {
    html! {
        ul.rows {
            @for found in matches {
                li.row {
                    div {
                        a.row-title href={ "/queue/responses/" (found.id) } { bdi { (found.author) } }
                        " " span class={ "state " (state_name(found.state)) } { (state_name(found.state)) }
                        p dir="auto" { (found.text) }
                        p.meta {
                            @if let Some(place) = found.place { "found " (place_words(place)) " " }
                            @if let Some(quote) = &found.quote { (quote_marked(quote)) }
                            @else if let Some(words) = &found.found { mark { (words) } }
                        }
                    }
                }
            }
        }
    }
}
