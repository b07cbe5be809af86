//! The log of decisions, and the history of one response.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use maud::{Markup, html};
use serde::Deserialize;

use crate::error::{Error, Field};
use crate::moderation::entry::Entry;
use crate::moderation::queue::{self, Logged};
use crate::moderation::{edit, reply};
use crate::store::entity::decision::Model as Decision;
use crate::store::entity::edit::Model as Edit;
use crate::store::entity::ids::{DecisionId, ResponseId};
use crate::store::entity::response::{ResponseKind, ResponseState};
use crate::store::posts::PostLine;
use crate::web::client::Client;
use crate::web::form::Form;
use crate::web::moderator::entry;
use crate::web::moderator::words;
use crate::web::respond::{PageResult, status_of};
use crate::web::session::SignedIn;
use crate::web::state::Web;
use crate::web::views::fields;
use crate::web::views::staff::{Room, staff_page};
use crate::web::views::when;

/// Where the log's page begins.
#[derive(Debug, Default, Deserialize)]
pub struct Before {
    /// The decision behind which it begins.
    pub before: Option<i64>,
}

/// `GET /queue/log`
pub async fn index(
    State(web): State<Web>,
    who: SignedIn,
    Query(shown): Query<Before>,
) -> PageResult {
    let page = queue::page_log(&web.app, &who.actor, shown.before.map(DecisionId)).await?;
    let main = html! {
        div.title-row { h1 { "Log of decisions" } a href="/queue/" { "Back to the queue" } }
        @if page.decisions.is_empty() {
            div.empty { p { "Nobody has decided anything yet. Every decision will be written down here, with who, when and what." } }
        } @else { (decision_table(&web, &page.decisions, true)) }
        @if let Some(next) = page.next {
            nav.paging aria-label="Pages" { span {} a rel="next" href={ "/queue/log?before=" (next) } { "Older" } }
        }
    };
    let site = web.site_name().await?;
    Ok(staff_page(&site, &who, Room::Queue, "Log of decisions", &main).into_response())
}

/// What was typed on the page of a response and could not be taken.
#[derive(Default)]
struct Typed<'a> {
    reply: Option<&'a str>,
    edit: Option<&'a str>,
    problems: Vec<(Field, String)>,
}

/// `GET /queue/responses/ID`
pub async fn show(State(web): State<Web>, who: SignedIn, Path(id): Path<String>) -> PageResult {
    let id = id.parse().map_err(|_| Error::NotFound("response"))?;
    page(&web, &who, id, Typed::default(), StatusCode::OK).await
}

/// The page again, with the text as it was typed and what to fix.
async fn page_again(
    web: &Web,
    who: &SignedIn,
    id: ResponseId,
    mut typed: Typed<'_>,
    error: Error,
) -> PageResult {
    typed.problems = match &error {
        Error::Invalid(errors) => fields::plain_problems(errors),
        Error::TooMany { .. } | Error::Unavailable(_) | Error::Conflict(_) => {
            vec![(Field::Form, error.to_string())]
        }
        _ => return Err(error.into()),
    };
    page(web, who, id, typed, status_of(&error)).await
}

async fn page(
    web: &Web,
    who: &SignedIn,
    id: ResponseId,
    typed: Typed<'_>,
    status: StatusCode,
) -> PageResult {
    let (item, post, decisions) = queue::find_entry(&web.app, &who.actor, id).await?;
    let edits = edit::list(&web.app, &who.actor, id).await?;
    let state = words::state_name(item.response.state);
    let main = html! {
        div.title-row {
            h1 { "Response #" (id) " " span class={ "state " (state) } { (state) } }
            a href={ "/queue/?state=" (state) } { "Back to the queue" }
        }
        form.queue.single method="post" action="/queue/decisions" {
            input type="hidden" name="shown" value={ "state=" (state) };
            input type="hidden" name="from" value=(state);
            (entry::queue_entry(web, &item, Some(&post), None, None))
            div.field {
                label for="note" { "Why " span.hint { "(optional; the log and the writer see it)" } }
                input #note name="note" type="text" maxlength="500" autocomplete="off" dir="auto";
            }
            p.entry-actions { (entry::move_buttons(&item, false)) }
        }
        (fields::problem_summary("Please fix this:", &typed.problems))
        h2 { "History" }
        (talk(web, &item, &post, &edits, &typed))
        @if decisions.is_empty() { p { "No decision on it yet." } }
        @else { (decision_table(web, &decisions, false)) }
    };
    let site = web.site_name().await?;
    let page = staff_page(&site, who, Room::Queue, "Response", &main);
    Ok((status, page).into_response())
}

