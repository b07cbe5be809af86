//! How many responses of each state a post has. Written by the database's triggers alone.

use sea_orm::entity::prelude::*;

use crate::store::entity::ids::PostId;
use crate::store::entity::response::ResponseState;

/// A row of `response_counts`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "response_counts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub post_id: PostId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub state: ResponseState,
    /// How many are in the thread.
    pub n: i64,
    /// How many are shown beside it: likes, reposts, bookmarks.
    pub reactions: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
