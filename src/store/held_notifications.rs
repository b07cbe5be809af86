//! Queries on the held responses that moderators are still to be emailed about.

use sea_orm::sea_query::{OnConflict, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Set};

use crate::error::Result;
use crate::store::entity::held_notification::{ActiveModel, Column, Entity};
use crate::store::entity::ids::ResponseId;

/// Notes that a response was held.
pub async fn insert(db: &impl ConnectionTrait, response: ResponseId) -> Result<()> {
    let row = ActiveModel {
        response_id: Set(response),
    };
    Entity::insert(row)
        .on_conflict(
            OnConflict::column(Column::ResponseId)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Claims the oldest rows, up to `most`: each row is claimed once, by whoever deletes it.
pub async fn take(db: &impl ConnectionTrait, most: u64) -> Result<Vec<ResponseId>> {
    let mut oldest = Query::select();
    oldest
        .column(Column::ResponseId)
        .from(Entity)
        .order_by(Column::ResponseId, sea_orm::Order::Asc)
        .limit(most);
    let taken = Entity::delete_many()
        .filter(Column::ResponseId.in_subquery(oldest))
        .exec_with_returning(db)
        .await?;
    let mut ids: Vec<ResponseId> = taken.into_iter().map(|row| row.response_id).collect();
    ids.sort_unstable();
    Ok(ids)
}

/// Claims all rows, and returns how many these were.
pub async fn take_all(db: &impl ConnectionTrait) -> Result<u64> {
    Ok(Entity::delete_many().exec(db).await?.rows_affected)
}
