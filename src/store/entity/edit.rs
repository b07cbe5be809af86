//! What a response said before somebody edited it.

use sea_orm::entity::prelude::*;

use crate::clock::Moment;
use crate::store::entity::ids::ResponseId;

/// A row of `edits`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "edits")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Which response.
    pub response_id: ResponseId,
    /// Who edited it.
    pub editor_name: String,
    /// What it said.
    pub before_markdown: String,
    /// When.
    pub edited_at: Moment,
}

/// None that a query uses.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
