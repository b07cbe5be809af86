//! Queries on which posts use which pictures and documents.

use sea_orm::sea_query::{OnConflict, Query};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
};

use crate::error::Result;
use crate::store::entity::ids::{MediaId, PostId, UserId};
use crate::store::entity::media::Model as Media;
use crate::store::entity::media_use::{ActiveModel, Column, Entity};
use crate::store::entity::post::{self, PostKind, PostState};
use crate::store::media as media_rows;
use crate::store::posts;

/// Replaces what a post uses; returns these files as they are until the transaction ends. Those that were
/// deleted in the meantime are left out.
pub async fn set_for_post(
    tx: &impl ConnectionTrait,
    post: PostId,
    used: &[MediaId],
) -> Result<Vec<Media>> {
    // First: a deletion holds the file before it reaches the rows here.
    let media = media_rows::lock_shared(tx, used).await?;
    Entity::delete_many()
        .filter(Column::PostId.eq(post))
        .exec(tx)
        .await?;
    let rows: Vec<ActiveModel> = media
        .iter()
        .map(|media| ActiveModel {
            media_id: Set(media.id),
            post_id: Set(post),
        })
        .collect();
    insert_all(tx, rows).await?;
    Ok(media)
}

/// Adds a file to what these posts use. Posts and files that were deleted in the meantime are ignored.
pub async fn add(db: &impl ConnectionTrait, media: MediaId, posts: &[PostId]) -> Result<()> {
    if media_rows::find(db, media).await?.is_none() {
        return Ok(());
    }
    let rows: Vec<ActiveModel> = posts::list_by_ids(db, posts)
        .await?
        .into_iter()
        .map(|post| ActiveModel {
            media_id: Set(media),
            post_id: Set(post.id),
        })
        .collect();
    insert_all(db, rows).await
}

async fn insert_all(db: &impl ConnectionTrait, rows: Vec<ActiveModel>) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    Entity::insert_many(rows)
        .on_conflict(
            OnConflict::columns([Column::MediaId, Column::PostId])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// The posts that use a file, whatever their state, the newest first.
pub async fn list_posts(
    db: &impl ConnectionTrait,
    media: MediaId,
    limit: u64,
) -> Result<Vec<PostId>> {
    Ok(Entity::find()
        .select_only()
        .column(Column::PostId)
        .filter(Column::MediaId.eq(media))
        .order_by_desc(Column::PostId)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await?)
}

/// Whether readers see a file, now or from a date on, in more than the posts of `author`: in a page, or in a post
/// of somebody else.
pub async fn is_shown_beyond(
    db: &impl ConnectionTrait,
    media: MediaId,
    author: Option<UserId>,
) -> Result<bool> {
    let using = Query::select()
        .column(Column::PostId)
        .from(Entity)
        .and_where(Column::MediaId.eq(media))
        .to_owned();
    let mut query = post::Entity::find()
        .select_only()
        .column(post::Column::Id)
        .filter(post::Column::Id.in_subquery(using))
        .filter(post::Column::State.is_in([PostState::Published, PostState::Scheduled]));
    if let Some(author) = author {
        query = query.filter(
            Condition::any()
                .add(post::Column::AuthorId.ne(author))
                .add(post::Column::Kind.eq(PostKind::Page)),
        );
    }
    let found: Option<PostId> = query.into_tuple().one(db).await?;
    Ok(found.is_some())
}
