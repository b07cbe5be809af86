//! A link from one post of this site to another.

use sea_orm::entity::prelude::*;

use crate::store::entity::ids::PostId;

/// A row of `inner_links`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "inner_links")]
pub struct Model {
    /// The post that links.
    #[sea_orm(primary_key, auto_increment = false)]
    pub from_id: PostId,
    /// The post that it links to.
    #[sea_orm(primary_key, auto_increment = false)]
    pub to_id: PostId,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
