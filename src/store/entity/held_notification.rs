//! Held responses that moderators are still to be emailed about. A row is claimed by deleting it.

use sea_orm::entity::prelude::*;

use crate::store::entity::ids::ResponseId;

/// A row of `held_notifications`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "held_notifications")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub response_id: ResponseId,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
