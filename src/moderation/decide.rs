//! Decisions on responses: each moves a response to a state and is logged, in a batch with those made
//! together. Undoing is in `undo`; what many responses need in the background is in `bulk`.

use std::collections::HashSet;

use crate::accounts::permissions::{Actor, ModerationScope};
use crate::accounts::token::Token;
use crate::app::App;
use crate::clock::Moment;
use crate::error::Result;
use crate::jobs::{self, Job};
use crate::store::changes::CacheTag;
use crate::store::db::Tx;
use crate::store::decisions::{self, Batch, NewDecision};
use crate::store::entity::ids::{DecisionId, PostId, ResponseId};
use crate::store::entity::response::ResponseState;
use crate::store::queue::{self, Filter};
use crate::store::responses::{self, LockedResponse};
use crate::store::{appeals, posts, reports};

/// Larger transactions would keep other writers waiting.
pub const MAX_PER_TRANSACTION: usize = 500;
/// More responses than this are decided on by jobs, not within a request.
pub const MAX_PER_REQUEST: u64 = 1000;

/// What a request for decisions did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecisionSummary {
    /// The name of the batch, to undo it.
    pub batch: String,
    /// Responses that moved.
    pub moved: usize,
    /// Responses that were left alone: deleted, in that state already, or moved by someone since.
    pub skipped: usize,
}

impl DecisionSummary {
    /// Of a new batch.
    pub fn begin() -> Self {
        Self {
            batch: Token::random().as_str().to_owned(),
            moved: 0,
            skipped: 0,
        }
    }
}

/// What a moderator wants done with responses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecisionRequest {
    /// The state that the moderator saw; responses that left it since are skipped. None for any.
    pub from: Option<ResponseState>,
    pub to: ResponseState,
    /// Why, for the log and the senders; may be empty.
    pub note: String,
}

impl DecisionRequest {
    /// From any state, without a note.
    pub fn to(to: ResponseState) -> Self {
        Self {
            from: None,
            to,
            note: String::new(),
        }
    }
}

/// What the decisions of one batch have in common.
#[derive(Clone, Copy)]
pub struct DecisionBatch<'a> {
    pub actor: &'a Actor,
    /// The name of the batch.
    pub name: &'a str,
    pub note: &'a str,
    pub now: Moment,
}

/// Decides on these responses, in as many transactions as it takes.
pub async fn decide(
    app: &App,
    actor: &Actor,
    ids: &[ResponseId],
    request: &DecisionRequest,
) -> Result<DecisionSummary> {
    let mut summary = DecisionSummary::begin();
    let ids: HashSet<ResponseId> = ids.iter().copied().collect();
    let mut ids: Vec<ResponseId> = ids.into_iter().collect();
    // In one order, so that two moderators' transactions cannot wait for each other.
    ids.sort_unstable();
    for chunk in ids.chunks(MAX_PER_TRANSACTION) {
        summary.moved += write_chunk(app, actor, &summary.batch, chunk, request).await?;
    }
    summary.skipped = ids.len() - summary.moved;
    Ok(summary)
}

/// Moves all pending responses to `to`, and reports after each transaction how many have moved.
pub async fn decide_all_pending(
    app: &App,
    actor: &Actor,
    to: ResponseState,
    mut progress: impl FnMut(usize),
) -> Result<DecisionSummary> {
    let mut summary = DecisionSummary::begin();
    let (mut after, filter) = (None, Filter::default());
    let (request, limit) = (DecisionRequest::to(to), MAX_PER_TRANSACTION as u64);
    let last = queue::last_id(app.store.read()).await?;
    loop {
        let db = app.store.read();
        let chunk = queue::list_cursors(db, &filter, after, last, limit).await?;
        after = chunk.last().copied();
        if after.is_none() {
            return Ok(summary);
        }
        let ids: Vec<ResponseId> = chunk.iter().map(|cursor| cursor.id).collect();
        let moved = write_chunk(app, actor, &summary.batch, &ids, &request).await?;
        summary.skipped += ids.len() - moved;
        summary.moved += moved;
        progress(summary.moved);
    }
}

