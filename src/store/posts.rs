//! Queries on posts.

use std::collections::{HashMap, HashSet};

use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait,
    FromQueryResult, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    Set, Statement,
};

use crate::clock::Moment;
use crate::error::Result;
use crate::store::entity::ids::{PostId, TagId, UserId};
use crate::store::entity::post::{ActiveModel, Column, Entity, Model, Openness, PostState};
use crate::store::entity::{former_slug, gone_slug, post_tag};
use crate::store::guids;

/// The advisory lock under which slugs are chosen: "slug" in ASCII.
const SLUG_LOCK: i64 = 0x73_6c_75_67;

/// What an editor gives a post.
#[derive(Clone, Debug)]
pub struct PostContent {
    /// Plain text.
    pub title: String,
    /// Unique.
    pub slug: String,
    /// Where it stands.
    pub state: PostState,
    /// When readers first see it.
    pub published_at: Option<Moment>,
    /// As written.
    pub body_markdown: String,
    /// As shown.
    pub body_html: String,
    /// The first words.
    pub summary: String,
    /// Whether comments are taken.
    pub comments: Openness,
    /// Whether linkbacks are taken.
    pub linkbacks: Openness,
    /// Whether the sites that it links to are told.
    pub tells: Openness,
}

/// Which published posts a list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Published {
    /// All.
    All,
    /// Those with a tag.
    Tagged(TagId),
    /// Those of an author.
    By(UserId),
    /// Those from the first moment to before the second.
    Between(Moment, Moment),
}

/// A line in a list of posts: all but the long texts.
#[derive(Clone, Debug, FromQueryResult)]
pub struct PostLine {
    /// Key.
    pub id: PostId,
    /// Who wrote it.
    pub author_id: UserId,
    /// Plain text.
    pub title: String,
    /// The last part of the permalink.
    pub slug: String,
    /// Where it stands.
    pub state: PostState,
    /// When readers first saw it.
    pub published_at: Option<Moment>,
    /// The first words.
    pub summary: String,
    /// When it was saved last.
    pub updated_at: Moment,
}

fn lines(query: Select<Entity>) -> Select<Entity> {
    query.select_only().columns([
        Column::Id,
        Column::AuthorId,
        Column::Title,
        Column::Slug,
        Column::State,
        Column::PublishedAt,
        Column::Summary,
        Column::UpdatedAt,
    ])
}

