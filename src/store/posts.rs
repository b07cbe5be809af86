//! Queries on posts.

use std::collections::HashMap;

use sea_orm::sea_query::{LockType, OnConflict, Query};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait,
    FromQueryResult, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    Set,
};

use crate::clock::Moment;
use crate::error::Result;
use crate::store::entity::ids::{PostId, TagId, UserId};
use crate::store::entity::post::{
    ActiveModel, Column, DiscussionStatus, Entity, Model, PostKind, PostState,
};
use crate::store::entity::{gone_slug, post_tag};
use crate::store::{guids, paging, slugs};

/// What an editor gives a post.
#[derive(Clone, Debug)]
pub struct PostContent {
    pub kind: PostKind,
    /// The page above a page.
    pub parent_id: Option<PostId>,
    /// The slugs from the top page down to a page.
    pub page_path: Option<String>,
    pub title: String,
    pub slug: String,
    pub state: PostState,
    /// When readers first see it.
    pub published_at: Option<Moment>,
    pub permalink_day: Option<String>,
    pub body_markdown: String,
    pub body_html: String,
    pub summary: String,
    /// Whether it accepts comments.
    pub comments: DiscussionStatus,
    /// Whether it accepts linkbacks.
    pub linkbacks: DiscussionStatus,
    /// Whether the sites that it links to are notified.
    pub sends_linkbacks: DiscussionStatus,
}

/// Which published posts a list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Published {
    All,
    /// Those with a tag.
    Tagged(TagId),
    /// Those of an author.
    By(UserId),
    /// Those from the first moment to before the second.
    Between(Moment, Moment),
}

/// A post in a list: everything but the long texts.
#[derive(Clone, Debug, FromQueryResult)]
pub struct PostLine {
    pub id: PostId,
    pub author_id: UserId,
    pub kind: PostKind,
    /// The slugs from the top page down to a page.
    pub page_path: Option<String>,
    pub title: String,
    /// The last part of the permalink.
    pub slug: String,
    pub state: PostState,
    /// When readers first saw it.
    pub published_at: Option<Moment>,
    pub permalink_day: Option<String>,
    pub summary: String,
    /// When it was saved last.
    pub updated_at: Moment,
}

pub(super) fn lines(query: Select<Entity>) -> Select<Entity> {
    query.select_only().columns([
        Column::Id,
        Column::AuthorId,
        Column::Kind,
        Column::PagePath,
        Column::Title,
        Column::Slug,
        Column::State,
        Column::PublishedAt,
        Column::PermalinkDay,
        Column::Summary,
        Column::UpdatedAt,
    ])
}

fn published(which: Published) -> Select<Entity> {
    let query = Entity::find()
        .filter(Column::Kind.eq(PostKind::Post))
        .filter(Column::State.eq(PostState::Published));
    match which {
        Published::All => query,
        Published::By(author) => query.filter(Column::AuthorId.eq(author)),
        Published::Between(from, to) => query
            .filter(Column::PublishedAt.gte(from))
            .filter(Column::PublishedAt.lt(to)),
        Published::Tagged(tag) => query.filter(
            Column::Id.in_subquery(
                Query::select()
                    .column(post_tag::Column::PostId)
                    .from(post_tag::Entity)
                    .and_where(post_tag::Column::TagId.eq(tag))
                    .to_owned(),
            ),
        ),
    }
}

