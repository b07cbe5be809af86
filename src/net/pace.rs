//! Whether a body comes fast enough: who sends a byte now and then keeps a place busy for nothing.

use std::time::{Duration, Instant};

/// The pace of one body.
pub struct Pace {
    begun: Instant,
    grace: Duration,
    slowest: usize,
    bytes: usize,
}

impl Pace {
    /// From now on; after `grace` at least `slowest` bytes a second must have come.
    pub fn new(grace: Duration, slowest: usize) -> Self {
        Self {
            begun: Instant::now(),
            grace,
            slowest,
            bytes: 0,
        }
    }

    /// Counts what came; says whether it is enough by now.
    pub fn keeps_up(&mut self, bytes: usize) -> bool {
        self.bytes = self.bytes.saturating_add(bytes);
        self.is_enough_after(self.begun.elapsed())
    }

    fn is_enough_after(&self, elapsed: Duration) -> bool {
        let wanted = elapsed.as_millis() * self.slowest as u128 / 1000;
        elapsed < self.grace || self.bytes as u128 >= wanted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_counts_only_after_a_while_and_exactly() {
        let mut pace = Pace::new(Duration::from_secs(3), 1000);
        pace.bytes = 3000;
        assert!(pace.is_enough_after(Duration::from_secs(3)));
        assert!(!pace.is_enough_after(Duration::from_millis(3001)));
        pace.bytes = 0;
        assert!(pace.is_enough_after(Duration::from_millis(2999)));
        assert!(!pace.is_enough_after(Duration::from_secs(3)));
    }
}
