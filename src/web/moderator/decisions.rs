//! Deciding on one response, on those selected, or on all that match, and undoing a decision. Shows no
//! list: every handler leads back to the page that it came from, or answers the queue's script.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use maud::html;
use serde::Serialize;

use crate::error::{Error, Result};
use crate::moderation::bulk;
use crate::moderation::decide::{self, DecisionRequest, DecisionSummary, MAX_PER_REQUEST};
use crate::moderation::undo;
use crate::store::decisions;
use crate::store::entity::ids::{DecisionId, ResponseId};
use crate::store::entity::response::ResponseState;
use crate::texts::Message;
use crate::ui::confirmation::Confirmation;
use crate::ui::staff_page::NavSection;
use crate::web::form::Form;
use crate::web::moderator::decision_result::{batch_text, not_moved_text, nothing_moved_text};
use crate::web::moderator::labels::state_label;
use crate::web::moderator::names::{find_state, state_name};
use crate::web::moderator::queue_query::QueueQuery;
use crate::web::negotiation::{Representation, preferred};
use crate::web::respond::PageResult;
use crate::web::session::SignedIn;
use crate::web::state::Web;
use crate::web::views::confirmation::confirmation_page;

/// The longest note to a decision, in characters.
const MAX_NOTE: usize = 500;

fn incomplete_form() -> Error {
    Error::Conflict(Message::new("queue-incomplete-form"))
}

/// `POST /queue/decisions`: `move=STATE:ID` for one, `all=STATE` with any number of `id`,
/// `matching=STATE` for all that the query in `shown` names.
pub async fn create(
    State(web): State<Web>,
    headers: HeaderMap,
    who: SignedIn,
    form: Form,
) -> PageResult {
    who.actor.moderation_scope()?;
    let query = QueueQuery::parse(form.get("shown")).ok_or_else(incomplete_form)?;
    if let Some(to) = form.find("matching") {
        let to = find_state(to).ok_or_else(incomplete_form)?;
        return decide_matching(&web, &who, &form, query, to).await;
    }
    if form.find("move").is_none() && form.has("all") && !form.has("id") {
        find_state(form.get("all")).ok_or_else(incomplete_form)?;
        return Ok(nothing_selected(&web, &headers, &query));
    }
    let (to, ids) = match form.find("move") {
        Some(one) => {
            let (to, id) = one.split_once(':').ok_or_else(incomplete_form)?;
            let id = id.parse::<ResponseId>().map_err(|_| incomplete_form())?;
            (to, vec![id])
        }
        None => {
            let ids = form
                .all("id")
                .map(|id| id.parse::<ResponseId>().map_err(|_| incomplete_form()));
            (form.get("all"), ids.collect::<Result<Vec<_>, _>>()?)
        }
    };
    let request = DecisionRequest {
        // What somebody else moved since this page was shown is left to them.
        from: find_state(form.get("from")),
        to: find_state(to).ok_or_else(incomplete_form)?,
        note: form.get("note").trim().chars().take(MAX_NOTE).collect(),
    };
    let decided = decide::decide(&web.app, &who.actor, &ids, &request).await?;
    answer(&web, &headers, &form, &decided).await
}

