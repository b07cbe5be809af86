//! Work that waits to be done, is being done, or was.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::store::entity::ids::JobId;

/// How far a job has come.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// To be done at `run_at`, for the first time or again.
    Waiting,
    /// A worker has it until `leased_until`.
    Running,
    /// Done.
    Done,
    /// Given up after the last try.
    Failed,
}

/// A row of `jobs`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "jobs")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: JobId,
    /// What to do: JSON of `jobs::Job`.
    pub payload: String,
    /// How far it has come.
    pub state: JobState,
    /// Not before.
    pub run_at: Moment,
    /// How often it was tried.
    pub attempts: i64,
    /// After this a worker that took it is taken for dead.
    pub leased_until: Option<Moment>,
    /// What went wrong last.
    pub last_error: Option<String>,
    /// When it was asked for.
    pub created_at: Moment,
    /// When it was done or given up.
    pub finished_at: Option<Moment>,
}

/// None that a query uses.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
