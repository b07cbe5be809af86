//! Queries on accounts.

use sea_orm::sea_query::{Expr, ExprTrait, SimpleExpr};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, Set,
};

use crate::clock::Moment;
use crate::error::Result;
use crate::store::entity::ids::UserId;
use crate::store::entity::user::{ActiveModel, Column, Entity, Model, Role};

/// The advisory lock under which accounts are changed one after the other: "account" in ASCII.
const CHANGING: i64 = 0x61_63_63_6f_75_6e_74;

/// The values of a new row.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub email: String,
    /// As readers see it.
    pub name: String,
    pub slug: String,
    /// What they may do.
    pub role: Role,
    pub password_hash: String,
}

/// The account with this key.
pub async fn find(db: &impl ConnectionTrait, id: UserId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// The account with this address, lower-cased.
pub async fn find_by_email(db: &impl ConnectionTrait, email: &str) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::Email.eq(email))
        .one(db)
        .await?)
}

/// The account with this slug.
pub async fn find_by_slug(db: &impl ConnectionTrait, slug: &str) -> Result<Option<Model>> {
    Ok(Entity::find().filter(Column::Slug.eq(slug)).one(db).await?)
}

/// The accounts with these keys, in no order.
pub async fn list_by_ids(db: &impl ConnectionTrait, ids: &[UserId]) -> Result<Vec<Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let ids = ids.iter().copied();
    Ok(Entity::find().filter(Column::Id.is_in(ids)).all(db).await?)
}

/// All accounts, by name.
pub async fn list(db: &impl ConnectionTrait) -> Result<Vec<Model>> {
    Ok(Entity::find().order_by_asc(Column::Name).all(db).await?)
}

/// How many accounts there are.
pub async fn count(db: &impl ConnectionTrait) -> Result<u64> {
    Ok(Entity::find().count(db).await?)
}

/// The oldest account that may still sign in with this role.
pub async fn find_first(db: &impl ConnectionTrait, role: Role) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::Role.eq(role))
        .filter(Column::DisabledAt.is_null())
        .order_by_asc(Column::Id)
        .one(db)
        .await?)
}

/// Keeps everybody else from adding or changing an account until the transaction ends. On SQLite the one writer is
/// lock enough.
pub async fn lock(tx: &impl ConnectionTrait) -> Result<()> {
    if tx.get_database_backend() == DbBackend::Postgres {
        let lock = format!("SELECT pg_advisory_xact_lock({CHANGING})");
        tx.execute_unprepared(&lock).await?;
    }
    Ok(())
}

/// How many accounts may sign in with this role.
pub async fn count_active(db: &impl ConnectionTrait, role: Role) -> Result<u64> {
    Ok(Entity::find()
        .filter(Column::Role.eq(role))
        .filter(Column::DisabledAt.is_null())
        .count(db)
        .await?)
}

/// Gives an account another password; its sessions end.
pub async fn set_password_hash(db: &impl ConnectionTrait, id: UserId, hash: &str) -> Result<()> {
    set(db, id, Some((Column::PasswordHash, Expr::value(hash)))).await
}

/// Gives an account another description for readers; its sessions go on.
pub async fn set_bio(db: &impl ConnectionTrait, id: UserId, bio: &str) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Bio, Expr::value(bio))
        .filter(Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

/// Gives an account another role; its sessions end.
pub async fn set_role(db: &impl ConnectionTrait, id: UserId, role: Role) -> Result<()> {
    set(db, id, Some((Column::Role, Expr::value(role)))).await
}

/// Notes since when an account may not sign in; None where it may. Its sessions end.
pub async fn set_disabled(
    db: &impl ConnectionTrait,
    id: UserId,
    since: Option<Moment>,
) -> Result<()> {
    set(db, id, Some((Column::DisabledAt, Expr::value(since)))).await
}

/// Ends an account's sessions.
pub async fn end_sessions(db: &impl ConnectionTrait, id: UserId) -> Result<()> {
    set(db, id, None).await
}

/// Every change of an account begins a new epoch: a session of an earlier one is invalid, even
/// one that is being begun at this moment.
async fn set(
    db: &impl ConnectionTrait,
    id: UserId,
    change: Option<(Column, SimpleExpr)>,
) -> Result<()> {
    let mut update = Entity::update_many()
        .col_expr(Column::SessionEpoch, Expr::col(Column::SessionEpoch).add(1));
    if let Some((column, value)) = change {
        update = update.col_expr(column, value);
    }
    update.filter(Column::Id.eq(id)).exec(db).await?;
    Ok(())
}

pub async fn insert(db: &impl ConnectionTrait, new: NewUser, now: Moment) -> Result<Model> {
    let row = ActiveModel {
        email: Set(new.email),
        name: Set(new.name),
        slug: Set(new.slug),
        role: Set(new.role),
        password_hash: Set(new.password_hash),
        session_epoch: Set(0),
        created_at: Set(now),
        ..Default::default()
    };
    Ok(row.insert(db).await?)
}
