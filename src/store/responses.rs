//! Queries on single responses and their counts. Threads and the queue have files of their own.

use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect, Set, Statement,
};

use crate::clock::Moment;
use crate::error::{Error, Result};
use crate::store::entity::ids::{PostId, ResponseId, SenderPolicyId, UserId};
use crate::store::entity::response::{
    ActiveModel, Column, Entity, Learned, MentionKind, Model, ResponseKind, ResponseState,
};
use crate::store::{guids, search_text, thread_path};

/// The values of a new row.
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
    pub author_email: Option<String>,
    /// The writer's own site, or the source.
    pub author_url: Option<String>,
    /// Where a linking page has its author's picture.
    pub author_photo: Option<String>,
    pub author_id: Option<UserId>,
    pub body_markdown: String,
    pub body_html: String,
    /// The page that links here.
    pub source_url: Option<String>,
    pub reasons: String,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
    /// The hash of the token by which its writer can see it while it is pending.
    pub receipt_hash: Option<String>,
    /// The policy that approved it.
    pub sender_policy_id: Option<SenderPolicyId>,
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
    /// When it was written, which is its place in threads, feeds and the queue.
    pub created_at: Moment,
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
pub struct ReceiptRow {
    pub id: ResponseId,
    pub state: ResponseState,
    /// By what its writer is known.
    pub proof_key: Option<String>,
    /// When it came in.
    pub created_at: Moment,
}

/// The newest response whose receipt has this hash, unless it came in before `since`. A receipt belongs to one
/// post; naming that here as well makes SQLite read all responses of the post.
pub async fn find_by_receipt_hash(
    db: &impl ConnectionTrait,
    hash: &str,
    since: Moment,
) -> Result<Option<ReceiptRow>> {
    Ok(Entity::find()
        .select_only()
        .columns([
            Column::Id,
            Column::State,
            Column::ProofKey,
            Column::CreatedAt,
        ])
        .filter(Column::ReceiptHash.eq(hash))
        .filter(Column::CreatedAt.gte(since))
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .limit(1)
        .into_model()
        .one(db)
        .await?)
}

/// Adds a response; None where its post has one with the same key for duplicates already.
pub async fn insert(db: &impl ConnectionTrait, new: NewResponse) -> Result<Option<ResponseId>> {
    let id = next_id(db).await?;
    let is_reaction = new.mention.is_some_and(MentionKind::is_reaction);
    let (parent_id, path) = match new.parent {
        _ if is_reaction => (None, thread_path::of_reaction(new.created_at, id)),
        Some((parent, path)) => (Some(parent), thread_path::below(&path, new.created_at, id)),
        None => (None, thread_path::below(&[], new.created_at, id)),
    };
    let (name, markdown) = (new.author_name.clone(), new.body_markdown.clone());
    let html = new.body_html.clone();
    let row = ActiveModel {
        id: Set(id),
        post_id: Set(new.post_id),
        parent_id: Set(parent_id),
        path: Set(path),
        kind: Set(new.kind),
        mention: Set(new.mention),
        is_reaction: Set(is_reaction),
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
        sender_policy_id: Set(new.sender_policy_id),
        risk: Set(new.risk),
        learned: Set(None),
        network: Set(new.network),
        name_key: Set(new.name_key),
        reported: Set(0),
        appealed_at: Set(None),
        guid: Set(guids::new_guid()),
        proof_key: Set(new.proof_key),
        content_changed_at: Set(None),
        created_at: Set(new.created_at),
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
pub struct LockedResponse {
    pub id: ResponseId,
    /// The post it answers.
    pub post_id: PostId,
    pub state: ResponseState,
    /// Whether it has reports that no moderator has decided on.
    pub is_reported: bool,
    /// Whether it has an unanswered appeal.
    pub is_appealed: bool,
}

/// The states of these responses, locked until the transaction ends.
pub async fn lock_states(
    tx: &impl ConnectionTrait,
    ids: &[ResponseId],
) -> Result<Vec<LockedResponse>> {
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
    // SQLite needs no lock: it has one writer.
    if tx.get_database_backend() == DbBackend::Postgres {
        query = query.lock_exclusive();
    }
    let rows: Vec<(ResponseId, PostId, ResponseState, i64, Option<Moment>)> =
        query.into_tuple().all(tx).await?;
    Ok(rows
        .into_iter()
        .map(
            |(id, post_id, state, reported, appealed_at)| LockedResponse {
                id,
                post_id,
                state,
                is_reported: reported > 0,
                is_appealed: appealed_at.is_some(),
            },
        )
        .collect())
}

/// The states of these responses.
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

/// The posts and states of these responses.
pub async fn list_with_posts(
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
    /// The protocol that was used last.
    pub kind: ResponseKind,
    /// What it is to the post.
    pub mention: Option<MentionKind>,
    /// The name readers see.
    pub author_name: String,
    /// The author's own address, or the source.
    pub author_url: Option<String>,
    /// Where the author's picture is.
    pub author_photo: Option<String>,
    pub body_html: String,
    /// The page that links here.
    pub source_url: Option<String>,
    /// One a post and key.
    pub dedupe_key: String,
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
    let was_reaction = current.mention.is_some_and(MentionKind::is_reaction);
    let is_reaction = content.mention.is_some_and(MentionKind::is_reaction);
    let mut row = ActiveModel {
        kind: Set(content.kind),
        mention: Set(content.mention),
        is_reaction: Set(is_reaction),
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
    if was_reaction != is_reaction {
        row.path = Set(match is_reaction {
            true => thread_path::of_reaction(current.created_at, current.id),
            false => thread_path::below(&[], current.created_at, current.id),
        });
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

/// Records the policy that approved a response.
pub async fn set_sender_policy(
    db: &impl ConnectionTrait,
    id: ResponseId,
    policy: SenderPolicyId,
) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::SenderPolicyId, Expr::value(policy))
        .filter(Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

/// The responses that a policy approved and that are still shown.
pub async fn list_approved_by_policy(
    db: &impl ConnectionTrait,
    policy: SenderPolicyId,
    limit: u64,
) -> Result<Vec<ResponseId>> {
    Ok(Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::SenderPolicyId.eq(policy))
        .filter(Column::State.eq(ResponseState::Approved))
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Id)
        .limit(limit)
        .into_tuple()
        .all(db)
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
