//! How much of what one press decided can still be taken back, for somebody who is about to do it.

use std::collections::HashMap;

use crate::accounts::permissions::{Actor, Reach};
use crate::app::App;
use crate::error::Result;
use crate::moderation::decide::{self, CHUNK};
use crate::store::decisions;
use crate::store::entity::decision::Model as Decision;
use crate::store::entity::ids::{DecisionId, PostId, ResponseId};
use crate::store::entity::response::ResponseState;
use crate::store::{posts, responses};

/// What became of what one press decided, as far as somebody may moderate it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// How many responses it moved.
    pub total: u64,
    /// How many of them were taken back.
    pub undone: u64,
    /// How many were moved again by somebody.
    pub moved_on: u64,
    /// How many are where it put them.
    pub left: u64,
    /// Whether the decision that was asked about is one of these.
    pub is_left: bool,
}

/// The decision, and what became of the others of its press; None where there is no such decision
/// in reach.
pub async fn find(app: &App, actor: &Actor, id: DecisionId) -> Result<Option<(Decision, Survey)>> {
    let reach = actor.reach()?;
    let db = app.store.read();
    let Some(decision) = decisions::find(db, id).await? else {
        return Ok(None);
    };
    decide::must_be_undoable(decision.decided_at, app.clock.now())?;
    let mut survey = Survey::default();
    let (mut after, mut is_in_reach) = (DecisionId(0), false);
    loop {
        let chunk = decisions::list_batch(db, &decision.batch, after, CHUNK as u64).await?;
        let Some(last) = chunk.last() else { break };
        after = last.id;
        let ids: Vec<DecisionId> = chunk.iter().map(|decision| decision.id).collect();
        let undone = decisions::list_undone(db, &ids).await?;
        let places = places_in_reach(app, reach, &chunk).await?;
        for one in &chunk {
            let Some(state) = places.get(&one.response_id) else {
                continue;
            };
            is_in_reach |= one.id == id;
            survey.total += 1;
            if undone.contains(&one.id) {
                survey.undone += 1;
            } else if *state == one.to_state {
                survey.left += 1;
                survey.is_left |= one.id == id;
            } else {
                survey.moved_on += 1;
            }
        }
    }
    Ok(is_in_reach.then_some((decision, survey)))
}

/// Where the responses of these decisions stand, as far as somebody may moderate them.
async fn places_in_reach(
    app: &App,
    reach: Reach,
    chunk: &[Decision],
) -> Result<HashMap<ResponseId, ResponseState>> {
    let db = app.store.read();
    let ids: Vec<ResponseId> = chunk.iter().map(|decision| decision.response_id).collect();
    let mut places = responses::list_places(db, &ids).await?;
    if let Reach::PostsOf(author) = reach {
        let mut on: Vec<PostId> = places.iter().map(|(_, post, _)| *post).collect();
        on.sort_unstable();
        on.dedup();
        let own = posts::list_of_author(db, &on, author).await?;
        places.retain(|(_, post, _)| own.contains(post));
    }
    Ok(places
        .into_iter()
        .map(|(id, _, state)| (id, state))
        .collect())
}
