//! Queries on bursts.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
};

use crate::clock::Moment;
use crate::error::Result;
use crate::store::entity::burst::{ActiveModel, Column, Entity, Model};
use crate::store::entity::ids::PostId;
use crate::store::entity::response;

/// Represents the whole site instead of a post.
pub const WHOLE_SITE: PostId = PostId(0);
/// The advisory lock for detecting bursts: "burst" in ASCII.
const BURST_LOCK: i64 = 0x62_75_72_73_74;
/// The most bursts that are listed.
const MAX_BURSTS: u64 = 100;

/// Serialises burst detection until the transaction ends: responses that come in at once would each
/// not see the others. SQLite needs no lock: it has one writer.
pub async fn lock(tx: &impl ConnectionTrait) -> Result<()> {
    if tx.get_database_backend() == DbBackend::Postgres {
        let lock = format!("SELECT pg_advisory_xact_lock({BURST_LOCK})");
        tx.execute_unprepared(&lock).await?;
    }
    Ok(())
}

/// The bursts that last at `now`, of these posts or all.
pub async fn list_lasting(
    db: &impl ConnectionTrait,
    posts: Option<&[PostId]>,
    now: Moment,
) -> Result<Vec<Model>> {
    let mut query = Entity::find().filter(Column::Until.gt(now));
    if let Some(posts) = posts {
        query = query.filter(Column::PostId.is_in(posts.iter().copied()));
    }
    Ok(query
        .order_by_asc(Column::PostId)
        .limit(MAX_BURSTS)
        .all(db)
        .await?)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Burst {
    /// The post, or [`WHOLE_SITE`].
    pub post: PostId,
    pub since: Moment,
    /// When it ends if nothing more comes in.
    pub until: Moment,
}

/// Starts or prolongs a burst.
pub async fn set(db: &impl ConnectionTrait, burst: Burst) -> Result<()> {
    let row = ActiveModel {
        post_id: Set(burst.post),
        since: Set(burst.since),
        until: Set(burst.until),
    };
    Entity::insert(row)
        .on_conflict(
            OnConflict::column(Column::PostId)
                .update_columns([Column::Since, Column::Until])
                .to_owned(),
        )
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Ends a burst at once.
pub async fn delete(db: &impl ConnectionTrait, post: PostId) -> Result<()> {
    Entity::delete_by_id(post).exec(db).await?;
    Ok(())
}

/// When the response came in that is `nth` back from the newest, on a post or on the whole site.
pub async fn nth_newest(
    db: &impl ConnectionTrait,
    post: Option<PostId>,
    nth: u64,
) -> Result<Option<Moment>> {
    let mut query = response::Entity::find()
        .select_only()
        .column(response::Column::CreatedAt);
    if let Some(post) = post {
        query = query.filter(response::Column::PostId.eq(post));
    }
    Ok(query
        .order_by_desc(response::Column::CreatedAt)
        .order_by_desc(response::Column::Id)
        .offset(nth)
        .limit(1)
        .into_tuple()
        .one(db)
        .await?)
}
