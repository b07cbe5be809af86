//! Deciding on responses, one or many, and taking decisions back. Every move is logged, and a move
//! back is a move of its own in the log.

use std::collections::HashSet;
use std::time::Duration;

use crate::accounts::permissions::{Actor, Reach};
use crate::accounts::token::Token;
use crate::app::App;
use crate::clock::Moment;
use crate::error::{Error, Result};
use crate::jobs::{self, Job};
use crate::store::changes::Part;
use crate::store::db::Tx;
use crate::store::decisions::{self, Batch, NewDecision};
use crate::store::entity::decision::Model as Decision;
use crate::store::entity::ids::{DecisionId, PostId, ResponseId};
use crate::store::entity::response::ResponseState;
use crate::store::queue::{self, Filter};
use crate::store::responses::{self, Locked};
use crate::store::{appeals, posts, reports};

/// The most responses that one transaction moves: longer ones would keep other writers waiting.
pub const CHUNK: usize = 500;
/// How long a decision can be taken back.
pub const UNDO: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// The most that one request moves; more is work for jobs.
pub const AT_ONCE: u64 = 1000;

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

impl Decided {
    fn begin() -> Self {
        Self {
            batch: Token::random().as_str().to_owned(),
            moved: 0,
            left: 0,
        }
    }
}

/// What somebody wants of responses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// Where they stood when somebody looked; those that moved since are left. None for anywhere.
    pub from: Option<ResponseState>,
    /// Where they shall go.
    pub to: ResponseState,
    /// Why, for the log and their writers; may be empty.
    pub note: String,
}

impl Wish {
    /// From anywhere to `to`.
    pub fn to(to: ResponseState) -> Self {
        Self {
            from: None,
            to,
            note: String::new(),
        }
    }
}

/// Does to these responses what is wished.
pub async fn decide(app: &App, actor: &Actor, ids: &[ResponseId], wish: &Wish) -> Result<Decided> {
    let mut done = Decided::begin();
    let wanted: HashSet<ResponseId> = ids.iter().copied().collect();
    let mut wanted: Vec<ResponseId> = wanted.into_iter().collect();
    // In one order, so that two moderators' transactions cannot wait for each other.
    wanted.sort_unstable();
    for chunk in wanted.chunks(CHUNK) {
        done.moved += decide_some(app, actor, &done.batch, chunk, wish).await?;
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
    let mut done = Decided::begin();
    let (mut after, filter) = (ResponseId(0), Filter::default());
    let last = queue::last_id(app.store.read()).await?;
    loop {
        let ids = queue::list_ids(app.store.read(), &filter, after, last, CHUNK as u64).await?;
        let Some(seen) = ids.last() else {
            return Ok(done);
        };
        after = *seen;
        let some = decide_some(app, actor, &done.batch, &ids, &Wish::to(to)).await?;
        done.left += ids.len() - some;
        done.moved += some;
        progress(done.moved);
    }
}

async fn decide_some(
    app: &App,
    actor: &Actor,
    batch: &str,
    ids: &[ResponseId],
    wish: &Wish,
) -> Result<usize> {
    let reach = actor.reach()?;
    let (actor, batch, wish) = (actor.clone(), batch.to_owned(), wish.clone());
    let (ids, now) = (ids.to_vec(), app.clock.now());
    app.store
        .write(move |tx| {
            let (actor, batch, wish) = (actor.clone(), batch.clone(), wish.clone());
            let ids = ids.clone();
            Box::pin(async move {
                let press = Press {
                    actor: &actor,
                    batch: &batch,
                    note: &wish.note,
                    now,
                };
                decide_chunk(tx, press, reach, &ids, &wish).await
            })
        })
        .await
}

/// Refuses to take back what was decided too long ago.
pub fn must_be_undoable(decided_at: Moment, now: Moment) -> Result<()> {
    if now.since(decided_at) > UNDO {
        return Err(Error::Conflict(
            "this was decided more than 30 days ago and can no longer be undone at once: decide on each response again"
                .to_owned(),
        ));
    }
    Ok(())
}

/// Takes back what one press decided; what somebody moved since stays where they put it.
pub async fn undo(app: &App, actor: &Actor, batch: &str) -> Result<Decided> {
    let reach = actor.reach()?;
    let mut done = Decided::begin();
    let mut after = DecisionId(0);
    let mut wanted = 0;
    loop {
        let now = app.clock.now();
        let chunk = decisions::list_batch(app.store.read(), batch, after, CHUNK as u64).await?;
        let Some(last) = chunk.last() else { break };
        must_be_undoable(last.decided_at, now)?;
        after = last.id;
        wanted += chunk.len();
        let (actor, name) = (actor.clone(), done.batch.clone());
        done.moved += app
            .store
            .write(move |tx| {
                let (chunk, actor, name) = (chunk.clone(), actor.clone(), name.clone());
                Box::pin(async move {
                    let press = Press {
                        actor: &actor,
                        batch: &name,
                        note: "",
                        now,
                    };
                    undo_chunk(tx, press, reach, &chunk).await
                })
            })
            .await?;
    }
    if wanted == 0 {
        return Err(Error::NotFound("decision to take back"));
    }
    done.left = wanted - done.moved;
    Ok(done)
}

/// Takes one decision back, and leaves the others of its press.
pub async fn undo_one(app: &App, actor: &Actor, id: DecisionId) -> Result<Decided> {
    let reach = actor.reach()?;
    let mut done = Decided::begin();
    let now = app.clock.now();
    let decision = decisions::find(app.store.read(), id)
        .await?
        .ok_or(Error::NotFound("decision to take back"))?;
    must_be_undoable(decision.decided_at, now)?;
    let (actor, name) = (actor.clone(), done.batch.clone());
    done.moved = app
        .store
        .write(move |tx| {
            let (decision, actor, name) = (decision.clone(), actor.clone(), name.clone());
            Box::pin(async move {
                let press = Press {
                    actor: &actor,
                    batch: &name,
                    note: "",
                    now,
                };
                undo_chunk(tx, press, reach, &[decision]).await
            })
        })
        .await?;
    done.left = 1 - done.moved;
    Ok(done)
}

/// What the moves of one press have in common.
#[derive(Clone, Copy)]
pub struct Press<'a> {
    /// Who presses.
    pub actor: &'a Actor,
    /// The name of the press.
    pub batch: &'a str,
    /// Why.
    pub note: &'a str,
    /// When.
    pub now: Moment,
}

