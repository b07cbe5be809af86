//! What another site told us: "this page of mine links to that page of yours".

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
    /// TrackBack.
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
    /// A job will look at the source.
    Checking,
    /// The source links here: there is a response.
    Verified,
    /// The source could not be verified; `refusal` says why.
    Refused,
    /// There was a response, and the source took it back; `refusal` says how.
    Withdrawn,
}

/// Why a source was not accepted after it was looked at.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The source could not be read, whatever the cause: senders learn no more than that.
    Unreadable,
    /// The source does not link to the target.
    NoLink,
    /// The source says that it is gone for good.
    Gone,
    /// The target is gone, or takes no linkbacks any more.
    Closed,
    /// As much of the source as is read holds no link to the target.
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
    /// Key.
    #[sea_orm(primary_key)]
    pub id: LinkbackId,
    /// The post that is linked to.
    pub post_id: PostId,
    /// How it was told.
    pub protocol: Protocol,
    /// The page that links, as it was told.
    pub source_url: String,
    /// The same without its fragment: one linkback a post and source.
    pub source_key: String,
    /// The page here, as it was told.
    pub target_url: String,
    /// How far the check has come.
    pub state: LinkbackState,
    /// Why it was refused.
    pub refusal: Option<Refusal>,
    /// What came of it.
    pub response_id: Option<ResponseId>,
    /// The address that told us.
    pub ip: Option<String>,
    /// When it was told first.
    pub received_at: Moment,
    /// When the source was last looked at.
    pub checked_at: Option<Moment>,
    /// The unguessable part of the address of its status page.
    pub passport: Option<String>,
    /// What the sender said of the source: JSON of `linkbacks::receive::Told`.
    pub told: String,
    /// How often the source could not be read since it was told.
    pub tries: i64,
    /// The source's `ETag` when it was last read.
    pub etag: Option<String>,
    /// The source's `Last-Modified` when it was last read.
    pub last_modified: Option<String>,
    /// When the source is looked at again.
    pub look_at: Option<Moment>,
    /// How many days lay between the last two looks.
    pub looked_days: i64,
    /// Since when the source cannot be read.
    pub failing_since: Option<Moment>,
    /// How many looks in a row failed.
    pub failures: i64,
    /// Grows with each word about the source and with each outcome: what was read before it grew is
    /// not written any more.
    pub generation: i64,
    /// How often in a row it was put off because its host's budget was used up.
    pub put_offs: i64,
}

/// None that a query uses.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
