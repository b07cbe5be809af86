//! What a room may be handed: the settings, the database, the way out, the clock, the limits.

use std::sync::{Arc, OnceLock, RwLock};
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::clock::Clock;
use crate::config::Config;
use crate::cpu::CpuPool;
use crate::error::{Error, Result};
use crate::jobs::Claimed;
use crate::judge::rule::RuleSet;
use crate::limits::Limits;
use crate::net::fetch::{FetchLimits, Fetcher};
use crate::net::guard::{AllowedNetwork, Guard, is_public};
use crate::net::mail::Mailer;
use crate::net::turns::Turns;
use crate::store::changes::Mark;
use crate::store::db::Store;
use crate::store::guids;
use crate::urls::Urls;

/// Whom this site tells of links to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sending {
    /// Everybody.
    On,
    /// Only networks that are allowed by name: the site's own address is one for tests.
    AllowedOnly,
    /// Nobody: the site's own address is one for tests, and no network is allowed.
    OffForTests,
    /// Nobody: it is switched off.
    Off,
}

impl Sending {
    /// Whether anybody is told.
    pub fn is_on(self) -> bool {
        matches!(self, Self::On | Self::AllowedOnly)
    }
}

/// Called in the task of each job, before its work and after. A site that runs has none; by it tests
/// make a worker die, or stop, at a given place.
pub type JobProbe = Arc<dyn Fn(&Claimed, Stage) + Send + Sync>;

/// Where in its work a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Nothing was done yet.
    Before,
    /// Its work succeeded, and that is not noted yet.
    After,
}

/// Handed to every room; cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// What there is.
pub struct Parts {
    /// The settings.
    pub config: Config,
    /// The database.
    pub store: Store,
    /// The one way out to other sites, for looking at pages that somebody told of.
    pub fetcher: Fetcher,
    /// The same way out, for telling the sites that our posts link to.
    pub sender: Fetcher,
    /// Whether they are told.
    pub sending: Sending,
    /// The way out for letters; None where none are sent.
    pub mailer: Option<Mailer>,
    /// What time it is.
    pub clock: Clock,
    /// How often somebody may do something.
    pub limits: Limits,
    /// Where work is done that takes the processor.
    pub cpu: CpuPool,
    /// The site's addresses.
    pub urls: Urls,
    /// The site's own rules, made ready.
    pub rules: RwLock<Option<(Mark, Arc<RuleSet>)>>,
    /// How many answers may wait for the check of a linkback at once.
    pub waiting: Semaphore,
    /// For tests.
    pub job_probe: OnceLock<JobProbe>,
}

impl std::ops::Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl App {
    /// Connects to the database that `config` names and brings its schema up to date.
    pub async fn start(config: Config, clock: Clock) -> Result<Self> {
        // Settings that cannot be used are told before anything is opened.
        let ways = Ways::out(&config, &clock)?;
        let store = Store::connect(
            &config.database.url,
            config.database.max_connections,
            Duration::from_secs(config.database.wait),
        )
        .await?;
        store.migrate().await?;
        guids::fill_missing(&store, &config.site_url()).await?;
        Ok(Self::assemble(config, clock, store, ways))
    }

    /// The same on a database that is connected already.
    pub fn with_store(config: Config, clock: Clock, store: Store) -> Result<Self> {
        let ways = Ways::out(&config, &clock)?;
        Ok(Self::assemble(config, clock, store, ways))
    }

    fn assemble(config: Config, clock: Clock, store: Store, ways: Ways) -> Self {
        Self(Arc::new(Parts {
            limits: Limits::new(&config.limits, clock.clone(), &store),
            cpu: CpuPool::default(),
            rules: RwLock::default(),
            waiting: Semaphore::new(config.linkbacks.waiting),
            job_probe: OnceLock::new(),
            fetcher: ways.fetcher,
            sender: ways.sender,
            sending: ways.sending,
            mailer: ways.mailer,
            urls: ways.urls,
            config,
            store,
            clock,
        }))
    }
}

/// The ways out to other sites, and the addresses by which they know this one.
struct Ways {
    fetcher: Fetcher,
    sender: Fetcher,
    sending: Sending,
    mailer: Option<Mailer>,
    urls: Urls,
}

impl Ways {
    fn out(config: &Config, clock: &Clock) -> Result<Self> {
        let urls = Urls::new(config.site_url(), config.zone());
        let allow = allowed_networks(config)?;
        let sending = sending(config, &urls, &allow);
        let public_ports = config.linkbacks.fetch_ports.clone();
        let guard = Guard::new(allow.clone(), public_ports.clone());
        let sender_guard = match sending {
            Sending::On => Guard::new(allow, public_ports),
            // Without ports no public address can be reached.
            _ => Guard::new(allow, Vec::new()),
        };
        // One count for both ways out: for the other site they are one visitor.
        let turns = Arc::new(Turns::new(
            clock.clone(),
            config.limits.fetches_per_host,
            config.limits.fetches_per_address,
        ));
        Ok(Self {
            fetcher: fetcher_for(config, guard, Arc::clone(&turns))?,
            sender: fetcher_for(config, sender_guard, turns)?,
            sending,
            mailer: mailer(config)?,
            urls,
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
            Error::Unavailable(format!("the settings in [mail] cannot be used: {error}"))
        })
}

fn unusable(setting: &str, error: &str) -> Error {
    Error::Unavailable(format!(
        "the setting linkbacks.{setting} cannot be used: {error}"
    ))
}

fn allowed_networks(config: &Config) -> Result<Vec<AllowedNetwork>> {
    config
        .linkbacks
        .fetch_allow
        .iter()
        .map(|network| network.parse())
        .collect::<std::result::Result<Vec<_>, _>>()
        .map_err(|error| unusable("fetch_allow", &format!("{error}")))
}

fn sending(config: &Config, urls: &Urls, allow: &[AllowedNetwork]) -> Sending {
    let is_test = urls.is_test_name() || urls.ip().is_some_and(|address| !is_public(address));
    match (config.linkbacks.send, is_test, allow.is_empty()) {
        (false, _, _) => Sending::Off,
        (true, true, true) => Sending::OffForTests,
        (true, true, false) => Sending::AllowedOnly,
        (true, false, _) => Sending::On,
    }
}

fn fetcher_for(config: &Config, guard: Guard, turns: Arc<Turns>) -> Result<Fetcher> {
    let settings = &config.linkbacks;
    let resolver = match settings.resolver.as_str() {
        "" => None,
        address => Some(address.parse().map_err(|_| {
            unusable(
                "resolver",
                &format!("it is an address with a port, such as 127.0.0.1:53, not {address:?}"),
            )
        })?),
    };
    let usual = FetchLimits::default();
    // Who waits for a pingback's check is told within the wait that its source does not answer.
    let first_byte = match settings.wait {
        0 | 1 => usual.first_byte,
        wait => usual.first_byte.min(Duration::from_secs(wait - 1)),
    };
    let limits = FetchLimits {
        deadline: Duration::from_secs(settings.fetch_timeout),
        first_byte,
        max_bytes: settings.fetch_size * 1024,
        ..usual
    };
    let user_agent = format!(
        "Rejoinder/{} Webmention (+{})",
        env!("CARGO_PKG_VERSION"),
        config.site_url()
    );
    Fetcher::new(guard, limits, resolver, user_agent, turns)
        .map_err(|error| Error::internal("prepare to fetch", error))
}
