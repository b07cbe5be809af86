//! A bounded table in memory: for each key the time until which it matters, in milliseconds. Reads no
//! clock.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};

use crate::limits::gcra::Rate;

/// A hash of what is counted and for whom.
pub type Key = [u8; 16];

/// Beyond this number, the keys that matter for the shortest time are removed.
const MAX_KEYS: usize = 50_000;

/// Its lock is held for a few operations, never across an await.
#[derive(Debug, Default)]
pub struct KeyTable(Mutex<HashMap<Key, i64>>);

impl KeyTable {
    fn rows(&self) -> MutexGuard<'_, HashMap<Key, i64>> {
        self.0.lock().unwrap_or_else(|e| e.into_inner())
    }

    pub fn find(&self, key: &Key) -> Option<i64> {
        self.rows().get(key).copied()
    }

    pub fn set(&self, key: Key, until: i64, now: i64) {
        let mut rows = self.rows();
        evict(&mut rows, now);
        rows.insert(key, until);
    }

    pub fn remove(&self, key: &Key) {
        self.rows().remove(key);
    }

    /// Counts one use of each of these keys, or of none of them; the error is when all of them allow it.
    pub fn check(&self, charges: &[(Key, Rate)], now: i64) -> Result<(), i64> {
        let mut rows = self.rows();
        let mut free_at = None;
        let mut next = Vec::with_capacity(charges.len());
        for (key, rate) in charges {
            match rate.check(rows.get(key).copied(), now) {
                Ok(arrival) => next.push((*key, arrival)),
                Err(at) => free_at = free_at.max(Some(at)),
            }
        }
        if let Some(at) = free_at {
            return Err(at);
        }
        evict(&mut rows, now);
        rows.extend(next);
        Ok(())
    }

    /// Takes one use of each of these keys back.
    pub fn refund(&self, charges: &[(Key, Rate)]) {
        let mut rows = self.rows();
        for (key, rate) in charges {
            if let Some(arrival) = rows.get_mut(key) {
                *arrival -= rate.step;
            }
        }
    }

    /// Removes the keys that no longer matter, and frees their memory.
    pub fn forget_idle(&self, now: i64) {
        let mut rows = self.rows();
        rows.retain(|_, until| *until > now);
        rows.shrink_to_fit();
    }
}

fn evict(rows: &mut HashMap<Key, i64>, now: i64) {
    if rows.len() < MAX_KEYS {
        return;
    }
    rows.retain(|_, until| *until > now);
    if rows.len() < MAX_KEYS {
        return;
    }
    let mut times: Vec<i64> = rows.values().copied().collect();
    let middle = times.len() / 2;
    let (_, median, _) = times.select_nth_unstable(middle);
    let median = *median;
    rows.retain(|_, until| *until > median);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u64) -> Key {
        let mut key = [0; 16];
        key[..8].copy_from_slice(&number.to_be_bytes());
        key
    }

    #[test]
    fn the_table_stays_bounded_whatever_is_counted() {
        let table = KeyTable::default();
        let rate = Rate::times(10, 60_000).unwrap();
        for number in 0..200_000 {
            table.check(&[(key(number), rate)], 0).unwrap();
            assert!(table.rows().len() <= MAX_KEYS + 1);
        }
        table.forget_idle(60_000);
        assert_eq!(table.rows().len(), 0);
    }

    #[test]
    fn two_limits_are_counted_together_or_not_at_all() {
        let table = KeyTable::default();
        let (wide, narrow) = (
            Rate::times(10, 1000).unwrap(),
            Rate::times(1, 1000).unwrap(),
        );
        let both = [(key(1), wide), (key(2), narrow)];
        table.check(&both, 0).unwrap();
        assert_eq!(table.check(&both, 0), Err(1000));
        assert_eq!(
            table.find(&key(1)),
            Some(100),
            "the refusal counted nothing"
        );
        table.refund(&both);
        assert!(table.check(&both, 0).is_ok());
    }
}
