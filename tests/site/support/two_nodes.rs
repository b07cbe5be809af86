//! Two nodes of one site, and many clients that use them at once.

use std::future::Future;

use rejoinder::commands::serve::Workers;
use reqwest::StatusCode;

use crate::support::client::Page;
use crate::support::database::{Database, Kind};
use crate::support::site::Site;

/// How many rounds the suite runs.
const ROUNDS: usize = 3;
/// Clients of each node.
pub const CLIENTS: usize = 8;

/// How often each race is run: `RACES` of the environment, for more than the suite runs.
pub fn rounds() -> usize {
    std::env::var("RACES")
        .ok()
        .and_then(|races| races.parse().ok())
        .unwrap_or(ROUNDS)
}

/// Two nodes with one database, behind a trusted proxy.
pub async fn two_nodes(kind: Kind, settings: &str) -> (Site, Site) {
    let database = Database::migrated(kind).await;
    let shared = database.shared();
    let proxy = "#server trusted_proxies = [\"127.0.0.0/8\"]\n";
    let one = Site::on(database, &format!("{proxy}{settings}"), Workers::Off).await;
    let site = format!("{proxy}[site]\nurl = \"{}\"\n{settings}", one.base);
    let mut two = Site::on(shared, &site, Workers::Off).await;
    two.base = format!("http://{}", two.app.config.server.listen);
    (one, two)
}

/// The number and the node of each client; every second one uses the second node.
pub fn clients<'a>(one: &'a Site, two: &'a Site) -> impl Iterator<Item = (usize, &'a Site)> {
    (0..CLIENTS * 2).map(move |nth| (nth, if nth % 2 == 0 { one } else { two }))
}

/// Runs all of them at once.
pub async fn run_at_once<T: Send + 'static>(
    work: impl Iterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    let tasks: Vec<_> = work.map(tokio::spawn).collect();
    let mut done = Vec::new();
    for task in tasks {
        done.push(task.await.unwrap());
    }
    done
}

pub fn assert_no_server_error(pages: &[Page]) {
    for page in pages {
        assert!(
            !page.status.is_server_error(),
            "{} on {}: {}",
            page.status,
            page.path,
            page.text()
        );
    }
}

pub fn count_redirects(pages: &[Page]) -> usize {
    pages
        .iter()
        .filter(|page| page.status == StatusCode::SEE_OTHER)
        .count()
}
