//! A tag.

use sea_orm::entity::prelude::*;

use crate::store::entity::ids::TagId;

/// A row of `tags`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tags")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: TagId,
    /// The name in `/tag/SLUG/`.
    #[sea_orm(unique)]
    pub slug: String,
    /// The name readers see.
    pub name: String,
    /// The name, folded: names that differ in case alone are one tag.
    #[sea_orm(unique)]
    pub name_key: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
