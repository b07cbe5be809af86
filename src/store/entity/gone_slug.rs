//! The address of a post that was deleted: it answers that it is gone, not that it never was.

use sea_orm::entity::prelude::*;

use crate::store::entity::ids::PostId;

/// A row of `gone_slugs`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "gone_slugs")]
pub struct Model {
    /// The slug that readers had.
    #[sea_orm(primary_key, auto_increment = false)]
    pub slug: String,
    /// The post that had it.
    pub post_id: PostId,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
