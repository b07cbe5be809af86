//! What another site is told: "this post of ours links to that page of yours".

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::store::entity::ids::{NoticeId, PostId};
use crate::store::entity::linkback::Protocol;

/// How far telling has come.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum NoticeState {
    /// A job will tell, for the first time or again.
    Waiting,
    /// The other side took it.
    Told,
    /// The other side said no.
    Refused,
    /// The page names no way of telling it.
    NoWay,
    /// It could not be reached, however often it was tried.
    Unreachable,
    /// The page or its endpoint is gone for good: it is not told again.
    Gone,
    /// It may have been told: the answer was lost, and telling twice would show twice.
    Unknown,
}

/// A row of `outgoing_notices`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outgoing_notices")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: NoticeId,
    /// The post that links; it may be deleted.
    pub post_id: PostId,
    /// Its address.
    pub source_url: String,
    /// The page that it links to.
    pub target_url: String,
    /// The same without its fragment: one notice a post and target.
    pub target_key: String,
    /// The post's title when it was told.
    pub title: String,
    /// The words around the link.
    pub excerpt: String,
    /// Whether the post still links there.
    pub is_linked: bool,
    /// How far it has come.
    pub state: NoticeState,
    /// How it was told last.
    pub protocol: Option<Protocol>,
    /// Where.
    pub endpoint_url: Option<String>,
    /// The HTTP status of the answer.
    pub status: Option<i64>,
    /// What the other side said, or what went wrong.
    pub answer: String,
    /// Where the other side tells how far it has come.
    pub status_url: Option<String>,
    /// Counts the times that there was something to tell.
    pub round: i64,
    /// How often it was tried in this round.
    pub tries: i64,
    /// When it is tried next.
    pub next_try: Option<Moment>,
    /// Until then `protocol` and `endpoint_url` are used without asking the page again.
    pub way_until: Option<Moment>,
    /// How often in a row it was put off because its host's budget was used up.
    pub put_offs: i64,
    /// How often in this round telling began and no answer was noted.
    pub posts_begun: i64,
    /// When the link was first seen.
    pub created_at: Moment,
    /// When anything of this changed last.
    pub updated_at: Moment,
}

/// None that a query uses.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
