//! A news post.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::store::entity::ids::{PostId, UserId};

/// Where a post stands.
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
    /// Everybody sees it.
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
pub enum Openness {
    /// Takes new ones.
    Open,
    /// Shows what it has, takes no new ones.
    Closed,
}

/// A row of `posts`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "posts")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: PostId,
    /// Who wrote it.
    pub author_id: UserId,
    /// Plain text.
    pub title: String,
    /// The last part of the permalink, unique.
    #[sea_orm(unique)]
    pub slug: String,
    /// Where it stands.
    pub state: PostState,
    /// When readers first saw it, or will.
    pub published_at: Option<Moment>,
    /// As written.
    pub body_markdown: String,
    /// As shown: sanitised when it was saved.
    pub body_html: String,
    /// The first words, as plain text, for lists and feeds.
    pub summary: String,
    /// Whether comments are taken.
    pub comments: Openness,
    /// Whether linkbacks are taken.
    pub linkbacks: Openness,
    /// Whether the sites that it links to are told.
    pub tells: Openness,
    /// Counts every save, so that two people who save the same post are told.
    pub revision: i64,
    /// Who saved it last.
    pub edited_by: Option<UserId>,
    /// What feeds call it for ever, whatever becomes of its slug and the site's address.
    pub guid: Option<String>,
    /// When it was begun.
    pub created_at: Moment,
    /// When it was saved last.
    pub updated_at: Moment,
}

/// None that a query uses.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
