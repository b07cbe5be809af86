//! What the queue searches in: a column of folded text beside each response, the same on both
//! databases, since SQLite folds only ASCII. Only the queries here read or write it.

use sea_orm::sea_query::{Alias, Expr, LikeExpr, Query, SimpleExpr};
use sea_orm::{ConnectionTrait, ExprTrait};

use crate::error::Result;
use crate::markup::{fold, plain};
use crate::store::entity::ids::ResponseId;
use crate::store::entity::response::{Column, Entity};

const COLUMN: &str = "search_text";

/// Stores the searchable text of a response. A linkback has no Markdown, so its HTML is used.
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

/// That a response contains `phrase`, in any case and spelling that folds to the same.
pub(super) fn contains(phrase: &str) -> SimpleExpr {
    let like = like(&fold::for_search(phrase));
    Expr::col((Entity, Alias::new(COLUMN))).like(like)
}

pub(super) fn like(phrase: &str) -> LikeExpr {
    let escaped: String = phrase
        .chars()
        .flat_map(|c| {
            let sign = matches!(c, '%' | '_' | '!').then_some('!');
            sign.into_iter().chain([c])
        })
        .collect();
    LikeExpr::new(format!("%{escaped}%")).escape('!')
}
