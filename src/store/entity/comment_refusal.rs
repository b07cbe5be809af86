//! A comment that the site refused a moment ago, by the hash of the receipt it would have had.

use sea_orm::entity::prelude::*;

use crate::clock::Moment;

/// A row of `comment_refusals`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "comment_refusals")]
pub struct Model {
    /// Names the comment: its receipt and the address that was typed, hashed.
    #[sea_orm(primary_key, auto_increment = false)]
    pub receipt_hash: String,
    /// What its writer was answered; may be empty.
    pub message: String,
    /// Until when it is remembered.
    pub expires_at: Moment,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
