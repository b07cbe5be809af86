//! The settings: the built-in file, the site's own file, the environment; checked once, at load.
//!
//! Rooms are handed values from here and never read the environment themselves.

mod reading;

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use figment::Figment;
use figment::providers::{Format, Toml};
use figment::value::Dict;
use ipnet::IpNet;
use jiff::tz::TimeZone;
use serde::Deserialize;

pub use reading::{ConfigError, DEFAULTS};

/// The file that is read where `--config` names none.
pub const DEFAULT_FILE: &str = "config/rejoinder.toml";

/// All settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Answering requests.
    pub server: Server,
    /// Where the rows are.
    pub database: Database,
    /// What the site is.
    pub site: Site,
    /// Comments.
    pub comments: Comments,
    /// Linkbacks.
    pub linkbacks: Linkbacks,
    /// What the judge holds, and how readers help.
    pub moderation: Moderating,
    /// Letters.
    pub mail: Mail,
    /// Rate limits.
    pub limits: Limits,
    /// Accounts.
    pub accounts: Accounts,
    /// The page cache.
    pub cache: Cache,
    /// Background work.
    pub jobs: Jobs,
    /// Logs.
    pub log: Log,
}

/// In which header proxies name whom they forward for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ForwardedHeader {
    /// In X-Forwarded-For, or in Forwarded where that is not there.
    Auto,
    /// In X-Forwarded-For.
    XForwardedFor,
    /// In Forwarded (RFC 7239).
    Forwarded,
}

/// Answering requests.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Address and port.
    pub listen: SocketAddr,
    /// Whose forwarding headers count.
    pub trusted_proxies: Vec<IpNet>,
    /// Which of their headers count.
    pub forwarded_header: ForwardedHeader,
    /// Who may read `/metrics`.
    pub metrics_from: Vec<IpNet>,
    /// Seconds.
    pub request_timeout: u64,
    /// KiB.
    pub max_body: usize,
    /// At once, for each node.
    pub max_connections: usize,
    /// At once from one address; 0 for any number.
    pub max_connections_per_address: usize,
    /// Seconds.
    pub header_timeout: u64,
    /// Seconds.
    pub body_timeout: u64,
    /// Seconds.
    pub write_timeout: u64,
    /// Seconds.
    pub idle_timeout: u64,
    /// Seconds; 0 for no such header.
    pub hsts_seconds: u64,
    /// Seconds.
    pub stop_timeout: u64,
}

/// Where the rows are.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// `sqlite://…` or `postgres://…`.
    pub url: String,
    /// For each node.
    pub max_connections: u32,
    /// Seconds.
    pub wait: u64,
}

/// What the site is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// The address readers use; empty for the listening address.
    pub url: String,
    /// The name until an administrator gives one.
    pub name: String,
    /// IANA name.
    pub time_zone: String,
    /// A file of `config/locales`.
    pub language: String,
    /// On a page of a list.
    pub posts_per_page: u64,
    /// In a feed.
    pub feed_entries: u64,
}

/// Who waits for a moderator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moderation {
    /// Nobody, unless a rule says so.
    None,
    /// Who has no approved comment yet.
    First,
    /// Everybody but staff.
    All,
}

/// Comments.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comments {
    /// Who waits.
    pub moderation: Moderation,
    /// Levels of replies.
    pub max_depth: usize,
    /// Rows on a page of a thread.
    pub per_page: u64,
    /// Characters.
    pub max_length: usize,
    /// Days; 0 for never.
    pub close_after_days: u64,
}

/// Linkbacks.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Linkbacks {
    /// Whether they are taken at all.
    pub accept: bool,
    /// Seconds.
    pub wait: u64,
    /// Answers that wait at once.
    pub waiting: usize,
    /// Days; 0 for never.
    pub close_after_days: u64,
    /// Networks with optional ports, read by `net::guard`.
    pub fetch_allow: Vec<String>,
    /// Ports at public addresses.
    pub fetch_ports: Vec<u16>,
    /// Address and port of a DNS server; empty for the system's.
    pub resolver: String,
    /// Seconds.
    pub fetch_timeout: u64,
    /// KiB.
    pub fetch_size: usize,
    /// Whether other sites are told of links to them.
    pub send: bool,
    /// Whether shown sources are looked at again.
    pub look_again: bool,
}

/// What the judge holds, and how readers help.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moderating {
    /// More links in one response make it wait.
    pub max_links: usize,
    /// From this risk on the filter holds, in thousandths; 0 for never.
    pub hold_from: i64,
    /// Responses on one post that are a burst; 0 for never.
    pub burst_on_post: u64,
    /// Responses on the whole site that are a burst; 0 for never.
    pub burst_on_site: u64,
    /// Within this time, in minutes.
    pub burst_minutes: u64,
    /// Seconds that a writer waits during a burst, where their browser does no work for it.
    pub burst_wait: u64,
    /// The weight of reports that folds a response, in thousandths of an ordinary report; 0 for
    /// never.
    pub fold_from: i64,
    /// Whether everybody may read what was decided, without names and texts.
    pub public_log: bool,
    /// The address of an outside judge; empty for none.
    pub outside: String,
    /// What that judge knows the site by; may be empty.
    pub outside_key: String,
}

/// Letters.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    /// The server, as `smtp://` or `smtps://` with name and password; empty for no letters.
    pub server: String,
    /// Whom letters come from.
    pub from: String,
    /// Minutes for which held responses are gathered into one letter to each moderator; 0 for none.
    pub held_minutes: u64,
}