async fn decide_matching(
    web: &Web,
    who: &SignedIn,
    form: &Form,
    query: QueueQuery,
    to: ResponseState,
) -> PageResult {
    let count = bulk::count_matching(&web.app, &who.actor, query.filter.clone()).await?;
    if count == 0 {
        return Ok(Redirect::to(&format!("{}&none=matching", query.path())).into_response());
    }
    // A confirmation of fewer responses does not cover those that came in since.
    let confirmed = form.get("sure").parse::<u64>();
    if confirmed.is_ok_and(|confirmed| count <= confirmed) {
        let token = bulk::start_decide_all(&web.app, &who.actor, query.filter, to).await?;
        return Ok(Redirect::to(&format!("/queue/tasks/{token}")).into_response());
    }
    let texts = &web.texts;
    let (title, button) = match to {
        ResponseState::Approved => ("queue-confirm-approved", "queue-confirm-approved-button"),
        ResponseState::Spam => ("queue-confirm-spam", "queue-confirm-spam-button"),
        ResponseState::Trash => ("queue-confirm-trash", "queue-confirm-trash-button"),
        ResponseState::Pending => ("queue-confirm-pending", "queue-confirm-pending-button"),
    };
    let counted = [("count", count.into())];
    let consequence = match query.filter.is_narrow() {
        true => "queue-confirm-matching",
        false => "queue-confirm-all",
    };
    let state = state_label(texts, query.filter.state);
    let confirmation = Confirmation {
        title: &texts.with(title, &counted),
        consequence: html! { p { (texts.with(consequence, &[("state", state.into())])) } },
        action: "/queue/decisions",
        fields: &[
            ("shown", &query.query()),
            ("matching", state_name(to)),
            ("sure", &count.to_string()),
        ],
        button: &texts.with(button, &counted),
        back: &query.path(),
    };
    confirmation_page(web, who, NavSection::Queue, confirmation).await
}

fn nothing_selected(web: &Web, headers: &HeaderMap, query: &QueueQuery) -> Response {
    if !wants_json(headers) {
        return Redirect::to(&format!("{}&none=selected", query.path())).into_response();
    }
    let result = DecisionResult {
        batch: String::new(),
        moved: 0,
        left: 0,
        text: nothing_moved_text(&web.texts, "selected").unwrap_or_default(),
    };
    (StatusCode::CONFLICT, Json(result)).into_response()
}

/// `POST /queue/undo`: `decision=ID` undoes one, `batch=NAME` all that were made together.
pub async fn undo_decisions(
    State(web): State<Web>,
    who: SignedIn,
    headers: HeaderMap,
    form: Form,
) -> PageResult {
    who.actor.moderation_scope()?;
    if let Some(id) = form.find("decision") {
        let id = id.parse().map(DecisionId).map_err(|_| incomplete_form())?;
        let undone = undo::undo_decision(&web.app, &who.actor, id).await?;
        return answer(&web, &headers, &form, &undone).await;
    }
    let batch = form.get("batch");
    if decisions::count_batch(web.app.store.read(), batch).await? > MAX_PER_REQUEST {
        let token = bulk::start_undo(&web.app, &who.actor, batch).await?;
        return Ok(Redirect::to(&format!("/queue/tasks/{token}")).into_response());
    }
    let undone = undo::undo_batch(&web.app, &who.actor, batch).await?;
    answer(&web, &headers, &form, &undone).await
}

/// What a decision did, for the queue's script.
#[derive(Serialize)]
struct DecisionResult {
    /// Names the decision, to undo it.
    batch: String,
    moved: usize,
    left: usize,
    text: String,
}

fn wants_json(headers: &HeaderMap) -> bool {
    preferred(headers) == Some(Representation::Json)
}

async fn answer(
    web: &Web,
    headers: &HeaderMap,
    form: &Form,
    decided: &DecisionSummary,
) -> PageResult {
    if !wants_json(headers) {
        return Ok(back_to_queue(form, decided));
    }
    let text = batch_text(web, &decided.batch, decided.skipped).await?;
    let result = DecisionResult {
        batch: decided.batch.clone(),
        moved: decided.moved,
        left: decided.skipped,
        text: text.unwrap_or_else(|| not_moved_text(&web.texts, decided.skipped)),
    };
    let status = match decided.moved {
        0 => StatusCode::CONFLICT,
        _ => StatusCode::OK,
    };
    Ok((status, Json(result)).into_response())
}

/// Back to the list that the form names in `shown`, which says what the decision did.
pub fn back_to_queue(form: &Form, decided: &DecisionSummary) -> Response {
    let query = QueueQuery::parse(form.get("shown"));
    let mut path = query.map_or_else(|| "/queue/?state=pending".to_owned(), |query| query.path());
    if decided.moved > 0 {
        path += &format!("&done={}", decided.batch);
    }
    if decided.skipped > 0 {
        path += &format!("&left={}", decided.skipped);
    }
    Redirect::to(&path).into_response()
}
