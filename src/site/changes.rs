//! Records changes of the settings: who changed what, and when. If two people change the same revision of
//! a section, the second change fails. Applies no change itself.

use serde::Serialize;

use crate::accounts::permissions::Actor;
use crate::clock::Moment;
use crate::error::{Error, Result};
use crate::store::changes::CacheTag;
use crate::store::db::Tx;
use crate::store::entity::setting_change::SettingsSection;
use crate::store::setting_changes::{self as rows, NewChange};
use crate::texts::Message;

/// Fails if the section no longer has the revision that the person saw; None if there was none to see, such as on
/// the command line.
pub async fn check_revision(tx: &Tx, section: SettingsSection, seen: Option<i64>) -> Result<()> {
    rows::lock(tx).await?;
    let newest = rows::list_newest(tx, section, 1).await?;
    let current = newest.first().map_or(0, |change| change.revision);
    if seen.is_none_or(|seen| seen == current) {
        return Ok(());
    }
    let message = match newest.first() {
        Some(change) => Message::new("settings-conflict").with("name", change.actor_name.as_str()),
        // A revision that never was.
        None => Message::new("conflict-stored-already"),
    };
    Err(Error::Conflict(message))
}

/// Records a change of `section`, in the transaction that makes it.
pub async fn record(
    tx: &Tx,
    actor: &Actor,
    section: SettingsSection,
    (before, after): (&impl Serialize, &impl Serialize),
    undoes: Option<i64>,
    now: Moment,
) -> Result<()> {
    let json = |error| Error::internal("write a change of the settings as JSON", error);
    let new = NewChange {
        section,
        revision: rows::find_revision(tx, section).await? + 1,
        value_before: serde_json::to_string(before).map_err(json)?,
        value_after: serde_json::to_string(after).map_err(json)?,
        actor_id: actor.id,
        actor_name: actor.name.clone(),
        undoes,
    };
    rows::insert(tx, new, now).await?;
    tx.invalidate(CacheTag::Identity);
    Ok(())
}