/// The post with this key.
pub async fn find(db: &impl ConnectionTrait, id: PostId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// The post with this slug, whatever its state.
pub async fn find_by_slug(db: &impl ConnectionTrait, slug: &str) -> Result<Option<Model>> {
    Ok(Entity::find().filter(Column::Slug.eq(slug)).one(db).await?)
}

/// The post with this key, that nobody else changes until the transaction ends. Others may refer to it
/// meanwhile, so that two posts that link to each other are saved at once.
pub async fn lock(tx: &impl ConnectionTrait, id: PostId) -> Result<Option<Model>> {
    let mut query = Entity::find_by_id(id);
    // SQLite needs no lock: it has one writer.
    if tx.get_database_backend() == DbBackend::Postgres {
        query = query.lock(LockType::NoKeyUpdate);
    }
    Ok(query.one(tx).await?)
}

/// A page of published posts, the newest first; pages count from 1.
pub async fn page_published(
    db: &impl ConnectionTrait,
    which: Published,
    page: u64,
    size: u64,
) -> Result<Vec<PostLine>> {
    Ok(lines(published(which))
        .order_by_desc(Column::PublishedAt)
        .order_by_desc(Column::Id)
        .offset(paging::rows_before(page, size))
        .limit(size)
        .into_model()
        .all(db)
        .await?)
}

/// The newest published posts with their texts, for feeds.
pub async fn list_newest(db: &impl ConnectionTrait, limit: u64) -> Result<Vec<Model>> {
    Ok(published(Published::All)
        .order_by_desc(Column::PublishedAt)
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}

/// How many published posts there are.
pub async fn count_published(db: &impl ConnectionTrait, which: Published) -> Result<u64> {
    Ok(published(which).count(db).await?)
}

/// The published posts before and after one, by day.
pub async fn list_neighbours(
    db: &impl ConnectionTrait,
    post: PostId,
    published_at: Moment,
) -> Result<(Option<PostLine>, Option<PostLine>)> {
    let older = lines(published(Published::All))
        .filter(
            Condition::any()
                .add(Column::PublishedAt.lt(published_at))
                .add(
                    Condition::all()
                        .add(Column::PublishedAt.eq(published_at))
                        .add(Column::Id.lt(post)),
                ),
        )
        .order_by_desc(Column::PublishedAt)
        .order_by_desc(Column::Id)
        .into_model()
        .one(db)
        .await?;
    let newer = lines(published(Published::All))
        .filter(
            Condition::any()
                .add(Column::PublishedAt.gt(published_at))
                .add(
                    Condition::all()
                        .add(Column::PublishedAt.eq(published_at))
                        .add(Column::Id.gt(post)),
                ),
        )
        .order_by_asc(Column::PublishedAt)
        .order_by_asc(Column::Id)
        .into_model()
        .one(db)
        .await?;
    Ok((older, newer))
}

/// A page of posts in one state for the desk, the last changed first; pages count from 1.
/// `kind` leaves only posts or only pages, and `author` only theirs.
pub async fn page_for_desk(
    db: &impl ConnectionTrait,
    kind: Option<PostKind>,
    state: Option<PostState>,
    author: Option<UserId>,
    page: u64,
    size: u64,
) -> Result<Vec<PostLine>> {
    Ok(lines(for_desk(kind, state, author))
        .order_by_desc(Column::UpdatedAt)
        .order_by_desc(Column::Id)
        .offset(paging::rows_before(page, size))
        .limit(size)
        .into_model()
        .all(db)
        .await?)
}

/// How many posts the desk has in one state.
pub async fn count_for_desk(
    db: &impl ConnectionTrait,
    kind: Option<PostKind>,
    state: Option<PostState>,
    author: Option<UserId>,
) -> Result<u64> {
    Ok(for_desk(kind, state, author).count(db).await?)
}

fn for_desk(
    kind: Option<PostKind>,
    state: Option<PostState>,
    author: Option<UserId>,
) -> Select<Entity> {
    let mut query = match state {
        Some(state) => Entity::find().filter(Column::State.eq(state)),
        None => Entity::find().filter(Column::State.ne(PostState::Trash)),
    };
    if let Some(kind) = kind {
        query = query.filter(Column::Kind.eq(kind));
    }
    if let Some(author) = author {
        query = query.filter(Column::AuthorId.eq(author));
    }
    query
}

/// The posts with these keys, as lines, in no order.
pub async fn list_by_ids(db: &impl ConnectionTrait, ids: &[PostId]) -> Result<Vec<PostLine>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let ids = ids.iter().copied();
    Ok(lines(Entity::find().filter(Column::Id.is_in(ids)))
        .into_model()
        .all(db)
        .await?)
}

/// The posts and pages with pictures in their texts whose ids are larger than `after`, by id.
pub async fn list_with_pictures(
    db: &impl ConnectionTrait,
    after: PostId,
    limit: u64,
) -> Result<Vec<PostId>> {
    let has_picture = Condition::any()
        .add(Column::BodyMarkdown.contains("!["))
        .add(Column::BodyMarkdown.contains("<img"));
    Ok(Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Id.gt(after))
        .filter(has_picture)
        .order_by_asc(Column::Id)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await?)
}

