//! How often somebody may do something. On PostgreSQL each limit holds for the whole site, however
//! many nodes it has; on SQLite, which belongs to one process, it is counted in memory.
//!
//! One statement takes from all budgets of a request at once. A node remembers until when a key is
//! refused, so that what is over its limit costs no statement at all.

mod gcra;
mod table;

use std::net::IpAddr;
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::clock::Clock;
use crate::config;
use crate::error::{Error, Result};
use crate::limits::gcra::Rate;
use crate::limits::table::{Key, Table};
use crate::store::db::Store;
use crate::store::rate_limits::{self, Charge};

/// An account may be tried so much more often than one client may try: enough that nobody who guesses
/// from a few places keeps its owner out, too little to guess a password.
const TRIES_PER_ACCOUNT: u32 = 10;

/// An organisation with an IPv6 network (/48) may do so many times what one household in it (/64) may.
const HOUSEHOLDS: i64 = 16;

/// What is counted, and how often it may happen; no rate is no limit.
#[derive(Clone, Copy, Debug)]
struct Limit {
    name: &'static str,
    rate: Option<Rate>,
}

impl Limit {
    fn times(name: &'static str, count: u32, within: Duration) -> Self {
        let within = i64::try_from(within.as_millis()).unwrap_or(i64::MAX);
        Self {
            name,
            rate: Rate::times(count, within),
        }
    }

    fn every(name: &'static str, seconds: u32) -> Self {
        Self::times(
            name,
            u32::from(seconds > 0),
            Duration::from_secs(seconds.into()),
        )
    }

    fn charge(self, subject: &str) -> Option<(Key, Rate)> {
        self.rate.map(|rate| (key(self.name, subject), rate))
    }

    /// What one request of a client costs: its own budget and, as who has one IPv6 network has 65,536
    /// addresses that look like clients of their own, the budget of that network.
    fn charge_client(self, client: IpAddr) -> impl Iterator<Item = (Key, Rate)> {
        let wide = wide_network(client).zip(self.rate).map(|(wide, rate)| {
            let step = (rate.step / HOUSEHOLDS).max(1);
            (key(self.name, &wide), Rate { step, ..rate })
        });
        self.charge(&network(client)).into_iter().chain(wide)
    }
}

