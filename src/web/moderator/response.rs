//! The page of one response: deciding on it, replying to it, editing it, and its history.

use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use maud::{Markup, html};

use crate::error::{Error, Field};
use crate::moderation::entry::QueueEntry;
use crate::moderation::{edit, queue, reply};
use crate::store::entity::edit::Model as Edit;
use crate::store::entity::ids::ResponseId;
use crate::store::entity::response::{ResponseKind, ResponseState};
use crate::store::posts::PostLine;
use crate::ui::problems::{self, FieldText};
use crate::ui::staff_page::NavSection;
use crate::ui::{notices, when};
use crate::web::client::ClientIp;
use crate::web::form::Form;
use crate::web::form_problems::form_problems;
use crate::web::moderator::decision_table::history_table;
use crate::web::moderator::entry::{entry_item, move_buttons};
use crate::web::moderator::labels::state_label;
use crate::web::moderator::names::state_name;
use crate::web::respond::PageResult;
use crate::web::session::SignedIn;
use crate::web::state::Web;
use crate::web::views::staff::staff_page;

/// What the page shows besides the response.
#[derive(Default)]
struct PageState<'a> {
    /// A reply that was not sent.
    reply: Option<&'a str>,
    /// A text that was not saved.
    edit: Option<&'a str>,
    /// Why; they name no field, because both texts are in fields of their own.
    problems: Vec<FieldText>,
    /// What was just done.
    done: Option<String>,
}

/// `GET /queue/responses/ID`; `done=` names what was just done.
pub async fn show(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> PageResult {
    let id = id.parse().map_err(|_| Error::NotFound("response"))?;
    let params = Form::parse(query.unwrap_or_default().as_bytes());
    let done = match params.get("done") {
        "reply" => Some("response-reply-sent"),
        "edit" => Some("response-edit-saved"),
        _ => None,
    };
    let state = PageState {
        done: done.map(|id| web.texts.text(id)),
        ..PageState::default()
    };
    page(&web, &who, id, state, StatusCode::OK).await
}

async fn page(
    web: &Web,
    who: &SignedIn,
    id: ResponseId,
    shown: PageState<'_>,
    status: StatusCode,
) -> PageResult {
    let (entry, post, decisions) = queue::load_entry(&web.app, &who.actor, id).await?;
    let edits = edit::list(&web.app, &who.actor, id).await?;
    let (texts, state) = (&web.texts, entry.response.state);
    let summary = texts.with("problems-title", &[("count", shown.problems.len().into())]);
    let title = texts.with("response-title", &[("id", id.to_string().into())]);
    let main = html! {
        div.title-row {
            h1 { (title) " " span class={ "state " (state_name(state)) } { (state_label(texts, state)) } }
            a href={ "/queue/?state=" (state_name(state)) } { (texts.text("back-to-queue")) }
        }
        @if let Some(done) = &shown.done { (notices::done(done)) }
        form.queue.single method="post" action="/queue/decisions" {
            input type="hidden" name="shown" value={ "state=" (state_name(state)) };
            input type="hidden" name="from" value=(state_name(state));
            (entry_item(web, &entry, Some(&post), None, None))
            div.field {
                label for="note" { (texts.text("queue-note")) " " span.hint { "(" (texts.text("response-note-hint")) ")" } }
                input #note name="note" type="text" maxlength="500" autocomplete="off" dir="auto";
            }
            p.entry-actions { (move_buttons(texts, &entry, false)) }
        }
        (problems::summary(texts, &summary, &shown.problems))
        (actions(web, &entry, &post, &shown))
        h2 { (texts.text("response-history")) }
        @for edit in &edits { (past_text(web, id, edit)) }
        @if decisions.is_empty() { p { (texts.text("response-no-decisions")) } }
        @else { (history_table(web, &decisions)) }
    };
    let page = staff_page(web, who, NavSection::Queue, &title, &main).await?;
    Ok((status, page).into_response())
}

/// The link to the sender's profile, and the forms for a reply and for the text.
fn actions(web: &Web, entry: &QueueEntry, post: &PostLine, shown: &PageState<'_>) -> Markup {
    let (texts, response) = (&web.texts, &entry.response);
    let id = response.id;
    html! {
        @if entry.can_open_profile {
            p {
                a.person href={ "/queue/responses/" (id) "/person" } {
                    (texts.around("entry-profile-of", ("name", &response.author_name), &[]))
                }
            }
        }
        @if response.kind == ResponseKind::Comment {
            details #reply open[shown.reply.is_some()] {
                summary { (texts.around("response-reply", ("title", &post.title), &[])) }
                form method="post" action={ "/queue/responses/" (id) "/reply" } {
                    div.field {
                        label for="reply-text" { (texts.text("response-reply-text")) " " span.hint { "(" (texts.text("response-reply-hint")) ")" } }
                        textarea #reply-text name="comment" rows="5" required dir="auto"
                            aria-invalid=[shown.reply.map(|_| "true")] { "\n" (shown.reply.unwrap_or_default()) }
                    }
                    @if response.state != ResponseState::Approved { p.hint { (texts.text("response-reply-approves")) } }
                    p.buttons { button.primary type="submit" { (texts.text("response-reply-send")) } }
                }
            }
            details #edit open[shown.edit.is_some()] {
                summary { (texts.text("response-edit")) }
                form method="post" action={ "/queue/responses/" (id) "/edit" } {
                    div.field {
                        label for="edit-text" { (texts.text("response-edit-text")) " " span.hint { "(" (texts.text("response-edit-hint")) ")" } }
                        textarea #edit-text name="comment" rows="8" required dir="auto"
                            aria-invalid=[shown.edit.map(|_| "true")] { "\n" (shown.edit.unwrap_or(&response.body_markdown)) }
                    }
                    p.buttons { button.primary type="submit" { (texts.text("response-edit-save")) } }
                }
            }
        }
    }
}

