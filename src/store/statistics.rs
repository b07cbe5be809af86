//! Queries for the numbers of moderation.

use sea_orm::sea_query::Query;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect,
};

use crate::clock::Moment;
use crate::error::Result;
use crate::store::entity::decision;
use crate::store::entity::ids::{DecisionId, ResponseId};
use crate::store::entity::response::{self, ResponseState};

/// A decision, and when its response had come in.
#[derive(Clone, Debug, FromQueryResult)]
pub struct DecidedRow {
    pub id: DecisionId,
    /// What was decided on.
    pub response_id: ResponseId,
    pub from_state: ResponseState,
    pub to_state: ResponseState,
    /// The decision that it undoes.
    pub undoes: Option<DecisionId>,
    pub decided_at: Moment,
}

/// When a response came in, and why it was judged as it was.
#[derive(Clone, Debug, FromQueryResult)]
pub struct ArrivedRow {
    pub id: ResponseId,
    pub created_at: Moment,
    pub reasons: String,
}

/// The decisions since a moment, the newest first.
pub async fn list_decided(
    db: &impl ConnectionTrait,
    since: Moment,
    limit: u64,
) -> Result<Vec<DecidedRow>> {
    Ok(decision::Entity::find()
        .select_only()
        .columns([
            decision::Column::Id,
            decision::Column::ResponseId,
            decision::Column::FromState,
            decision::Column::ToState,
            decision::Column::Undoes,
            decision::Column::DecidedAt,
        ])
        .filter(decision::Column::DecidedAt.gte(since))
        .order_by_desc(decision::Column::DecidedAt)
        .limit(limit)
        .into_model()
        .all(db)
        .await?)
}

/// What was decided on since a moment.
pub async fn list_arrived(
    db: &impl ConnectionTrait,
    since: Moment,
    limit: u64,
) -> Result<Vec<ArrivedRow>> {
    let decided = Query::select()
        .column(decision::Column::ResponseId)
        .from(decision::Entity)
        .and_where(decision::Column::DecidedAt.gte(since))
        .order_by(decision::Column::DecidedAt, sea_orm::Order::Desc)
        .limit(limit)
        .to_owned();
    Ok(response::Entity::find()
        .select_only()
        .columns([
            response::Column::Id,
            response::Column::CreatedAt,
            response::Column::Reasons,
        ])
        .filter(response::Column::Id.in_subquery(decided))
        .into_model()
        .all(db)
        .await?)
}