/// Who tries to sign in.
#[derive(Clone, Copy, Debug)]
pub enum SignInTry<'a> {
    /// Somebody at this address, who tries this account.
    Stranger(IpAddr, &'a str),
    /// A browser, by its name, from which somebody signed in to this account before: what strangers
    /// do never keeps it out.
    KnownBrowser(&'a str),
}

/// The limits of this site.
pub struct Limits {
    comment_interval: Limit,
    comments_per_hour: Limit,
    previews: Limit,
    staff_renders: Limit,
    sign_ins_by_client: Limit,
    sign_ins_by_account: Limit,
    sign_ins_by_browser: Limit,
    reports: Limit,
    linkbacks_by_client: Limit,
    linkbacks_by_source_host: Limit,
    linkbacks_by_post: Limit,
    clock: Clock,
    /// Set where other nodes count too.
    shared: Option<Store>,
    /// What is used of each budget; where it is shared, until when each is refused.
    known: Table,
}

impl Limits {
    /// The limits that `config` sets.
    pub fn new(config: &config::Limits, clock: Clock, store: &Store) -> Self {
        let minute = Duration::from_secs(60);
        let (ten_minutes, hour) = (10 * minute, 60 * minute);
        let per_account = config.sign_ins.saturating_mul(TRIES_PER_ACCOUNT);
        Self {
            comment_interval: Limit::every("comment interval", config.comment_interval),
            comments_per_hour: Limit::times("comments", config.comments_per_hour, hour),
            previews: Limit::times("previews", config.previews_per_minute, minute),
            staff_renders: Limit::times(
                "texts of an account",
                config.staff_renders_per_minute,
                minute,
            ),
            sign_ins_by_client: Limit::times("sign-ins of a client", config.sign_ins, ten_minutes),
            sign_ins_by_account: Limit::times("sign-ins to an account", per_account, ten_minutes),
            sign_ins_by_browser: Limit::times(
                "sign-ins of a browser",
                config.sign_ins,
                ten_minutes,
            ),
            reports: Limit::times("reports", config.reports_per_hour, hour),
            linkbacks_by_client: Limit::times(
                "linkbacks of a client",
                config.linkbacks_per_minute,
                minute,
            ),
            linkbacks_by_source_host: Limit::times(
                "linkbacks of a host",
                config.linkbacks_per_source_host,
                minute,
            ),
            linkbacks_by_post: Limit::times(
                "linkbacks to a post",
                config.linkbacks_per_post,
                minute,
            ),
            clock,
            shared: store.is_shared().then(|| store.clone()),
            known: Table::default(),
        }
    }

    /// Counts a comment of this client.
    pub async fn take_comment(&self, client: IpAddr) -> Result<()> {
        let interval = self.comment_interval.charge_client(client);
        let charges = interval.chain(self.comments_per_hour.charge_client(client));
        self.take(charges).await
    }

    /// Counts a preview by a reader.
    pub async fn take_preview(&self, client: IpAddr) -> Result<()> {
        self.take(self.previews.charge_client(client)).await
    }

    /// Counts a text of somebody signed in that is rendered, for a preview or to be kept, or a rule
    /// that is tried out.
    pub async fn take_staff_render(&self, user: i64) -> Result<()> {
        self.take(self.staff_renders.charge(&user.to_string()))
            .await
    }

    /// Counts a report.
    pub async fn take_report(&self, client: IpAddr) -> Result<()> {
        self.take(self.reports.charge_client(client)).await
    }

    /// Counts a linkback, by who sent it, whose page it names and which post it is for.
    pub async fn take_linkback(&self, client: IpAddr, source_host: &str, post: i64) -> Result<()> {
        let charges = self
            .linkbacks_by_client
            .charge_client(client)
            .chain(self.linkbacks_by_source_host.charge(source_host))
            .chain(self.linkbacks_by_post.charge(&post.to_string()));
        self.take(charges).await
    }

    /// Counts a try to sign in, until [`Limits::give_sign_in_back`] says that it was a good one.
    pub async fn take_sign_in(&self, who: SignInTry<'_>) -> Result<()> {
        self.take(self.sign_in_charges(who)).await
    }

    /// A try that succeeded does not count.
    pub async fn give_sign_in_back(&self, who: SignInTry<'_>) -> Result<()> {
        self.give_back(&self.sign_in_charges(who)).await
    }

    fn sign_in_charges(&self, who: SignInTry<'_>) -> Vec<(Key, Rate)> {
        match who {
            SignInTry::Stranger(client, account) => self
                .sign_ins_by_client
                .charge_client(client)
                .chain(self.sign_ins_by_account.charge(account))
                .collect(),
            SignInTry::KnownBrowser(browser) => self
                .sign_ins_by_browser
                .charge(browser)
                .into_iter()
                .collect(),
        }
    }

    /// Forgets those who have been quiet long enough; keeps memory and the table bounded.
    pub async fn forget_idle(&self) -> Result<()> {
        let now = self.clock.now();
        self.known.forget_idle(now.0);
        match &self.shared {
            Some(store) => rate_limits::delete_idle(store.read(), now).await,
            None => Ok(()),
        }
    }

    async fn take(&self, charges: impl IntoIterator<Item = (Key, Rate)>) -> Result<()> {
        let charges: Vec<_> = charges.into_iter().collect();
        if charges.is_empty() {
            return Ok(());
        }
        let now = self.clock.now().0;
        let free_at = match &self.shared {
            None => self.known.take(&charges, now).err(),
            Some(store) => self.take_shared(store, &charges, now).await?,
        };
        match free_at {
            None => Ok(()),
            Some(at) => Err(Error::TooMany {
                retry_after: Duration::from_millis(u64::try_from(at - now).unwrap_or(0)),
            }),
        }
    }

    /// The moment from which it is possible again; None where it is possible now, and was counted.
    async fn take_shared(
        &self,
        store: &Store,
        charges: &[(Key, Rate)],
        now: i64,
    ) -> Result<Option<i64>> {
        let refused = charges.iter().filter_map(|(key, _)| self.known.find(key));
        // What a key has used never shrinks by itself, so what was refused until then still is.
        if let Some(until) = refused.filter(|until| *until > now).max() {
            return Ok(Some(until));
        }
        let db = store.read();
        let rows = rows_of(charges);
        let taken = rate_limits::take(db, &rows, now).await?;
        if taken.len() == rows.len() {
            return Ok(None);
        }
        let (given, refused): (Vec<_>, Vec<_>) =
            rows.into_iter().partition(|row| taken.contains(&row.key));
        rate_limits::give_back(db, &given).await?;
        let names: Vec<_> = refused.iter().map(|row| row.key.clone()).collect();
        let arrivals = rate_limits::find(db, &names).await?;
        let mut latest = now + 1;
        for (key, rate) in charges {
            let name = hex::encode(key);
            let Some((_, arrival)) = arrivals.iter().find(|(other, _)| *other == name) else {
                continue;
            };
            if let Err(until) = rate.take(Some(*arrival), now) {
                self.known.set(*key, until, now);
                latest = latest.max(until);
            }
        }
        Ok(Some(latest))
    }

    async fn give_back(&self, charges: &[(Key, Rate)]) -> Result<()> {
        match &self.shared {
            None => self.known.give_back(charges),
            Some(store) => {
                for (key, _) in charges {
                    self.known.remove(key);
                }
                rate_limits::give_back(store.read(), &rows_of(charges)).await?;
            }
        }
        Ok(())
    }
}

fn rows_of(charges: &[(Key, Rate)]) -> Vec<Charge> {
    charges
        .iter()
        .map(|(key, rate)| Charge {
            key: hex::encode(key),
            step: rate.step,
            burst: rate.burst,
        })
        .collect()
}

/// The key of a subject under a limit: of one length, whatever was sent, and no address.
fn key(limit: &str, subject: &str) -> Key {
    let digest = Sha256::new()
        .chain_update(limit.as_bytes())
        .chain_update([0])
        .chain_update(subject.as_bytes())
        .finalize();
    let mut key = Key::default();
    key.copy_from_slice(&digest[..16]);
    key
}

/// One household: an IPv4 address, or the /64 that an IPv6 connection is given.
fn network(client: IpAddr) -> String {
    match client.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

/// The IPv6 network that an organisation, or a hosting provider's customer, is given.
fn wide_network(client: IpAddr) -> Option<String> {
    match client.to_canonical() {
        IpAddr::V4(_) => None,
        IpAddr::V6(address) => {
            let [a, b, c, ..] = address.segments();
            Some(format!("{a:x}:{b:x}:{c:x}::/48"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Moment;
    use crate::config::Config;

    async fn limits(overrides: &str) -> (Limits, Clock) {
        let config = Config::with(overrides).unwrap();
        let store = Store::connect("sqlite::memory:", 1, Duration::from_secs(5))
            .await
            .unwrap();
        let clock = Clock::stepped(Moment(1_700_000_000_000));
        (Limits::new(&config.limits, clock.clone(), &store), clock)
    }

    fn client(address: &str) -> IpAddr {
        address.parse().unwrap()
    }

    #[tokio::test]
    async fn the_second_comment_within_the_interval_is_too_fast() {
        let (limits, clock) = limits("[limits]\ncomment_interval = 60").await;
        let one = client("192.0.2.1");
        assert!(limits.take_comment(one).await.is_ok());
        let Err(Error::TooMany { retry_after }) = limits.take_comment(one).await else {
            panic!("it was taken");
        };
        assert_eq!(retry_after, Duration::from_secs(60));
        assert!(limits.take_comment(client("192.0.2.2")).await.is_ok());
        clock.step(Duration::from_secs(60));
        assert!(limits.take_comment(one).await.is_ok());
    }

    #[tokio::test]
    async fn an_ipv6_network_counts_as_one_client() {
        let (limits, _) = limits("[limits]\ncomment_interval = 60").await;
        assert!(limits.take_comment(client("2001:db8:1:2::1")).await.is_ok());
        let neighbour = client("2001:db8:1:2:ffff::9");
        assert!(limits.take_comment(neighbour).await.is_err());
    }

    #[tokio::test]
    async fn households_of_one_ipv6_network_share_a_wider_budget() {
        let (limits, clock) = limits("[limits]\ncomment_interval = 60").await;
        for nth in 0..16 {
            let from = client(&format!("2001:db8:1:{nth:x}::1"));
            assert!(limits.take_comment(from).await.is_ok(), "{nth}");
        }
        let next = client("2001:db8:1:ffff::1");
        assert!(limits.take_comment(next).await.is_err());
        assert!(limits.take_comment(client("2001:db8:2::1")).await.is_ok());
        clock.step(Duration::from_secs(4));
        assert!(limits.take_comment(next).await.is_ok());
    }

    #[tokio::test]
    async fn zero_switches_a_limit_off() {
        let (limits, _) = limits("[limits]\ncomment_interval = 0\ncomments_per_hour = 0").await;
        for _ in 0..100 {
            assert!(limits.take_comment(client("192.0.2.1")).await.is_ok());
        }
    }

    #[tokio::test]
    async fn strangers_who_guess_do_not_keep_a_known_browser_out() {
        let (limits, _) = limits("[limits]\nsign_ins = 2").await;
        for nth in 0..60 {
            let from = client(&format!("198.51.100.{nth}"));
            let _ = limits.take_sign_in(SignInTry::Stranger(from, "ada")).await;
        }
        let owner = SignInTry::Stranger(client("192.0.2.1"), "ada");
        assert!(limits.take_sign_in(owner).await.is_err());
        let owner = SignInTry::KnownBrowser("browser");
        for _ in 0..10 {
            limits.take_sign_in(owner).await.unwrap();
            limits.give_sign_in_back(owner).await.unwrap();
        }
    }
}
