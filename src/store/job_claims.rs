//! Who takes a job, for how long, and how it ended: the queries behind lanes, shares and leases.
//!
//! A claim costs the same with ten jobs waiting and with ten thousand: every query follows an index
//! and reads a bounded number of rows.

use std::collections::{BTreeMap, HashMap};

use sea_orm::sea_query::{Expr, ExprTrait, LockBehavior, LockType, Query};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Set,
};

use crate::clock::Moment;
use crate::error::Result;
use crate::store::entity::ids::JobId;
use crate::store::entity::job::{ActiveModel, Column, Entity, JobState, Lane, Model};
use crate::store::jobs::{NOT_DUE, next_turn};

/// How many due jobs are compared to find the one whose share has the fewest running.
const COMPARED: u64 = 100;
/// How many jobs become due in one claim at most.
const PROMOTED: u64 = 50;
/// The advisory locks under which nodes claim one after the other, one for each lane: "jobs" in
/// ASCII, then the lane's number. Without them two nodes would each give a share its last worker.
const CLAIMING: i64 = 0x6a_6f_62_73_00;

async fn lock(tx: &impl ConnectionTrait, lane: Lane) -> Result<()> {
    if tx.get_database_backend() == DbBackend::Postgres {
        let number = CLAIMING + lane as i64;
        let lock = format!("SELECT pg_advisory_xact_lock({number})");
        tx.execute_unprepared(&lock).await?;
    }
    Ok(())
}

/// Whether a claim may find something: a cheap read before a write.
pub async fn is_due(
    db: &impl ConnectionTrait,
    lane: Lane,
    tries: i64,
    now: Moment,
) -> Result<bool> {
    let waiting = Condition::all()
        .add(Column::State.eq(JobState::Waiting))
        .add(Column::Turn.lt(NOT_DUE));
    let late = Condition::all()
        .add(Column::State.eq(JobState::Waiting))
        .add(Column::Turn.eq(NOT_DUE))
        .add(Column::RunAt.lte(now));
    for due in [waiting, late, can_be_tried(tries, now)] {
        let one: Option<JobId> = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::Lane.eq(lane))
            .filter(due)
            .limit(1)
            .into_tuple()
            .one(db)
            .await?;
        if one.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Its worker did not come back in time.
fn is_orphan(now: Moment) -> Condition {
    Condition::all()
        .add(Column::State.eq(JobState::Running))
        .add(Column::LeasedUntil.lt(now))
}

fn can_be_tried(tries: i64, now: Moment) -> Condition {
    is_orphan(now).add(Column::Attempts.lt(tries))
}

/// The terms of a claim.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// How often one is tried.
    pub tries: i64,
    /// How many jobs of one share may run at once.
    pub cap: i64,
    /// When a worker that does not report back counts as dead.
    pub lease: Moment,
}

/// Takes the next job of a lane: one whose worker died first, then of the due ones the first whose
/// share has the fewest running, and fewer than it may have.
pub async fn claim(
    tx: &impl ConnectionTrait,
    lane: Lane,
    terms: Terms,
    now: Moment,
) -> Result<Option<Model>> {
    let Terms { tries, cap, lease } = terms;
    lock(tx, lane).await?;
    let orphans: Vec<JobId> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Lane.eq(lane))
        .filter(can_be_tried(tries, now))
        .order_by_asc(Column::LeasedUntil)
        .limit(COMPARED)
        .into_tuple()
        .all(tx)
        .await?;
    for id in orphans {
        if let Some(job) = take(tx, id, can_be_tried(tries, now), lease).await? {
            return Ok(Some(job));
        }
    }
    promote(tx, lane, now).await?;
    let under_way: Vec<(String, i64)> = Entity::find()
        .select_only()
        .column(Column::Share)
        .column_as(Column::Id.count(), "jobs")
        .filter(Column::Lane.eq(lane))
        .filter(Column::State.eq(JobState::Running))
        .filter(Column::Share.ne(""))
        .group_by(Column::Share)
        .into_tuple()
        .all(tx)
        .await?;
    let under_way: HashMap<String, i64> = under_way.into_iter().collect();
    let count = |share: &str| under_way.get(share).copied().unwrap_or(0);
    let mut due: Vec<(JobId, String)> = Entity::find()
        .select_only()
        .columns([Column::Id, Column::Share])
        .filter(Column::Lane.eq(lane))
        .filter(Column::State.eq(JobState::Waiting))
        .filter(Column::Turn.lt(NOT_DUE))
        .order_by_asc(Column::Turn)
        .order_by_asc(Column::RunAt)
        .order_by_asc(Column::Id)
        .limit(COMPARED)
        .into_tuple()
        .all(tx)
        .await?;
    due.retain(|(_, share)| count(share) < cap);
    due.sort_by_key(|(_, share)| count(share));
    let waits = || Condition::all().add(Column::State.eq(JobState::Waiting));
    for (id, _) in due {
        if let Some(job) = take(tx, id, waits(), lease).await? {
            return Ok(Some(job));
        }
    }
    Ok(None)
}

/// Takes one job, if it still is as it was seen and nobody holds its row.
async fn take(
    tx: &impl ConnectionTrait,
    id: JobId,
    seen: Condition,
    lease: Moment,
) -> Result<Option<Model>> {
    let mut this = Query::select();
    this.column(Column::Id)
        .from(Entity)
        .and_where(Column::Id.eq(id))
        .cond_where(seen);
    if tx.get_database_backend() == DbBackend::Postgres {
        this.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    }
    let taken = Entity::update_many()
        .col_expr(Column::State, Expr::value(JobState::Running))
        .col_expr(Column::LeasedUntil, Expr::value(lease))
        .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
        .col_expr(Column::Claims, Expr::col(Column::Claims).add(1))
        .filter(Column::Id.in_subquery(this))
        .exec_with_returning(tx)
        .await?;
    Ok(taken.into_iter().next())
}

