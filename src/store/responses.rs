//! Queries on single responses and their counts. Threads and the queue have files of their own.

use std::collections::HashMap;

use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, Set, Statement,
};

use crate::clock::Moment;
use crate::error::{Error, Result};
use crate::store::entity::ids::{PostId, ResponseId, StandingId, UserId};
use crate::store::entity::response::{
    ActiveModel, Column, Entity, Learned, MentionKind, Model, ResponseKind, ResponseState,
};
use crate::store::entity::response_count;
use crate::store::{guids, search_text};

/// The first byte of the paths of likes, reposts and bookmarks: they stand behind the thread, in
/// no page of it. A path in the thread begins with the first byte of a positive number.
pub const FACES: u8 = 0xff;

/// A row to be.
#[derive(Clone, Debug)]
pub struct NewResponse {
    /// The post it answers.
    pub post_id: PostId,
    /// The response it answers, with that one's path.
    pub parent: Option<(ResponseId, Vec<u8>)>,
    /// How it came in.
    pub kind: ResponseKind,
    /// What a linking page is to the post.
    pub mention: Option<MentionKind>,
    /// Where the verdict put it.
    pub state: ResponseState,
    /// The name readers see.
    pub author_name: String,
    /// Lower-cased.
    pub author_email: Option<String>,
    /// The writer's own site, or the source.
    pub author_url: Option<String>,
    /// Where a linking page has its author's picture.
    pub author_photo: Option<String>,
    /// Staff.
    pub author_id: Option<UserId>,
    /// As written.
    pub body_markdown: String,
    /// As shown.
    pub body_html: String,
    /// The page that links here.
    pub source_url: Option<String>,
    /// JSON.
    pub reasons: String,
    /// The writer's address.
    pub ip: Option<String>,
    /// The writer's browser.
    pub user_agent: Option<String>,
    /// For the writer's own look at it.
    pub receipt_hash: Option<String>,
    /// The standing that let it in.
    pub standing_id: Option<StandingId>,
    /// How likely spam it is, in thousandths.
    pub risk: i64,
    /// The network that it came from.
    pub network: Option<String>,
    /// The writer's name, folded.
    pub name_key: Option<String>,
    /// What proved who sent it.
    pub proof_key: Option<String>,
    /// One a post and key.
    pub dedupe_key: String,
}

/// The response with this key.
pub async fn find(db: &impl ConnectionTrait, id: ResponseId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// The response under `post` with this key for duplicates.
pub async fn find_by_dedupe_key(
    db: &impl ConnectionTrait,
    post: PostId,
    key: &str,
) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::PostId.eq(post))
        .filter(Column::DedupeKey.eq(key))
        .one(db)
        .await?)
}

/// A response that is found by its receipt.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Receipted {
    /// Key.
    pub id: ResponseId,
    /// Where it stands.
    pub state: ResponseState,
    /// By what its writer is known.
    pub proof_key: Option<String>,
    /// When it came in.
    pub created_at: Moment,
}

/// The newest response under `post` whose receipt has this hash, unless it came in before `since`.
pub async fn find_by_receipt_hash(
    db: &impl ConnectionTrait,
    post: PostId,
    hash: &str,
    since: Moment,
) -> Result<Option<Receipted>> {
    Ok(Entity::find()
        .select_only()
        .columns([
            Column::Id,
            Column::State,
            Column::ProofKey,
            Column::CreatedAt,
        ])
        .filter(Column::PostId.eq(post))
        .filter(Column::ReceiptHash.eq(hash))
        .filter(Column::CreatedAt.gte(since))
        .order_by_desc(Column::Id)
        .limit(1)
        .into_model()
        .one(db)
        .await?)
}

/// How many responses a post has, whatever their state.
pub async fn count_of_post(db: &impl ConnectionTrait, post: PostId) -> Result<u64> {
    Ok(Entity::find()
        .filter(Column::PostId.eq(post))
        .count(db)
        .await?)
}