fn published(which: Published) -> Select<Entity> {
    let query = Entity::find().filter(Column::State.eq(PostState::Published));
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

/// The post that once had this slug.
pub async fn find_by_former_slug(db: &impl ConnectionTrait, slug: &str) -> Result<Option<Model>> {
    let Some(former) = former_slug::Entity::find_by_id(slug.to_owned())
        .one(db)
        .await?
    else {
        return Ok(None);
    };
    find(db, former.post_id).await
}

/// The slugs that a post has and had.
pub async fn list_slugs(db: &impl ConnectionTrait, id: PostId) -> Result<Vec<String>> {
    let mut slugs: Vec<String> = former_slug::Entity::find()
        .select_only()
        .column(former_slug::Column::Slug)
        .filter(former_slug::Column::PostId.eq(id))
        .into_tuple()
        .all(db)
        .await?;
    slugs.extend(find(db, id).await?.map(|post| post.slug));
    Ok(slugs)
}

/// The posts that have or had one of these slugs or have one of these keys.
pub async fn list_ids_at(
    db: &impl ConnectionTrait,
    slugs: &[String],
    ids: &[PostId],
) -> Result<Vec<PostId>> {
    if slugs.is_empty() && ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut found: Vec<PostId> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(
            Condition::any()
                .add(Column::Slug.is_in(slugs.iter().cloned()))
                .add(Column::Id.is_in(ids.iter().copied())),
        )
        .into_tuple()
        .all(db)
        .await?;
    let former: Vec<PostId> = former_slug::Entity::find()
        .select_only()
        .column(former_slug::Column::PostId)
        .filter(former_slug::Column::Slug.is_in(slugs.iter().cloned()))
        .into_tuple()
        .all(db)
        .await?;
    found.extend(former);
    Ok(found)
}

/// What stands in the way of a slug.
#[derive(Clone, Debug)]
pub enum Holder {
    /// A post has it now.
    Post(PostState),
    /// A post had it once, and its readers are still led on from there to this slug.
    Former(String),
}

/// The post with this key, that nobody else changes until the transaction ends.
pub async fn lock(tx: &impl ConnectionTrait, id: PostId) -> Result<Option<Model>> {
    let mut query = Entity::find_by_id(id);
    // On SQLite the one writer is lock enough.
    if tx.get_database_backend() == DbBackend::Postgres {
        query = query.lock_exclusive();
    }
    Ok(query.one(tx).await?)
}

/// Lets one node at a time choose slugs, until the transaction ends: what is free when it is looked
/// for is then free when it is taken. On SQLite there is only one writer.
pub async fn lock_slugs(tx: &impl ConnectionTrait) -> Result<()> {
    if tx.get_database_backend() == DbBackend::Postgres {
        let lock = Statement::from_sql_and_values(
            DbBackend::Postgres,
            "SELECT pg_advisory_xact_lock($1)",
            [SLUG_LOCK.into()],
        );
        tx.execute_raw(lock).await?;
    }
    Ok(())
}

/// What keeps `slug` from being given to a post other than `except`; None where it is free.
pub async fn find_holder(
    db: &impl ConnectionTrait,
    slug: &str,
    except: Option<PostId>,
) -> Result<Option<Holder>> {
    let now: Option<(PostId, PostState)> = Entity::find()
        .select_only()
        .columns([Column::Id, Column::State])
        .filter(Column::Slug.eq(slug))
        .into_tuple()
        .one(db)
        .await?;
    if let Some((id, state)) = now {
        return Ok((Some(id) != except).then_some(Holder::Post(state)));
    }
    Ok(match find_by_former_slug(db, slug).await? {
        Some(post) if Some(post.id) != except => Some(Holder::Former(post.slug)),
        _ => None,
    })
}

/// The slugs of posts other than `except`, now and once, that begin as `slug` does.
pub async fn list_slugs_like(
    db: &impl ConnectionTrait,
    slug: &str,
    except: Option<PostId>,
) -> Result<HashSet<String>> {
    // Numbered, a long slug is cut: what it begins with is compared.
    let start: String = slug.chars().take(90).collect();
    let mut now = Entity::find()
        .select_only()
        .column(Column::Slug)
        .filter(Column::Slug.starts_with(start.clone()));
    let mut once = former_slug::Entity::find()
        .select_only()
        .column(former_slug::Column::Slug)
        .filter(former_slug::Column::Slug.starts_with(start));
    if let Some(id) = except {
        now = now.filter(Column::Id.ne(id));
        once = once.filter(former_slug::Column::PostId.ne(id));
    }
    let mut slugs: HashSet<String> = now
        .into_tuple::<String>()
        .all(db)
        .await?
        .into_iter()
        .collect();
    slugs.extend(once.into_tuple::<String>().all(db).await?);
    Ok(slugs)
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
        .offset((page.saturating_sub(1)).saturating_mul(size))
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
/// `author` leaves only theirs.
pub async fn page_for_desk(
    db: &impl ConnectionTrait,
    state: Option<PostState>,
    author: Option<UserId>,
    page: u64,
    size: u64,
) -> Result<Vec<PostLine>> {
    Ok(lines(for_desk(state, author))
        .order_by_desc(Column::UpdatedAt)
        .order_by_desc(Column::Id)
        .offset((page.saturating_sub(1)).saturating_mul(size))
        .limit(size)
        .into_model()
        .all(db)
        .await?)
}

/// How many posts the desk has in one state.
pub async fn count_for_desk(
    db: &impl ConnectionTrait,
    state: Option<PostState>,
    author: Option<UserId>,
) -> Result<u64> {
    Ok(for_desk(state, author).count(db).await?)
}

fn for_desk(state: Option<PostState>, author: Option<UserId>) -> Select<Entity> {
    let mut query = match state {
        Some(state) => Entity::find().filter(Column::State.eq(state)),
        None => Entity::find().filter(Column::State.ne(PostState::Trash)),
    };
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

/// Adds a post.
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
    row.guid = Set(Some(guids::new_guid()));
    row.created_at = Set(now);
    row.updated_at = Set(now);
    Ok(row.insert(db).await?)
}

/// Replaces what a post holds, if it still has `revision`; None where somebody saved it meanwhile.
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

/// Stores what a text looks like now where it was rendered otherwise before: nobody changed it.
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
    published_at: Option<Moment>,
    now: Moment,
) -> Result<Model> {
    let revision = post.revision + 1;
    let mut row = post.into_active_model();
    row.state = Set(state);
    row.published_at = Set(published_at);
    row.updated_at = Set(now);
    row.revision = Set(revision);
    Ok(row.update(db).await?)
}

/// Remembers that a post once had `slug`, and forgets it of the slug it has now.
pub async fn insert_former_slug(
    db: &impl ConnectionTrait,
    id: PostId,
    former: &str,
    current: &str,
) -> Result<()> {
    former_slug::Entity::delete_many()
        .filter(Expr::col(former_slug::Column::Slug).is_in([former.to_owned(), current.to_owned()]))
        .exec(db)
        .await?;
    let row = former_slug::ActiveModel {
        slug: Set(former.to_owned()),
        post_id: Set(id),
    };
    former_slug::Entity::insert(row)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Removes a post and all that hangs on it, for good. Of one that readers had, its addresses are
/// remembered as gone.
pub async fn delete(db: &impl ConnectionTrait, post: &Model) -> Result<()> {
    if post.published_at.is_some() {
        let slugs = list_slugs(db, post.id).await?;
        let rows = slugs.into_iter().map(|slug| gone_slug::ActiveModel {
            slug: Set(slug),
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

/// Whether a post that readers had was at this slug and is deleted.
pub async fn slug_is_gone(db: &impl ConnectionTrait, slug: &str) -> Result<bool> {
    let found = gone_slug::Entity::find_by_id(slug.to_owned())
        .one(db)
        .await?;
    Ok(found.is_some())
}

/// Whether a post that readers had was this one and is deleted.
pub async fn is_gone(db: &impl ConnectionTrait, id: PostId) -> Result<bool> {
    let found = gone_slug::Entity::find()
        .filter(gone_slug::Column::PostId.eq(id))
        .limit(1)
        .one(db)
        .await?;
    Ok(found.is_some())
}

fn active(content: PostContent) -> ActiveModel {
    ActiveModel {
        title: Set(content.title),
        slug: Set(content.slug),
        state: Set(content.state),
        published_at: Set(content.published_at),
        body_markdown: Set(content.body_markdown),
        body_html: Set(content.body_html),
        summary: Set(content.summary),
        comments: Set(content.comments),
        linkbacks: Set(content.linkbacks),
        tells: Set(content.tells),
        ..Default::default()
    }
}
