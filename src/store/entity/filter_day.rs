//! How the filter's opinion compared with moderators' decisions, day by day.

use sea_orm::entity::prelude::*;

/// A row of `filter_days`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "filter_days")]
pub struct Model {
    /// Days since 1970, in UTC.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: i64,
    /// Spam that it would hold.
    pub spam_caught: i64,
    /// Spam that it would let through.
    pub spam_missed: i64,
    /// Wanted responses that it would hold.
    pub ham_held: i64,
    /// Wanted responses that it would let through.
    pub ham_passed: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
