//! When the responses of a short time count as a burst. Reads no rows: the caller knows when they arrived.

use std::time::Duration;

use crate::clock::Moment;

/// `count` responses within this time are a burst; a count of 0 turns bursts off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BurstThreshold {
    pub count: u64,
    pub within: Duration,
}

impl BurstThreshold {
    /// Whether the newest responses are a burst. `nth_newest` is when the `count`-th newest response
    /// arrived, if there are that many.
    pub fn is_burst(&self, nth_newest: Option<Moment>, now: Moment) -> bool {
        self.count > 0 && nth_newest.is_some_and(|at| now.since(at) <= self.within)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_many_responses_in_a_short_time_are_a_burst() {
        let threshold = BurstThreshold {
            count: 20,
            within: Duration::from_secs(600),
        };
        let now = Moment(10_000_000);
        assert!(threshold.is_burst(Some(now.minus(Duration::from_secs(60))), now));
        assert!(!threshold.is_burst(Some(now.minus(Duration::from_secs(601))), now));
        assert!(!threshold.is_burst(None, now));
        let off = BurstThreshold {
            count: 0,
            ..threshold
        };
        assert!(!off.is_burst(Some(now), now));
    }
}
