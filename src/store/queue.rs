//! The queue's pages: responses of all posts in one state.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::error::Result;
use crate::store::entity::ids::ResponseId;
use crate::store::entity::response::{Column, Entity, Model, ResponseState};

/// Where a page of the queue begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    /// At the beginning.
    Start,
    /// Behind this response.
    After(ResponseId),
}

/// A page of the queue: what waits is shown oldest first, what is decided newest first.
pub async fn page(
    db: &impl ConnectionTrait,
    state: ResponseState,
    from: From,
    size: u64,
) -> Result<Vec<Model>> {
    let mut query = Entity::find().filter(Column::State.eq(state));
    let oldest_first = state == ResponseState::Pending;
    if let From::After(id) = from {
        query = query.filter(if oldest_first {
            Column::Id.gt(id)
        } else {
            Column::Id.lt(id)
        });
    }
    query = if oldest_first {
        query.order_by_asc(Column::Id)
    } else {
        query.order_by_desc(Column::Id)
    };
    Ok(query.limit(size).all(db).await?)
}

/// The keys of what waits, oldest first, behind `after`; for work on all of it, a chunk at a time.
pub async fn list_pending_ids(
    db: &impl ConnectionTrait,
    after: ResponseId,
    limit: u64,
) -> Result<Vec<ResponseId>> {
    Ok(Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::State.eq(ResponseState::Pending))
        .filter(Column::Id.gt(after))
        .order_by_asc(Column::Id)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await?)
}
