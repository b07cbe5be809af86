//! Queries on the featured pictures of posts.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Set};

use crate::error::Result;
use crate::store::entity::featured_picture::{ActiveModel, Column, Entity};
use crate::store::entity::ids::{MediaId, PostId};
use crate::store::media;

/// The featured picture of a post.
pub async fn find(db: &impl ConnectionTrait, post: PostId) -> Result<Option<MediaId>> {
    let row = Entity::find_by_id(post).one(db).await?;
    Ok(row.map(|row| row.media_id))
}

/// The featured pictures of these posts, in no order.
pub async fn list_for_posts(
    db: &impl ConnectionTrait,
    posts: &[PostId],
) -> Result<Vec<(PostId, MediaId)>> {
    if posts.is_empty() {
        return Ok(Vec::new());
    }
    let rows = Entity::find()
        .filter(Column::PostId.is_in(posts.iter().copied()))
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.post_id, row.media_id))
        .collect())
}

/// Replaces the featured picture of a post. A picture that was deleted in the meantime is left out.
pub async fn set(db: &impl ConnectionTrait, post: PostId, picture: Option<MediaId>) -> Result<()> {
    Entity::delete_by_id(post).exec(db).await?;
    let Some(picture) = picture else {
        return Ok(());
    };
    if media::find(db, picture).await?.is_some() {
        let row = ActiveModel {
            post_id: Set(post),
            media_id: Set(picture),
        };
        Entity::insert(row).exec_without_returning(db).await?;
    }
    Ok(())
}
