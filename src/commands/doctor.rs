//! `rejoinder doctor`: is everything in place?

use std::time::Duration;

use tokio::net::TcpListener;
use url::{Host, Url};

use crate::commands::{Outcome, doctor_mail, output};
use crate::config::{Config, is_postgres};
use crate::markup::inert;
use crate::store::db::Store;
use crate::store::entity::job::JobState;
use crate::store::{jobs, private_files, users};
use crate::web::serve::open_files;

/// Runs the command: a line for each thing, and an error where one needs mending.
pub async fn run(config: Config, mail_to: Option<&str>) -> Outcome {
    let mut to_fix = 0;
    let mut tell = |good: bool, words: String| {
        let words = inert::line(&words);
        output::notice(format_args!(
            "{} {words}",
            if good { "ok   " } else { "FIX  " }
        ));
        to_fix += u32::from(!good);
    };
    tell(true, "the settings can be read".to_owned());
    if config.site.url.is_empty() {
        tell(
            config.server.listen.ip().is_loopback(),
            "site.url is empty: permalinks and feeds will point to the listening address; set it to the address readers use".to_owned(),
        );
    } else {
        let secure = config.site.url.starts_with("https:");
        tell(true, format!("readers use {}", config.site_url()));
        if !secure
            && !config.site.url.contains("127.0.0.1")
            && !config.site.url.contains("localhost")
        {
            tell(
                false,
                "site.url is not https: passwords would travel in the clear".to_owned(),
            );
        }
    }
    let (good, words) = judge_proxy(&config);
    tell(good, words);
    if let Some(files) = open_files()
        && files < config.server.max_connections as u64
    {
        tell(
            true,
            format!(
                "this process may open {files} files, fewer than server.max_connections = {}; raise the limit (LimitNOFILE= for systemd) to serve that many readers at once",
                config.server.max_connections
            ),
        );
    }
    match TcpListener::bind(config.server.listen).await {
        Ok(_) => tell(true, format!("the port {} is free", config.server.listen)),
        Err(error) => tell(
            error.kind() == std::io::ErrorKind::AddrInUse,
            format!(
                "the port {}: {error} (fine if it is this site that runs there)",
                config.server.listen
            ),
        ),
    }
    for (good, words) in doctor_mail::check(&config, mail_to).await {
        tell(good, words);
    }
    let wait = Duration::from_secs(config.database.wait);
    match Store::connect(&config.database.url, config.database.max_connections, wait).await {
        Err(error) => tell(false, error.to_string()),
        Ok(store) => {
            let kind = if is_postgres(&config.database.url) {
                "PostgreSQL"
            } else {
                "SQLite"
            };
            tell(true, format!("{kind} answers"));
            for path in private_files::list_open(&config.database.url) {
                tell(
                    false,
                    format!(
                        "other users can read {}: remove their access (chmod go= …)",
                        path.display()
                    ),
                );
            }
            match store.missing_steps().await {
                Err(error) => tell(false, error.to_string()),
                Ok(steps) if !steps.is_empty() => tell(
                    true,
                    format!(
                        "{} steps of the schema are not there yet; starting the site or `rejoinder migrate` makes them",
                        steps.len()
                    ),
                ),
                Ok(_) => {
                    tell(true, "the schema is up to date".to_owned());
                    let people = users::count(store.read()).await?;
                    tell(
                        people > 0,
                        format!(
                            "{people} accounts; with none, `rejoinder serve` prints a link to make the first"
                        ),
                    );
                    let failed = jobs::count(store.read(), JobState::Failed).await?;
                    tell(
                        failed == 0,
                        format!("{failed} failed jobs; see `rejoinder jobs list --state failed`"),
                    );
                }
            }
        }
    }
    if to_fix == 0 {
        Ok(())
    } else {
        let problems = if to_fix == 1 { "problem" } else { "problems" };
        Err(format!("{to_fix} {problems} to fix").into())
    }
}

/// Whether limits will see the readers behind a reverse proxy, and what to say of it.
fn judge_proxy(config: &Config) -> (bool, String) {
    let listen = config.server.listen.ip();
    let is_local_name = Url::parse(&config.site_url()).is_ok_and(|url| match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    });
    let is_behind_one =
        config.site_url().starts_with("https:") || (listen.is_loopback() && !is_local_name);
    if !is_behind_one {
        return (
            true,
            "readers reach this site without a reverse proxy".to_owned(),
        );
    }
    if listen.is_loopback() && !config.server.trusts(listen) {
        return (
            false,
            format!(
                "readers use {} and this site answers at {}, so a reverse proxy on this machine stands before it; server.trusted_proxies does not list {listen}, so that all readers count as one: each limit would stop everybody. Set server.trusted_proxies = [\"{listen}/{}\"]",
                config.site_url(),
                config.server.listen,
                if listen.is_ipv4() { 32 } else { 128 },
            ),
        );
    }
    if config.server.trusted_proxies.is_empty() {
        return (
            false,
            format!(
                "readers use {}, so a reverse proxy stands before this site; server.trusted_proxies is empty, so that all readers count as one: each limit would stop everybody. List the proxy's network there",
                config.site_url()
            ),
        );
    }
    let proxies: Vec<String> = config
        .server
        .trusted_proxies
        .iter()
        .map(ToString::to_string)
        .collect();
    (
        true,
        format!("reverse proxies at {} are believed", proxies.join(", ")),
    )
}
