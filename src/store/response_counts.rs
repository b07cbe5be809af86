//! How many responses there are: kept by the database's triggers, so that no page counts rows.

use std::collections::HashMap;

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect,
};

use crate::error::Result;
use crate::store::entity::ids::PostId;
use crate::store::entity::response::{Column, Entity, ResponseState};
use crate::store::entity::response_count;

/// How many responses a post has, in any state.
pub async fn count_for_post(db: &impl ConnectionTrait, post: PostId) -> Result<u64> {
    Ok(Entity::find()
        .filter(Column::PostId.eq(post))
        .count(db)
        .await?)
}

/// How many responses each of these posts shows in its thread.
pub async fn count_approved(
    db: &impl ConnectionTrait,
    posts: &[PostId],
) -> Result<HashMap<PostId, u64>> {
    if posts.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(PostId, i64)> = response_count::Entity::find()
        .select_only()
        .columns([response_count::Column::PostId, response_count::Column::N])
        .filter(response_count::Column::PostId.is_in(posts.iter().copied()))
        .filter(response_count::Column::State.eq(ResponseState::Approved))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(post, n)| (post, u64::try_from(n).unwrap_or(0)))
        .collect())
}

/// How many likes, reposts and bookmarks a post shows.
pub async fn count_reactions(db: &impl ConnectionTrait, post: PostId) -> Result<u64> {
    let reactions: Option<i64> = response_count::Entity::find()
        .select_only()
        .column(response_count::Column::Reactions)
        .filter(response_count::Column::PostId.eq(post))
        .filter(response_count::Column::State.eq(ResponseState::Approved))
        .into_tuple()
        .one(db)
        .await?;
    Ok(reactions.map_or(0, |reactions| u64::try_from(reactions).unwrap_or(0)))
}

/// How many responses have each state, over all posts.
pub async fn count_by_state(db: &impl ConnectionTrait) -> Result<HashMap<ResponseState, u64>> {
    let rows: Vec<(ResponseState, i64)> = response_count::Entity::find()
        .select_only()
        .column(response_count::Column::State)
        .column_as(
            Expr::col(response_count::Column::N)
                .add(Expr::col(response_count::Column::Reactions))
                .sum()
                .cast_as("BIGINT"),
            "n",
        )
        .group_by(response_count::Column::State)
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(state, n)| (state, u64::try_from(n).unwrap_or(0)))
        .collect())
}

/// How many responses of its thread a post has in `state`, counted row by row: what the kept
/// counts must equal.
pub async fn recount(db: &impl ConnectionTrait, post: PostId, state: ResponseState) -> Result<u64> {
    Ok(Entity::find()
        .filter(Column::PostId.eq(post))
        .filter(Column::State.eq(state))
        .filter(Column::IsReaction.eq(false))
        .count(db)
        .await?)
}
