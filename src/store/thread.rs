//! A post's thread, a page at a time: a range of paths, never more rows than the page shows.

use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect, Select,
};

use crate::clock::Moment;
use crate::error::Result;
use crate::store::entity::ids::{PostId, ResponseId, UserId};
use crate::store::entity::response::{Column, Entity, MentionKind, ResponseKind, ResponseState};
use crate::store::paging;
use crate::store::thread_path::REACTIONS;

/// A response as a thread shows it: only what readers see.
#[derive(Clone, Debug, FromQueryResult)]
pub struct ThreadRow {
    pub id: ResponseId,
    /// The post it answers.
    pub post_id: PostId,
    /// The response it answers.
    pub parent_id: Option<ResponseId>,
    /// Its sort key in the thread (`store::thread_path`).
    pub path: Vec<u8>,
    /// How it came in.
    pub kind: ResponseKind,
    /// What a linking page is to the post.
    pub mention: Option<MentionKind>,
    /// Approved, except for the reader's own pending comment.
    pub state: ResponseState,
    /// The name readers see.
    pub author_name: String,
    /// The writer's own site, or the source.
    pub author_url: Option<String>,
    pub author_id: Option<UserId>,
    pub body_html: String,
    /// The page that links here.
    pub source_url: Option<String>,
    /// Since when its source is gone.
    pub gone_since: Option<Moment>,
    /// The weight of readers' reports that no moderator has decided on, in thousandths.
    pub reported: i64,
    /// Its permanent id in feeds.
    pub guid: String,
    /// When it came in.
    pub created_at: Moment,
}

fn rows() -> Select<Entity> {
    Entity::find().select_only().columns([
        Column::Id,
        Column::PostId,
        Column::ParentId,
        Column::Path,
        Column::Kind,
        Column::Mention,
        Column::State,
        Column::AuthorName,
        Column::AuthorUrl,
        Column::AuthorId,
        Column::BodyHtml,
        Column::SourceUrl,
        Column::GoneSince,
        Column::Reported,
        Column::Guid,
        Column::CreatedAt,
    ])
}

/// A page of what a post shows, in reading order; pages count from 1.
pub async fn page(
    db: &impl ConnectionTrait,
    post: PostId,
    page: u64,
    size: u64,
) -> Result<Vec<ThreadRow>> {
    let mut query = rows()
        .filter(Column::PostId.eq(post))
        .filter(Column::State.eq(ResponseState::Approved))
        .filter(Column::Path.lt(vec![REACTIONS]));
    if page > 1 {
        // Only the index is walked to the page's first path; its rows are not read.
        let first: Option<Vec<u8>> = Entity::find()
            .select_only()
            .column(Column::Path)
            .filter(Column::PostId.eq(post))
            .filter(Column::State.eq(ResponseState::Approved))
            .filter(Column::Path.lt(vec![REACTIONS]))
            .order_by_asc(Column::Path)
            .offset(paging::rows_before(page, size))
            .limit(1)
            .into_tuple()
            .one(db)
            .await?;
        let Some(first) = first else {
            return Ok(Vec::new());
        };
        query = query.filter(Column::Path.gte(first));
    }
    Ok(query
        .order_by_asc(Column::Path)
        .limit(size)
        .into_model()
        .all(db)
        .await?)
}

/// One response in any state.
pub async fn find(db: &impl ConnectionTrait, id: ResponseId) -> Result<Option<ThreadRow>> {
    Ok(rows()
        .filter(Column::Id.eq(id))
        .into_model()
        .one(db)
        .await?)
}

/// How many shown responses of a post come before `path`, which gives its page.
pub async fn count_before(db: &impl ConnectionTrait, post: PostId, path: &[u8]) -> Result<u64> {
    use sea_orm::PaginatorTrait;
    Ok(Entity::find()
        .filter(Column::PostId.eq(post))
        .filter(Column::State.eq(ResponseState::Approved))
        .filter(Column::Path.lt(path.to_vec()))
        .count(db)
        .await?)
}

/// How many shown responses of a post come after `path`, counted up to `most`.
pub async fn count_after(
    db: &impl ConnectionTrait,
    post: PostId,
    path: &[u8],
    most: u64,
) -> Result<u64> {
    let after: Vec<ResponseId> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::PostId.eq(post))
        .filter(Column::State.eq(ResponseState::Approved))
        .filter(Column::Path.gt(path.to_vec()))
        .filter(Column::Path.lt(vec![REACTIONS]))
        .order_by_asc(Column::Path)
        .limit(most)
        .into_tuple()
        .all(db)
        .await?;
    Ok(after.len() as u64)
}

/// The likes, reposts and bookmarks that a post shows, the oldest first.
pub async fn list_reactions(
    db: &impl ConnectionTrait,
    post: PostId,
    limit: u64,
) -> Result<Vec<ThreadRow>> {
    Ok(rows()
        .filter(Column::PostId.eq(post))
        .filter(Column::State.eq(ResponseState::Approved))
        .filter(Column::Path.gte(vec![REACTIONS]))
        .order_by_asc(Column::Path)
        .limit(limit)
        .into_model()
        .all(db)
        .await?)
}

/// The newest shown responses of threads, of one post or of all, the newest first; for feeds.
pub async fn list_newest(
    db: &impl ConnectionTrait,
    post: Option<PostId>,
    limit: u64,
) -> Result<Vec<ThreadRow>> {
    let mut query = rows()
        .filter(Column::State.eq(ResponseState::Approved))
        .filter(Column::Path.lt(vec![REACTIONS]));
    if let Some(post) = post {
        query = query.filter(Column::PostId.eq(post));
    }
    Ok(query
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .limit(limit)
        .into_model()
        .all(db)
        .await?)
}
