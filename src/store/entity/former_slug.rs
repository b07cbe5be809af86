//! A slug that a published post once had: its old permalink leads to the new one.

use sea_orm::entity::prelude::*;

use crate::store::entity::ids::PostId;

/// A row of `former_slugs`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "former_slugs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub slug: String,
    /// The post that had it.
    pub post_id: PostId,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
