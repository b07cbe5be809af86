//! A linkback to another site: "our post links to your page".

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::store::entity::ids::{OutgoingLinkbackId, PostId};
use crate::store::entity::linkback::Protocol;

/// How far notifying has come.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum OutgoingState {
    /// A job will send it, for the first time or again.
    Waiting,
    /// The other site accepted it.
    Sent,
    /// The other site refused it.
    Refused,
    /// The page names no endpoint.
    NoEndpoint,
    /// It could not be reached, however often it was tried.
    Unreachable,
    /// The page or its endpoint is gone (410): nothing is sent again.
    Gone,
    /// It may have arrived: the answer was lost, and sending twice could show it twice.
    Unknown,
}

/// A row of `outgoing_linkbacks`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outgoing_linkbacks")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: OutgoingLinkbackId,
    /// The post that links; it may be deleted.
    pub post_id: PostId,
    pub source_url: String,
    /// The page that it links to.
    pub target_url: String,
    /// The same without its fragment: one notice a post and target.
    pub target_key: String,
    /// The post's title when it was sent.
    pub title: String,
    /// The text around the link.
    pub excerpt: String,
    /// Whether the post still links there.
    pub is_linked: bool,
    /// How far it has come.
    pub state: OutgoingState,
    /// The protocol that was used last.
    pub protocol: Option<Protocol>,
    pub endpoint_url: Option<String>,
    /// The HTTP status of the answer.
    pub status: Option<i64>,
    /// The other site's answer, or what went wrong.
    pub answer: String,
    /// The other site's status page for it.
    pub status_url: Option<String>,
    /// Counts the updates of the post that had to be sent.
    pub round: i64,
    /// How often it was tried in this round.
    pub tries: i64,
    /// When it is tried next.
    pub next_try: Option<Moment>,
    /// Until then `protocol` and `endpoint_url` are used without asking the page again.
    pub endpoint_known_until: Option<Moment>,
    /// How often in a row it was put off because of the rate limit for its host.
    pub deferrals: i64,
    /// How often in this round notifying began and no answer was noted.
    pub deliveries_begun: i64,
    /// When the link was first seen.
    pub created_at: Moment,
    /// When anything of this changed last.
    pub updated_at: Moment,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
