//! A response that was decided on and that the filter has yet to learn from.

use sea_orm::entity::prelude::*;

use crate::store::entity::ids::{LessonId, ResponseId};

/// A row of `lessons`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "lessons")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: LessonId,
    /// What was decided on.
    pub response_id: ResponseId,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
