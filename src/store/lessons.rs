//! Queries on what the filter has yet to learn, and on what it learned from which response.

use std::collections::HashMap;

use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
};

use crate::error::Result;
use crate::store::entity::ids::{LessonId, ResponseId};
use crate::store::entity::{learned_features, lesson};

/// Rows of one statement: databases limit the values in it.
const ROWS_PER_STATEMENT: usize = 5_000;

/// Notes that these responses were decided on.
pub async fn insert(db: &impl ConnectionTrait, responses: &[ResponseId]) -> Result<()> {
    for some in responses.chunks(ROWS_PER_STATEMENT) {
        let rows = some.iter().map(|id| lesson::ActiveModel {
            response_id: Set(*id),
            ..Default::default()
        });
        lesson::Entity::insert_many(rows)
            .exec_without_returning(db)
            .await?;
    }
    Ok(())
}

/// Takes lessons out of the table, oldest first; the caller learns from them in the same transaction.
pub async fn take(db: &impl ConnectionTrait, limit: u64) -> Result<Vec<ResponseId>> {
    let rows: Vec<(LessonId, ResponseId)> = lesson::Entity::find()
        .select_only()
        .columns([lesson::Column::Id, lesson::Column::ResponseId])
        .order_by_asc(lesson::Column::Id)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await?;
    let taken: Vec<LessonId> = rows.iter().map(|(id, _)| *id).collect();
    if !taken.is_empty() {
        lesson::Entity::delete_many()
            .filter(lesson::Column::Id.is_in(taken))
            .exec(db)
            .await?;
    }
    let mut responses: Vec<ResponseId> = rows.into_iter().map(|(_, response)| response).collect();
    responses.sort_unstable();
    responses.dedup();
    Ok(responses)
}

/// Whether there is anything to learn.
pub async fn is_any(db: &impl ConnectionTrait) -> Result<bool> {
    let one: Option<LessonId> = lesson::Entity::find()
        .select_only()
        .column(lesson::Column::Id)
        .limit(1)
        .into_tuple()
        .one(db)
        .await?;
    Ok(one.is_some())
}

/// What was learned from these responses, packed.
pub async fn find_learned(
    db: &impl ConnectionTrait,
    responses: &[ResponseId],
) -> Result<HashMap<ResponseId, Vec<u8>>> {
    if responses.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = learned_features::Entity::find()
        .filter(learned_features::Column::ResponseId.is_in(responses.iter().copied()))
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.response_id, row.buckets))
        .collect())
}

/// Keeps what was learned, in the place of what was learned from the same responses before; None for
/// nothing.
pub async fn set_learned(
    db: &impl ConnectionTrait,
    learned: Vec<(ResponseId, Option<Vec<u8>>)>,
) -> Result<()> {
    if learned.is_empty() {
        return Ok(());
    }
    let ids: Vec<ResponseId> = learned.iter().map(|(id, _)| *id).collect();
    learned_features::Entity::delete_many()
        .filter(learned_features::Column::ResponseId.is_in(ids))
        .exec(db)
        .await?;
    let rows: Vec<_> = learned
        .into_iter()
        .filter_map(|(id, buckets)| {
            Some(learned_features::ActiveModel {
                response_id: Set(id),
                buckets: Set(buckets?),
            })
        })
        .collect();
    if !rows.is_empty() {
        learned_features::Entity::insert_many(rows)
            .exec_without_returning(db)
            .await?;
    }
    Ok(())
}
