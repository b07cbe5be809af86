//! What a moderator decided, and what of it was undone. Rows are only ever added.

use sea_orm::entity::prelude::*;

use crate::clock::Moment;
use crate::store::entity::ids::{DecisionId, ResponseId, UserId};
use crate::store::entity::response::ResponseState;

/// A row of `decisions`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "decisions")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: DecisionId,
    /// What was decided on.
    pub response_id: ResponseId,
    /// Who decided; empty for the command line.
    pub actor_id: Option<UserId>,
    /// Their name at the time.
    pub actor_name: String,
    /// Where it stood.
    pub from_state: ResponseState,
    /// Where it went.
    pub to_state: ResponseState,
    /// Decisions of one press share it, and are undone together.
    pub batch: String,
    /// The decision that this one takes back.
    pub undoes: Option<DecisionId>,
    /// When.
    pub decided_at: Moment,
    /// Why, where somebody said so.
    pub note: String,
}

/// None that a query uses.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
