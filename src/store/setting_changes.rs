//! Queries on the changes of settings: who changed what, and when. Applies none of them.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect, Set,
};

use crate::clock::Moment;
use crate::error::Result;
use crate::store::entity::ids::UserId;
use crate::store::entity::setting_change::{ActiveModel, Column, Entity, Model, SettingsSection};

/// How many changes of a section are kept.
const KEPT: i64 = 100;

/// A change to be recorded.
#[derive(Clone, Debug)]
pub struct NewChange {
    pub section: SettingsSection,
    /// One more than the revision that was changed.
    pub revision: i64,
    pub value_before: String,
    pub value_after: String,
    /// None for the operator.
    pub actor_id: Option<UserId>,
    pub actor_name: String,
    /// The revision that this change undoes.
    pub undoes: Option<i64>,
}

/// The latest changes of a section, the newest first.
pub async fn list_newest(
    db: &impl ConnectionTrait,
    section: SettingsSection,
    limit: u64,
) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::Section.eq(section))
        .order_by_desc(Column::Revision)
        .limit(limit)
        .all(db)
        .await?)
}

/// The advisory lock under which settings change: "setting" in ASCII.
const SETTINGS_LOCK: i64 = 0x73_65_74_74_69_6e_67;

/// Keeps every other node from changing settings until the transaction ends, so that a revision that was
/// checked is still the latest when it is replaced. SQLite needs no lock: it has one writer.
pub async fn lock(tx: &impl ConnectionTrait) -> Result<()> {
    if tx.get_database_backend() == DbBackend::Postgres {
        let lock = format!("SELECT pg_advisory_xact_lock({SETTINGS_LOCK})");
        tx.execute_unprepared(&lock).await?;
    }
    Ok(())
}

/// The revision of a section: how often it was changed.
pub async fn find_revision(db: &impl ConnectionTrait, section: SettingsSection) -> Result<i64> {
    let newest = list_newest(db, section, 1).await?;
    Ok(newest.first().map_or(0, |change| change.revision))
}

/// Records a change, and forgets the oldest ones. Fails where another change has this revision.
pub async fn insert(db: &impl ConnectionTrait, new: NewChange, now: Moment) -> Result<()> {
    let (section, oldest) = (new.section, new.revision - KEPT);
    let row = ActiveModel {
        section: Set(section),
        revision: Set(new.revision),
        value_before: Set(new.value_before),
        value_after: Set(new.value_after),
        actor_id: Set(new.actor_id),
        actor_name: Set(new.actor_name),
        undoes: Set(new.undoes),
        changed_at: Set(now),
        ..Default::default()
    };
    row.insert(db).await?;
    Entity::delete_many()
        .filter(Column::Section.eq(section))
        .filter(Column::Revision.lte(oldest))
        .exec(db)
        .await?;
    Ok(())
}
