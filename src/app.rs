//! What the domain works with: settings, database, fetchers, clock, rate limits. Holds them, and reads the
//! settings that administrators changed.

pub mod media_files;
mod prepared;

use std::sync::{Arc, OnceLock, RwLock};
use std::time::Duration;

use jiff::tz::TimeZone;
use tokio::sync::Semaphore;

use crate::clock::Clock;
use crate::config::Config;
use crate::config::effective::{
    ChangedSections, EffectiveSettings, MailSenderSettings, Section as _,
};
use crate::cpu::CpuPool;
use crate::error::Result;
use crate::files::Files;
use crate::jobs::ClaimedJob;
use crate::judge::rule_set::RuleSet;
use crate::limits::RateLimits;
use crate::net::fetch::Fetcher;
use crate::net::mail::Mailer;
use crate::store::changes::{CacheTag, Generation};
use crate::store::db::Store;
use crate::store::settings;
use crate::texts::Texts;
use crate::urls::Urls;

use prepared::Prepared;
pub use prepared::SendingMode;

/// Called in the task of each job, before its work and after. Only tests set one, to make a worker die
/// or stop at a given point.
pub type JobProbe = Arc<dyn Fn(&ClaimedJob, JobStage) + Send + Sync>;

/// When a [`JobProbe`] is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobStage {
    /// Nothing is done yet.
    Before,
    /// The work succeeded, and the job is not marked as done yet.
    After,
}

/// Cheap to clone; its fields are those of [`AppState`].
#[derive(Clone)]
pub struct App(Arc<AppState>);

/// The fields of [`App`].
pub struct AppState {
    /// The settings file. What administrators can change is in [`App::settings`].
    pub config: Config,
    pub store: Store,
    /// Fetches pages of other sites that link here.
    pub fetcher: Fetcher,
    /// Notifies the sites that posts link to; reaches what [`App::sending`] allows.
    pub sender: Fetcher,
    /// Which sites can be notified, where the settings do not turn it off.
    reachable: SendingMode,
    /// None where no email is sent.
    mailer: Option<Mailer>,
    /// In the site's language.
    pub texts: Texts,
    settings: RwLock<KeptSettings>,
    pub clock: Clock,
    /// How often a client or an account may do something.
    pub limits: RateLimits,
    /// For work that takes the processor.
    pub cpu: CpuPool,
    /// For work on uploaded pictures.
    pub picture_cpu: CpuPool,
    /// The files of pictures and documents.
    pub files: Files,
    pub urls: Urls,
    /// The site's compiled rules, with the generation of the site that they are from.
    pub rules: RwLock<Option<(Generation, Arc<RuleSet>)>>,
    /// How many answers may wait for the verification of a linkback at once.
    pub verification_waits: Semaphore,
    /// Set by tests only.
    pub job_probe: OnceLock<JobProbe>,
}

/// The settings that were read last.
struct KeptSettings {
    /// The generation of the site that they are from; None where nothing was read yet.
    generation: Option<Generation>,
    settings: Arc<EffectiveSettings>,
}

impl std::ops::Deref for App {
    type Target = AppState;

    fn deref(&self) -> &AppState {
        &self.0
    }
}

impl App {
    /// Connects to the database that `config` names and brings its schema up to date.
    pub async fn start(config: Config, clock: Clock) -> Result<Self> {
        // Unusable settings are reported before anything is opened.
        let prepared = Prepared::new(&config, &clock)?;
        let store = Store::connect(
            &config.database.url,
            config.database.max_connections,
            Duration::from_secs(config.database.timeout),
        )
        .await?;
        store.migrate().await?;
        let app = Self::assemble(config, clock, store, prepared);
        app.refresh_settings().await?;
        Ok(app)
    }

    /// The same on a database that is connected already.
    pub fn with_store(config: Config, clock: Clock, store: Store) -> Result<Self> {
        let prepared = Prepared::new(&config, &clock)?;
        Ok(Self::assemble(config, clock, store, prepared))
    }

    fn assemble(config: Config, clock: Clock, store: Store, prepared: Prepared) -> Self {
        Self(Arc::new(AppState {
            limits: RateLimits::new(&config.limits, clock.clone(), &store),
            cpu: CpuPool::default(),
            picture_cpu: CpuPool::for_pictures(),
            files: prepared.files,
            rules: RwLock::default(),
            verification_waits: Semaphore::new(config.linkbacks.max_verification_waits),
            job_probe: OnceLock::new(),
            fetcher: prepared.fetcher,
            sender: prepared.sender,
            reachable: prepared.reachable,
            settings: RwLock::new(KeptSettings {
                generation: None,
                settings: Arc::new(EffectiveSettings::new(&config, &ChangedSections::default())),
            }),
            mailer: prepared.mailer,
            urls: prepared.urls,
            texts: prepared.texts,
            config,
            store,
            clock,
        }))
    }

    /// The settings file with what administrators changed, as it was read last.
    pub fn settings(&self) -> Arc<EffectiveSettings> {
        let kept = self.settings.read().unwrap_or_else(|e| e.into_inner());
        Arc::clone(&kept.settings)
    }

    /// Reads the changed settings again where they may have changed. Every request and every job begins with
    /// this, so that [`App::settings`] is never older than its beginning.
    pub async fn refresh_settings(&self) -> Result<()> {
        let changes = self.store.changes();
        let kept = self
            .settings
            .read()
            .unwrap_or_else(|e| e.into_inner())
            .generation;
        if kept.is_some_and(|kept| changes.is_current(kept, &[CacheTag::Identity])) {
            return Ok(());
        }
        let generation = changes.generation();
        let changed = settings::find_changed(self.store.read()).await?;
        let fresh = Arc::new(EffectiveSettings::new(&self.config, &changed));
        let mut kept = self.settings.write().unwrap_or_else(|e| e.into_inner());
        // Of two that read at the same time, the one that began later knows more.
        if kept.generation.is_none_or(|kept| kept <= generation) {
            if let Err(error) = self.texts.switch(&fresh.general.language) {
                tracing::warn!(%error, "change the site's language");
            }
            *kept = KeptSettings {
                generation: Some(generation),
                settings: fresh,
            };
        }
        Ok(())
    }

    /// The time zone of dates on pages.
    pub fn zone(&self) -> TimeZone {
        self.settings().zone.clone()
    }

    /// Which sites are notified of links to them.
    pub fn sending(&self) -> SendingMode {
        match self.settings().discussion.send_linkbacks {
            true => self.reachable,
            false => SendingMode::Off,
        }
    }

    /// Whether emails are sent at all.
    pub fn sends_mail(&self) -> bool {
        self.mailer.is_some()
    }

    /// Sends the site's emails; None where no email is sent.
    pub fn mailer(&self) -> Option<Mailer> {
        let mailer = self.mailer.as_ref()?;
        let sender = &self.settings().mail;
        let default = MailSenderSettings::of_config(&self.config);
        let is_default = (&sender.from_name, &sender.from_address)
            == (&default.from_name, &default.from_address);
        if is_default {
            return Some(mailer.clone());
        }
        match mailer.with_sender(&sender.from_name, &sender.from_address) {
            Ok(mailer) => Some(mailer),
            Err(error) => {
                tracing::warn!(%error, "use the sender of emails");
                Some(mailer.clone())
            }
        }
    }
}
