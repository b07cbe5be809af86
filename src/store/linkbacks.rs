//! Queries on received linkbacks.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
};

use crate::clock::Moment;
use crate::error::Result;
use crate::store::entity::ids::{LinkbackId, PostId, ResponseId};
use crate::store::entity::linkback::{
    ActiveModel, Column, Entity, LinkbackState, Model, Protocol, Refusal,
};
use crate::store::entity::response::{self, ResponseState};

/// A row to be.
#[derive(Clone, Debug)]
pub struct NewLinkback {
    /// The post that is linked to.
    pub post_id: PostId,
    /// How it was told.
    pub protocol: Protocol,
    /// The page that links.
    pub source_url: String,
    /// The same without its fragment.
    pub source_key: String,
    /// The page here.
    pub target_url: String,
    /// Who told.
    pub ip: Option<String>,
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

/// Adds a linkback that is to be checked; None where this source told of this post before.
pub async fn insert(
    db: &impl ConnectionTrait,
    new: NewLinkback,
    now: Moment,
) -> Result<Option<LinkbackId>> {
    let key = (new.post_id, new.source_key.clone());
    let row = ActiveModel {
        post_id: Set(new.post_id),
        protocol: Set(new.protocol),
        source_url: Set(new.source_url),
        source_key: Set(new.source_key),
        target_url: Set(new.target_url),
        state: Set(LinkbackState::Checking),
        ip: Set(new.ip),
        received_at: Set(now),
        ..Default::default()
    };
    let added = Entity::insert(row)
        .on_conflict(
            OnConflict::columns([Column::PostId, Column::SourceKey])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(db)
        .await?;
    if added == 0 {
        return Ok(None);
    }
    Ok(find_by_source(db, key.0, &key.1).await?.map(|row| row.id))
}

/// Puts a refused linkback back to be checked: its source may have been mended.
pub async fn set_checking(
    db: &impl ConnectionTrait,
    id: LinkbackId,
    target_url: &str,
    now: Moment,
) -> Result<()> {
    let row = ActiveModel {
        state: Set(LinkbackState::Checking),
        refusal: Set(None),
        target_url: Set(target_url.to_owned()),
        received_at: Set(now),
        ..Default::default()
    };
    Entity::update_many()
        .set(row)
        .filter(Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

/// Notes what came of the check.
pub async fn set_outcome(
    db: &impl ConnectionTrait,
    id: LinkbackId,
    outcome: Result<ResponseId, Refusal>,
    now: Moment,
) -> Result<()> {
    let mut row = ActiveModel {
        checked_at: Set(Some(now)),
        ..Default::default()
    };
    match outcome {
        Ok(response) => {
            row.state = Set(LinkbackState::Verified);
            row.refusal = Set(None);
            row.response_id = Set(Some(response));
        }
        Err(refusal) => {
            row.state = Set(LinkbackState::Refused);
            row.refusal = Set(Some(refusal));
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
