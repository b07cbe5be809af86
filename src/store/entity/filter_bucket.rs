//! How often a feature occurred in spam and in wanted responses.

use sea_orm::entity::prelude::*;

/// A row of `filter_buckets`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "filter_buckets")]
pub struct Model {
    /// The feature's bucket; -1 counts all features, -2 all responses.
    #[sea_orm(primary_key, auto_increment = false)]
    pub bucket: i64,
    /// In how much spam.
    pub spam: i64,
    /// In how much of what was wanted.
    pub ham: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
