//! Queries on what writers say against decisions on their responses.

use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Set};

use crate::clock::Moment;
use crate::error::Result;
use crate::store::entity::appeal::{ActiveModel, Column, Entity, Model};
use crate::store::entity::ids::ResponseId;
use crate::store::entity::response;

/// The appeals on these responses.
pub async fn list(db: &impl ConnectionTrait, ids: &[ResponseId]) -> Result<Vec<Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(Entity::find()
        .filter(Column::ResponseId.is_in(ids.iter().copied()))
        .all(db)
        .await?)
}

/// Adds an appeal; false where there is one already.
pub async fn insert(
    db: &impl ConnectionTrait,
    response: ResponseId,
    message: String,
    now: Moment,
) -> Result<bool> {
    let row = ActiveModel {
        response_id: Set(response),
        message: Set(message),
        answer: Set(String::new()),
        created_at: Set(now),
        answered_at: Set(None),
        ..Default::default()
    };
    let added = Entity::insert(row)
        .on_conflict(
            OnConflict::column(Column::ResponseId)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(db)
        .await?;
    if added > 0 {
        set_open(db, response, Some(now)).await?;
    }
    Ok(added > 0)
}

pub async fn answer(
    db: &impl ConnectionTrait,
    response: ResponseId,
    answer: &str,
    now: Moment,
) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Answer, Expr::value(answer))
        .col_expr(Column::AnsweredAt, Expr::value(now))
        .filter(Column::ResponseId.eq(response))
        .exec(db)
        .await?;
    set_open(db, response, None).await
}

async fn set_open(
    db: &impl ConnectionTrait,
    response: ResponseId,
    since: Option<Moment>,
) -> Result<()> {
    response::Entity::update_many()
        .col_expr(response::Column::AppealedAt, Expr::value(since))
        .filter(response::Column::Id.eq(response))
        .exec(db)
        .await?;
    Ok(())
}
