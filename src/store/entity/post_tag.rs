//! Which post has which tag.

use sea_orm::entity::prelude::*;

use crate::store::entity::ids::{PostId, TagId};
use crate::store::entity::tag;

/// A row of `post_tags`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "post_tags")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub post_id: PostId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub tag_id: TagId,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// The tag that the post has.
    #[sea_orm(
        belongs_to = "tag::Entity",
        from = "Column::TagId",
        to = "tag::Column::Id"
    )]
    Tag,
}

impl Related<tag::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Tag.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
