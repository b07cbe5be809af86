//! What the domain works with: settings, database, fetchers, clock, rate limits. Holds them and does
//! nothing with them.

use std::sync::{Arc, OnceLock, RwLock};
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::clock::Clock;
use crate::config::Config;
use crate::cpu::CpuPool;
use crate::error::{Error, Result};
use crate::jobs::ClaimedJob;
use crate::judge::rule_set::RuleSet;
use crate::limits::RateLimits;
use crate::net::fetch::{FetchLimits, Fetcher};
use crate::net::guard::{AllowedNetwork, BadNetwork, Guard, is_public};
use crate::net::host_limits::HostLimits;
use crate::net::mail::Mailer;
use crate::store::changes::Generation;
use crate::store::db::Store;
use crate::texts::{Message, Texts};
use crate::urls::Urls;

/// Which sites are notified of links to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendingMode {
    /// All sites.
    On,
    /// Only the networks in `linkbacks.fetch_allow`: the site's own address is reserved for tests.
    AllowedOnly,
    /// None: the site's own address is reserved for tests, and no network is allowed.
    OffForTests,
    /// None: `linkbacks.send` is off.
    Off,
}

impl SendingMode {
    /// Whether any site is notified.
    pub fn is_on(self) -> bool {
        matches!(self, Self::On | Self::AllowedOnly)
    }
}

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
    pub config: Config,
    pub store: Store,
    /// Fetches pages of other sites that link here.
    pub fetcher: Fetcher,
    /// Notifies the sites that posts link to; reaches what [`AppState::sending`] allows.
    pub sender: Fetcher,
    pub sending: SendingMode,
    /// None where no email is sent.
    pub mailer: Option<Mailer>,
    /// In the site's language.
    pub texts: Texts,
    pub clock: Clock,
    /// How often a client or an account may do something.
    pub limits: RateLimits,
    /// For work that takes the processor.
    pub cpu: CpuPool,
    pub urls: Urls,
    /// The site's compiled rules, with the generation of the site that they are from.
    pub rules: RwLock<Option<(Generation, Arc<RuleSet>)>>,
    /// How many answers may wait for the verification of a linkback at once.
    pub verification_waits: Semaphore,
    /// Set by tests only.
    pub job_probe: OnceLock<JobProbe>,
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
        Ok(Self::assemble(config, clock, store, prepared))
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
            rules: RwLock::default(),
            verification_waits: Semaphore::new(config.linkbacks.max_verification_waits),
            job_probe: OnceLock::new(),
            fetcher: prepared.fetcher,
            sender: prepared.sender,
            sending: prepared.sending,
            mailer: prepared.mailer,
            urls: prepared.urls,
            texts: prepared.texts,
            config,
            store,
            clock,
        }))
    }
}

/// What is made from the settings alone, before anything is opened.
struct Prepared {
    fetcher: Fetcher,
    sender: Fetcher,
    sending: SendingMode,
    mailer: Option<Mailer>,
    urls: Urls,
    texts: Texts,
}

impl Prepared {
    fn new(config: &Config, clock: &Clock) -> Result<Self> {
        let urls = Urls::new(config.site_url(), config.zone());
        let allow = allowed_networks(config)?;
        let sending = sending_mode(config, &urls, &allow);
        let public_ports = config.linkbacks.fetch_ports.clone();
        let guard = Guard::new(allow.clone(), public_ports.clone());
        let sender_guard = match sending {
            SendingMode::On => Guard::new(allow, public_ports),
            // Without ports no public address can be reached.
            _ => Guard::new(allow, Vec::new()),
        };
        // Counted together: to the other site both fetchers are one visitor.
        let host_limits = Arc::new(HostLimits::new(
            clock.clone(),
            config.limits.fetches_per_host,
            config.limits.fetches_per_address,
        ));
        Ok(Self {
            fetcher: fetcher_for(config, guard, Arc::clone(&host_limits))?,
            sender: fetcher_for(config, sender_guard, host_limits)?,
            sending,
            mailer: mailer(config)?,
            urls,
            texts: Texts::load(&config.site.language)?,
        })
    }
}

fn mailer(config: &Config) -> Result<Option<Mailer>> {
    if config.mail.server.is_empty() {
        return Ok(None);
    }
    Mailer::new(&config.mail.server, &config.mail.from)
        .map(Some)
        .map_err(|error| {
            Error::Unavailable(
                Message::new("mail-settings-unusable").with("error", error.to_string()),
            )
        })
}

fn allowed_networks(config: &Config) -> Result<Vec<AllowedNetwork>> {
    config
        .linkbacks
        .fetch_allow
        .iter()
        .map(|network| network.parse())
        .collect::<std::result::Result<Vec<AllowedNetwork>, BadNetwork>>()
        .map_err(|error| {
            Error::Unavailable(
                Message::new("linkbacks-fetch-allow-unusable").with("error", error.to_string()),
            )
        })
}

fn sending_mode(config: &Config, urls: &Urls, allow: &[AllowedNetwork]) -> SendingMode {
    let is_test = urls.is_test_name() || urls.ip().is_some_and(|address| !is_public(address));
    match (config.linkbacks.send, is_test, allow.is_empty()) {
        (false, _, _) => SendingMode::Off,
        (true, true, true) => SendingMode::OffForTests,
        (true, true, false) => SendingMode::AllowedOnly,
        (true, false, _) => SendingMode::On,
    }
}

fn fetcher_for(config: &Config, guard: Guard, host_limits: Arc<HostLimits>) -> Result<Fetcher> {
    let settings = &config.linkbacks;
    let resolver = match settings.resolver.as_str() {
        "" => None,
        address => Some(address.parse().map_err(|_| {
            Error::Unavailable(
                Message::new("linkbacks-resolver-unusable").with("value", format!("{address:?}")),
            )
        })?),
    };
    let defaults = FetchLimits::default();
    // A source that does not answer fails within the time that a pingback's sender waits.
    let response_timeout = match settings.verification_wait {
        0 | 1 => defaults.response_timeout,
        wait => defaults.response_timeout.min(Duration::from_secs(wait - 1)),
    };
    let limits = FetchLimits {
        deadline: Duration::from_secs(settings.fetch_timeout),
        response_timeout,
        max_bytes: settings.fetch_size * 1024,
        ..defaults
    };
    let user_agent = format!(
        "Rejoinder/{} Webmention (+{})",
        env!("CARGO_PKG_VERSION"),
        config.site_url()
    );
    Fetcher::new(guard, limits, resolver, user_agent, host_limits)
        .map_err(|error| Error::internal("prepare to fetch", error))
}
