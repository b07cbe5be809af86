//! A reader's report that a response breaks the rules.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::store::entity::ids::{ReportId, ResponseId};

/// What a reader says is wrong.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ReportReason {
    Spam,
    Abuse,
    /// It reveals private information.
    Private,
    /// It is about something else.
    OffTopic,
    Other,
}

/// A row of `reports`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reports")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: ReportId,
    pub response_id: ResponseId,
    /// A digest of where the report came from.
    pub reporter: String,
    /// What it says is wrong.
    pub reason: ReportReason,
    /// The reader's explanation; may be empty.
    pub note: String,
    /// How much it counts, in thousandths.
    pub weight: i64,
    /// Whether a moderator agreed; None until one has decided.
    pub upheld: Option<bool>,
    pub created_at: Moment,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
