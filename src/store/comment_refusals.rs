//! Queries on the refusals that are remembered for a short while.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Set};

use crate::clock::Moment;
use crate::error::Result;
use crate::store::entity::comment_refusal::{ActiveModel, Column, Entity};

/// What the writer of this comment was answered, unless that is forgotten.
pub async fn find(
    db: &impl ConnectionTrait,
    receipt_hash: &str,
    now: Moment,
) -> Result<Option<String>> {
    let row = Entity::find_by_id(receipt_hash.to_owned())
        .filter(Column::ExpiresAt.gt(now))
        .one(db)
        .await?;
    Ok(row.map(|row| row.message))
}

/// Remembers a refusal until `expires_at`, and forgets those that have expired.
pub async fn set(
    db: &impl ConnectionTrait,
    receipt_hash: &str,
    message: &str,
    now: Moment,
    expires_at: Moment,
) -> Result<()> {
    Entity::delete_many()
        .filter(Column::ExpiresAt.lte(now))
        .exec(db)
        .await?;
    let row = ActiveModel {
        receipt_hash: Set(receipt_hash.to_owned()),
        message: Set(message.to_owned()),
        expires_at: Set(expires_at),
    };
    Entity::insert(row)
        .on_conflict(
            OnConflict::column(Column::ReceiptHash)
                .update_columns([Column::Message, Column::ExpiresAt])
                .to_owned(),
        )
        .exec_without_returning(db)
        .await?;
    Ok(())
}
