//! Undoing decisions, for 30 days. Undoing is a decision of its own in the log; a response that someone
//! moved since stays where it is.

use std::collections::HashSet;
use std::time::Duration;

use crate::accounts::permissions::{Actor, ModerationScope};
use crate::app::App;
use crate::clock::Moment;
use crate::error::{Error, Result};
use crate::moderation::decide::{
    self, DecisionBatch, DecisionSummary, MAX_PER_TRANSACTION, StateChange,
};
use crate::store::db::Tx;
use crate::store::entity::decision::Model as Decision;
use crate::store::entity::ids::DecisionId;
use crate::store::{decisions, responses};
use crate::texts::Message;

/// A decision can be undone for this long.
pub const UNDO_PERIOD: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Refuses to undo what was decided too long ago.
pub fn check_undoable(decided_at: Moment, now: Moment) -> Result<()> {
    if now.since(decided_at) > UNDO_PERIOD {
        return Err(Error::Conflict(Message::new("undo-expired")));
    }
    Ok(())
}

/// Undoes all decisions of a batch.
pub async fn undo_batch(app: &App, actor: &Actor, batch: &str) -> Result<DecisionSummary> {
    actor.moderation_scope()?;
    let mut summary = DecisionSummary::begin();
    let (mut after, mut total) = (DecisionId(0), 0);
    let limit = MAX_PER_TRANSACTION as u64;
    loop {
        let chunk = decisions::list_batch(app.store.read(), batch, after, limit).await?;
        let Some(last) = chunk.last() else { break };
        after = last.id;
        total += chunk.len();
        summary.moved += write_chunk(app, actor, &summary.batch, chunk).await?;
    }
    if total == 0 {
        return Err(Error::NotFound("decision to undo"));
    }
    summary.skipped = total - summary.moved;
    Ok(summary)
}

/// Undoes one decision and leaves the others of its batch.
pub async fn undo_decision(app: &App, actor: &Actor, id: DecisionId) -> Result<DecisionSummary> {
    actor.moderation_scope()?;
    let mut summary = DecisionSummary::begin();
    let decision = decisions::find(app.store.read(), id)
        .await?
        .ok_or(Error::NotFound("decision to undo"))?;
    summary.moved = write_chunk(app, actor, &summary.batch, vec![decision]).await?;
    summary.skipped = 1 - summary.moved;
    Ok(summary)
}

async fn write_chunk(app: &App, actor: &Actor, batch: &str, chunk: Vec<Decision>) -> Result<usize> {
    let scope = actor.moderation_scope()?;
    let now = app.clock.now();
    for decision in &chunk {
        check_undoable(decision.decided_at, now)?;
    }
    let (actor, name) = (actor.clone(), batch.to_owned());
    app.store
        .write(move |tx| {
            let (chunk, actor, name) = (chunk.clone(), actor.clone(), name.clone());
            Box::pin(async move {
                let batch = DecisionBatch {
                    actor: &actor,
                    name: &name,
                    note: "",
                    now,
                };
                undo_chunk(tx, batch, scope, &chunk).await
            })
        })
        .await
}

/// Undoes these decisions where their responses are in scope and still where the decisions moved them.
pub async fn undo_chunk(
    tx: &Tx,
    batch: DecisionBatch<'_>,
    scope: ModerationScope,
    chunk: &[Decision],
) -> Result<usize> {
    let ids: Vec<_> = chunk.iter().map(|decision| decision.id).collect();
    let undone: HashSet<_> = decisions::list_undone(tx, &ids)
        .await?
        .into_iter()
        .collect();
    let on: Vec<_> = chunk.iter().map(|decision| decision.response_id).collect();
    let rows = responses::lock_states(tx, &on).await?;
    let rows = decide::retain_in_scope(tx, scope, rows).await?;
    let changes = chunk
        .iter()
        .filter(|decision| !undone.contains(&decision.id))
        .filter_map(|decision| {
            let at = rows
                .binary_search_by_key(&decision.response_id, |row| row.id)
                .ok()?;
            let row = &rows[at];
            (row.state == decision.to_state).then_some(StateChange {
                id: row.id,
                post: row.post_id,
                from: row.state,
                to: decision.from_state,
                undoes: Some(decision.id),
                is_reported: false,
                is_appealed: false,
            })
        })
        .collect();
    decide::apply(tx, batch, changes).await
}
