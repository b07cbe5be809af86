//! What a writer says against a decision on their response.

use sea_orm::entity::prelude::*;

use crate::clock::Moment;
use crate::store::entity::ids::ResponseId;

/// A row of `appeals`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "appeals")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The response.
    pub response_id: ResponseId,
    /// What its writer says.
    pub words: String,
    /// What a moderator answered; empty while nobody has.
    pub answer: String,
    /// When.
    pub created_at: Moment,
    /// When it was answered.
    pub answered_at: Option<Moment>,
}

/// None that a query uses.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
