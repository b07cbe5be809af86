//! The generic cell rate algorithm, as pure arithmetic: one number for each key, its *theoretical arrival
//! time*, says how much of its limit is used. At that time all of the limit is free again.

/// How often something may happen: once in each `step`, and as many times at once as fit into `burst`.
/// Both are in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// The cost of one use.
    pub step: i64,
    /// How much may be used at once.
    pub burst: i64,
}

impl Rate {
    /// `count` times in any `within` milliseconds, all at once or spread; None where `count` is 0.
    pub fn times(count: u32, within: i64) -> Option<Self> {
        let count = i64::from(count);
        (count > 0).then(|| {
            let step = (within / count).max(1);
            Self {
                step,
                burst: step.saturating_mul(count),
            }
        })
    }

    /// The arrival time after one use at `now`; the error is when one is possible again.
    pub fn check(self, arrival: Option<i64>, now: i64) -> Result<i64, i64> {
        // A clock that was set back must not lock anybody out for longer than the limit lasts.
        let used = arrival
            .unwrap_or(now)
            .clamp(now, now.saturating_add(self.burst));
        let next = used.saturating_add(self.step);
        if next - now <= self.burst {
            Ok(next)
        } else {
            Err(self.free_at(used))
        }
    }

    /// When one use is possible where the arrival time is `arrival`.
    pub fn free_at(self, arrival: i64) -> i64 {
        arrival.saturating_add(self.step).saturating_sub(self.burst)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_limit_is_used_at_once_and_comes_back_step_by_step() {
        let rate = Rate::times(3, 30_000).unwrap();
        let mut arrival = None;
        for _ in 0..3 {
            arrival = Some(rate.check(arrival, 0).unwrap());
        }
        assert_eq!(rate.check(arrival, 0), Err(10_000));
        assert_eq!(rate.check(arrival, 9_999), Err(10_000));
        arrival = Some(rate.check(arrival, 10_000).unwrap());
        assert_eq!(rate.check(arrival, 10_000), Err(20_000));
        assert!(rate.check(arrival, 60_000).is_ok());
    }

    #[test]
    fn zero_is_no_limit() {
        assert_eq!(Rate::times(0, 1000), None);
    }

    proptest! {
        #[test]
        fn no_clock_locks_anybody_out_for_longer_than_the_limit(
            count in 1u32..1000, within in 1i64..10_000_000, arrival: i64, now in 0i64..1 << 50,
        ) {
            let rate = Rate::times(count, within).unwrap();
            if let Err(free_at) = rate.check(Some(arrival), now) {
                prop_assert!(free_at > now && free_at <= now + rate.step);
            }
        }
    }
}
