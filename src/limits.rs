//! Rate limits on what clients and accounts do. On PostgreSQL each limit holds for the whole site, however
//! many nodes it has; on SQLite, which belongs to one process, it is counted in memory.
//!
//! One statement checks all limits of a request at once. A node remembers until when a key is refused, so
//! that what is over its limit costs no statement at all. Never stores an address, only hashes.

mod gcra;
mod key_table;

use std::net::IpAddr;
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::clock::Clock;
use crate::config;
use crate::error::{Error, Result};
use crate::limits::gcra::Rate;
use crate::limits::key_table::{Key, KeyTable};
use crate::net::client_network;
use crate::store::db::Store;
use crate::store::rate_limits::{self, Charge};

/// An account allows this many times the attempts of one client: enough that guessing from a few places
/// does not lock its owner out, too few to guess a password.
const ACCOUNT_FACTOR: u32 = 10;

/// An organisation's IPv6 network (/48) has this many times the limit of one household (/64).
const ORGANISATION_FACTOR: i64 = 16;

/// What is counted, and how often it may happen; without a rate there is no limit.
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

    /// Counts a client, and its organisation's IPv6 network too: that one holds 65,536 networks that
    /// look like separate clients.
    fn charge_client(self, client: IpAddr) -> impl Iterator<Item = (Key, Rate)> {
        let organisation = client_network::organisation(client);
        let wide = organisation.zip(self.rate).map(|(network, rate)| {
            let step = (rate.step / ORGANISATION_FACTOR).max(1);
            (key(self.name, &network.to_string()), Rate { step, ..rate })
        });
        let household = client_network::household(client).to_string();
        self.charge(&household).into_iter().chain(wide)
    }
}

/// Who a sign-in attempt is counted for.
#[derive(Clone, Copy, Debug)]
pub enum SignInClient<'a> {
    /// A client at this address, and the account it tries.
    Stranger(IpAddr, &'a str),
    /// A browser, by its id, from which somebody signed in to this account before: attempts by
    /// strangers never lock it out.
    KnownBrowser(&'a str),
}

pub struct RateLimits {
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
    /// The database, where other nodes count too.
    shared: Option<Store>,
    /// How much of each limit is used; where it is shared, until when each key is refused.
    known: KeyTable,
}

impl RateLimits {
    /// The limits that `config` sets.
    pub fn new(config: &config::LimitSettings, clock: Clock, store: &Store) -> Self {
        let minute = Duration::from_secs(60);
        let (ten_minutes, hour) = (10 * minute, 60 * minute);
        let per_account = config.sign_ins.saturating_mul(ACCOUNT_FACTOR);
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
            known: KeyTable::default(),
        }
    }

    /// Counts a comment; [`Error::TooMany`] where the client has reached its limit, as in all checks.
    pub async fn check_comment(&self, client: IpAddr) -> Result<()> {
        let interval = self.comment_interval.charge_client(client);
        let charges = interval.chain(self.comments_per_hour.charge_client(client));
        self.check(charges).await
    }

    /// Counts a reader's preview.
    pub async fn check_preview(&self, client: IpAddr) -> Result<()> {
        self.check(self.previews.charge_client(client)).await
    }

    /// Counts a text of a signed-in user that is rendered, to preview or to save it, or a rule that is
    /// tested.
    pub async fn check_staff_render(&self, user: i64) -> Result<()> {
        self.check(self.staff_renders.charge(&user.to_string()))
            .await
    }

    pub async fn check_report(&self, client: IpAddr) -> Result<()> {
        self.check(self.reports.charge_client(client)).await
    }

    /// Counts a linkback by its sender, its source's host and its post.
    pub async fn check_linkback(&self, client: IpAddr, source_host: &str, post: i64) -> Result<()> {
        let charges = self
            .linkbacks_by_client
            .charge_client(client)
            .chain(self.linkbacks_by_source_host.charge(source_host))
            .chain(self.linkbacks_by_post.charge(&post.to_string()));
        self.check(charges).await
    }

    /// Counts an attempt to sign in; [`RateLimits::refund_sign_in`] takes a successful one back.
    pub async fn check_sign_in(&self, client: SignInClient<'_>) -> Result<()> {
        self.check(self.sign_in_charges(client)).await
    }

    /// Uncounts an attempt that succeeded.
    pub async fn refund_sign_in(&self, client: SignInClient<'_>) -> Result<()> {
        self.refund(&self.sign_in_charges(client)).await
    }

    fn sign_in_charges(&self, client: SignInClient<'_>) -> Vec<(Key, Rate)> {
        match client {
            SignInClient::Stranger(client, account) => self
                .sign_ins_by_client
                .charge_client(client)
                .chain(self.sign_ins_by_account.charge(account))
                .collect(),
            SignInClient::KnownBrowser(browser) => self
                .sign_ins_by_browser
                .charge(browser)
                .into_iter()
                .collect(),
        }
    }

    /// Removes idle keys, which keeps memory and the table bounded.
    pub async fn forget_idle(&self) -> Result<()> {
        let now = self.clock.now();
        self.known.forget_idle(now.0);
        match &self.shared {
            Some(store) => rate_limits::delete_idle(store.read(), now).await,
            None => Ok(()),
        }
    }

    async fn check(&self, charges: impl IntoIterator<Item = (Key, Rate)>) -> Result<()> {
        let charges: Vec<_> = charges.into_iter().collect();
        if charges.is_empty() {
            return Ok(());
        }
        let now = self.clock.now().0;
        let free_at = match &self.shared {
            None => self.known.check(&charges, now).err(),
            Some(store) => self.check_shared(store, &charges, now).await?,
        };
        match free_at {
            None => Ok(()),
            Some(at) => Err(Error::TooMany {
                retry_after: Duration::from_millis(u64::try_from(at - now).unwrap_or(0)),
            }),
        }
    }

    /// When it is allowed again; None where it is allowed now and was counted.
    async fn check_shared(
        &self,
        store: &Store,
        charges: &[(Key, Rate)],
        now: i64,
    ) -> Result<Option<i64>> {
        let refused = charges.iter().filter_map(|(key, _)| self.known.find(key));
        // Usage shrinks with time alone, so a key that was refused until then still is.
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
            if let Err(until) = rate.check(Some(*arrival), now) {
                self.known.set(*key, until, now);
                latest = latest.max(until);
            }
        }
        Ok(Some(latest))
    }

    async fn refund(&self, charges: &[(Key, Rate)]) -> Result<()> {
        match &self.shared {
            None => self.known.refund(charges),
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

/// The key of a subject under a limit: a hash, so that no address is stored and all are of one length.
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

#[cfg(test)]
mod tests;
