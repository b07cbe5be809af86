//! Queries on received linkbacks.

use sea_orm::sea_query::{Expr, ExprTrait, LockBehavior, LockType, OnConflict, Query};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, DbErr, EntityTrait, NotSet, QueryFilter,
    QueryOrder, QuerySelect, Set,
};

use crate::clock::Moment;
use crate::error::Result;
use crate::store::entity::ids::{LinkbackId, PostId, ResponseId};
use crate::store::entity::linkback::{
    ActiveModel, Column, Entity, LinkbackState, Model, Protocol, Refusal,
};
use crate::store::entity::response::{self, ResponseState};

/// The values of a new row.
#[derive(Clone, Debug)]
pub struct NewLinkback {
    /// The post that is linked to.
    pub post_id: PostId,
    /// The protocol that it came by.
    pub protocol: Protocol,
    /// The page that links.
    pub source_url: String,
    /// The same without its fragment.
    pub source_key: String,
    pub target_url: String,
    pub ip: Option<String>,
    /// The unguessable part of the address of its status page.
    pub status_token: String,
    /// What the sender said about the source: JSON.
    pub sender_claims: String,
}

/// The validators of a fetched page (RFC 9110, section 8.8).
#[derive(Clone, Debug, Default)]
pub struct SourceVersion {
    /// `ETag`.
    pub etag: Option<String>,
    /// `Last-Modified`.
    pub last_modified: Option<String>,
}

/// The linkback with this unguessable part of the address of its status page.
pub async fn find_by_status_token(
    db: &impl ConnectionTrait,
    status_token: &str,
) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::StatusToken.eq(status_token))
        .one(db)
        .await?)
}

/// The linkback with this key.
pub async fn find(db: &impl ConnectionTrait, id: LinkbackId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// The linkback from this source to this post.
pub async fn find_by_source(
    db: &impl ConnectionTrait,
    post: PostId,
    source_key: &str,
) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::PostId.eq(post))
        .filter(Column::SourceKey.eq(source_key))
        .one(db)
        .await?)
}

