//! What moderators press: deciding on one response, on many, on all that match, and taking it back.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use maud::html;
use serde::Serialize;

use crate::error::{Error, Result};
use crate::moderation::bulk;
use crate::moderation::decide::{self, AT_ONCE, Decided, Wish};
use crate::store::decisions;
use crate::store::entity::ids::{DecisionId, ResponseId};
use crate::store::entity::response::ResponseState;
use crate::web::endpoints::linkback::accepts;
use crate::web::form::Form;
use crate::web::moderator::asking::{self, Question};
use crate::web::moderator::shown::Shown;
use crate::web::moderator::words;
use crate::web::respond::PageResult;
use crate::web::session::SignedIn;
use crate::web::state::Web;
use crate::web::views::staff::Room;

const NOTHING_SELECTED: &str = "Nothing was moved: no response was selected. Select the responses you mean, or “All on this page”, then try again.";
/// The longest note to a decision, in characters.
const MAX_NOTE: usize = 500;

fn unclear() -> Error {
    Error::Conflict(
        "this form was not complete: go back to the queue, reload it, and decide again".to_owned(),
    )
}

/// `POST /queue/decisions`: `move=STATE:ID` for one, `all=STATE` with any number of `id`,
/// `matching=STATE` for all that the query in `shown` names.
pub async fn create(
    State(web): State<Web>,
    headers: HeaderMap,
    who: SignedIn,
    form: Form,
) -> PageResult {
    who.actor.reach()?;
    let shown = Shown::of_query(form.get("shown")).ok_or_else(unclear)?;
    if let Some(to) = form.find("matching") {
        let to = words::state_named(to).ok_or_else(unclear)?;
        let count = bulk::count_matching(&web.app, &who.actor, shown.filter.clone()).await?;
        if count == 0 {
            return Ok(Redirect::to(&format!("{}&none=matching", shown.path())).into_response());
        }
        // What came in since somebody said yes is not what they said yes to.
        if form
            .get("sure")
            .parse::<u64>()
            .is_ok_and(|sure| count <= sure)
        {
            let token = bulk::decide_all(&web.app, &who.actor, shown.filter, to).await?;
            return Ok(Redirect::to(&format!("/queue/tasks/{token}")).into_response());
        }
        return ask_for_all(&web, &who, &shown, to, count).await;
    }
    if form.find("move").is_none() && form.has("all") && !form.has("id") {
        words::state_named(form.get("all")).ok_or_else(unclear)?;
        return Ok(nothing_selected(&headers, &shown));
    }
    let (to, ids) = match form.find("move") {
        Some(one) => {
            let (to, id) = one.split_once(':').ok_or_else(unclear)?;
            (to, vec![id.parse::<ResponseId>().map_err(|_| unclear())?])
        }
        None => {
            let ids = form
                .all("id")
                .map(|id| id.parse::<ResponseId>().map_err(|_| unclear()));
            (form.get("all"), ids.collect::<Result<Vec<_>, _>>()?)
        }
    };
    let wish = Wish {
        // Decided on as it was seen: what somebody else moved since is left to them.
        from: words::state_named(form.get("from")),
        to: words::state_named(to).ok_or_else(unclear)?,
        note: form.get("note").trim().chars().take(MAX_NOTE).collect(),
    };
    let decided = decide::decide(&web.app, &who.actor, &ids, &wish).await?;
    answer(&web, &headers, &form, &decided).await
}

/// Asks before all that match are moved.
async fn ask_for_all(
    web: &Web,
    who: &SignedIn,
    shown: &Shown,
    to: ResponseState,
    count: u64,
) -> PageResult {
    let name = words::state_name(to);
    let responses = asking::responses(count);
    let (title, yes) = (
        format!("Move {responses} to “{name}”?"),
        format!("Yes, move {responses}"),
    );
    let question = Question {
        title: &title,
        what: html! {
            p {
                "This moves " strong { (responses) } " from “" (words::state_name(shown.filter.state)) "” to “" (name) "”"
                @if shown.filter.is_narrow() { ": all that match the filter, on every page" }
                @else { ": all that stand there, on every page" }
                ". It goes on in the background, and can be undone for 30 days."
            }
        },
        action: "/queue/decisions",
        fields: &[
            ("shown", &shown.query()),
            ("matching", name),
            ("sure", &count.to_string()),
        ],
        yes: &yes,
        back: &shown.path(),
    };
    asking::ask(web, who, Room::Queue, question).await
}

