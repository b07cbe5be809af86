//! Queries on accounts.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, Set,
};

use crate::clock::Moment;
use crate::error::Result;
use crate::store::entity::ids::UserId;
use crate::store::entity::user::{ActiveModel, Column, Entity, Model, Role};

/// A row to be.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// Lower-cased.
    pub email: String,
    /// As readers see it.
    pub name: String,
    /// Unique.
    pub slug: String,
    /// What they may do.
    pub role: Role,
    /// PHC form.
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

/// Adds an account.
pub async fn insert(db: &impl ConnectionTrait, new: NewUser, now: Moment) -> Result<Model> {
    let row = ActiveModel {
        email: Set(new.email),
        name: Set(new.name),
        slug: Set(new.slug),
        role: Set(new.role),
        password_hash: Set(new.password_hash),
        created_at: Set(now),
        ..Default::default()
    };
    Ok(row.insert(db).await?)
}
