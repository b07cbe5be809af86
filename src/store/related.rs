//! Queries on posts that share tags. Their cost does not grow with the site: for each tag, a bounded number of
//! posts is considered.

use sea_orm::sea_query::{Alias, Expr, ExprTrait, Order, Query, SelectStatement, UnionType};
use sea_orm::{ColumnTrait, ConnectionTrait};

use crate::error::Result;
use crate::store::entity::ids::{PostId, TagId};
use crate::store::entity::post::{self, PostKind, PostState};
use crate::store::entity::post_tag;
use crate::store::posts::{self, PostLine};

/// The tags of a post that are followed.
const MAX_TAGS: usize = 8;
/// How many posts of each tag are considered, those created last.
const POSTS_PER_TAG: u64 = 100;

/// The published posts that have most of these tags, and of those the newest; never `post` itself.
pub async fn list_sharing_tags(
    db: &impl ConnectionTrait,
    post: PostId,
    tags: &[TagId],
    limit: u64,
) -> Result<Vec<PostLine>> {
    let Some(candidates) = candidates(tags) else {
        return Ok(Vec::new());
    };
    let table = Alias::new("candidates");
    let candidate = Expr::col((table.clone(), post_tag::Column::PostId));
    let id = (post::Entity, post::Column::Id);
    let published_at = (post::Entity, post::Column::PublishedAt);
    let mut query = Query::select();
    query
        .column(id)
        .from_subquery(candidates, table)
        .inner_join(post::Entity, candidate.clone().equals(id))
        .and_where(post::Column::Kind.eq(PostKind::Post))
        .and_where(post::Column::State.eq(PostState::Published))
        .and_where(post::Column::Id.ne(post))
        .group_by_columns([id, published_at])
        .order_by_expr(candidate.count(), Order::Desc)
        .order_by(published_at, Order::Desc)
        .order_by(id, Order::Desc)
        .limit(limit);
    let rows = db.query_all(&query).await?;
    let ids: Vec<PostId> = rows
        .iter()
        .map(|row| row.try_get_by_index(0))
        .collect::<std::result::Result<_, _>>()?;
    let mut lines = posts::list_by_ids(db, &ids).await?;
    lines.sort_by_key(|line| ids.iter().position(|id| *id == line.id));
    Ok(lines)
}

/// The posts of each tag, one row for each tag that a post has; None without tags.
fn candidates(tags: &[TagId]) -> Option<SelectStatement> {
    let mut selects = tags.iter().take(MAX_TAGS).map(|tag| {
        let newest = Query::select()
            .column(post_tag::Column::PostId)
            .from(post_tag::Entity)
            .and_where(post_tag::Column::TagId.eq(*tag))
            .order_by(post_tag::Column::PostId, Order::Desc)
            .limit(POSTS_PER_TAG)
            .to_owned();
        Query::select()
            .column(post_tag::Column::PostId)
            .from_subquery(newest, Alias::new("newest"))
            .to_owned()
    });
    let mut first = selects.next()?;
    first.unions(selects.map(|select| (UnionType::All, select)));
    Some(first)
}
