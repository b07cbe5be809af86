//! How often somebody may do something: a budget for each thing. Counted on this node.

use std::net::IpAddr;
use std::time::Duration;

use crate::budget::Budget;
use crate::config;
use crate::error::{Error, Result};

/// The limiters of this node.
pub struct Limits {
    comment_interval: Budget,
    comments_per_hour: Budget,
    sign_ins_by_client: Budget,
    sign_ins_by_account: Budget,
    reports: Budget,
    linkbacks_by_client: Budget,
    linkbacks_by_source_host: Budget,
    linkbacks_by_post: Budget,
}

impl Limits {
    /// The limits that `config` sets.
    pub fn new(config: &config::Limits) -> Self {
        let minute = Duration::from_secs(60);
        let ten_minutes = 10 * minute;
        Self {
            comment_interval: Budget::every(Duration::from_secs(config.comment_interval.into())),
            comments_per_hour: Budget::times(config.comments_per_hour, 60 * minute),
            sign_ins_by_client: Budget::times(config.sign_ins, ten_minutes),
            sign_ins_by_account: Budget::times(config.sign_ins, ten_minutes),
            reports: Budget::times(config.reports_per_hour, 60 * minute),
            linkbacks_by_client: Budget::times(config.linkbacks_per_minute, minute),
            linkbacks_by_source_host: Budget::times(config.linkbacks_per_source_host, minute),
            linkbacks_by_post: Budget::times(config.linkbacks_per_post, minute),
        }
    }

    /// Counts a comment of this client.
    pub fn take_comment(&self, client: IpAddr) -> Result<()> {
        let key = network(client);
        take(&self.comment_interval, &key)?;
        take(&self.comments_per_hour, &key)
    }

    /// Counts a report.
    pub fn take_report(&self, client: IpAddr) -> Result<()> {
        take(&self.reports, &network(client))
    }

    /// Counts a try to sign in.
    pub fn take_sign_in(&self, client: IpAddr, account: &str) -> Result<()> {
        take(&self.sign_ins_by_client, &network(client))?;
        take(&self.sign_ins_by_account, account)
    }

    /// Counts a linkback, by who sent it, whose page it names and which post it is for.
    pub fn take_linkback(&self, client: IpAddr, source_host: &str, post: i64) -> Result<()> {
        take(&self.linkbacks_by_client, &network(client))?;
        take(&self.linkbacks_by_source_host, source_host)?;
        take(&self.linkbacks_by_post, &post.to_string())
    }

    /// Forgets those who have been quiet long enough; keeps memory bounded.
    pub fn forget_idle(&self) {
        for limit in [
            &self.comment_interval,
            &self.comments_per_hour,
            &self.sign_ins_by_client,
            &self.sign_ins_by_account,
            &self.reports,
            &self.linkbacks_by_client,
            &self.linkbacks_by_source_host,
            &self.linkbacks_by_post,
        ] {
            limit.forget_idle();
        }
    }
}

fn take(budget: &Budget, key: &str) -> Result<()> {
    budget
        .take(key)
        .map_err(|retry_after| Error::TooMany { retry_after })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn limits(overrides: &str) -> Limits {
        Limits::new(&Config::with(overrides).unwrap().limits)
    }

    #[test]
    fn the_second_comment_within_the_interval_is_too_fast() {
        let limits = limits("[limits]\ncomment_interval = 60");
        let client = "192.0.2.1".parse().unwrap();
        assert!(limits.take_comment(client).is_ok());
        assert!(matches!(
            limits.take_comment(client),
            Err(Error::TooMany { .. })
        ));
        assert!(limits.take_comment("192.0.2.2".parse().unwrap()).is_ok());
    }

    #[test]
    fn an_ipv6_network_counts_as_one_client() {
        let limits = limits("[limits]\ncomment_interval = 60");
        assert!(
            limits
                .take_comment("2001:db8:1:2::1".parse().unwrap())
                .is_ok()
        );
        assert!(
            limits
                .take_comment("2001:db8:1:2:ffff::9".parse().unwrap())
                .is_err()
        );
    }

    #[test]
    fn zero_switches_a_limit_off() {
        let limits = limits("[limits]\ncomment_interval = 0\ncomments_per_hour = 0");
        let client = "192.0.2.1".parse().unwrap();
        assert!((0..100).all(|_| limits.take_comment(client).is_ok()));
    }
}
