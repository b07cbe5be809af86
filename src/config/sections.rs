//! The sections of the settings file as typed values. `config/rejoinder.toml` explains each setting and
//! gives its default; the comments here name units and the meaning of 0.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// The header in which proxies name the client they forward for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ForwardedHeader {
    /// X-Forwarded-For, or Forwarded where that is missing.
    Auto,
    /// Only X-Forwarded-For.
    XForwardedFor,
    /// Only Forwarded (RFC 7239).
    Forwarded,
}

/// `[server]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerSettings {
    pub listen: SocketAddr,
    /// Networks whose forwarding headers are trusted.
    pub trusted_proxies: Vec<IpNet>,
    pub forwarded_header: ForwardedHeader,
    /// Networks that may read `/metrics`.
    pub metrics_from: Vec<IpNet>,
    /// Seconds.
    pub request_timeout: u64,
    /// KiB.
    pub max_body: usize,
    /// Per node.
    pub max_connections: usize,
    /// Per node; 0 for no limit.
    pub max_connections_per_address: usize,
    /// Seconds.
    pub header_timeout: u64,
    /// Seconds.
    pub body_timeout: u64,
    /// Seconds.
    pub write_timeout: u64,
    /// Seconds.
    pub idle_timeout: u64,
    /// 0 to send no `Strict-Transport-Security`.
    pub hsts_seconds: u64,
    /// Seconds.
    pub stop_timeout: u64,
}

impl ServerSettings {
    /// Whether `address` is a proxy whose forwarding headers are trusted.
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.trusted_proxies
            .iter()
            .any(|network| network.contains(&address))
    }
}

/// `[database]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseSettings {
    /// `sqlite://…` or `postgres://…`.
    pub url: String,
    /// Per node.
    pub max_connections: u32,
    /// Seconds to wait for a connection or a lock.
    pub timeout: u64,
}

/// `[site]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteSettings {
    /// Scheme and host that readers use; empty for the listening address.
    pub url: String,
    /// Used until an administrator names the site.
    pub name: String,
    /// IANA name.
    pub time_zone: String,
    /// A folder of `config/locales`.
    pub language: String,
    pub posts_per_page: u64,
    pub feed_entries: u64,
}

/// Which comments wait for a moderator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommentModeration {
    /// None, unless a rule holds them.
    None,
    /// Those of writers who have no approved comment yet.
    First,
    /// All but those of staff.
    All,
}

/// `[comments]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommentSettings {
    pub moderation: CommentModeration,
    /// Levels of replies, 1 to 50.
    pub max_depth: usize,
    /// Responses on one page of a thread.
    pub per_page: u64,
    /// Characters.
    pub max_length: usize,
    /// 0 for never.
    pub close_after_days: u64,
}

/// `[linkbacks]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkbackSettings {
    pub accept: bool,
    /// Seconds for which a pingback's or trackback's answer waits for verification.
    pub verification_wait: u64,
    /// Answers that may wait at the same time.
    pub max_verification_waits: usize,
    /// 0 for never.
    pub close_after_days: u64,
    /// Networks with optional ports, parsed by `net::guard`.
    pub fetch_allow: Vec<String>,
    /// Ports at public addresses.
    pub fetch_ports: Vec<u16>,
    /// Address and port of a DNS server; empty for the system's.
    pub resolver: String,
    /// Seconds.
    pub fetch_timeout: u64,
    /// KiB.
    pub fetch_size: usize,
    /// Whether the sites that posts link to are notified.
    pub send: bool,
    /// Whether sources of shown linkbacks are checked again from time to time.
    pub recheck: bool,
}

/// A setting that is never printed.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The text, for whoever needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

/// `[media]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MediaSettings {
    /// The folder with the files, or with those that are still arriving where `url` is set.
    pub folder: String,
    /// `s3://BUCKET/PREFIX`; empty for `folder`.
    pub url: String,
    /// Of the S3 service; empty for Amazon's.
    pub endpoint: String,
    pub region: String,
    pub key_id: String,
    pub secret: Secret,
    /// Whether `endpoint` may be http on another machine.
    pub allow_http: bool,
    /// MiB.
    pub max_upload: usize,
    /// Names without a scheme, in lower case.
    pub allow_hosts: Vec<String>,
}

impl MediaSettings {
    /// The largest file, in bytes.
    pub fn max_bytes(&self) -> usize {
        self.max_upload.saturating_mul(1024 * 1024)
    }
}

/// `[moderation]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModerationSettings {
    /// A response with more links than this is held.
    pub max_links: usize,
    /// Thousandths; 0 for never.
    pub hold_at_risk: i64,
    /// Responses within `burst_minutes`; 0 for never.
    pub burst_per_post: u64,
    /// Responses within `burst_minutes`; 0 for never.
    pub burst_per_site: u64,
    pub burst_minutes: u64,
    /// Seconds that a guest waits during a burst if their browser does no proof of work.
    pub burst_wait: u64,
    /// Thousandths of an ordinary report; 0 for never.
    pub fold_at_report_weight: i64,
    /// Whether everybody may read decisions and reasons, without names and texts.
    pub public_log: bool,
    /// Endpoint of an external spam checker; empty for none.
    pub spam_checker_url: String,
    /// May be empty.
    pub spam_checker_key: String,
}

/// `[mail]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailSettings {
    /// `smtp://` or `smtps://` with name and password; empty to send no emails.
    pub server: String,
    /// The From address.
    pub from: String,
    /// Minutes for which held responses are collected into one email; 0 to send none.
    pub digest_minutes: u64,
}

/// `[limits]`: 0 turns a limit off.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitSettings {
    /// Seconds between two comments from one address.
    pub comment_interval: u32,
    /// Per address.
    pub comments_per_hour: u32,
    /// Per address.
    pub previews_per_minute: u32,
    /// Per account.
    pub staff_renders_per_minute: u32,
    /// Failed sign-ins in ten minutes per address; ten times as many per account.
    pub sign_ins: u32,
    /// Per address.
    pub reports_per_hour: u32,
    /// Per address.
    pub linkbacks_per_minute: u32,
    /// Per minute.
    pub linkbacks_per_source_host: u32,
    /// Per minute.
    pub linkbacks_per_post: u32,
    /// Outgoing requests per minute.
    pub fetches_per_host: u32,
    /// Outgoing requests per minute.
    pub fetches_per_address: u32,
}

/// `[accounts]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountSettings {
    /// Days without use after which a session ends.
    pub session_days: u32,
    /// Days after which a session ends even if it is used; 0 for never.
    pub session_max_days: u32,
}

/// `[cache]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CacheSettings {
    /// MiB for whole pages; 0 for no cache.
    pub page_memory: u64,
}

/// `[jobs]`: workers are counted per node.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobSettings {
    pub prompt_workers: usize,
    pub bulk_workers: usize,
    /// At least 2: a slow site must not hold up all others.
    pub fetch_workers: usize,
    pub email_workers: usize,
    /// Days that jobs stay listed after they end.
    pub keep_days: u64,
}

/// The format of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// `[log]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogSettings {
    pub format: LogFormat,
    /// In the syntax of `tracing_subscriber::EnvFilter`.
    pub filter: String,
}
