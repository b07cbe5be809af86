//! How often something may happen for each key, such as a client or a host. Counted on this node.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

/// A budget for each key, or none at all.
pub struct Budget(Option<DefaultKeyedRateLimiter<String>>);

impl Budget {
    /// `count` times in any `within`, all at once or spread; 0 for no limit.
    pub fn times(count: u32, within: Duration) -> Self {
        let limiter = NonZeroU32::new(count).and_then(|count| {
            let quota = Quota::with_period(within / count.get())?.allow_burst(count);
            Some(RateLimiter::keyed(quota))
        });
        Self(limiter)
    }

    /// Once in each `interval`; zero for no limit.
    pub fn every(interval: Duration) -> Self {
        Self(Quota::with_period(interval).map(RateLimiter::keyed))
    }

    /// Takes one from the budget of `key`; the error is how long to wait.
    pub fn take(&self, key: &str) -> Result<(), Duration> {
        let Some(limiter) = &self.0 else {
            return Ok(());
        };
        limiter
            .check_key(&key.to_owned())
            .map_err(|until| until.wait_time_from(DefaultClock::default().now()))
    }

    /// Forgets the keys whose budget is whole again; keeps memory bounded.
    pub fn forget_idle(&self) {
        if let Some(limiter) = &self.0 {
            limiter.retain_recent();
        }
    }
}
