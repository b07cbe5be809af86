//! A burst of responses on a post, or on the whole site, while which everything is held.

use sea_orm::entity::prelude::*;

use crate::clock::Moment;
use crate::store::entity::ids::PostId;

/// A row of `shields`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "shields")]
pub struct Model {
    /// The post; 0 for the whole site.
    #[sea_orm(primary_key, auto_increment = false)]
    pub post_id: PostId,
    /// When it began.
    pub since: Moment,
    /// When it ends, if nothing more comes.
    pub until: Moment,
}

/// None that a query uses.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
