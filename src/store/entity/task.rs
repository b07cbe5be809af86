//! Work on many responses, done by jobs, a piece at a time.

use sea_orm::entity::prelude::*;

use crate::clock::Moment;
use crate::store::entity::ids::{TaskId, UserId};
use crate::store::entity::user::Role;

/// A row of `tasks`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tasks")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: TaskId,
    /// Names it in addresses, and the decisions that it makes.
    pub token: String,
    /// What kind of work it is, by name.
    pub kind: String,
    /// What to do: JSON.
    pub work: String,
    /// Who started it.
    pub actor_id: Option<UserId>,
    pub actor_name: String,
    pub actor_role: Role,
    /// How many responses there are.
    pub total: i64,
    /// How many have been processed.
    pub seen: i64,
    /// How many were moved.
    pub moved: i64,
    /// Where the next chunk begins, in the form that the kind of work gives it; empty at the start.
    pub place: String,
    /// What came of it: JSON.
    pub result: String,
    /// When it was created.
    pub created_at: Moment,
    /// When it was done, or given up.
    pub ended_at: Option<Moment>,
    /// Why it was given up; empty where it was not.
    pub error: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
