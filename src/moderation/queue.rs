//! What a moderator sees: a page of responses with their posts, and how many there are of each
//! state.

use std::collections::HashMap;

use crate::accounts::permissions::{Action, Actor};
use crate::app::App;
use crate::error::{Error, Result};
use crate::judge::Reason;
use crate::store::decisions;
use crate::store::entity::decision::Model as Decision;
use crate::store::entity::ids::{DecisionId, PostId, ResponseId};
use crate::store::entity::response::{Model as Response, ResponseState};
use crate::store::posts::{self, PostLine};
use crate::store::queue::{self as rows, From};
use crate::store::responses;

/// Responses on a page of the queue.
pub const PAGE: u64 = 25;
/// Decisions on a page of the log.
const LOG_PAGE: u64 = 50;

/// A page of the queue.
#[derive(Clone, Debug)]
pub struct QueuePage {
    /// What it shows, each with why it was held.
    pub entries: Vec<Entry>,
    /// Their posts.
    pub posts: HashMap<PostId, PostLine>,
    /// How many responses stand in each state.
    pub counts: HashMap<ResponseState, u64>,
    /// The response behind which the next page begins.
    pub next: Option<ResponseId>,
}

/// A response in the queue.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The response.
    pub response: Response,
    /// Why it was held.
    pub reasons: Vec<Reason>,
}

/// A decision in the log.
#[derive(Clone, Debug)]
pub struct Logged {
    /// The decision.
    pub decision: Decision,
    /// Whether it has been taken back.
    pub undone: bool,
}

/// A page of the log.
#[derive(Clone, Debug)]
pub struct LogPage {
    /// The newest first.
    pub decisions: Vec<Logged>,
    /// The decision behind which the next page begins.
    pub next: Option<DecisionId>,
}

/// A page of the responses in `state`.
pub async fn page_queue(
    app: &App,
    actor: &Actor,
    state: ResponseState,
    from: From,
) -> Result<QueuePage> {
    actor.must(Action::Moderate)?;
    let db = app.store.read();
    // One more than is shown tells whether there is a next page.
    let mut found = rows::page(db, state, from, PAGE + 1).await?;
    let next = (found.len() as u64 > PAGE).then(|| {
        found.truncate(PAGE as usize);
        found.last().map(|response| response.id)
    });
    let mut ids: Vec<PostId> = found.iter().map(|response| response.post_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let posts = posts::list_by_ids(db, &ids).await?;
    Ok(QueuePage {
        entries: found
            .into_iter()
            .map(|response| entry(actor, response))
            .collect(),
        posts: posts.into_iter().map(|post| (post.id, post)).collect(),
        counts: responses::count_by_state(db).await?,
        next: next.flatten(),
    })
}

/// One response with its post and all that was decided on it.
pub async fn find_entry(
    app: &App,
    actor: &Actor,
    id: ResponseId,
) -> Result<(Entry, PostLine, Vec<Logged>)> {
    actor.must(Action::Moderate)?;
    let db = app.store.read();
    let response = responses::find(db, id)
        .await?
        .ok_or(Error::NotFound("response"))?;
    let posts = posts::list_by_ids(db, &[response.post_id]).await?;
    let post = posts.into_iter().next().ok_or(Error::NotFound("post"))?;
    let decisions = decisions::list_for_response(db, id).await?;
    Ok((
        entry(actor, response),
        post,
        with_undone(app, decisions).await?,
    ))
}

async fn with_undone(app: &App, decisions: Vec<Decision>) -> Result<Vec<Logged>> {
    let ids: Vec<DecisionId> = decisions.iter().map(|decision| decision.id).collect();
    let undone = decisions::list_undone(app.store.read(), &ids).await?;
    Ok(decisions
        .into_iter()
        .map(|decision| Logged {
            undone: undone.contains(&decision.id),
            decision,
        })
        .collect())
}

/// A page of the log, behind `before` where it is given.
pub async fn page_log(app: &App, actor: &Actor, before: Option<DecisionId>) -> Result<LogPage> {
    actor.must(Action::Moderate)?;
    let mut found = decisions::page(app.store.read(), before, LOG_PAGE + 1).await?;
    let next = (found.len() as u64 > LOG_PAGE).then(|| {
        found.truncate(LOG_PAGE as usize);
        found.last().map(|decision| decision.id)
    });
    Ok(LogPage {
        decisions: with_undone(app, found).await?,
        next: next.flatten(),
    })
}

fn entry(actor: &Actor, mut response: Response) -> Entry {
    if !actor.may(Action::SeeAddresses) {
        response.author_email = None;
        response.ip = None;
    }
    Entry {
        // Reasons of a form that this version does not know are not worth failing for.
        reasons: serde_json::from_str(&response.reasons).unwrap_or_default(),
        response,
    }
}
