//! Telling a sudden burst from ordinary talk.

use std::time::Duration;

use crate::clock::Moment;

/// How many responses in how long are a burst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// So many.
    pub count: u64,
    /// Within this time.
    pub within: Duration,
}

impl Threshold {
    /// Whether the newest responses are a burst: `nth_newest` is when the one came in that is
    /// `count` back from now, if there were so many.
    pub fn is_burst(&self, nth_newest: Option<Moment>, now: Moment) -> bool {
        self.count > 0 && nth_newest.is_some_and(|at| now.since(at) <= self.within)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_in_a_short_time_are_a_burst_and_few_or_slow_ones_are_not() {
        let threshold = Threshold {
            count: 20,
            within: Duration::from_secs(600),
        };
        let now = Moment(10_000_000);
        assert!(threshold.is_burst(Some(now.minus(Duration::from_secs(60))), now));
        assert!(!threshold.is_burst(Some(now.minus(Duration::from_secs(601))), now));
        assert!(!threshold.is_burst(None, now));
        let off = Threshold {
            count: 0,
            ..threshold
        };
        assert!(!off.is_burst(Some(now), now));
    }
}
