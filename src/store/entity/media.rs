//! A picture or document in the library. Its files are kept by `files`, in the folder of its token.

use sea_orm::entity::prelude::*;

use crate::clock::Moment;
use crate::store::entity::ids::{MediaId, UserId};

/// How a file is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum MediaKind {
    /// On the page.
    Picture,
    /// As a link to download it.
    Document,
}

/// A row of `media`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "media")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: MediaId,
    /// Random; in the address.
    #[sea_orm(unique)]
    pub token: String,
    pub kind: MediaKind,
    /// The last part of the address: the name that it was uploaded with, made safe.
    pub file_name: String,
    /// As the bytes show, not as the browser said.
    pub media_type: String,
    /// Of the original, in bytes.
    pub size: i64,
    /// In pixels; None for a document.
    pub width: Option<i64>,
    pub height: Option<i64>,
    /// The average colour as `#rrggbb`; None for a document.
    pub color: Option<String>,
    pub is_animated: bool,
    /// What a picture shows, for those who do not see it; may be empty.
    pub alt: String,
    /// May be empty.
    pub caption: String,
    /// Who made it; may be empty.
    pub credit: String,
    /// All its texts, folded.
    pub search_text: String,
    /// None for the operator and for deleted accounts.
    pub uploaded_by: Option<UserId>,
    pub created_at: Moment,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
