//! Queries on links from one post of this site to another.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
};

use crate::error::Result;
use crate::store::entity::ids::PostId;
use crate::store::entity::inner_link::{ActiveModel, Column, Entity};

/// Replaces what a post links to.
pub async fn set_for_post(db: &impl ConnectionTrait, from: PostId, to: &[PostId]) -> Result<()> {
    Entity::delete_many()
        .filter(Column::FromId.eq(from))
        .exec(db)
        .await?;
    let rows: Vec<ActiveModel> = to
        .iter()
        .map(|to| ActiveModel {
            from_id: Set(from),
            to_id: Set(*to),
        })
        .collect();
    if !rows.is_empty() {
        Entity::insert_many(rows)
            .on_conflict(
                OnConflict::columns([Column::FromId, Column::ToId])
                    .do_nothing()
                    .to_owned(),
            )
            .exec_without_returning(db)
            .await?;
    }
    Ok(())
}

/// The posts that link to a post, whatever their state, the newest first.
pub async fn list_linking(
    db: &impl ConnectionTrait,
    to: PostId,
    limit: u64,
) -> Result<Vec<PostId>> {
    Ok(Entity::find()
        .select_only()
        .column(Column::FromId)
        .filter(Column::ToId.eq(to))
        .order_by_desc(Column::FromId)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await?)
}
