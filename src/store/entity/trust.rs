//! Whose linkbacks are let in without a look.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::store::entity::ids::{TrustId, UserId};

/// What is trusted.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum TrustScope {
    /// One author, by the address that their own pages name.
    Author,
    /// Every page of a host.
    Host,
}

/// A row of `trusts`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "trusts")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: TrustId,
    /// What is trusted.
    pub scope: TrustScope,
    /// The author's address or the host.
    pub subject: String,
    /// Who gave it.
    pub given_by: Option<UserId>,
    /// Their name then.
    pub given_by_name: String,
    /// When.
    pub given_at: Moment,
}

/// None that a query uses.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
