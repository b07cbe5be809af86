//! What a writer says against a decision on their response.

use sea_orm::entity::prelude::*;

use crate::clock::Moment;
use crate::store::entity::ids::ResponseId;

/// A row of `appeals`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "appeals")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub response_id: ResponseId,
    /// What its writer says.
    pub message: String,
    /// What a moderator answered; empty while nobody has.
    pub answer: String,
    pub created_at: Moment,
    /// When it was answered.
    pub answered_at: Option<Moment>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
