//! A picture in another size, as a WebP file.

use sea_orm::entity::prelude::*;

use crate::store::entity::ids::MediaId;

/// A row of `media_variants`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "media_variants")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub media_id: MediaId,
    /// In pixels.
    #[sea_orm(primary_key, auto_increment = false)]
    pub width: i64,
    pub height: i64,
    /// In bytes.
    pub size: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
