//! How much of a batch of decisions can still be undone, to show before someone undoes it. Changes nothing.

use std::collections::HashMap;

use crate::accounts::permissions::{Actor, ModerationScope};
use crate::app::App;
use crate::error::Result;
use crate::moderation::decide::MAX_PER_TRANSACTION;
use crate::moderation::undo;
use crate::store::decisions;
use crate::store::entity::decision::Model as Decision;
use crate::store::entity::ids::{DecisionId, PostId, ResponseId};
use crate::store::entity::response::ResponseState;
use crate::store::{posts, responses};

/// The decisions of a batch that the viewer may moderate, by what happened to them since.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UndoPreview {
    pub total: u64,
    pub undone: u64,
    /// Decisions whose response someone moved again.
    pub moved_since: u64,
    /// Decisions that can be undone now.
    pub undoable: u64,
    /// Whether the decision that was asked for is one of these.
    pub is_undoable: bool,
}

/// The decision with the preview of its batch; None where there is no such decision in scope.
pub async fn find(
    app: &App,
    actor: &Actor,
    id: DecisionId,
) -> Result<Option<(Decision, UndoPreview)>> {
    let scope = actor.moderation_scope()?;
    let db = app.store.read();
    let Some(decision) = decisions::find(db, id).await? else {
        return Ok(None);
    };
    undo::check_undoable(decision.decided_at, app.clock.now())?;
    let mut preview = UndoPreview::default();
    let (mut after, mut is_in_scope) = (DecisionId(0), false);
    let limit = MAX_PER_TRANSACTION as u64;
    loop {
        let chunk = decisions::list_batch(db, &decision.batch, after, limit).await?;
        let Some(last) = chunk.last() else { break };
        after = last.id;
        let ids: Vec<DecisionId> = chunk.iter().map(|decision| decision.id).collect();
        let undone = decisions::list_undone(db, &ids).await?;
        let states = states_in_scope(app, scope, &chunk).await?;
        for one in &chunk {
            let Some(state) = states.get(&one.response_id) else {
                continue;
            };
            is_in_scope |= one.id == id;
            preview.total += 1;
            if undone.contains(&one.id) {
                preview.undone += 1;
            } else if *state == one.to_state {
                preview.undoable += 1;
                preview.is_undoable |= one.id == id;
            } else {
                preview.moved_since += 1;
            }
        }
    }
    Ok(is_in_scope.then_some((decision, preview)))
}

/// The states of the responses of these decisions that are in scope.
async fn states_in_scope(
    app: &App,
    scope: ModerationScope,
    chunk: &[Decision],
) -> Result<HashMap<ResponseId, ResponseState>> {
    let db = app.store.read();
    let ids: Vec<ResponseId> = chunk.iter().map(|decision| decision.response_id).collect();
    let mut rows = responses::list_with_posts(db, &ids).await?;
    if let ModerationScope::PostsOf(author) = scope {
        let mut posts: Vec<PostId> = rows.iter().map(|(_, post, _)| *post).collect();
        posts.sort_unstable();
        posts.dedup();
        let own = posts::list_of_author(db, &posts, author).await?;
        rows.retain(|(_, post, _)| own.contains(post));
    }
    Ok(rows.into_iter().map(|(id, _, state)| (id, state)).collect())
}
