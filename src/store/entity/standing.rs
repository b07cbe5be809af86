//! How people and sites stand here: always let in, always held, or banned.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::store::entity::ids::{StandingId, UserId};

/// By what somebody is known.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// One author, by the address that their own pages name.
    Author,
    /// Every page of a host.
    Host,
    /// A writer, by e-mail address.
    Email,
    /// Every writer with an e-mail address of a domain.
    Domain,
    /// Every writer in a network, as `192.0.2.0/24`.
    Network,
}

/// What is done with what they send.
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
pub enum Standing {
    /// Shown without a look.
    Approve,
    /// Held, whatever the rules say.
    Hold,
    /// Not taken.
    Ban,
}

/// A row of `standings`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "standings")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: StandingId,
    /// By what they are known.
    pub scope: Scope,
    /// The address, host, domain or network.
    pub subject: String,
    /// For blocks: the subject so that every spelling of it is the same.
    pub match_key: String,
    /// Who gave it.
    pub given_by: Option<UserId>,
    /// Their name then.
    pub given_by_name: String,
    /// When.
    pub given_at: Moment,
    /// What is done.
    pub standing: Standing,
    /// When it ends; None for never.
    pub until: Option<Moment>,
    /// Why, for the other moderators.
    pub note: String,
}

/// None that a query uses.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