/// A text that an edit replaced, with the button that restores it.
fn past_text(web: &Web, id: ResponseId, edit: &Edit) -> Markup {
    let texts = &web.texts;
    let time = when::minute(edit.edited_at, &web.app.zone());
    html! {
        details {
            summary { (texts.around("response-edited", ("name", &edit.editor_name), &[("time", time.into())])) }
            p { (texts.text("response-before-edit")) }
            pre dir="auto" tabindex="0" { "\n" (edit.before_markdown) }
            form method="post" action={ "/queue/responses/" (id) "/edit" } {
                textarea.visually-hidden name="comment" aria-hidden="true" tabindex="-1" readonly { "\n" (edit.before_markdown) }
                button type="submit" { (texts.text("response-restore")) }
            }
        }
    }
}

/// The problems of a reply or an edited text, without the name of the field that readers' forms have.
fn text_problems(web: &Web, error: Error) -> Result<(StatusCode, Vec<FieldText>), Error> {
    let (status, problems) = form_problems(&web.texts, error)?;
    let problems = problems.into_iter().map(|(_, text)| (Field::Form, text));
    Ok((status, problems.collect()))
}

/// `POST /queue/responses/ID/reply`
pub async fn reply(
    State(web): State<Web>,
    who: SignedIn,
    client: ClientIp,
    Path(id): Path<String>,
    form: Form,
) -> PageResult {
    let id = id.parse().map_err(|_| Error::NotFound("response"))?;
    let text = form.get("comment");
    if let Err(error) = reply::reply(&web.app, &who.actor, id, text, client.0).await {
        let (status, problems) = text_problems(&web, error)?;
        let shown = PageState {
            reply: Some(text),
            problems,
            ..PageState::default()
        };
        return page(&web, &who, id, shown, status).await;
    }
    Ok(Redirect::to(&format!("/queue/responses/{id}?done=reply")).into_response())
}

/// `POST /queue/responses/ID/edit`
pub async fn update(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
    form: Form,
) -> PageResult {
    let id = id.parse().map_err(|_| Error::NotFound("response"))?;
    let text = form.get("comment");
    if let Err(error) = edit::edit(&web.app, &who.actor, id, text).await {
        let (status, problems) = text_problems(&web, error)?;
        let shown = PageState {
            edit: Some(text),
            problems,
            ..PageState::default()
        };
        return page(&web, &who, id, shown, status).await;
    }
    Ok(Redirect::to(&format!("/queue/responses/{id}?done=edit")).into_response())
}