/// Adds a response; None where its post has one with the same key for duplicates already.
pub async fn insert(
    db: &impl ConnectionTrait,
    new: NewResponse,
    now: Moment,
) -> Result<Option<ResponseId>> {
    let id = next_id(db).await?;
    let is_face = new.mention.is_some_and(MentionKind::is_face);
    let (parent_id, mut path) = match new.parent {
        _ if is_face => (None, vec![FACES]),
        Some((parent, path)) => (Some(parent), path),
        None => (None, Vec::new()),
    };
    path.extend_from_slice(&id.0.to_be_bytes());
    let (name, markdown) = (new.author_name.clone(), new.body_markdown.clone());
    let html = new.body_html.clone();
    let row = ActiveModel {
        id: Set(id),
        post_id: Set(new.post_id),
        parent_id: Set(parent_id),
        path: Set(path),
        kind: Set(new.kind),
        mention: Set(new.mention),
        state: Set(new.state),
        author_name: Set(new.author_name),
        author_email: Set(new.author_email),
        author_url: Set(new.author_url),
        author_photo: Set(new.author_photo),
        author_id: Set(new.author_id),
        body_markdown: Set(new.body_markdown),
        body_html: Set(new.body_html),
        source_url: Set(new.source_url),
        reasons: Set(new.reasons),
        ip: Set(new.ip),
        user_agent: Set(new.user_agent),
        receipt_hash: Set(new.receipt_hash),
        dedupe_key: Set(new.dedupe_key),
        gone_since: Set(None),
        standing_id: Set(new.standing_id),
        risk: Set(new.risk),
        learned: Set(None),
        network: Set(new.network),
        name_key: Set(new.name_key),
        reported: Set(0),
        appealed_at: Set(None),
        guid: Set(Some(guids::new_guid())),
        proof_key: Set(new.proof_key),
        content_changed_at: Set(None),
        created_at: Set(now),
    };
    let added = Entity::insert(row)
        .on_conflict(
            OnConflict::columns([Column::PostId, Column::DedupeKey])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(db)
        .await?;
    if added == 0 {
        return Ok(None);
    }
    search_text::set(db, id, &name, &markdown, &html).await?;
    Ok(Some(id))
}

/// The key that the next response gets: its path needs it before the row is there. On SQLite only
/// the one writer asks.
async fn next_id(db: &impl ConnectionTrait) -> Result<ResponseId> {
    let sql = match db.get_database_backend() {
        DbBackend::Postgres => "SELECT nextval('responses_id_seq')",
        _ => "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'responses'), 0) + 1",
    };
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let row = db.query_one_raw(statement).await?;
    let id = row.map(|row| row.try_get_by_index::<i64>(0)).transpose()?;
    id.map(ResponseId)
        .ok_or_else(|| Error::internal("number a response", "the database gave no id"))
}

/// A response that nobody else moves until the transaction ends.
#[derive(Clone, Copy, Debug)]
pub struct Locked {
    /// Its key.
    pub id: ResponseId,
    /// The post it answers.
    pub post_id: PostId,
    /// Where it stands.
    pub state: ResponseState,
    /// Readers reported it, and no moderator has looked.
    pub is_reported: bool,
    /// Its writer appealed, and nobody has answered.
    pub is_appealed: bool,
}

/// Where these responses stand; nobody else moves them until the transaction ends.
pub async fn lock_states(tx: &impl ConnectionTrait, ids: &[ResponseId]) -> Result<Vec<Locked>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut query = Entity::find()
        .select_only()
        .columns([
            Column::Id,
            Column::PostId,
            Column::State,
            Column::Reported,
            Column::AppealedAt,
        ])
        .filter(Column::Id.is_in(ids.iter().copied()))
        .order_by_asc(Column::Id);
    // On SQLite the one writer is lock enough.
    if tx.get_database_backend() == DbBackend::Postgres {
        query = query.lock_exclusive();
    }
    let rows: Vec<(ResponseId, PostId, ResponseState, i64, Option<Moment>)> =
        query.into_tuple().all(tx).await?;
    Ok(rows
        .into_iter()
        .map(|(id, post_id, state, reported, appealed_at)| Locked {
            id,
            post_id,
            state,
            is_reported: reported > 0,
            is_appealed: appealed_at.is_some(),
        })
        .collect())
}

/// Where these responses stand.
pub async fn list_states(
    db: &impl ConnectionTrait,
    ids: &[ResponseId],
) -> Result<Vec<(ResponseId, ResponseState)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(Entity::find()
        .select_only()
        .columns([Column::Id, Column::State])
        .filter(Column::Id.is_in(ids.iter().copied()))
        .into_tuple()
        .all(db)
        .await?)
}

/// Where these responses stand, each with the post that it answers.
pub async fn list_places(
    db: &impl ConnectionTrait,
    ids: &[ResponseId],
) -> Result<Vec<(ResponseId, PostId, ResponseState)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(Entity::find()
        .select_only()
        .columns([Column::Id, Column::PostId, Column::State])
        .filter(Column::Id.is_in(ids.iter().copied()))
        .into_tuple()
        .all(db)
        .await?)
}

/// Moves these responses to `state`.
pub async fn set_state(
    db: &impl ConnectionTrait,
    ids: &[ResponseId],
    state: ResponseState,
) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    Entity::update_many()
        .col_expr(Column::State, Expr::value(state))
        .filter(Column::Id.is_in(ids.iter().copied()))
        .exec(db)
        .await?;
    Ok(())
}

