//! What the queue searches in: a column of folded text beside each response, the same on both
//! databases, since SQLite folds ASCII alone. No query but these reads or writes it.

use sea_orm::sea_query::{Alias, Expr, LikeExpr, Query, SimpleExpr};
use sea_orm::{ConnectionTrait, ExprTrait};

use crate::error::Result;
use crate::markup::{fold, plain};
use crate::store::entity::ids::ResponseId;
use crate::store::entity::response::{Column, Entity};

/// The column's name.
const COLUMN: &str = "search_text";

/// Notes what a response says; a linkback has no words but those that are shown.
pub async fn set(
    db: &impl ConnectionTrait,
    id: ResponseId,
    name: &str,
    markdown: &str,
    html: &str,
) -> Result<()> {
    let shown;
    let text = if markdown.is_empty() {
        shown = plain::text_of(html);
        &shown
    } else {
        markdown
    };
    let folded = fold::for_search(&format!("{name}\n{text}"));
    let update = Query::update()
        .table(Entity)
        .value(Alias::new(COLUMN), folded)
        .and_where(Expr::col(Column::Id).eq(id))
        .to_owned();
    db.execute(&update).await?;
    Ok(())
}

/// That a response says `words`, however they are written.
pub(super) fn says(words: &str) -> SimpleExpr {
    let like = like(&fold::for_search(words));
    Expr::col((Entity, Alias::new(COLUMN))).like(like)
}

pub(super) fn like(words: &str) -> LikeExpr {
    let escaped: String = words
        .chars()
        .flat_map(|c| {
            let sign = matches!(c, '%' | '_' | '!').then_some('!');
            sign.into_iter().chain([c])
        })
        .collect();
    LikeExpr::new(format!("%{escaped}%")).escape('!')
}
