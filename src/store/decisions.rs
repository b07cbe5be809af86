//! Queries on the log of decisions. Rows are only ever added.

use std::collections::HashMap;

use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Set,
};

use crate::clock::Moment;
use crate::error::Result;
use crate::store::entity::decision::{ActiveModel, Column, Entity, Model};
use crate::store::entity::ids::{DecisionId, ResponseId, UserId};
use crate::store::entity::response::ResponseState;
use crate::store::lessons;

/// The name under which the operator decides at the command line. Other decisions without an account were
/// made by no person, but by a rule.
pub const OPERATOR: &str = "command line";

/// The values of a new row.
#[derive(Clone, Debug)]
pub struct NewDecision {
    /// What was decided on.
    pub response_id: ResponseId,
    pub from_state: ResponseState,
    pub to_state: ResponseState,
    /// The decision that this one undoes.
    pub undoes: Option<DecisionId>,
}

/// What the decisions of one batch have in common.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    pub name: &'a str,
    pub actor: (Option<UserId>, &'a str),
    /// Why; may be empty.
    pub note: &'a str,
}

/// Adds the decisions of one batch, and a lesson for the filter from each.
pub async fn insert_batch(
    db: &impl ConnectionTrait,
    batch: Batch<'_>,
    decisions: Vec<NewDecision>,
    now: Moment,
) -> Result<()> {
    if decisions.is_empty() {
        return Ok(());
    }
    let decided: Vec<ResponseId> = decisions.iter().map(|row| row.response_id).collect();
    lessons::insert(db, &decided).await?;
    let rows = decisions.into_iter().map(|decision| ActiveModel {
        response_id: Set(decision.response_id),
        actor_id: Set(batch.actor.0),
        actor_name: Set(batch.actor.1.to_owned()),
        from_state: Set(decision.from_state),
        to_state: Set(decision.to_state),
        batch: Set(batch.name.to_owned()),
        note: Set(batch.note.to_owned()),
        undoes: Set(decision.undoes),
        decided_at: Set(now),
        ..Default::default()
    });
    Entity::insert_many(rows).exec_without_returning(db).await?;
    Ok(())
}

/// The decision with this key.
pub async fn find(db: &impl ConnectionTrait, id: DecisionId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// How many decisions each of these batches has.
pub async fn count_batches(
    db: &impl ConnectionTrait,
    batches: &[String],
) -> Result<HashMap<String, u64>> {
    if batches.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(String, i64)> = Entity::find()
        .select_only()
        .column(Column::Batch)
        .column_as(Column::Id.count(), "n")
        .filter(Column::Batch.is_in(batches.iter().cloned()))
        .group_by(Column::Batch)
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(batch, n)| (batch, u64::try_from(n).unwrap_or(0)))
        .collect())
}

/// The decisions of one batch after `after`, oldest first.
pub async fn list_batch(
    db: &impl ConnectionTrait,
    batch: &str,
    after: DecisionId,
    limit: u64,
) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::Batch.eq(batch))
        .filter(Column::Id.gt(after))
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}

/// How many decisions a batch has.
pub async fn count_batch(db: &impl ConnectionTrait, batch: &str) -> Result<u64> {
    Ok(Entity::find()
        .filter(Column::Batch.eq(batch))
        .count(db)
        .await?)
}

/// Decisions behind `after`, the oldest first.
pub async fn list_after(
    db: &impl ConnectionTrait,
    after: DecisionId,
    limit: u64,
) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::Id.gt(after))
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}

/// Which of these decisions have been undone.
pub async fn list_undone(db: &impl ConnectionTrait, ids: &[DecisionId]) -> Result<Vec<DecisionId>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let undone: Vec<Option<DecisionId>> = Entity::find()
        .select_only()
        .column(Column::Undoes)
        .filter(Column::Undoes.is_in(ids.iter().copied()))
        .into_tuple()
        .all(db)
        .await?;
    Ok(undone.into_iter().flatten().collect())
}

/// The last decisions, the newest first, behind `before` where it is given.
pub async fn page(
    db: &impl ConnectionTrait,
    before: Option<DecisionId>,
    size: u64,
) -> Result<Vec<Model>> {
    let mut query = Entity::find();
    if let Some(before) = before {
        query = query.filter(Column::Id.lt(before));
    }
    Ok(query.order_by_desc(Column::Id).limit(size).all(db).await?)
}

/// The last decision on each of these responses, where there is one.
pub async fn last_of(
    db: &impl ConnectionTrait,
    responses: &[ResponseId],
) -> Result<HashMap<ResponseId, DecisionId>> {
    if responses.is_empty() {
        return Ok(HashMap::new());
    }
    let last: Vec<(ResponseId, DecisionId)> = Entity::find()
        .select_only()
        .column(Column::ResponseId)
        .column_as(Column::Id.max(), "last")
        .filter(Column::ResponseId.is_in(responses.iter().copied()))
        .group_by(Column::ResponseId)
        .into_tuple()
        .all(db)
        .await?;
    Ok(last.into_iter().collect())
}

/// All decisions on one response, the oldest first.
pub async fn list_for_response(
    db: &impl ConnectionTrait,
    response: ResponseId,
) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::ResponseId.eq(response))
        .order_by_asc(Column::Id)
        .all(db)
        .await?)
}

/// The last decision on a response.
pub async fn find_last(db: &impl ConnectionTrait, response: ResponseId) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::ResponseId.eq(response))
        .order_by_desc(Column::Id)
        .one(db)
        .await?)
}

/// Whether a person made a decision.
pub fn is_by_person(decision: &Model) -> bool {
    decision.actor_id.is_some() || decision.actor_name == OPERATOR
}