struct Move {
    id: ResponseId,
    post: PostId,
    from: ResponseState,
    to: ResponseState,
    undoes: Option<DecisionId>,
    is_reported: bool,
    is_appealed: bool,
}

/// Moves these responses, as far as they are in reach and still where they were seen.
pub async fn decide_chunk(
    tx: &Tx,
    press: Press<'_>,
    reach: Reach,
    ids: &[ResponseId],
    wish: &Wish,
) -> Result<usize> {
    let rows = responses::lock_states(&**tx, ids).await?;
    let rows = within(tx, reach, rows).await?;
    let moves = rows
        .into_iter()
        .filter(|row| wish.from.is_none_or(|from| from == row.state))
        // To leave a reported response where it stands is a decision too.
        .filter(|row| row.state != wish.to || row.is_reported || row.is_appealed)
        .map(|row| Move {
            id: row.id,
            post: row.post_id,
            from: row.state,
            to: wish.to,
            undoes: None,
            is_reported: row.is_reported,
            is_appealed: row.is_appealed,
        })
        .collect();
    carry_out(tx, press, moves).await
}

/// Takes these decisions back, as far as their responses are in reach and where they put them.
pub async fn undo_chunk(
    tx: &Tx,
    press: Press<'_>,
    reach: Reach,
    chunk: &[Decision],
) -> Result<usize> {
    let ids: Vec<_> = chunk.iter().map(|decision| decision.id).collect();
    let undone: HashSet<_> = decisions::list_undone(&**tx, &ids)
        .await?
        .into_iter()
        .collect();
    let on: Vec<_> = chunk.iter().map(|decision| decision.response_id).collect();
    let rows = responses::lock_states(&**tx, &on).await?;
    let rows = within(tx, reach, rows).await?;
    let moves = chunk
        .iter()
        .filter(|decision| !undone.contains(&decision.id))
        .filter_map(|decision| {
            let at = rows
                .binary_search_by_key(&decision.response_id, |row| row.id)
                .ok()?;
            let row = &rows[at];
            (row.state == decision.to_state).then_some(Move {
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
    carry_out(tx, press, moves).await
}

/// Those of these responses that somebody may moderate, in the order of their keys.
async fn within(tx: &Tx, reach: Reach, mut rows: Vec<Locked>) -> Result<Vec<Locked>> {
    if let Reach::PostsOf(author) = reach {
        let mut wanted: Vec<PostId> = rows.iter().map(|row| row.post_id).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let own = posts::list_of_author(&**tx, &wanted, author).await?;
        rows.retain(|row| own.contains(&row.post_id));
    }
    rows.sort_unstable_by_key(|row| row.id);
    Ok(rows)
}

async fn carry_out(tx: &Tx, press: Press<'_>, moves: Vec<Move>) -> Result<usize> {
    for state in [
        ResponseState::Pending,
        ResponseState::Approved,
        ResponseState::Spam,
        ResponseState::Trash,
    ] {
        let to = || moves.iter().filter(|m| m.to == state);
        let ids: Vec<_> = to().filter(|m| m.from != m.to).map(|m| m.id).collect();
        responses::set_state(&**tx, &ids, state).await?;
        let reported: Vec<_> = to().filter(|m| m.is_reported).map(|m| m.id).collect();
        let upheld = matches!(state, ResponseState::Spam | ResponseState::Trash);
        reports::settle(&**tx, &reported, upheld).await?;
    }
    for moved in &moves {
        if moved.is_appealed {
            appeals::answer(&**tx, moved.id, press.note, press.now).await?;
        }
        let was_shown = moved.from == ResponseState::Approved;
        if was_shown || moved.to == ResponseState::Approved {
            tx.touch(Part::Post(moved.post));
            tx.touch(Part::Responses);
        }
    }
    let count = moves.len();
    if count == 0 {
        return Ok(0);
    }
    let log = moves
        .into_iter()
        .map(|moved| NewDecision {
            response_id: moved.id,
            from_state: moved.from,
            to_state: moved.to,
            undoes: moved.undoes,
        })
        .collect();
    let batch = Batch {
        name: press.batch,
        actor: (press.actor.id, &press.actor.name),
        note: press.note,
    };
    decisions::insert_batch(&**tx, batch, log, press.now).await?;
    // Not once: a job that is under way does not see what this transaction has not committed yet.
    jobs::enqueue(tx, &Job::Learn, press.now, press.now).await?;
    Ok(count)
}
