//! Queries on sessions. A session is added once and then only ever changed: one that was ended, by
//! whomever, is not brought back by a request that still had it.

use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Set};

use crate::clock::Moment;
use crate::error::Result;
use crate::store::entity::ids::UserId;
use crate::store::entity::session::{ActiveModel, Column, Entity, Model};

/// Adds a session; false where there is one with its key.
pub async fn insert(db: &impl ConnectionTrait, row: Model) -> Result<bool> {
    let row = ActiveModel {
        id: Set(row.id),
        data: Set(row.data),
        expires_at: Set(row.expires_at),
        user_id: Set(row.user_id),
    };
    let added = Entity::insert(row)
        .on_conflict(OnConflict::column(Column::Id).do_nothing().to_owned())
        .exec_without_returning(db)
        .await?;
    Ok(added > 0)
}

/// Changes what a session holds, if it is still there.
pub async fn update(db: &impl ConnectionTrait, row: Model) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Data, Expr::value(row.data))
        .col_expr(Column::ExpiresAt, Expr::value(row.expires_at))
        .col_expr(Column::UserId, Expr::value(row.user_id))
        .filter(Column::Id.eq(row.id))
        .exec(db)
        .await?;
    Ok(())
}

/// The session with this key, unless it has ended.
pub async fn find(db: &impl ConnectionTrait, id: &str, now: Moment) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id.to_owned())
        .filter(Column::ExpiresAt.gt(now))
        .one(db)
        .await?)
}

pub async fn delete(db: &impl ConnectionTrait, id: &str) -> Result<()> {
    Entity::delete_by_id(id.to_owned()).exec(db).await?;
    Ok(())
}

/// Removes all sessions of an account.
pub async fn delete_of_user(db: &impl ConnectionTrait, user: UserId) -> Result<()> {
    Entity::delete_many()
        .filter(Column::UserId.eq(user))
        .exec(db)
        .await?;
    Ok(())
}

/// Removes the sessions that have ended.
pub async fn delete_ended(db: &impl ConnectionTrait, now: Moment) -> Result<u64> {
    let gone = Entity::delete_many()
        .filter(Column::ExpiresAt.lte(now))
        .exec(db)
        .await?;
    Ok(gone.rows_affected)
}