/// Gives jobs whose time has come their turn among the due ones.
async fn promote(tx: &impl ConnectionTrait, lane: Lane, now: Moment) -> Result<()> {
    let mut query = Entity::find()
        .select_only()
        .columns([Column::Id, Column::Share])
        .filter(Column::Lane.eq(lane))
        .filter(Column::State.eq(JobState::Waiting))
        .filter(Column::Turn.eq(NOT_DUE))
        .filter(Column::RunAt.lte(now))
        .order_by_asc(Column::RunAt)
        .order_by_asc(Column::Id)
        .limit(PROMOTED);
    if tx.get_database_backend() == DbBackend::Postgres {
        QueryTrait::query(&mut query)
            .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    }
    let due: Vec<(JobId, String)> = query.into_tuple().all(tx).await?;
    let mut by_share: BTreeMap<String, Vec<JobId>> = BTreeMap::new();
    for (id, share) in due {
        by_share.entry(share).or_default().push(id);
    }
    for (share, ids) in by_share {
        let first = next_turn(tx, lane, &share).await?;
        if share.is_empty() {
            set_turn(tx, &ids, first).await?;
            continue;
        }
        for (id, turn) in ids.into_iter().zip(first..) {
            set_turn(tx, &[id], turn).await?;
        }
    }
    Ok(())
}

async fn set_turn(tx: &impl ConnectionTrait, ids: &[JobId], turn: i64) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Turn, Expr::value(turn))
        .filter(Column::Id.is_in(ids.iter().copied()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Takes the jobs of a lane whose worker died and that have had `tries` tries, to be given up.
pub async fn give_up_orphans(
    tx: &impl ConnectionTrait,
    lane: Lane,
    tries: i64,
    error: &str,
    now: Moment,
) -> Result<Vec<Model>> {
    let row = ActiveModel {
        state: Set(JobState::Failed),
        leased_until: Set(None),
        last_error: Set(Some(error.to_owned())),
        finished_at: Set(Some(now)),
        ..Default::default()
    };
    Ok(Entity::update_many()
        .set(row)
        .filter(Column::Lane.eq(lane))
        .filter(is_orphan(now))
        .filter(Column::Attempts.gte(tries))
        .exec_with_returning(tx)
        .await?)
}

/// Whether there are jobs for [`give_up_orphans`].
pub async fn has_dead_orphans(
    db: &impl ConnectionTrait,
    lane: Lane,
    tries: i64,
    now: Moment,
) -> Result<bool> {
    let one: Option<JobId> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Lane.eq(lane))
        .filter(is_orphan(now))
        .filter(Column::Attempts.gte(tries))
        .limit(1)
        .into_tuple()
        .one(db)
        .await?;
    Ok(one.is_some())
}

/// A claim on a job: the nth one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    pub id: JobId,
    /// How often it had been claimed, with this claim.
    pub nth: i64,
}

/// How a claim ended.
#[derive(Clone, Debug)]
pub enum Ending {
    Done,
    /// To be tried again then.
    Retry(Moment, String),
    /// To be claimed again at this time; this does not count as a try.
    NotTried(Moment, String),
    GivenUp(String),
}

/// Notes how a claim ended; false where the job is not this claim's any more.
pub async fn set_ended(
    db: &impl ConnectionTrait,
    claim: Claim,
    ending: Ending,
    now: Moment,
) -> Result<bool> {
    let mut row = ActiveModel {
        leased_until: Set(None),
        ..Default::default()
    };
    let was_tried = !matches!(ending, Ending::NotTried(..));
    match ending {
        Ending::Done => {
            row.state = Set(JobState::Done);
            row.last_error = Set(None);
            row.finished_at = Set(Some(now));
        }
        Ending::Retry(at, error) | Ending::NotTried(at, error) => {
            row.state = Set(JobState::Waiting);
            row.run_at = Set(at);
            row.turn = Set(NOT_DUE);
            row.last_error = Set(Some(error));
        }
        Ending::GivenUp(error) => {
            row.state = Set(JobState::Failed);
            row.last_error = Set(Some(error));
            row.finished_at = Set(Some(now));
        }
    }
    let tried = Expr::col(Column::Attempts).sub(i64::from(!was_tried));
    let changed = Entity::update_many()
        .set(row)
        .col_expr(Column::Attempts, tried)
        .filter(Column::Id.eq(claim.id))
        .filter(Column::State.eq(JobState::Running))
        .filter(Column::Claims.eq(claim.nth))
        .exec(db)
        .await?;
    Ok(changed.rows_affected == 1)
}

/// Extends a claim until `lease`; false where another claim has taken the job.
pub async fn renew(db: &impl ConnectionTrait, claim: Claim, lease: Moment) -> Result<bool> {
    let changed = Entity::update_many()
        .col_expr(Column::LeasedUntil, Expr::value(lease))
        .filter(Column::Id.eq(claim.id))
        .filter(Column::State.eq(JobState::Running))
        .filter(Column::Claims.eq(claim.nth))
        .exec(db)
        .await?;
    Ok(changed.rows_affected == 1)
}