/// The answer to a press on many that selected none.
fn nothing_selected(headers: &HeaderMap, shown: &Shown) -> Response {
    if !accepts(headers, "application/json") || accepts(headers, "text/html") {
        return Redirect::to(&format!("{}&none=selected", shown.path())).into_response();
    }
    let done = Done {
        batch: String::new(),
        moved: 0,
        left: 0,
        words: NOTHING_SELECTED.to_owned(),
    };
    (StatusCode::CONFLICT, Json(done)).into_response()
}

/// What a press that moved nothing is answered, by the word in the address.
pub fn nothing_words(why: &str) -> Option<&'static str> {
    match why {
        "selected" => Some(NOTHING_SELECTED),
        "matching" => Some("Nothing was moved: no response matches any more."),
        _ => None,
    }
}

/// `POST /queue/undo`: `decision=ID` takes one back, `batch=NAME` all that one press decided.
pub async fn undo(
    State(web): State<Web>,
    who: SignedIn,
    headers: HeaderMap,
    form: Form,
) -> PageResult {
    who.actor.reach()?;
    if let Some(id) = form.find("decision") {
        let id = id.parse().map(DecisionId).map_err(|_| unclear())?;
        let undone = decide::undo_one(&web.app, &who.actor, id).await?;
        return answer(&web, &headers, &form, &undone).await;
    }
    let batch = form.get("batch");
    if decisions::count_batch(web.app.store.read(), batch).await? > AT_ONCE {
        let token = bulk::undo_all(&web.app, &who.actor, batch).await?;
        return Ok(Redirect::to(&format!("/queue/tasks/{token}")).into_response());
    }
    let undone = decide::undo(&web.app, &who.actor, batch).await?;
    answer(&web, &headers, &form, &undone).await
}

/// What a press did, for the queue's script.
#[derive(Serialize)]
struct Done {
    batch: String,
    moved: usize,
    left: usize,
    words: String,
}

async fn answer(web: &Web, headers: &HeaderMap, form: &Form, decided: &Decided) -> PageResult {
    if !accepts(headers, "application/json") || accepts(headers, "text/html") {
        return Ok(back(form, decided));
    }
    let words = done_words(web, &decided.batch, decided.left).await?;
    let done = Done {
        batch: decided.batch.clone(),
        moved: decided.moved,
        left: decided.left,
        words: words.unwrap_or_else(|| left_words(decided.left)),
    };
    let status = if decided.moved > 0 {
        StatusCode::OK
    } else {
        StatusCode::CONFLICT
    };
    Ok((status, Json(done)).into_response())
}

/// Back to the list that the press came from, with what it did.
pub fn back(form: &Form, decided: &Decided) -> Response {
    let shown = Shown::of_query(form.get("shown"));
    let path = shown.map_or_else(
        || "/queue/".to_owned() + "?state=pending",
        |shown| shown.path(),
    );
    let done = if decided.moved > 0 {
        format!("&done={}", decided.batch)
    } else {
        String::new()
    };
    let left = if decided.left > 0 {
        format!("&left={}", decided.left)
    } else {
        String::new()
    };
    Redirect::to(&format!("{path}{done}{left}")).into_response()
}

/// What a press left alone.
pub fn left_words(left: usize) -> String {
    match left {
        0 => String::new(),
        1 => "One was left as it is: somebody else decided on it meanwhile, or it is gone."
            .to_owned(),
        left => format!(
            "{left} were left as they are: somebody else decided on them meanwhile, or they are gone."
        ),
    }
}

/// What a press did, in words; None where there is no such press.
pub async fn done_words(web: &Web, batch: &str, left: usize) -> Result<Option<String>> {
    let db = web.app.store.read();
    let first = decisions::list_batch(db, batch, DecisionId(0), 1).await?;
    let Some(first) = first.first() else {
        return Ok(None);
    };
    let count = decisions::count_batch(db, batch).await?;
    let what = if count == 1 {
        "One response".to_owned()
    } else {
        format!("{count} responses")
    };
    let words = if first.undoes.is_some() {
        format!("{what} put back.")
    } else {
        match first.to_state {
            ResponseState::Approved => format!("{what} approved."),
            ResponseState::Spam => format!("{what} marked as spam."),
            ResponseState::Trash => format!("{what} moved to the trash."),
            ResponseState::Pending => format!("{what} held again."),
        }
    };
    Ok(Some(match left {
        0 => words,
        left => format!("{words} {}", left_words(left)),
    }))
}
