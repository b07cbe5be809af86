//! A rule that moderators wrote.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::store::entity::ids::RuleId;

/// What a rule does with what it matches, the strictest last.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum RuleAction {
    Approve,
    /// Holds it for a moderator.
    Hold,
    /// Puts it with the spam.
    Spam,
    /// Rejects it with a message to its writer; nothing is stored.
    Refuse,
}

/// A row of `rules`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rules")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: RuleId,
    /// What moderators call it.
    pub name: String,
    /// Rules of a lower priority are tried first; among equals the strictest action counts.
    pub priority: i64,
    /// JSON of `judge::rule_conditions::RuleConditions`.
    pub conditions: String,
    pub action: RuleAction,
    /// The message to a writer whose response is refused.
    pub message: String,
    /// Whether it is tried.
    pub is_on: bool,
    /// How often it matched.
    pub hits: i64,
    /// Who changed it last.
    pub changed_by: String,
    pub changed_at: Moment,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
