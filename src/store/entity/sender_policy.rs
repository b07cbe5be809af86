//! Who is always approved, always held, or blocked.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::store::entity::ids::{SenderPolicyId, UserId};

/// What a policy identifies a sender by.
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
    /// A writer, by email address.
    Email,
    /// Every writer with an email address of a domain.
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
pub enum SenderPolicy {
    /// Approved without review.
    Approve,
    /// Held, whatever the rules say.
    Hold,
    Block,
}

/// A row of `sender_policies`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sender_policies")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: SenderPolicyId,
    /// By what they are known.
    pub scope: Scope,
    /// The address, host, domain or network.
    pub subject: String,
    /// For blocks: the subject so that every spelling of it is the same.
    pub match_key: String,
    pub set_by: Option<UserId>,
    pub set_by_name: String,
    pub set_at: Moment,
    pub policy: SenderPolicy,
    /// When it ends; None for never.
    pub until: Option<Moment>,
    /// Why, for the other moderators.
    pub note: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
