//! A signed-in browser.

use sea_orm::entity::prelude::*;

use crate::clock::Moment;
use crate::store::entity::ids::UserId;

/// A row of `sessions`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub struct Model {
    /// A hash of what the cookie says, so that a copy of the table signs nobody in.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// What the session holds, as JSON.
    pub data: String,
    pub expires_at: Moment,
    /// The account; None before sign-in.
    pub user_id: Option<UserId>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