/// Rate limits; 0 switches one off.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Seconds between two comments of one address.
    pub comment_interval: u32,
    /// Comments of one address an hour.
    pub comments_per_hour: u32,
    /// Previews of one address a minute.
    pub previews_per_minute: u32,
    /// Texts that one account previews or saves a minute.
    pub staff_renders_per_minute: u32,
    /// Failed sign-ins of one address in ten minutes; an account bears ten times as many.
    pub sign_ins: u32,
    /// Reports of one address an hour.
    pub reports_per_hour: u32,
    /// Linkbacks of one address a minute.
    pub linkbacks_per_minute: u32,
    /// Linkbacks from one source host a minute.
    pub linkbacks_per_source_host: u32,
    /// Linkbacks to one post a minute.
    pub linkbacks_per_post: u32,
    /// Requests that this server sends to one host a minute.
    pub fetches_per_host: u32,
    /// Requests that this server sends to one address a minute.
    pub fetches_per_address: u32,
}

/// Accounts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accounts {
    /// Days without use after which a session ends.
    pub session_days: u32,
    /// Days after which it ends however much it is used; 0 for never.
    pub session_max_days: u32,
}

/// The page cache.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cache {
    /// MiB; 0 for none.
    pub pages: u64,
}

/// Background work.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Jobs {
    /// Short work on our own rows, at once, on this node.
    pub prompt_workers: usize,
    /// Long work on our own rows.
    pub bulk_workers: usize,
    /// Work that talks to foreign sites.
    pub fetch_workers: usize,
    /// Work that talks to the mail server.
    pub email_workers: usize,
    /// Days.
    pub keep_days: u64,
}

/// The form of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// Logs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// Their form.
    pub format: LogFormat,
    /// What is logged, in `tracing`'s filter form.
    pub filter: String,
}

impl Config {
    /// Reads the defaults, then `file` (or [`DEFAULT_FILE`] where it is there), then the
    /// environment.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let path = match file {
            Some(path) if !path.is_file() => {
                return Err(ConfigError(format!(
                    "there is no settings file {}: name one that is there with --config, or leave it out",
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

    /// The defaults with `overrides` in TOML over them; for the demo and tests.
    pub fn with(overrides: &str) -> Result<Self, ConfigError> {
        Self::from_figment(Figment::from(Toml::string(DEFAULTS)).merge(Toml::string(overrides)))
    }

    fn from_figment(figment: Figment) -> Result<Self, ConfigError> {
        let values: Dict = figment
            .extract()
            .map_err(|error| ConfigError(format!("the settings cannot be read: {error}")))?;
        reading::refuse_unknown(&figment, &values)?;
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
        let refuse = |what: String| Err(ConfigError(what));
        if !self.database.url.starts_with("sqlite:") && !is_postgres(&self.database.url) {
            return refuse(
                "database.url starts with sqlite:// or postgres://, such as sqlite://data/rejoinder.db"
                    .to_owned(),
            );
        }
        if TimeZone::get(&self.site.time_zone).is_err() {
            return refuse(format!(
                "site.time_zone is an IANA name such as Europe/Berlin, not {:?}",
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
            return refuse(format!("{name} is at least 1"));
        }
        // Of a single worker one slow client would hold all.
        if self.jobs.fetch_workers < 2 {
            return refuse("jobs.fetch_workers is at least 2".to_owned());
        }
        // A path holds 8 bytes a level and both databases index it whole.
        if self.comments.max_depth > 50 {
            return refuse("comments.max_depth is at most 50".to_owned());
        }
        Ok(())
    }

    /// The address readers use, without a slash at its end.
    pub fn site_url(&self) -> String {
        if self.site.url.is_empty() {
            format!("http://{}", self.server.listen)
        } else {
            self.site.url.clone()
        }
    }

    /// The site's zone; checked at load.
    pub fn zone(&self) -> TimeZone {
        TimeZone::get(&self.site.time_zone).unwrap_or(TimeZone::UTC)
    }

    /// The longest that a request may take.
    pub fn request_timeout(&self) -> Duration {
        Duration::from_secs(self.server.request_timeout)
    }
}

impl Server {
    /// Whether `address` is a proxy whose forwarding headers count.
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.trusted_proxies
            .iter()
            .any(|network| network.contains(&address))
    }
}

/// Whether `url` names a PostgreSQL database.
pub fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres:") || url.starts_with("postgresql:")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_settings_are_usable() {
        let config = Config::with("").unwrap();
        assert_eq!(config.site_url(), "http://127.0.0.1:8080");
        assert_eq!(config.comments.moderation, Moderation::First);
    }

    #[test]
    fn an_unknown_setting_names_the_nearest_known_one() {
        let error = Config::with("[comments]\nmoderatoin = \"all\"").unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no setting comments.moderatoin: did you mean comments.moderation?"
        );
        let error = Config::with("listen = \"127.0.0.1:1\"").unwrap_err();
        assert!(error.to_string().contains("server.listen"), "{error}");
    }

    #[test]
    fn settings_that_cannot_work_say_what_to_fix() {
        for (overrides, says) in [
            (
                "[database]\nurl = \"mysql://x\"",
                "sqlite:// or postgres://",
            ),
            ("[site]\nurl = \"news.example\"", "https://news.example.org"),
            ("[site]\ntime_zone = \"Mars/Base\"", "Europe/Berlin"),
            ("[site]\nposts_per_page = 0", "site.posts_per_page"),
            ("[server]\nlisten = \"here\"", "listen"),
            ("[comments]\nmoderation = \"maybe\"", "moderation"),
            ("[jobs]\nfetch_workers = 1", "jobs.fetch_workers"),
            ("[jobs]\nemail_workers = 0", "jobs.email_workers"),
        ] {
            let error = Config::with(overrides).unwrap_err().to_string();
            assert!(error.contains(says), "{overrides}: {error}");
        }
    }
}
