//! `rejoinder doctor`: checks the installation and says what to fix. Leaves nothing
//! changed.

use std::io::ErrorKind;
use std::time::Duration;

use tokio::net::TcpListener;
use url::{Host, Url};

use crate::commands::finding::Finding;
use crate::commands::{CommandResult, doctor_mail, doctor_media, output};
use crate::config::{Config, is_postgres};
use crate::error::Result;
use crate::markup::printable;
use crate::store::db::Store;
use crate::store::entity::job::JobState;
use crate::store::{jobs, private_files, users};
use crate::web::serve::open_files;

/// Prints a line per check; fails if there is anything to fix.
pub async fn run(config: Config, mail_to: Option<&str>) -> CommandResult {
    let mut problems = 0;
    let mut report = |findings: Vec<Finding>| {
        for Finding { is_ok, text } in findings {
            let mark = if is_ok { "ok   " } else { "FIX  " };
            output::notice(format_args!("{mark} {}", printable::line(&text)));
            problems += u64::from(!is_ok);
        }
    };
    report(vec![Finding::ok("the settings are valid")]);
    report(check_address(&config));
    report(vec![check_proxy(&config)]);
    report(check_open_files(&config).into_iter().collect());
    report(vec![check_port(&config).await]);
    report(vec![doctor_media::check(&config).await]);
    report(doctor_mail::check(&config, mail_to).await);
    report(check_database(&config).await?);
    match problems {
        0 => Ok(()),
        _ => Err(format!("{} to fix", output::count(problems, "problem", "problems")).into()),
    }
}

fn check_address(config: &Config) -> Vec<Finding> {
    if config.site.url.is_empty() {
        let text = "site.url is empty: permalinks and feeds use the listening address; set site.url to the address that readers use";
        return vec![match config.server.listen.ip().is_loopback() {
            true => Finding::ok(text),
            false => Finding::fix(text),
        }];
    }
    let url = config.site_url();
    let mut findings = vec![Finding::ok(format!("readers use {url}"))];
    if !url.starts_with("https:") && !url.contains("127.0.0.1") && !url.contains("localhost") {
        findings.push(Finding::fix(
            "site.url is not https: passwords are sent unencrypted",
        ));
    }
    findings
}

/// Whether rate limits can distinguish readers behind a reverse proxy.
fn check_proxy(config: &Config) -> Finding {
    let server = &config.server;
    let listen = server.listen.ip();
    let is_local_name = Url::parse(&config.site_url()).is_ok_and(|url| match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    });
    let is_behind_proxy =
        config.site_url().starts_with("https:") || (listen.is_loopback() && !is_local_name);
    if !is_behind_proxy {
        return Finding::ok("readers reach this site without a reverse proxy");
    }
    if listen.is_loopback() && !server.trusts(listen) {
        return Finding::fix(format!(
            "readers use {} and this site listens on {}, so there is a reverse proxy on this machine; server.trusted_proxies does not list {listen}, so all readers count as one client and share each limit. Set server.trusted_proxies = [\"{listen}/{}\"]",
            config.site_url(),
            server.listen,
            if listen.is_ipv4() { 32 } else { 128 },
        ));
    }
    if server.trusted_proxies.is_empty() {
        return Finding::fix(format!(
            "readers use {}, so there is a reverse proxy in front of this site; server.trusted_proxies is empty, so all readers count as one client and share each limit. List the proxy's network there",
            config.site_url()
        ));
    }
    let proxies: Vec<String> = server
        .trusted_proxies
        .iter()
        .map(ToString::to_string)
        .collect();
    Finding::ok(format!(
        "reverse proxies at {} are trusted",
        proxies.join(", ")
    ))
}

fn check_open_files(config: &Config) -> Option<Finding> {
    let wanted = config.server.max_connections;
    open_files()
        .filter(|files| *files < wanted as u64)
        .map(|files| {
            Finding::ok(format!(
                "this process may open {files} files, fewer than server.max_connections = {wanted}; raise the limit (LimitNOFILE= for systemd) to serve that many connections"
            ))
        })
}

async fn check_port(config: &Config) -> Finding {
    let address = config.server.listen;
    match TcpListener::bind(address).await {
        Ok(_) => Finding::ok(format!("{address} is free to listen on")),
        Err(error) if error.kind() == ErrorKind::AddrInUse => Finding::ok(format!(
            "{address} is in use (fine if this site is running)"
        )),
        Err(error) => Finding::fix(format!("can’t listen on {address}: {error}")),
    }
}

async fn check_database(config: &Config) -> Result<Vec<Finding>> {
    let database = &config.database;
    let timeout = Duration::from_secs(database.timeout);
    let store = match Store::connect(&database.url, database.max_connections, timeout).await {
        Ok(store) => store,
        Err(error) => return Ok(vec![Finding::fix(error.to_string())]),
    };
    let name = match is_postgres(&database.url) {
        true => "PostgreSQL",
        false => "SQLite",
    };
    let mut findings = vec![Finding::ok(format!("{name} works"))];
    for path in private_files::list_open(&database.url) {
        findings.push(Finding::fix(format!(
            "other users can read {}: remove their access (chmod go= …)",
            path.display()
        )));
    }
    match store.missing_steps().await {
        Err(error) => findings.push(Finding::fix(error.to_string())),
        Ok(steps) if !steps.is_empty() => findings.push(Finding::ok(format!(
            "{} missing; `rejoinder serve` and `rejoinder migrate` apply them",
            output::count(steps.len() as u64, "migration is", "migrations are")
        ))),
        Ok(_) => {
            findings.push(Finding::ok("the database schema is up to date"));
            findings.extend(check_rows(&store).await?);
        }
    }
    Ok(findings)
}

async fn check_rows(store: &Store) -> Result<[Finding; 2]> {
    let accounts = users::count(store.read()).await?;
    let failed = jobs::count(store.read(), JobState::Failed).await?;
    Ok([
        match accounts {
            0 => Finding::fix(
                "there are no accounts; `rejoinder serve` prints a link for creating the first one",
            ),
            _ => Finding::ok(output::count(accounts, "account", "accounts")),
        },
        match failed {
            0 => Finding::ok("no job has failed"),
            _ => Finding::fix(format!(
                "{} failed; see `rejoinder jobs list --state failed`",
                output::count(failed, "job has", "jobs have")
            )),
        },
    ])
}
