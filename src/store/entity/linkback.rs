//! A received linkback: "my page links to your post".

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::store::entity::ids::{LinkbackId, PostId, ResponseId};

/// The protocol that a linkback came by.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// Pingback 1.0.
    Pingback,
    Trackback,
    /// W3C Webmention.
    Webmention,
}

/// How far the check of a linkback has come.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum LinkbackState {
    /// A job will check the source.
    Checking,
    /// The source links here: there is a response.
    Verified,
    /// The source could not be verified; `refusal` says why.
    Refused,
    /// There was a response, and its source no longer links here; `refusal` says how.
    Withdrawn,
}

/// Why a source was not accepted after its check.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The source could not be read. Senders do not learn the cause, which could reveal our network.
    Unreadable,
    /// The source does not link to the target.
    NoLink,
    /// The source answers 410 Gone.
    Gone,
    /// The target is gone, or no longer accepts linkbacks.
    Closed,
    /// The part of the source that is read has no link to the target.
    TooLong,
    /// The source leads to a page of this site.
    OwnPage,
    /// This site could not check it, through no fault of the source.
    Failed,
}

/// A row of `linkbacks`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "linkbacks")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: LinkbackId,
    /// The post that is linked to.
    pub post_id: PostId,
    /// The protocol that it came by.
    pub protocol: Protocol,
    /// The page that links, as its sender wrote it.
    pub source_url: String,
    /// The same without its fragment: one linkback a post and source.
    pub source_key: String,
    /// The page here, as its sender wrote it.
    pub target_url: String,
    /// How far the check has come.
    pub state: LinkbackState,
    /// Why it was refused.
    pub refusal: Option<Refusal>,
    /// What came of it.
    pub response_id: Option<ResponseId>,
    /// The IP address of the sender.
    pub ip: Option<String>,
    /// When it was first received.
    pub received_at: Moment,
    /// When the source was last checked.
    pub checked_at: Option<Moment>,
    /// The unguessable part of the address of its status page.
    pub status_token: Option<String>,
    /// What the sender said about the source: JSON of `linkbacks::sender_claims::SenderClaims`.
    pub sender_claims: String,
    /// How often the source could not be read since it was received.
    pub tries: i64,
    /// The source's `ETag` when it was last read.
    pub etag: Option<String>,
    /// The source's `Last-Modified` when it was last read.
    pub last_modified: Option<String>,
    /// When the source is checked again.
    pub recheck_at: Option<Moment>,
    /// The current interval between checks, in days. It doubles after each check that succeeds.
    pub recheck_interval_days: i64,
    /// Since when the source cannot be read.
    pub failing_since: Option<Moment>,
    /// How many checks in a row failed.
    pub failures: i64,
    /// Optimistic lock: counts up when the linkback is sent again and when a result is stored, and a check
    /// that began with an older value is discarded.
    pub generation: i64,
    /// How often in a row it was put off because of the rate limit for its host.
    pub deferrals: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
