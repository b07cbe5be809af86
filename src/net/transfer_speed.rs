//! The minimum speed of a body: a peer that sends a byte now and then occupies a connection for nothing.
//! Measures only; ends nothing by itself.

use std::time::{Duration, Instant};

/// How fast one body has come in so far.
pub struct TransferSpeed {
    started: Instant,
    grace: Duration,
    min_bytes_per_second: usize,
    bytes: usize,
}

impl TransferSpeed {
    /// Starts now; the minimum holds once `grace` has passed.
    pub fn new(grace: Duration, min_bytes_per_second: usize) -> Self {
        Self {
            started: Instant::now(),
            grace,
            min_bytes_per_second,
            bytes: 0,
        }
    }

    pub fn note_received(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_add(bytes);
    }

    /// Whether the average since the start is below the minimum.
    pub fn is_too_low(&self) -> bool {
        self.is_too_low_after(self.started.elapsed())
    }

    fn is_too_low_after(&self, elapsed: Duration) -> bool {
        let expected = elapsed.as_millis() * self.min_bytes_per_second as u128 / 1000;
        elapsed >= self.grace && (self.bytes as u128) < expected
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_minimum_holds_only_after_a_while_and_exactly() {
        let mut speed = TransferSpeed::new(Duration::from_secs(3), 1000);
        speed.note_received(3000);
        assert!(!speed.is_too_low_after(Duration::from_secs(3)));
        assert!(speed.is_too_low_after(Duration::from_millis(3001)));
        speed.bytes = 0;
        assert!(!speed.is_too_low_after(Duration::from_millis(2999)));
        assert!(speed.is_too_low_after(Duration::from_secs(3)));
    }
}
