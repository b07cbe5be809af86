//! Deciding on responses, one or many, and taking decisions back. Every move is logged, and a move
//! back is a move of its own in the log.

use std::collections::HashSet;

use crate::accounts::permissions::{Action, Actor};
use crate::accounts::token::Token;
use crate::app::App;
use crate::error::{Error, Result};
use crate::store::changes::Part;
use crate::store::db::Tx;
use crate::store::decisions::{self, NewDecision};
use crate::store::entity::ids::{PostId, ResponseId};
use crate::store::entity::response::ResponseState;
use crate::store::{queue, responses};

/// The most responses that one transaction moves: longer ones would keep other writers waiting.
const CHUNK: usize = 500;

/// What a press of a button did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// Names the press, to take it back.
    pub batch: String,
    /// How many responses moved.
    pub moved: usize,
    /// How many were left as they were: gone, there already, or moved by somebody since.
    pub left: usize,
}

/// Moves these responses to `to`.
pub async fn decide(
    app: &App,
    actor: &Actor,
    ids: &[ResponseId],
    to: ResponseState,
) -> Result<Decided> {
    actor.must(Action::Moderate)?;
    let mut done = Decided {
        batch: Token::random().as_str().to_owned(),
        moved: 0,
        left: 0,
    };
    let wanted: HashSet<ResponseId> = ids.iter().copied().collect();
    let mut wanted: Vec<ResponseId> = wanted.into_iter().collect();
    // In one order, so that two moderators' transactions cannot wait for each other.
    wanted.sort_unstable();
    for chunk in wanted.chunks(CHUNK) {
        done.moved += decide_chunk(app, actor, &done.batch, chunk.to_vec(), to).await?;
    }
    done.left = wanted.len() - done.moved;
    Ok(done)
}

/// Moves all that wait to `to`; `progress` hears how many have moved.
pub async fn decide_all_pending(
    app: &App,
    actor: &Actor,
    to: ResponseState,
    mut progress: impl FnMut(usize),
) -> Result<Decided> {
    actor.must(Action::Moderate)?;
    let mut done = Decided {
        batch: Token::random().as_str().to_owned(),
        moved: 0,
        left: 0,
    };
    let mut after = ResponseId(0);
    loop {
        let ids = queue::list_pending_ids(app.store.read(), after, CHUNK as u64).await?;
        let Some(last) = ids.last() else {
            return Ok(done);
        };
        after = *last;
        let wanted = ids.len();
        let moved = decide_chunk(app, actor, &done.batch, ids, to).await?;
        done.moved += moved;
        done.left += wanted - moved;
        progress(done.moved);
    }
}

/// Takes back what one press decided; what somebody moved since stays where they put it.
pub async fn undo(app: &App, actor: &Actor, batch: &str) -> Result<Decided> {
    actor.must(Action::Moderate)?;
    let all = decisions::list_batch(app.store.read(), batch).await?;
    if all.is_empty() {
        return Err(Error::NotFound("decision to take back"));
    }
    let mut done = Decided {
        batch: Token::random().as_str().to_owned(),
        moved: 0,
        left: 0,
    };
    let wanted = all.len();
    for chunk in all.chunks(CHUNK) {
        let (chunk, actor, batch) = (chunk.to_vec(), actor.clone(), done.batch.clone());
        let now = app.clock.now();
        done.moved += app
            .store
            .write(move |tx| {
                let (chunk, actor, batch) = (chunk.clone(), actor.clone(), batch.clone());
                Box::pin(async move {
                    let ids: Vec<_> = chunk.iter().map(|decision| decision.id).collect();
                    let undone = decisions::list_undone(&**tx, &ids).await?;
                    let on: Vec<_> = chunk.iter().map(|decision| decision.response_id).collect();
                    let states = responses::lock_states(&**tx, &on).await?;
                    let mut moves = Vec::new();
                    for decision in chunk {
                        let current = states.iter().find(|row| row.0 == decision.response_id);
                        if let Some((id, post, state)) = current
                            && *state == decision.to_state
                            && !undone.contains(&decision.id)
                        {
                            moves.push(Move {
                                id: *id,
                                post: *post,
                                from: *state,
                                to: decision.from_state,
                                undoes: Some(decision.id),
                            });
                        }
                    }
                    carry_out(tx, &actor, &batch, moves, now).await
                })
            })
            .await?;
    }
    done.left = wanted - done.moved;
    Ok(done)
}

struct Move {
    id: ResponseId,
    post: PostId,
    from: ResponseState,
    to: ResponseState,
    undoes: Option<crate::store::entity::ids::DecisionId>,
}

async fn decide_chunk(
    app: &App,
    actor: &Actor,
    batch: &str,
    ids: Vec<ResponseId>,
    to: ResponseState,
) -> Result<usize> {
    let (actor, batch, now) = (actor.clone(), batch.to_owned(), app.clock.now());
    app.store
        .write(move |tx| {
            let (actor, batch, ids) = (actor.clone(), batch.clone(), ids.clone());
            Box::pin(async move {
                let states = responses::lock_states(&**tx, &ids).await?;
                let moves = states
                    .into_iter()
                    .filter(|(_, _, from)| *from != to)
                    .map(|(id, post, from)| Move {
                        id,
                        post,
                        from,
                        to,
                        undoes: None,
                    })
                    .collect();
                carry_out(tx, &actor, &batch, moves, now).await
            })
        })
        .await
}

async fn carry_out(
    tx: &Tx,
    actor: &Actor,
    batch: &str,
    moves: Vec<Move>,
    now: crate::clock::Moment,
) -> Result<usize> {
    for state in [
        ResponseState::Pending,
        ResponseState::Approved,
        ResponseState::Spam,
        ResponseState::Trash,
    ] {
        let ids: Vec<_> = moves
            .iter()
            .filter(|m| m.to == state)
            .map(|m| m.id)
            .collect();
        responses::set_state(&**tx, &ids, state).await?;
    }
    for moved in &moves {
        if moved.from == ResponseState::Approved || moved.to == ResponseState::Approved {
            tx.touch(Part::Post(moved.post));
            tx.touch(Part::Responses);
        }
    }
    let count = moves.len();
    let log = moves
        .into_iter()
        .map(|moved| NewDecision {
            response_id: moved.id,
            from_state: moved.from,
            to_state: moved.to,
            undoes: moved.undoes,
        })
        .collect();
    decisions::insert_batch(&**tx, batch, (actor.id, &actor.name), log, now).await?;
    Ok(count)
}
