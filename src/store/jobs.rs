//! Queries on the job table: adding, counting, listing, trying again. Who takes a job and how it ends
//! is `store::job_claims`.

use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait, Set,
};

use crate::clock::Moment;
use crate::error::Result;
use crate::store::entity::ids::JobId;
use crate::store::entity::job::{ActiveModel, Column, Entity, JobState, Lane, Model};

/// The turn of a job that is not due yet.
pub const NOT_DUE: i64 = i64::MAX;

/// The values of a new row.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// What to do: JSON.
    pub payload: String,
    /// Which workers do it.
    pub lane: Lane,
    /// On whose account; may be empty.
    pub share: String,
    pub run_at: Moment,
}

pub async fn insert(db: &impl ConnectionTrait, new: NewJob, now: Moment) -> Result<JobId> {
    let turn = if new.run_at <= now {
        next_turn(db, new.lane, &new.share).await?
    } else {
        NOT_DUE
    };
    let row = ActiveModel {
        payload: Set(new.payload),
        state: Set(JobState::Waiting),
        run_at: Set(new.run_at),
        attempts: Set(0),
        created_at: Set(now),
        lane: Set(new.lane),
        share: Set(new.share),
        turn: Set(turn),
        claims: Set(0),
        ..Default::default()
    };
    Ok(row.insert(db).await?.id)
}

/// The turn of the next due job of `share`: behind its own jobs, and beside the first of every other
/// share. So a share with thousands of jobs delays one with a single job by one job.
pub async fn next_turn(db: &impl ConnectionTrait, lane: Lane, share: &str) -> Result<i64> {
    if share.is_empty() {
        return Ok(0);
    }
    let due = || {
        Entity::find()
            .select_only()
            .column(Column::Turn)
            .filter(Column::Lane.eq(lane))
            .filter(Column::State.eq(JobState::Waiting))
            .filter(Column::Turn.lt(NOT_DUE))
            .limit(1)
    };
    let first: Option<i64> = due()
        .order_by_asc(Column::Turn)
        .into_tuple()
        .one(db)
        .await?;
    let own: Option<i64> = due()
        .filter(Column::Share.eq(share))
        .order_by_desc(Column::Turn)
        .into_tuple()
        .one(db)
        .await?;
    Ok(first.unwrap_or(0).max(own.map_or(0, |turn| turn + 1)))
}

/// Whether a job with this payload waits. It goes on waiting until the transaction ends: a worker
/// that took it meanwhile might not see what this transaction writes.
pub async fn is_waiting(db: &impl ConnectionTrait, payload: &str) -> Result<bool> {
    let mut query = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::State.eq(JobState::Waiting))
        .filter(Column::Payload.eq(payload))
        .limit(1);
    if db.get_database_backend() == DbBackend::Postgres {
        QueryTrait::query(&mut query).lock(LockType::Share);
    }
    let one: Option<JobId> = query.into_tuple().one(db).await?;
    Ok(one.is_some())
}

/// How many jobs of a lane are due, counted up to `most`.
pub async fn count_due(
    db: &impl ConnectionTrait,
    lane: Lane,
    now: Moment,
    most: u64,
) -> Result<u64> {
    let due: Vec<JobId> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Lane.eq(lane))
        .filter(Column::State.eq(JobState::Waiting))
        .filter(Column::Turn.lt(NOT_DUE))
        .filter(Column::RunAt.lte(now))
        .limit(most)
        .into_tuple()
        .all(db)
        .await?;
    Ok(due.len() as u64)
}

/// The job with this key.
pub async fn find(db: &impl ConnectionTrait, id: JobId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// Puts a job that waits or was given up back to be done now, with all its tries; false where it is
/// in another state.
pub async fn set_retry(db: &impl ConnectionTrait, job: &Model, now: Moment) -> Result<bool> {
    let turn = next_turn(db, job.lane, &job.share).await?;
    let row = ActiveModel {
        state: Set(JobState::Waiting),
        run_at: Set(now),
        attempts: Set(0),
        turn: Set(turn),
        leased_until: Set(None),
        finished_at: Set(None),
        ..Default::default()
    };
    let changed = Entity::update_many()
        .set(row)
        .filter(Column::Id.eq(job.id))
        .filter(Column::State.is_in([JobState::Waiting, JobState::Failed]))
        .exec(db)
        .await?;
    Ok(changed.rows_affected > 0)
}

/// The given-up job with this payload, the newest of several.
pub async fn find_failed(db: &impl ConnectionTrait, payload: &str) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::State.eq(JobState::Failed))
        .filter(Column::Payload.eq(payload))
        .order_by_desc(Column::Id)
        .limit(1)
        .one(db)
        .await?)
}

/// The newest jobs, of one state or of all.
pub async fn list(
    db: &impl ConnectionTrait,
    state: Option<JobState>,
    limit: u64,
) -> Result<Vec<Model>> {
    let mut query = Entity::find();
    if let Some(state) = state {
        query = query.filter(Column::State.eq(state));
    }
    Ok(query.order_by_desc(Column::Id).limit(limit).all(db).await?)
}

/// How many jobs are in `state`.
pub async fn count(db: &impl ConnectionTrait, state: JobState) -> Result<u64> {
    Ok(Entity::find()
        .filter(Column::State.eq(state))
        .count(db)
        .await?)
}

/// How many jobs of each lane wait or run.
pub async fn count_by_lane(db: &impl ConnectionTrait) -> Result<Vec<(Lane, JobState, i64)>> {
    Ok(Entity::find()
        .select_only()
        .columns([Column::Lane, Column::State])
        .column_as(Column::Id.count(), "jobs")
        .filter(Column::State.is_in([JobState::Waiting, JobState::Running]))
        .group_by(Column::Lane)
        .group_by(Column::State)
        .into_tuple()
        .all(db)
        .await?)
}

/// Forgets the jobs in `state` that ended before `moment`.
pub async fn delete_ended_before(
    db: &impl ConnectionTrait,
    state: JobState,
    moment: Moment,
) -> Result<u64> {
    let gone = Entity::delete_many()
        .filter(Column::State.eq(state))
        .filter(Column::FinishedAt.lt(moment))
        .exec(db)
        .await?;
    Ok(gone.rows_affected)
}
