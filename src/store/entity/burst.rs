//! A burst of responses on a post, or on the whole site, during which every response is held.

use sea_orm::entity::prelude::*;

use crate::clock::Moment;
use crate::store::entity::ids::PostId;

/// A row of `bursts`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bursts")]
pub struct Model {
    /// The post; 0 for the whole site.
    #[sea_orm(primary_key, auto_increment = false)]
    pub post_id: PostId,
    pub since: Moment,
    /// When it ends, if nothing more comes.
    pub until: Moment,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
