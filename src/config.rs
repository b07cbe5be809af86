//! The settings: the built-in defaults, the site's own file and the environment, checked once at load.
//!
//! Other code gets its settings from here and never reads the environment itself.

pub mod effective;
mod reading;
mod sections;

use std::path::{Path, PathBuf};
use std::time::Duration;

use figment::Figment;
use figment::providers::{Format, Toml};
use figment::value::Dict;
use jiff::tz::TimeZone;
use serde::Deserialize;

pub use reading::{ConfigError, DEFAULTS};
pub use sections::{
    AccountSettings, CacheSettings, CommentModeration, CommentSettings, DatabaseSettings,
    ForwardedHeader, JobSettings, LimitSettings, LinkbackSettings, LogFormat, LogSettings,
    MailSettings, MediaSettings, ModerationSettings, ServerSettings, SiteSettings,
};

/// The settings file that is read if `--config` names none.
pub const DEFAULT_FILE: &str = "config/rejoinder.toml";

/// All settings, one field per section of the file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub server: ServerSettings,
    pub database: DatabaseSettings,
    pub site: SiteSettings,
    pub comments: CommentSettings,
    pub linkbacks: LinkbackSettings,
    pub media: MediaSettings,
    pub moderation: ModerationSettings,
    pub mail: MailSettings,
    pub limits: LimitSettings,
    pub accounts: AccountSettings,
    pub cache: CacheSettings,
    pub jobs: JobSettings,
    pub log: LogSettings,
}

impl Config {
    /// Reads the defaults, then `file` (or [`DEFAULT_FILE`] if it exists), then the environment; later
    /// values win.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let path = match file {
            Some(path) if !path.is_file() => {
                return Err(ConfigError(format!(
                    "the settings file {} does not exist; name another one with --config, or leave the option out",
                    path.display()
                )));
            }
            Some(path) => path.to_owned(),
            None => PathBuf::from(DEFAULT_FILE),
        };
        let mut figment = Figment::from(Toml::string(DEFAULTS));
        if path.is_file() {
            figment = figment.merge(Toml::file_exact(path));
        }
        Self::from_figment(figment.merge(reading::Variables::of_process()))
    }

    /// The defaults with `overrides` (TOML) on top, for the demo and tests. Reads no file and no
    /// environment.
    pub fn with(overrides: &str) -> Result<Self, ConfigError> {
        Self::from_figment(Figment::from(Toml::string(DEFAULTS)).merge(Toml::string(overrides)))
    }

    fn from_figment(figment: Figment) -> Result<Self, ConfigError> {
        let values: Dict = figment
            .extract()
            .map_err(|error| reading::unreadable(&error))?;
        reading::reject_unknown(&figment, &values)?;
        let mut config: Self = figment
            .extract()
            .map_err(|error| reading::explain(&error, &values))?;
        config.check()?;
        if !config.site.url.is_empty() {
            config.site.url = reading::site_origin(&config.site.url).map_err(ConfigError)?;
        }
        Ok(config)
    }

    fn check(&self) -> Result<(), ConfigError> {
        let refuse = |text: String| Err(ConfigError(text));
        if !self.database.url.starts_with("sqlite:") && !is_postgres(&self.database.url) {
            return refuse(
                "database.url must start with sqlite:// or postgres://, such as sqlite://data/rejoinder.db"
                    .to_owned(),
            );
        }
        if TimeZone::get(&self.site.time_zone).is_err() {
            return refuse(format!(
                "site.time_zone must be an IANA name such as Europe/Berlin, not {:?}",
                self.site.time_zone
            ));
        }
        let at_least_one = [
            ("site.posts_per_page", self.site.posts_per_page),
            ("site.feed_entries", self.site.feed_entries),
            ("comments.per_page", self.comments.per_page),
            ("comments.max_depth", self.comments.max_depth as u64),
            ("comments.max_length", self.comments.max_length as u64),
            (
                "database.max_connections",
                self.database.max_connections.into(),
            ),
            ("server.max_body", self.server.max_body as u64),
            ("media.max_upload", self.media.max_upload as u64),
            ("server.request_timeout", self.server.request_timeout),
            ("jobs.prompt_workers", self.jobs.prompt_workers as u64),
            ("jobs.bulk_workers", self.jobs.bulk_workers as u64),
            ("jobs.email_workers", self.jobs.email_workers as u64),
            ("server.max_connections", self.server.max_connections as u64),
            ("server.header_timeout", self.server.header_timeout),
            ("server.body_timeout", self.server.body_timeout),
            ("server.write_timeout", self.server.write_timeout),
            ("server.idle_timeout", self.server.idle_timeout),
        ];
        if let Some((name, _)) = at_least_one.iter().find(|(_, value)| *value == 0) {
            return refuse(format!("{name} must be at least 1"));
        }
        if let Some(host) = self.media.allow_hosts.iter().find(|host| !is_host(host)) {
            return refuse(format!(
                "media.allow_hosts must be names of hosts such as img.example.org, not {host:?}"
            ));
        }
        // With a single worker, one slow site would hold up all others.
        if self.jobs.fetch_workers < 2 {
            return refuse("jobs.fetch_workers must be at least 2".to_owned());
        }
        // A thread path has 16 bytes per level, and both databases index the whole path.
        if self.comments.max_depth > 50 {
            return refuse("comments.max_depth must be at most 50".to_owned());
        }
        Ok(())
    }

    /// The address that readers use, without a slash at the end.
    pub fn site_url(&self) -> String {
        if self.site.url.is_empty() {
            format!("http://{}", self.server.listen)
        } else {
            self.site.url.clone()
        }
    }

    /// The site's time zone; its name was checked at load.
    pub fn zone(&self) -> TimeZone {
        TimeZone::get(&self.site.time_zone).unwrap_or(TimeZone::UTC)
    }

    pub fn request_timeout(&self) -> Duration {
        Duration::from_secs(self.server.request_timeout)
    }
}

/// Whether `name` is the name of a host in lower case, which can stand in a header as it is.
fn is_host(name: &str) -> bool {
    let has_only_letters = name
        .bytes()
        .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.'));
    has_only_letters && matches!(url::Host::parse(name), Ok(url::Host::Domain(_)))
}

/// Whether `url` names a PostgreSQL database.
pub fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres:") || url.starts_with("postgresql:")
}

#[cfg(test)]
mod tests;
