//! Who is looking at a response in the queue just now, so that no two decide on it at once.

use sea_orm::entity::prelude::*;

use crate::clock::Moment;
use crate::store::entity::ids::{ResponseId, UserId};

/// A row of `claims`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "claims")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub response_id: ResponseId,
    pub user_id: UserId,
    pub user_name: String,
    /// When it ends by itself.
    pub until: Moment,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
