//! The features that were learned from a response, so that exactly these can be unlearned.

use sea_orm::entity::prelude::*;

use crate::store::entity::ids::ResponseId;

/// A row of `learned_features`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "learned_features")]
pub struct Model {
    /// What was learned from; `responses.learned` says as what.
    #[sea_orm(primary_key, auto_increment = false)]
    pub response_id: ResponseId,
    /// The buckets, as `judge::features` packs them.
    pub buckets: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
