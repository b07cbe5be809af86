//! Queries on the job table.

use sea_orm::sea_query::{Expr, ExprTrait, LockBehavior, LockType, Query};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Set,
};

use crate::clock::Moment;
use crate::error::Result;
use crate::store::entity::ids::JobId;
use crate::store::entity::job::{ActiveModel, Column, Entity, JobState, Model};

/// Adds a job.
pub async fn insert(
    db: &impl ConnectionTrait,
    payload: String,
    run_at: Moment,
    now: Moment,
) -> Result<JobId> {
    let row = ActiveModel {
        payload: Set(payload),
        state: Set(JobState::Waiting),
        run_at: Set(run_at),
        attempts: Set(0),
        created_at: Set(now),
        ..Default::default()
    };
    Ok(row.insert(db).await?.id)
}

/// Whether a job with this payload waits.
pub async fn is_waiting(db: &impl ConnectionTrait, payload: &str) -> Result<bool> {
    let one: Option<JobId> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::State.eq(JobState::Waiting))
        .filter(Column::Payload.eq(payload))
        .limit(1)
        .into_tuple()
        .one(db)
        .await?;
    Ok(one.is_some())
}

/// Takes the job that is due first, until `lease` runs out; also one whose worker died.
pub async fn claim(db: &impl ConnectionTrait, now: Moment, lease: Moment) -> Result<Option<Model>> {
    let due = Condition::any()
        .add(
            Condition::all()
                .add(Column::State.eq(JobState::Waiting))
                .add(Column::RunAt.lte(now)),
        )
        .add(
            Condition::all()
                .add(Column::State.eq(JobState::Running))
                .add(Column::LeasedUntil.lt(now)),
        );
    let mut first = Query::select();
    first
        .column(Column::Id)
        .from(Entity)
        .cond_where(due)
        .order_by(Column::RunAt, sea_orm::Order::Asc)
        .order_by(Column::Id, sea_orm::Order::Asc)
        .limit(1);
    if db.get_database_backend() == DbBackend::Postgres {
        first.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    }
    let claimed = Entity::update_many()
        .col_expr(Column::State, Expr::value(JobState::Running))
        .col_expr(Column::LeasedUntil, Expr::value(lease))
        .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
        .filter(Column::Id.in_subquery(first))
        .exec_with_returning(db)
        .await?;
    Ok(claimed.into_iter().next())
}

/// Whether a job is due now, or a dead worker's: a cheap look before a claim is written.
pub async fn is_due(db: &impl ConnectionTrait, now: Moment) -> Result<bool> {
    let one = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(
            Condition::any()
                .add(
                    Condition::all()
                        .add(Column::State.eq(JobState::Waiting))
                        .add(Column::RunAt.lte(now)),
                )
                .add(
                    Condition::all()
                        .add(Column::State.eq(JobState::Running))
                        .add(Column::LeasedUntil.lt(now)),
                ),
        )
        .limit(1)
        .into_tuple::<JobId>()
        .one(db)
        .await?;
    Ok(one.is_some())
}

/// How many jobs wait and are due, counted up to `most`.
pub async fn count_due(db: &impl ConnectionTrait, now: Moment, most: u64) -> Result<u64> {
    let due: Vec<JobId> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::State.eq(JobState::Waiting))
        .filter(Column::RunAt.lte(now))
        .limit(most)
        .into_tuple()
        .all(db)
        .await?;
    Ok(due.len() as u64)
}

/// Notes how a job ended or when it is tried again.
pub async fn set_state(
    db: &impl ConnectionTrait,
    id: JobId,
    state: JobState,
    run_at: Option<Moment>,
    error: Option<String>,
    now: Moment,
) -> Result<()> {
    let mut row = ActiveModel {
        state: Set(state),
        leased_until: Set(None),
        last_error: Set(error),
        ..Default::default()
    };
    if let Some(run_at) = run_at {
        row.run_at = Set(run_at);
    }
    if matches!(state, JobState::Done | JobState::Failed) {
        row.finished_at = Set(Some(now));
    }
    Entity::update_many()
        .set(row)
        .filter(Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

/// Puts a job back to be done now, with all its tries.
pub async fn set_retry(db: &impl ConnectionTrait, id: JobId, now: Moment) -> Result<bool> {
    let row = ActiveModel {
        state: Set(JobState::Waiting),
        run_at: Set(now),
        attempts: Set(0),
        leased_until: Set(None),
        finished_at: Set(None),
        ..Default::default()
    };
    let changed = Entity::update_many()
        .set(row)
        .filter(Column::Id.eq(id))
        .filter(Column::State.ne(JobState::Running))
        .exec(db)
        .await?;
    Ok(changed.rows_affected > 0)
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

/// Forgets the jobs that were done before `moment`; failed ones stay for a look.
pub async fn delete_done_before(db: &impl ConnectionTrait, moment: Moment) -> Result<u64> {
    let gone = Entity::delete_many()
        .filter(Column::State.eq(JobState::Done))
        .filter(Column::FinishedAt.lt(moment))
        .exec(db)
        .await?;
    Ok(gone.rows_affected)
}
