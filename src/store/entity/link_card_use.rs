//! Which posts show which link cards.

use sea_orm::entity::prelude::*;

use crate::store::entity::ids::{LinkCardId, PostId};

/// A row of `link_card_uses`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "link_card_uses")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub card_id: LinkCardId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub post_id: PostId,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
