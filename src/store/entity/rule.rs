//! A rule that moderators wrote.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::store::entity::ids::RuleId;

/// What a rule does with what it matches, the gravest last.
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
pub enum RuleOutcome {
    /// Shows it.
    Approve,
    /// Holds it for a moderator.
    Hold,
    /// Puts it with the spam.
    Spam,
    /// Does not take it, and tells its writer why.
    Refuse,
}

/// A row of `rules`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rules")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: RuleId,
    /// What moderators call it.
    pub name: String,
    /// Rules of a lower rank are tried first; among equals the strictest action counts.
    pub rank: i64,
    /// JSON of `judge::rule::Conditions`.
    pub conditions: String,
    /// What it does.
    pub outcome: RuleOutcome,
    /// What a refused writer is told.
    pub message: String,
    /// Whether it is tried.
    pub is_on: bool,
    /// How often it matched.
    pub hits: i64,
    /// Who changed it last.
    pub changed_by: String,
    /// When.
    pub changed_at: Moment,
}

/// None that a query uses.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
