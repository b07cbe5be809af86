//! Queries on readers' reports.

use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Set,
};

use crate::clock::Moment;
use crate::error::Result;
use crate::store::entity::ids::ResponseId;
use crate::store::entity::report::{ActiveModel, Column, Entity, Model, ReportReason};
use crate::store::entity::response;

/// The values of a new row.
#[derive(Clone, Debug)]
pub struct NewReport {
    pub response: ResponseId,
    /// A digest of where the report came from.
    pub reporter: String,
    /// What it says is wrong.
    pub reason: ReportReason,
    /// The reader's explanation.
    pub note: String,
    /// How much it counts, in thousandths.
    pub weight: i64,
}

/// Whether this reporter has reported this response.
pub async fn has(db: &impl ConnectionTrait, response: ResponseId, reporter: &str) -> Result<bool> {
    let one = Entity::find()
        .filter(Column::ResponseId.eq(response))
        .filter(Column::Reporter.eq(reporter))
        .count(db)
        .await?;
    Ok(one > 0)
}

/// Adds a report; false where this reporter has reported it already.
pub async fn insert(db: &impl ConnectionTrait, new: NewReport, now: Moment) -> Result<bool> {
    let row = ActiveModel {
        response_id: Set(new.response),
        reporter: Set(new.reporter),
        reason: Set(new.reason),
        note: Set(new.note),
        weight: Set(new.weight),
        upheld: Set(None),
        created_at: Set(now),
        ..Default::default()
    };
    let added = Entity::insert(row)
        .on_conflict(
            OnConflict::columns([Column::ResponseId, Column::Reporter])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(db)
        .await?;
    Ok(added > 0)
}

/// How many reports of a reporter moderators agreed with, and how many not.
pub async fn record(db: &impl ConnectionTrait, reporter: &str) -> Result<(u64, u64)> {
    let count = |upheld: bool| {
        Entity::find()
            .filter(Column::Reporter.eq(reporter))
            .filter(Column::Upheld.eq(upheld))
            .count(db)
    };
    Ok((count(true).await?, count(false).await?))
}

/// The weight of the reports on a response that no moderator has decided on.
pub async fn open_weight(db: &impl ConnectionTrait, id: ResponseId) -> Result<i64> {
    let weight: Option<Option<i64>> = Entity::find()
        .select_only()
        .column_as(Column::Weight.sum().cast_as("BIGINT"), "weight")
        .filter(Column::ResponseId.eq(id))
        .filter(Column::Upheld.is_null())
        .into_tuple()
        .one(db)
        .await?;
    Ok(weight.flatten().unwrap_or(0))
}

/// The reports on these responses, the newest first.
pub async fn list(db: &impl ConnectionTrait, ids: &[ResponseId], limit: u64) -> Result<Vec<Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(Entity::find()
        .filter(Column::ResponseId.is_in(ids.iter().copied()))
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}

/// Notes whether a moderator agreed with the open reports on these responses.
pub async fn settle(db: &impl ConnectionTrait, ids: &[ResponseId], upheld: bool) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    Entity::update_many()
        .col_expr(Column::Upheld, Expr::value(upheld))
        .filter(Column::ResponseId.is_in(ids.iter().copied()))
        .filter(Column::Upheld.is_null())
        .exec(db)
        .await?;
    response::Entity::update_many()
        .col_expr(response::Column::Reported, Expr::value(0_i64))
        .filter(response::Column::Id.is_in(ids.iter().copied()))
        .filter(response::Column::Reported.gt(0))
        .exec(db)
        .await?;
    Ok(())
}

/// Notes the weight of the open reports on a response.
pub async fn set_weight(db: &impl ConnectionTrait, id: ResponseId, weight: i64) -> Result<()> {
    response::Entity::update_many()
        .col_expr(response::Column::Reported, Expr::value(weight))
        .filter(response::Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}