async fn write_chunk(
    app: &App,
    actor: &Actor,
    batch: &str,
    ids: &[ResponseId],
    request: &DecisionRequest,
) -> Result<usize> {
    let scope = actor.moderation_scope()?;
    let (actor, name, request) = (actor.clone(), batch.to_owned(), request.clone());
    let (ids, now) = (ids.to_vec(), app.clock.now());
    app.store
        .write(move |tx| {
            let (actor, name, request) = (actor.clone(), name.clone(), request.clone());
            let ids = ids.clone();
            Box::pin(async move {
                let batch = DecisionBatch {
                    actor: &actor,
                    name: &name,
                    note: &request.note,
                    now,
                };
                decide_chunk(tx, batch, scope, &ids, &request).await
            })
        })
        .await
}

/// One move of a response.
pub struct StateChange {
    pub id: ResponseId,
    pub post: PostId,
    pub from: ResponseState,
    pub to: ResponseState,
    /// The decision that this undoes.
    pub undoes: Option<DecisionId>,
    /// Readers reported it, and this settles their reports.
    pub is_reported: bool,
    /// Its sender appealed, and this answers the appeal.
    pub is_appealed: bool,
}

/// Moves these responses where they are in scope and still in the state that the request names.
pub async fn decide_chunk(
    tx: &Tx,
    batch: DecisionBatch<'_>,
    scope: ModerationScope,
    ids: &[ResponseId],
    request: &DecisionRequest,
) -> Result<usize> {
    let rows = responses::lock_states(tx, ids).await?;
    let changes = retain_in_scope(tx, scope, rows)
        .await?
        .into_iter()
        .filter(|row| request.from.is_none_or(|from| from == row.state))
        // To leave a reported or appealed response in its state is a decision too.
        .filter(|row| row.state != request.to || row.is_reported || row.is_appealed)
        .map(|row| StateChange {
            id: row.id,
            post: row.post_id,
            from: row.state,
            to: request.to,
            undoes: None,
            is_reported: row.is_reported,
            is_appealed: row.is_appealed,
        })
        .collect();
    apply(tx, batch, changes).await
}

/// The responses in scope, in the order of their keys.
pub async fn retain_in_scope(
    tx: &Tx,
    scope: ModerationScope,
    mut rows: Vec<LockedResponse>,
) -> Result<Vec<LockedResponse>> {
    if let ModerationScope::PostsOf(author) = scope {
        let mut posts: Vec<PostId> = rows.iter().map(|row| row.post_id).collect();
        posts.sort_unstable();
        posts.dedup();
        let own = posts::list_of_author(tx, &posts, author).await?;
        rows.retain(|row| own.contains(&row.post_id));
    }
    rows.sort_unstable_by_key(|row| row.id);
    Ok(rows)
}

/// Writes the changes and logs them; returns how many there are.
pub async fn apply(tx: &Tx, batch: DecisionBatch<'_>, changes: Vec<StateChange>) -> Result<usize> {
    for state in [
        ResponseState::Pending,
        ResponseState::Approved,
        ResponseState::Spam,
        ResponseState::Trash,
    ] {
        let to = || changes.iter().filter(|change| change.to == state);
        let moved = to().filter(|change| change.from != change.to);
        let ids: Vec<_> = moved.map(|change| change.id).collect();
        responses::set_state(tx, &ids, state).await?;
        let reported = to().filter(|change| change.is_reported);
        let reported: Vec<_> = reported.map(|change| change.id).collect();
        let upheld = matches!(state, ResponseState::Spam | ResponseState::Trash);
        reports::settle(tx, &reported, upheld).await?;
    }
    for change in &changes {
        if change.is_appealed {
            appeals::answer(tx, change.id, batch.note, batch.now).await?;
        }
        let was_shown = change.from == ResponseState::Approved;
        if was_shown || change.to == ResponseState::Approved {
            tx.invalidate(CacheTag::Post(change.post));
            tx.invalidate(CacheTag::Responses);
        }
    }
    let count = changes.len();
    if count == 0 {
        return Ok(0);
    }
    let decisions = changes
        .into_iter()
        .map(|change| NewDecision {
            response_id: change.id,
            from_state: change.from,
            to_state: change.to,
            undoes: change.undoes,
        })
        .collect();
    let row = Batch {
        name: batch.name,
        actor: (batch.actor.id, &batch.actor.name),
        note: batch.note,
    };
    decisions::insert_batch(tx, row, decisions, batch.now).await?;
    // Not only once: a job that is running does not see what this transaction has not committed yet.
    jobs::enqueue(tx, &Job::Learn, batch.now, batch.now).await?;
    Ok(count)
}