/// Answering and editing, from where somebody reviews.
fn talk(web: &Web, item: &Entry, post: &PostLine, edits: &[Edit], typed: &Typed<'_>) -> Markup {
    let response = &item.response;
    let id = response.id;
    html! {
        @if item.may_open_card {
            p { a.person href={ "/queue/responses/" (id) "/person" } { "Card of " bdi { (response.author_name) } } }
        }
        @if response.kind == ResponseKind::Comment {
            details #reply open[typed.reply.is_some()] {
                summary { "Reply on “" bdi { (post.title) } "”" }
                form method="post" action={ "/queue/responses/" (id) "/reply" } {
                    div.field {
                        label for="reply-text" { "Your reply " span.hint { "(Markdown, under your name)" } }
                        textarea #reply-text name="comment" rows="5" required dir="auto" { "\n" (typed.reply.unwrap_or_default()) }
                    }
                    @if response.state != ResponseState::Approved { p.hint { "This approves the response too." } }
                    p.buttons { button.primary type="submit" { "Send the reply" } }
                }
            }
            details #edit open[typed.edit.is_some()] {
                summary { "Edit" }
                form method="post" action={ "/queue/responses/" (id) "/edit" } {
                    div.field {
                        label for="edit-text" { "Text " span.hint { "(Markdown; the original is kept)" } }
                        textarea #edit-text name="comment" rows="8" required dir="auto" { "\n" (typed.edit.unwrap_or(&response.body_markdown)) }
                    }
                    p.buttons { button.primary type="submit" { "Save" } }
                }
            }
        }
        @for edit in edits {
            details {
                summary { "Edited by " bdi { (edit.editor_name) } ", " (when::time_of_minute(edit.edited_at, web.app.urls.zone())) }
                p { "It was:" }
                pre dir="auto" tabindex="0" { "\n" (edit.before_markdown) }
                form method="post" action={ "/queue/responses/" (id) "/edit" } {
                    textarea.visually-hidden name="comment" aria-hidden="true" tabindex="-1" readonly { "\n" (edit.before_markdown) }
                    button type="submit" { "Put back" }
                }
            }
        }
    }
}

/// `POST /queue/responses/ID/reply`
pub async fn reply(
    State(web): State<Web>,
    who: SignedIn,
    client: Client,
    Path(id): Path<String>,
    form: Form,
) -> PageResult {
    let id = id.parse().map_err(|_| Error::NotFound("response"))?;
    let text = form.get("comment");
    if let Err(error) = reply::reply(&web.app, &who.actor, id, text, client.0).await {
        let typed = Typed {
            reply: Some(text),
            ..Typed::default()
        };
        return page_again(&web, &who, id, typed, error).await;
    }
    Ok(Redirect::to(&format!("/queue/responses/{id}")).into_response())
}

/// `POST /queue/responses/ID/edit`
pub async fn edit(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
    form: Form,
) -> PageResult {
    let id = id.parse().map_err(|_| Error::NotFound("response"))?;
    let text = form.get("comment");
    if let Err(error) = edit::edit(&web.app, &who.actor, id, text).await {
        let typed = Typed {
            edit: Some(text),
            ..Typed::default()
        };
        return page_again(&web, &who, id, typed, error).await;
    }
    Ok(Redirect::to(&format!("/queue/responses/{id}")).into_response())
}

/// To where somebody chooses between one response and all that the same press moved.
fn undo_link(logged: &Logged) -> Markup {
    let decision = &logged.decision;
    html! {
        a href={ "/queue/undo?decision=" (decision.id) }
            aria-label={ "Undo: response #" (decision.response_id) " or all " (logged.together) " decided together" } {
            "Undo (one of " (logged.together) ") …"
        }
    }
}

/// Takes back a press that decided on one response.
fn undo_button(decision: &Decision) -> Markup {
    html! {
        form method="post" action="/queue/undo" {
            input type="hidden" name="batch" value=(decision.batch);
            input type="hidden" name="shown" value={ "state=" (words::state_name(decision.from_state)) };
            button.link type="submit" aria-label={ "Undo: response #" (decision.response_id) " to " (words::state_name(decision.to_state)) } { "Undo" }
        }
    }
}

fn decision_table(web: &Web, decisions: &[Logged], with_response: bool) -> Markup {
    html! {
        div.table-scroll tabindex="0" role="region" aria-label="Decisions" {
            table {
                thead { tr {
                    th scope="col" { "When" }
                    th scope="col" { "Who" }
                    @if with_response { th scope="col" { "Response" } }
                    th scope="col" { "From" }
                    th scope="col" { "To" }
                    th scope="col" { "Note" }
                } }
                tbody {
                    @for logged in decisions {
                        @let Logged { decision, undone, .. } = logged;
                        tr {
                            td { (when::time_of_minute(decision.decided_at, web.app.urls.zone())) }
                            td { bdi { (decision.actor_name) } @if !decision.note.is_empty() { ": " bdi { (decision.note) } } }
                            @if with_response {
                                td { a href={ "/queue/responses/" (decision.response_id) } { "#" (decision.response_id) } }
                            }
                            td { (words::state_name(decision.from_state)) }
                            td { (words::state_name(decision.to_state)) }
                            td {
                                @if decision.undoes.is_some() { "undo" }
                                @else if *undone { "undone" }
                                @else if queue::is_undoable(logged, web.app.clock.now()) {
                                    @if logged.together > 1 { (undo_link(logged)) } @else { (undo_button(decision)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
