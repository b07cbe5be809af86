//! Queries on where pictures in the library came from.

use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder, Set};

use crate::error::Result;
use crate::store::entity::ids::MediaId;
use crate::store::entity::media::Model as Media;
use crate::store::entity::media_source::{ActiveModel, Column, Entity};
use crate::store::media;

/// Where a picture came from; None for an ordinary upload.
pub async fn find(db: &impl ConnectionTrait, id: MediaId) -> Result<Option<String>> {
    let row = Entity::find_by_id(id).one(db).await?;
    Ok(row.map(|row| row.source))
}

/// The newest picture that came from there.
pub async fn find_media(db: &impl ConnectionTrait, source: &str) -> Result<Option<Media>> {
    let row = Entity::find()
        .filter(Column::Source.eq(source))
        .order_by_desc(Column::MediaId)
        .one(db)
        .await?;
    match row {
        Some(row) => media::find(db, row.media_id).await,
        None => Ok(None),
    }
}

/// The advisory lock under which pictures with a source are added: "source" in ASCII.
const SOURCE_LOCK: i64 = 0x73_6f_75_72_63_65;

/// Keeps every other node from storing a picture with its source until the transaction ends, so that one that
/// was not found before is still missing. SQLite needs no lock: it has one writer.
pub async fn lock(tx: &impl ConnectionTrait) -> Result<()> {
    if tx.get_database_backend() == DbBackend::Postgres {
        let lock = format!("SELECT pg_advisory_xact_lock({SOURCE_LOCK})");
        tx.execute_unprepared(&lock).await?;
    }
    Ok(())
}

/// Records where a picture came from, in the transaction that stores it.
pub async fn insert(tx: &impl ConnectionTrait, id: MediaId, source: &str) -> Result<()> {
    let row = ActiveModel {
        media_id: Set(id),
        source: Set(source.to_owned()),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}
