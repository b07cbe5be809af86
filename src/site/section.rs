//! Saves the settings for which the settings file has defaults, one section at a time. Stores only what
//! differs from the file, so that everything else follows the file. What may be stored, each section checks.

use serde::de::DeserializeOwned;

use crate::accounts::permissions::{Action, Actor};
use crate::app::App;
use crate::clock::Moment;
use crate::config::effective::{
    Changed, DiscussionSettings, GeneralSettings, MailSenderSettings, Section, changed, overlaid,
    read_changed,
};
use crate::error::{Error, Result};
use crate::site::changes;
use crate::store::db::Tx;
use crate::store::entity::setting_change::{Model as Change, SettingsSection};
use crate::store::setting_changes;
use crate::store::settings::{self, Setting};

/// A section that is stored in the database where it differs from the settings file.
pub trait StoredSection: Section {
    const SECTION: SettingsSection;
    const SETTING: Setting;
}

impl StoredSection for GeneralSettings {
    const SECTION: SettingsSection = SettingsSection::General;
    const SETTING: Setting = Setting::General;
}

impl StoredSection for DiscussionSettings {
    const SECTION: SettingsSection = SettingsSection::Discussion;
    const SETTING: Setting = Setting::Discussion;
}

impl StoredSection for MailSenderSettings {
    const SECTION: SettingsSection = SettingsSection::Mail;
    const SETTING: Setting = Setting::Mail;
}

/// A section that people type on its page.
pub trait TypedSection: StoredSection {
    /// What was typed.
    type Input: for<'s> From<&'s Self> + DeserializeOwned + Default + Send + Sync;

    /// The values that were typed, or all that is wrong with them.
    fn check(typed: &Self::Input, defaults: &Self) -> Result<Self>;
}

/// A section as its page shows it.
#[derive(Clone, Debug)]
pub struct SectionState<S> {
    pub values: S,
    /// The values of the settings file.
    pub defaults: S,
    pub revision: i64,
}

impl<S: StoredSection> SectionState<S> {
    /// Whether any value differs from the settings file.
    pub fn is_changed(&self) -> bool {
        self.values != self.defaults
    }
}

/// The section as it is stored.
pub async fn find<S: StoredSection>(app: &App) -> Result<SectionState<S>> {
    let db = app.store.read();
    // The revision first: a change in between makes the form look old, never new.
    let revision = setting_changes::find_revision(db, S::SECTION).await?;
    let stored = settings::find(db, S::SETTING).await?.unwrap_or_default();
    let defaults = S::of_config(&app.config);
    Ok(SectionState {
        values: overlaid(&defaults, &read_changed(&stored)),
        defaults,
        revision,
    })
}

/// Checks what was typed, and saves it; `seen` is the revision that the person looked at. Saving what is stored
/// already changes nothing.
pub async fn save<S: TypedSection>(
    app: &App,
    actor: &Actor,
    typed: &S::Input,
    seen: Option<i64>,
) -> Result<()> {
    actor.must(Action::ChangeSettings)?;
    let defaults = S::of_config(&app.config);
    let after = changed(&defaults, &S::check(typed, &defaults)?);
    store(app, actor, (S::SECTION, S::SETTING), after, seen).await
}

/// Lets all settings of the section follow the settings file again.
pub async fn use_defaults<S: StoredSection>(
    app: &App,
    actor: &Actor,
    seen: Option<i64>,
) -> Result<()> {
    store(app, actor, (S::SECTION, S::SETTING), Changed::new(), seen).await
}

async fn store(
    app: &App,
    actor: &Actor,
    (section, setting): (SettingsSection, Setting),
    after: Changed,
    seen: Option<i64>,
) -> Result<()> {
    actor.must(Action::ChangeSettings)?;
    let (actor, now) = (actor.clone(), app.clock.now());
    app.store
        .write(move |tx| {
            let (actor, after) = (actor.clone(), after.clone());
            Box::pin(async move {
                changes::check_revision(tx, section, seen).await?;
                let before = read_changed(&settings::find(tx, setting).await?.unwrap_or_default());
                if before == after {
                    return Ok(());
                }
                apply(tx, setting, &after).await?;
                changes::record(tx, &actor, section, (&before, &after), None, now).await
            })
        })
        .await
}

/// Undoes the latest change, in the transaction that checked that it is the latest.
pub(super) async fn restore<S: StoredSection>(
    tx: &Tx,
    actor: &Actor,
    change: &Change,
    now: Moment,
) -> Result<()> {
    let stored = settings::find(tx, S::SETTING).await?.unwrap_or_default();
    let (before, after) = (read_changed(&stored), read_changed(&change.value_before));
    apply(tx, S::SETTING, &after).await?;
    let undoes = Some(change.revision);
    changes::record(tx, actor, S::SECTION, (&before, &after), undoes, now).await
}

async fn apply(tx: &Tx, setting: Setting, changed: &Changed) -> Result<()> {
    if changed.is_empty() {
        return settings::delete(tx, setting).await;
    }
    let json = serde_json::to_string(changed)
        .map_err(|error| Error::internal("write changed settings as JSON", error))?;
    settings::set(tx, setting, &json).await
}
