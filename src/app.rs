//! What a room may be handed: the settings, the database, the way out, the clock, the limits.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::clock::Clock;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::net::fetch::{FetchLimits, Fetcher};
use crate::net::guard::Guard;
use crate::store::db::Store;
use crate::urls::Urls;

/// Handed to every room; cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// What there is.
pub struct Parts {
    /// The settings.
    pub config: Config,
    /// The database.
    pub store: Store,
    /// The one way out to other sites.
    pub fetcher: Fetcher,
    /// What time it is.
    pub clock: Clock,
    /// How often somebody may do something.
    pub limits: Limits,
    /// The site's addresses.
    pub urls: Urls,
    /// How many answers may wait for the check of a linkback at once.
    pub waiting: Semaphore,
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
        let store = Store::connect(
            &config.database.url,
            config.database.max_connections,
            Duration::from_secs(config.database.wait),
        )
        .await?;
        store.migrate().await?;
        Self::with_store(config, clock, store)
    }

    /// The same on a database that is connected already.
    pub fn with_store(config: Config, clock: Clock, store: Store) -> Result<Self> {
        let fetcher = fetcher(&config)?;
        let limits = Limits::new(&config.limits);
        let urls = Urls::new(config.site_url(), config.zone());
        let waiting = Semaphore::new(config.linkbacks.waiting);
        Ok(Self(Arc::new(Parts {
            config,
            store,
            fetcher,
            clock,
            limits,
            urls,
            waiting,
        })))
    }
}

fn fetcher(config: &Config) -> Result<Fetcher> {
    let unusable = |setting: &str, error: String| {
        Error::Unavailable(format!(
            "the setting linkbacks.{setting} cannot be used: {error}"
        ))
    };
    let settings = &config.linkbacks;
    let allow = settings
        .fetch_allow
        .iter()
        .map(|network| network.parse())
        .collect::<std::result::Result<Vec<_>, _>>()
        .map_err(|error| unusable("fetch_allow", format!("{error}")))?;
    let resolver = match settings.resolver.as_str() {
        "" => None,
        address => Some(address.parse().map_err(|_| {
            unusable(
                "resolver",
                format!("it is an address with a port, such as 127.0.0.1:53, not {address:?}"),
            )
        })?),
    };
    let limits = FetchLimits {
        deadline: Duration::from_secs(settings.fetch_timeout),
        max_bytes: settings.fetch_size * 1024,
        ..FetchLimits::default()
    };
    let user_agent = format!(
        "Rejoinder/{} (+{})",
        env!("CARGO_PKG_VERSION"),
        config.site_url()
    );
    Fetcher::new(
        Guard::new(allow, settings.fetch_ports.clone()),
        limits,
        resolver,
        user_agent,
    )
    .map_err(|error| Error::internal("prepare to fetch", error))
}
