//! Queries on who is looking at what in the queue.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Set};

use crate::clock::Moment;
use crate::error::Result;
use crate::store::entity::claim::{ActiveModel, Column, Entity, Model};
use crate::store::entity::ids::{ResponseId, UserId};

/// Records that somebody reviews a response, and releases what they reviewed before. A claim that
/// another one holds stays theirs until it ends.
pub async fn set(db: &impl ConnectionTrait, claim: Model, now: Moment) -> Result<()> {
    Entity::delete_many()
        .filter(
            sea_orm::Condition::any()
                .add(Column::UserId.eq(claim.user_id))
                .add(Column::Until.lt(now)),
        )
        .exec(db)
        .await?;
    let row = ActiveModel {
        response_id: Set(claim.response_id),
        user_id: Set(claim.user_id),
        user_name: Set(claim.user_name),
        until: Set(claim.until),
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

/// Who, other than `user`, is reviewing any of these responses at `now`.
pub async fn list_others(
    db: &impl ConnectionTrait,
    ids: &[ResponseId],
    user: Option<UserId>,
    now: Moment,
) -> Result<Vec<Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut query = Entity::find()
        .filter(Column::ResponseId.is_in(ids.iter().copied()))
        .filter(Column::Until.gt(now));
    if let Some(user) = user {
        query = query.filter(Column::UserId.ne(user));
    }
    Ok(query.all(db).await?)
}
