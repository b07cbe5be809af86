//! A news post.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::store::entity::ids::{PostId, UserId};

/// What a post is. Chosen when it is begun, and kept.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum PostKind {
    /// News: dated, in the lists, the archives and the feeds.
    #[default]
    Post,
    /// A page such as About: at an address without a date, in no list.
    Page,
}

/// The state of a post.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum PostState {
    /// Only staff see it.
    Draft,
    /// Appears by itself at its date.
    Scheduled,
    Published,
    /// Thrown away, can be restored.
    Trash,
}

/// Whether a post takes responses of some kind.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum DiscussionStatus {
    Open,
    /// Shows what it has, takes no new ones.
    Closed,
}

impl DiscussionStatus {
    /// The status that a ticked or empty box stands for.
    pub fn from_open(is_open: bool) -> Self {
        if is_open { Self::Open } else { Self::Closed }
    }
}

/// A row of `posts`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "posts")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: PostId,
    pub author_id: UserId,
    pub kind: PostKind,
    /// The page above a page; never the page itself or one below it.
    pub parent_id: Option<PostId>,
    /// The slugs from the top page down to this page, such as "about/team"; None for a post.
    pub page_path: Option<String>,
    pub title: String,
    /// The last part of the permalink, unique.
    #[sea_orm(unique)]
    pub slug: String,
    pub state: PostState,
    /// When readers first saw it, or will.
    pub published_at: Option<Moment>,
    /// The day in its permalink, such as "2026/11/27": that of `published_at` in the time zone that the site
    /// had when the date was set. None for a post without a date.
    pub permalink_day: Option<String>,
    pub body_markdown: String,
    /// As shown: sanitised when it was saved.
    pub body_html: String,
    /// The beginning as plain text, for lists and feeds.
    pub summary: String,
    /// Whether it accepts comments.
    pub comments: DiscussionStatus,
    /// Whether it accepts linkbacks.
    pub linkbacks: DiscussionStatus,
    /// Whether the sites that it links to are notified.
    pub sends_linkbacks: DiscussionStatus,
    /// Counts every save, so that a save on top of somebody else's is noticed.
    pub revision: i64,
    /// Who saved it last.
    pub edited_by: Option<UserId>,
    /// Its permanent id in feeds, independent of its slug and the site's address.
    pub guid: String,
    /// When it was begun.
    pub created_at: Moment,
    /// When it was saved last.
    pub updated_at: Moment,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
