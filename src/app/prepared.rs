//! The parts of the application that depend only on the settings file, made before anything is opened.

use std::sync::Arc;
use std::time::Duration;

use crate::app::media_files;
use crate::clock::Clock;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::files::Files;
use crate::net::fetch::{FetchLimits, Fetcher};
use crate::net::guard::{AllowedNetwork, BadNetwork, Guard, is_public};
use crate::net::host_limits::HostLimits;
use crate::net::mail::Mailer;
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
    /// None: the site's settings turn it off.
    Off,
}

impl SendingMode {
    /// Whether any site is notified.
    pub fn is_on(self) -> bool {
        matches!(self, Self::On | Self::AllowedOnly)
    }
}

/// The parts that the settings file makes.
pub(super) struct Prepared {
    pub(super) fetcher: Fetcher,
    pub(super) sender: Fetcher,
    pub(super) reachable: SendingMode,
    pub(super) mailer: Option<Mailer>,
    pub(super) files: Files,
    pub(super) urls: Urls,
    pub(super) texts: Texts,
}

impl Prepared {
    pub(super) fn new(config: &Config, clock: &Clock) -> Result<Self> {
        let urls = Urls::new(config.site_url());
        let allow = allowed_networks(config)?;
        let reachable = reachable_sites(&urls, &allow);
        let public_ports = config.linkbacks.fetch_ports.clone();
        let guard = Guard::new(allow.clone(), public_ports.clone());
        let sender_guard = match reachable {
            SendingMode::On => Guard::new(allow, public_ports),
            // Without ports, no public address can be reached.
            _ => Guard::new(allow, Vec::new()),
        };
        // Counted together: to the other site, both fetchers are one visitor.
        let host_limits = Arc::new(HostLimits::new(
            clock.clone(),
            config.limits.fetches_per_host,
            config.limits.fetches_per_address,
        ));
        Ok(Self {
            fetcher: fetcher_for(config, guard, Arc::clone(&host_limits))?,
            sender: fetcher_for(config, sender_guard, host_limits)?,
            reachable,
            mailer: mailer(config)?,
            files: media_files::open(config)?,
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

fn reachable_sites(urls: &Urls, allow: &[AllowedNetwork]) -> SendingMode {
    let is_test = urls.is_test_name() || urls.ip().is_some_and(|address| !is_public(address));
    match (is_test, allow.is_empty()) {
        (true, true) => SendingMode::OffForTests,
        (true, false) => SendingMode::AllowedOnly,
        (false, _) => SendingMode::On,
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
