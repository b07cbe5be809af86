//! The text of a response before an edit.

use sea_orm::entity::prelude::*;

use crate::clock::Moment;
use crate::store::entity::ids::ResponseId;

/// A row of `edits`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "edits")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub response_id: ResponseId,
    pub editor_name: String,
    pub before_markdown: String,
    pub edited_at: Moment,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
