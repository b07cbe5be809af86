//! What a moderator decided, and what of it was undone. Rows are only ever added.

use sea_orm::entity::prelude::*;

use crate::clock::Moment;
use crate::store::entity::ids::{DecisionId, ResponseId, UserId};
use crate::store::entity::response::ResponseState;

/// A row of `decisions`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "decisions")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: DecisionId,
    /// What was decided on.
    pub response_id: ResponseId,
    /// Who decided; empty for the command line.
    pub actor_id: Option<UserId>,
    /// Their name at the time.
    pub actor_name: String,
    pub from_state: ResponseState,
    pub to_state: ResponseState,
    /// Decisions made together share it, and are undone together.
    pub batch: String,
    /// The decision that this one undoes.
    pub undoes: Option<DecisionId>,
    pub decided_at: Moment,
    /// The moderator's reason; may be empty.
    pub note: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
