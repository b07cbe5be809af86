//! Undoes the latest change of a section of the settings. That is a change itself, and can be undone,
//! too.

use serde::de::DeserializeOwned;

use crate::accounts::permissions::{Action, Actor};
use crate::app::App;
use crate::config::effective::{DiscussionSettings, GeneralSettings, MailSenderSettings};
use crate::error::{Error, Result};
use crate::site::section::restore;
use crate::site::{changes, design, identity, navigation};
use crate::store::entity::setting_change::SettingsSection;
use crate::store::{menu_items, setting_changes, settings};
use crate::texts::Message;

/// Undoes the change that made `revision`; fails if there is a later one.
pub async fn undo(app: &App, actor: &Actor, section: SettingsSection, revision: i64) -> Result<()> {
    actor.must(Action::ChangeSettings)?;
    let (actor, now) = (actor.clone(), app.clock.now());
    app.store
        .write(move |tx| {
            let actor = actor.clone();
            Box::pin(async move {
                changes::check_revision(tx, section, Some(revision))
                    .await
                    .map_err(|error| match error {
                        Error::Conflict(_) => {
                            Error::Conflict(Message::new("settings-undo-conflict"))
                        }
                        error => error,
                    })?;
                let newest = setting_changes::list_newest(tx, section, 1).await?;
                let change = newest.first().ok_or(Error::NotFound("change"))?;
                let undoes = Some(revision);
                match section {
                    SettingsSection::Identity => {
                        let before = identity::stored(settings::find_identity(tx).await?);
                        let after = read(&change.value_before)?;
                        identity::apply(tx, &after).await?;
                        let values = (&before, &after);
                        changes::record(tx, &actor, section, values, undoes, now).await
                    }
                    SettingsSection::Design => {
                        let before = design::find_in(tx).await?;
                        let after = read(&change.value_before)?;
                        design::apply(tx, &after).await?;
                        let values = (&before, &after);
                        changes::record(tx, &actor, section, values, undoes, now).await
                    }
                    SettingsSection::General => {
                        restore::<GeneralSettings>(tx, &actor, change, now).await
                    }
                    SettingsSection::Discussion => {
                        restore::<DiscussionSettings>(tx, &actor, change, now).await
                    }
                    SettingsSection::Mail => {
                        restore::<MailSenderSettings>(tx, &actor, change, now).await
                    }
                    SettingsSection::Navigation => {
                        let before = navigation::of_rows(menu_items::list(tx).await?);
                        let after = read(&change.value_before)?;
                        navigation::apply(tx, &after).await?;
                        let values = (&before, &after);
                        changes::record(tx, &actor, section, values, undoes, now).await
                    }
                }
            })
        })
        .await
}

fn read<T: DeserializeOwned>(json: &str) -> Result<T> {
    serde_json::from_str(json)
        .map_err(|error| Error::internal("read a change of the settings", error))
}
