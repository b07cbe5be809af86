//! What is known of a page of another site that posts show as a card.

use sea_orm::entity::prelude::*;

use crate::clock::Moment;
use crate::store::entity::ids::{LinkCardId, MediaId};

/// How far a card has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum LinkCardState {
    /// A job will fetch the page, for the first time or again.
    Waiting,
    /// There is something to show.
    Ready,
    /// The page could not be fetched, or says nothing: posts show a plain link.
    Failed,
}

/// A row of `link_cards`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "link_cards")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: LinkCardId,
    /// As it is written in posts.
    #[sea_orm(unique)]
    pub url: String,
    pub state: LinkCardState,
    /// This and the next two may be empty.
    pub title: String,
    pub description: String,
    pub site_name: String,
    /// Its picture, in the library.
    pub media_id: Option<MediaId>,
    /// Fetches in a row that failed.
    pub failures: i64,
    /// The last attempt.
    pub fetched_at: Option<Moment>,
    /// When a post that shows it was last saved.
    pub wanted_at: Moment,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