/// When these posts appeared.
pub async fn list_dates(
    db: &impl ConnectionTrait,
    ids: &[PostId],
) -> Result<HashMap<PostId, Moment>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(PostId, Option<Moment>)> = Entity::find()
        .select_only()
        .columns([Column::Id, Column::PublishedAt])
        .filter(Column::Id.is_in(ids.iter().copied()))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .filter_map(|(id, at)| Some((id, at?)))
        .collect())
}

/// Those of these posts that an author wrote.
pub async fn list_of_author(
    db: &impl ConnectionTrait,
    ids: &[PostId],
    author: UserId,
) -> Result<Vec<PostId>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Id.is_in(ids.iter().copied()))
        .filter(Column::AuthorId.eq(author))
        .into_tuple()
        .all(db)
        .await?)
}

pub async fn insert(
    db: &impl ConnectionTrait,
    author: UserId,
    content: PostContent,
    now: Moment,
) -> Result<Model> {
    let mut row = active(content);
    row.author_id = Set(author);
    row.edited_by = Set(Some(author));
    row.revision = Set(1);
    row.guid = Set(guids::new_guid());
    row.created_at = Set(now);
    row.updated_at = Set(now);
    Ok(row.insert(db).await?)
}

/// Replaces the content of a post, if it still has `revision`; None where somebody saved it meanwhile.
pub async fn set_content(
    db: &impl ConnectionTrait,
    id: PostId,
    revision: i64,
    content: PostContent,
    editor: UserId,
    now: Moment,
) -> Result<Option<Model>> {
    let mut row = active(content);
    row.edited_by = Set(Some(editor));
    row.updated_at = Set(now);
    row.revision = Set(revision + 1);
    let changed = Entity::update_many()
        .set(row)
        .filter(Column::Id.eq(id))
        .filter(Column::Revision.eq(revision))
        .exec(db)
        .await?;
    if changed.rows_affected == 0 {
        return Ok(None);
    }
    find(db, id).await
}

/// Stores a new rendering of an unchanged text, after the renderer has changed.
pub async fn set_rendering(
    db: &impl ConnectionTrait,
    id: PostId,
    body_html: String,
    summary: String,
) -> Result<()> {
    let row = ActiveModel {
        body_html: Set(body_html),
        summary: Set(summary),
        ..Default::default()
    };
    Entity::update_many()
        .set(row)
        .filter(Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

/// Moves a post to `state`.
pub async fn set_state(
    db: &impl ConnectionTrait,
    post: Model,
    state: PostState,
    (published_at, permalink_day): (Option<Moment>, Option<String>),
    now: Moment,
) -> Result<Model> {
    let revision = post.revision + 1;
    let mut row = post.into_active_model();
    row.state = Set(state);
    row.published_at = Set(published_at);
    row.permalink_day = Set(permalink_day);
    row.updated_at = Set(now);
    row.revision = Set(revision);
    Ok(row.update(db).await?)
}

/// Deletes a post with its responses permanently. If readers could see it, its addresses are
/// remembered as gone.
pub async fn delete(db: &impl ConnectionTrait, post: &Model) -> Result<()> {
    if post.published_at.is_some() {
        let slugs = slugs::list_slugs(db, post.id).await?;
        let rows = slugs.into_iter().map(|slug| gone_slug::ActiveModel {
            slug: Set(match post.kind {
                PostKind::Post => slug,
                PostKind::Page => slugs::gone_page(&slug),
            }),
            post_id: Set(post.id),
        });
        gone_slug::Entity::insert_many(rows)
            .on_conflict(
                OnConflict::column(gone_slug::Column::Slug)
                    .do_nothing()
                    .to_owned(),
            )
            .exec_without_returning(db)
            .await?;
    }
    Entity::delete_by_id(post.id).exec(db).await?;
    Ok(())
}

fn active(content: PostContent) -> ActiveModel {
    ActiveModel {
        kind: Set(content.kind),
        parent_id: Set(content.parent_id),
        page_path: Set(content.page_path),
        title: Set(content.title),
        slug: Set(content.slug),
        state: Set(content.state),
        published_at: Set(content.published_at),
        permalink_day: Set(content.permalink_day),
        body_markdown: Set(content.body_markdown),
        body_html: Set(content.body_html),
        summary: Set(content.summary),
        comments: Set(content.comments),
        linkbacks: Set(content.linkbacks),
        sends_linkbacks: Set(content.sends_linkbacks),
        ..Default::default()
    }
}
