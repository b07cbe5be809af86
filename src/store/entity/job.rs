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
    Done,
    /// Given up after the last try.
    Failed,
}

/// Which workers do a job. Lanes do not wait for each other: what is slow, or waits for a foreign
/// site, delays nothing in another lane.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    /// Short work on our own rows that somebody waits for, or that is due at a set time.
    Prompt,
    /// Long work on our own rows: many decisions at once, learning from them.
    Bulk,
    /// Everything that talks to foreign sites.
    Fetch,
    /// Everything that talks to the mail server.
    Email,
}

impl Lane {
    pub const ALL: [Self; 4] = [Self::Prompt, Self::Bulk, Self::Fetch, Self::Email];

    /// The name that operators see.
    pub fn name(self) -> &'static str {
        match self {
            Self::Prompt => "prompt",
            Self::Bulk => "bulk",
            Self::Fetch => "fetch",
            Self::Email => "email",
        }
    }
}

impl JobState {
    /// The name that operators see.
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

/// A row of `jobs`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "jobs")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: JobId,
    /// What to do: JSON of `jobs::Job`.
    pub payload: String,
    /// How far it has come.
    pub state: JobState,
    pub run_at: Moment,
    /// How often it was tried.
    pub attempts: i64,
    /// After this the worker that claimed it counts as dead.
    pub leased_until: Option<Moment>,
    /// What went wrong last.
    pub last_error: Option<String>,
    /// When it was created.
    pub created_at: Moment,
    /// When it was done or given up.
    pub finished_at: Option<Moment>,
    /// Which workers do it.
    pub lane: Lane,
    /// On whose account it is done: jobs of one share do not fill a lane. Empty for none.
    pub share: String,
    /// Its place among the due jobs of its lane: the nth job of a share has the nth turn.
    pub turn: i64,
    /// How often it was ever claimed; the last claim alone may note how it ended.
    pub claims: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
