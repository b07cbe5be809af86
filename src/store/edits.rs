//! Queries on edits of responses. Rows are only ever added.

use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
};

use crate::clock::Moment;
use crate::error::Result;
use crate::store::entity::edit::{ActiveModel, Column, Entity, Model};
use crate::store::entity::ids::ResponseId;
use crate::store::entity::response;
use crate::store::search_text;

/// The edits of a response, the newest first.
pub async fn list(
    db: &impl ConnectionTrait,
    response: ResponseId,
    limit: u64,
) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::ResponseId.eq(response))
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}

/// Replaces the text of a response, and keeps the old text as an edit.
pub async fn set_body(
    db: &impl ConnectionTrait,
    before: &response::Model,
    markdown: &str,
    html: &str,
    editor: &str,
    now: Moment,
) -> Result<()> {
    Entity::insert(ActiveModel {
        response_id: Set(before.id),
        editor_name: Set(editor.to_owned()),
        before_markdown: Set(before.body_markdown.clone()),
        edited_at: Set(now),
        ..Default::default()
    })
    .exec_without_returning(db)
    .await?;
    response::Entity::update_many()
        .col_expr(response::Column::BodyMarkdown, Expr::value(markdown))
        .col_expr(response::Column::BodyHtml, Expr::value(html))
        .filter(response::Column::Id.eq(before.id))
        .exec(db)
        .await?;
    search_text::set(db, before.id, &before.author_name, markdown, html).await
}