/// Adds a linkback to check; None where this source has sent one for this post before.
pub async fn insert(
    db: &impl ConnectionTrait,
    new: NewLinkback,
    now: Moment,
) -> Result<Option<LinkbackId>> {
    let row = ActiveModel {
        post_id: Set(new.post_id),
        protocol: Set(new.protocol),
        source_url: Set(new.source_url),
        source_key: Set(new.source_key),
        target_url: Set(new.target_url),
        state: Set(LinkbackState::Checking),
        ip: Set(new.ip),
        status_token: Set(Some(new.status_token)),
        sender_claims: Set(new.sender_claims),
        tries: Set(0),
        recheck_interval_days: Set(0),
        failures: Set(0),
        generation: Set(0),
        deferrals: Set(0),
        received_at: Set(now),
        ..Default::default()
    };
    let added = Entity::insert(row)
        .on_conflict(
            OnConflict::columns([Column::PostId, Column::SourceKey])
                .do_nothing()
                .to_owned(),
        )
        .exec_with_returning(db)
        .await;
    match added {
        Ok(row) => Ok(Some(row.id)),
        // Nothing comes back where nothing was inserted.
        Err(DbErr::RecordNotInserted | DbErr::RecordNotFound(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Queues a linkback that was sent again for a new check: its source may have been fixed, or
/// changed. Whether it was withdrawn is kept in `refusal`.
pub async fn set_checking(
    db: &impl ConnectionTrait,
    before: &Model,
    new: NewLinkback,
    now: Moment,
) -> Result<()> {
    let id = before.id;
    let mut row = ActiveModel {
        state: Set(LinkbackState::Checking),
        protocol: Set(new.protocol),
        source_url: Set(new.source_url),
        target_url: Set(new.target_url),
        sender_claims: Set(new.sender_claims),
        tries: Set(0),
        deferrals: Set(0),
        received_at: Set(now),
        ..Default::default()
    };
    if before.response_id.is_none() {
        row.refusal = Set(None);
    }
    if before.status_token.is_none() {
        row.status_token = Set(Some(new.status_token));
    }
    Entity::update_many()
        .set(row)
        .col_expr(Column::Generation, Expr::col(Column::Generation).add(1))
        .filter(Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

/// Claims the right to store the result of a check that began with `linkback`; false where a newer request
/// or another result came in between. Nobody else stores one until the transaction ends.
pub async fn claim_outcome(tx: &impl ConnectionTrait, linkback: &Model) -> Result<bool> {
    let taken = Entity::update_many()
        .col_expr(Column::Generation, Expr::col(Column::Generation).add(1))
        .filter(Column::Id.eq(linkback.id))
        .filter(Column::Generation.eq(linkback.generation))
        .exec(tx)
        .await?;
    Ok(taken.rows_affected > 0)
}

/// The result of a check of the source.
#[derive(Clone, Debug)]
pub enum CheckOutcome {
    /// It links here, and this is its response.
    Verified {
        /// What came of it.
        response: ResponseId,
        /// Which version was read.
        version: SourceVersion,
        /// When to check again.
        recheck_at: Moment,
        /// The interval until then, in days.
        recheck_interval_days: i64,
    },
    /// It is as it was.
    Unchanged {
        /// When to check again.
        recheck_at: Moment,
        /// The interval until then, in days.
        recheck_interval_days: i64,
    },
    /// It cannot be read, or no longer links here; its response stays.
    Failing {
        since: Moment,
        /// How many checks in a row failed.
        failures: i64,
        /// When to check again.
        recheck_at: Moment,
        /// The interval until then, in days.
        recheck_interval_days: i64,
    },
    /// This site could not check it, so nothing new is known.
    NotChecked {
        /// When to check again.
        recheck_at: Moment,
    },
    /// There is no response, and there will be none.
    Refused(Refusal),
    /// There was a response, and its source took it back.
    Withdrawn(Refusal),
    /// It could not be read; a job tries again.
    NotYet {
        /// How often it was tried.
        tries: i64,
        /// How often in a row it was put off.
        deferrals: i64,
    },
}

/// Notes what came of the check.
pub async fn set_outcome(
    db: &impl ConnectionTrait,
    id: LinkbackId,
    outcome: CheckOutcome,
    now: Moment,
) -> Result<()> {
    let mut row = ActiveModel {
        checked_at: Set(Some(now)),
        deferrals: Set(0),
        ..Default::default()
    };
    match outcome {
        CheckOutcome::Verified {
            response,
            version,
            recheck_at,
            recheck_interval_days,
        } => {
            row.state = Set(LinkbackState::Verified);
            row.refusal = Set(None);
            row.response_id = Set(Some(response));
            row.etag = Set(version.etag);
            row.last_modified = Set(version.last_modified);
            row.recheck_at = Set(Some(recheck_at));
            row.recheck_interval_days = Set(recheck_interval_days);
            row.failing_since = Set(None);
            row.failures = Set(0);
        }
        CheckOutcome::Unchanged {
            recheck_at,
            recheck_interval_days,
        } => {
            row.state = Set(LinkbackState::Verified);
            row.recheck_at = Set(Some(recheck_at));
            row.recheck_interval_days = Set(recheck_interval_days);
            row.failing_since = Set(None);
            row.failures = Set(0);
        }
        CheckOutcome::Failing {
            since,
            failures,
            recheck_at,
            recheck_interval_days,
        } => {
            row.recheck_interval_days = Set(recheck_interval_days);
            row.state = Set(LinkbackState::Verified);
            row.etag = Set(None);
            row.last_modified = Set(None);
            row.failing_since = Set(Some(since));
            row.failures = Set(failures);
            row.recheck_at = Set(Some(recheck_at));
        }
        CheckOutcome::NotChecked { recheck_at } => {
            row.state = Set(LinkbackState::Verified);
            row.recheck_at = Set(Some(recheck_at));
            row.checked_at = NotSet;
        }
        CheckOutcome::Refused(refusal) => {
            row.state = Set(LinkbackState::Refused);
            row.refusal = Set(Some(refusal));
            row.recheck_at = Set(None);
        }
        CheckOutcome::Withdrawn(refusal) => {
            row.state = Set(LinkbackState::Withdrawn);
            row.refusal = Set(Some(refusal));
            row.recheck_at = Set(None);
        }
        CheckOutcome::NotYet { tries, deferrals } => {
            row.tries = Set(tries);
            row.deferrals = Set(deferrals);
        }
    }
    Entity::update_many()
        .set(row)
        .filter(Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

/// The sources of a post's shown linkbacks, the oldest first.
pub async fn list_sources(
    db: &impl ConnectionTrait,
    post: PostId,
    limit: u64,
) -> Result<Vec<String>> {
    let sources: Vec<Option<String>> = response::Entity::find()
        .select_only()
        .column(response::Column::SourceUrl)
        .filter(response::Column::PostId.eq(post))
        .filter(response::Column::State.eq(ResponseState::Approved))
        .filter(response::Column::SourceUrl.is_not_null())
        .order_by_asc(response::Column::Path)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await?;
    Ok(sources.into_iter().flatten().collect())
}

/// Takes the linkbacks that are due for another check, the longest due first, and puts each of them
/// off until `next`, so that no other node takes it too.
pub async fn take_due(
    db: &impl ConnectionTrait,
    now: Moment,
    next: Moment,
    limit: u64,
) -> Result<Vec<LinkbackId>> {
    let mut due = Query::select();
    due.column(Column::Id)
        .from(Entity)
        .and_where(Column::RecheckAt.lte(now))
        .and_where(Column::State.eq(LinkbackState::Verified))
        .order_by(Column::RecheckAt, sea_orm::Order::Asc)
        .limit(limit);
    if db.get_database_backend() == DbBackend::Postgres {
        due.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    }
    let taken = Entity::update_many()
        .col_expr(Column::RecheckAt, Expr::value(next))
        .filter(Column::Id.in_subquery(due))
        .exec_with_returning(db)
        .await?;
    Ok(taken.into_iter().map(|row| row.id).collect())
}

/// Whether another linkback supports this response too: its source leads to the same page and is not
/// dead, or is being checked. It is dead after `dead_after` failed checks in a row.
pub async fn has_other(
    db: &impl ConnectionTrait,
    response: ResponseId,
    but: LinkbackId,
    dead_after: i64,
) -> Result<bool> {
    let stands = Condition::any()
        .add(
            Condition::all()
                .add(Column::State.eq(LinkbackState::Verified))
                .add(Column::Failures.lt(dead_after)),
        )
        .add(
            Condition::all()
                .add(Column::State.eq(LinkbackState::Checking))
                .add(Column::Refusal.is_null()),
        );
    exists(db, response, but, stands).await
}

/// Whether a source may change the response that came of it: it is that page itself, or no other source
/// ever led there.
pub async fn speaks_for(
    db: &impl ConnectionTrait,
    linkback: &Model,
    response: &response::Model,
) -> Result<bool> {
    let is_page = response.dedupe_key == linkback.source_key;
    Ok(is_page || !exists(db, response.id, linkback.id, Condition::all()).await?)
}

async fn exists(
    db: &impl ConnectionTrait,
    response: ResponseId,
    but: LinkbackId,
    which: Condition,
) -> Result<bool> {
    let one: Option<LinkbackId> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::ResponseId.eq(response))
        .filter(Column::Id.ne(but))
        .filter(which)
        .limit(1)
        .into_tuple()
        .one(db)
        .await?;
    Ok(one.is_some())
}