/// What a linking page says when it is read again.
#[derive(Clone, Debug)]
pub struct SourceContent {
    /// How it was told last.
    pub kind: ResponseKind,
    /// What it is to the post.
    pub mention: Option<MentionKind>,
    /// The name readers see.
    pub author_name: String,
    /// The author's own address, or the source.
    pub author_url: Option<String>,
    /// Where the author's picture is.
    pub author_photo: Option<String>,
    /// As shown.
    pub body_html: String,
    /// The page that links here.
    pub source_url: Option<String>,
    /// One a post and key.
    pub dedupe_key: String,
    /// JSON.
    pub reasons: String,
    /// The host that it was read from.
    pub proof_key: Option<String>,
    /// When it says something else than before.
    pub changed_at: Option<Moment>,
}

/// Gives a linkback's response what its source says now; it is not gone then.
pub async fn set_source(
    db: &impl ConnectionTrait,
    current: &Model,
    content: SourceContent,
) -> Result<()> {
    let (name, html) = (&content.author_name, &content.body_html);
    search_text::set(db, current.id, name, "", html).await?;
    let was_face = current.mention.is_some_and(MentionKind::is_face);
    let is_face = content.mention.is_some_and(MentionKind::is_face);
    let mut row = ActiveModel {
        kind: Set(content.kind),
        mention: Set(content.mention),
        author_name: Set(content.author_name),
        author_url: Set(content.author_url),
        author_photo: Set(content.author_photo),
        body_html: Set(content.body_html),
        source_url: Set(content.source_url),
        dedupe_key: Set(content.dedupe_key),
        reasons: Set(content.reasons),
        gone_since: Set(None),
        proof_key: Set(content.proof_key),
        ..Default::default()
    };
    if content.changed_at.is_some() {
        row.content_changed_at = Set(content.changed_at);
    }
    if was_face != is_face {
        let mut path = if is_face { vec![FACES] } else { Vec::new() };
        path.extend_from_slice(&current.id.0.to_be_bytes());
        row.path = Set(path);
        row.parent_id = Set(None);
    }
    Entity::update_many()
        .set(row)
        .filter(Column::Id.eq(current.id))
        .exec(db)
        .await?;
    Ok(())
}

/// Notes since when a source is gone.
pub async fn set_gone(db: &impl ConnectionTrait, id: ResponseId, since: Moment) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::GoneSince, Expr::value(Some(since)))
        .filter(Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

/// Notes the standing by which a response is let in.
pub async fn set_standing(
    db: &impl ConnectionTrait,
    id: ResponseId,
    standing: StandingId,
) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::StandingId, Expr::value(standing))
        .filter(Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

/// The responses that a standing let in and that are still shown.
pub async fn list_let_in(
    db: &impl ConnectionTrait,
    standing: StandingId,
    limit: u64,
) -> Result<Vec<ResponseId>> {
    Ok(Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::StandingId.eq(standing))
        .filter(Column::State.eq(ResponseState::Approved))
        .order_by_asc(Column::Id)
        .limit(limit)
        .into_tuple()
        .all(db)
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
pub async fn count_faces(db: &impl ConnectionTrait, post: PostId) -> Result<u64> {
    let faces: Option<i64> = response_count::Entity::find()
        .select_only()
        .column(response_count::Column::Faces)
        .filter(response_count::Column::PostId.eq(post))
        .filter(response_count::Column::State.eq(ResponseState::Approved))
        .into_tuple()
        .one(db)
        .await?;
    Ok(faces.map_or(0, |faces| u64::try_from(faces).unwrap_or(0)))
}

/// How many responses stand in each state, over all posts.
pub async fn count_by_state(db: &impl ConnectionTrait) -> Result<HashMap<ResponseState, u64>> {
    let rows: Vec<(ResponseState, i64)> = response_count::Entity::find()
        .select_only()
        .column(response_count::Column::State)
        .column_as(
            Expr::col(response_count::Column::N)
                .add(Expr::col(response_count::Column::Faces))
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
        .filter(Column::Path.lt(vec![FACES]))
        .count(db)
        .await?)
}

/// Notes what the filter learned these responses as.
pub async fn set_learned(
    db: &impl ConnectionTrait,
    ids: &[ResponseId],
    learned: Option<Learned>,
) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    Entity::update_many()
        .col_expr(Column::Learned, Expr::value(learned))
        .filter(Column::Id.is_in(ids.iter().copied()))
        .exec(db)
        .await?;
    Ok(())
}

/// Notes why a response is held.
pub async fn set_reasons(db: &impl ConnectionTrait, id: ResponseId, reasons: &str) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Reasons, Expr::value(reasons))
        .filter(Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}
