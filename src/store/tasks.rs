//! Queries on work on many responses.

use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
};

use crate::clock::Moment;
use crate::error::Result;
use crate::store::entity::ids::{TaskId, UserId};
use crate::store::entity::task::{ActiveModel, Column, Entity, Model};
use crate::store::entity::user::Role;

/// The values of a new row.
#[derive(Clone, Debug)]
pub struct NewTask {
    /// Names it in addresses.
    pub token: String,
    /// What kind of work it is, by name.
    pub kind: &'static str,
    pub work: String,
    /// Who started it.
    pub actor: (Option<UserId>, String, Role),
    /// How many responses there are.
    pub total: i64,
}

pub async fn insert(db: &impl ConnectionTrait, new: NewTask, now: Moment) -> Result<TaskId> {
    let row = ActiveModel {
        token: Set(new.token),
        kind: Set(new.kind.to_owned()),
        work: Set(new.work),
        actor_id: Set(new.actor.0),
        actor_name: Set(new.actor.1),
        actor_role: Set(new.actor.2),
        total: Set(new.total),
        seen: Set(0),
        moved: Set(0),
        place: Set(String::new()),
        result: Set(String::new()),
        created_at: Set(now),
        ended_at: Set(None),
        error: Set(String::new()),
        ..Default::default()
    };
    let added = Entity::insert(row).exec(db).await?;
    Ok(added.last_insert_id)
}

/// The task with this key.
pub async fn find(db: &impl ConnectionTrait, id: TaskId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// The task with this name.
pub async fn find_by_token(db: &impl ConnectionTrait, token: &str) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::Token.eq(token))
        .one(db)
        .await?)
}

/// The tasks in progress, newest first.
pub async fn list_under_way(db: &impl ConnectionTrait, limit: u64) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::EndedAt.is_null())
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}

/// How far a task is.
#[derive(Clone, Debug)]
pub struct Step {
    /// How many have been processed.
    pub seen: i64,
    /// How many were moved.
    pub moved: i64,
    /// Where the next chunk begins.
    pub place: String,
    pub result: String,
    /// Set with the last step.
    pub ended_at: Option<Moment>,
}

/// Records a step of `task`; false where another worker has done that step.
pub async fn set_step(db: &impl ConnectionTrait, task: &Model, step: Step) -> Result<bool> {
    let row = ActiveModel {
        seen: Set(step.seen),
        moved: Set(step.moved),
        place: Set(step.place),
        result: Set(step.result),
        ended_at: Set(step.ended_at),
        ..Default::default()
    };
    let done = Entity::update_many()
        .set(row)
        .filter(Column::Id.eq(task.id))
        .filter(Column::Place.eq(task.place.as_str()))
        .filter(Column::EndedAt.is_null())
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Ends a task before it is done; one that has ended stays as it is.
pub async fn set_failed(
    db: &impl ConnectionTrait,
    id: TaskId,
    error: &str,
    now: Moment,
) -> Result<()> {
    let row = ActiveModel {
        ended_at: Set(Some(now)),
        error: Set(error.to_owned()),
        ..Default::default()
    };
    Entity::update_many()
        .set(row)
        .filter(Column::Id.eq(id))
        .filter(Column::EndedAt.is_null())
        .exec(db)
        .await?;
    Ok(())
}

/// Lets a failed task continue where it stopped; false where it did not fail, or continues already.
pub async fn reopen(db: &impl ConnectionTrait, id: TaskId) -> Result<bool> {
    let row = ActiveModel {
        ended_at: Set(None),
        error: Set(String::new()),
        ..Default::default()
    };
    let done = Entity::update_many()
        .set(row)
        .filter(Column::Id.eq(id))
        .filter(Column::Error.ne(""))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Forgets what ended before `moment`; the decisions that it made stay in the log.
pub async fn delete_ended_before(db: &impl ConnectionTrait, moment: Moment) -> Result<()> {
    Entity::delete_many()
        .filter(Column::EndedAt.lt(moment))
        .exec(db)
        .await?;
    Ok(())
}
