//! A bounded table in memory: for each key a moment until which it matters.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};

use crate::limits::gcra::Rate;

/// A hash of what is counted and for whom: never an address, and always of one size.
pub type Key = [u8; 16];

/// The most keys that are kept: beyond it those that matter for the shortest time are forgotten.
const MAX_KEYS: usize = 50_000;

/// The table; a lock held for a few operations, never across a wait.
#[derive(Debug, Default)]
pub struct Table(Mutex<HashMap<Key, i64>>);

impl Table {
    fn rows(&self) -> MutexGuard<'_, HashMap<Key, i64>> {
        self.0.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// The moment of this key.
    pub fn find(&self, key: &Key) -> Option<i64> {
        self.rows().get(key).copied()
    }

    /// Sets the moment of a key.
    pub fn set(&self, key: Key, until: i64, now: i64) {
        let mut rows = self.rows();
        make_room(&mut rows, now);
        rows.insert(key, until);
    }

    /// Forgets a key.
    pub fn remove(&self, key: &Key) {
        self.rows().remove(key);
    }

    /// Takes one from each of these budgets, or from none of them; the error is the moment from which
    /// all of them allow it.
    pub fn take(&self, charges: &[(Key, Rate)], now: i64) -> Result<(), i64> {
        let mut rows = self.rows();
        let mut free_at = None;
        let mut next = Vec::with_capacity(charges.len());
        for (key, rate) in charges {
            match rate.take(rows.get(key).copied(), now) {
                Ok(arrival) => next.push((*key, arrival)),
                Err(at) => free_at = free_at.max(Some(at)),
            }
        }
        if let Some(at) = free_at {
            return Err(at);
        }
        make_room(&mut rows, now);
        rows.extend(next);
        Ok(())
    }

    /// Gives one back to each of these budgets.
    pub fn give_back(&self, charges: &[(Key, Rate)]) {
        let mut rows = self.rows();
        for (key, rate) in charges {
            if let Some(arrival) = rows.get_mut(key) {
                *arrival -= rate.step;
            }
        }
    }

    /// Forgets the keys that matter no longer, and the memory that they took.
    pub fn forget_idle(&self, now: i64) {
        let mut rows = self.rows();
        rows.retain(|_, until| *until > now);
        rows.shrink_to_fit();
    }
}

fn make_room(rows: &mut HashMap<Key, i64>, now: i64) {
    if rows.len() < MAX_KEYS {
        return;
    }
    rows.retain(|_, until| *until > now);
    if rows.len() < MAX_KEYS {
        return;
    }
    let mut moments: Vec<i64> = rows.values().copied().collect();
    let middle = moments.len() / 2;
    let (_, median, _) = moments.select_nth_unstable(middle);
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
        let table = Table::default();
        let rate = Rate::times(10, 60_000).unwrap();
        for number in 0..200_000 {
            table.take(&[(key(number), rate)], 0).unwrap();
            assert!(table.rows().len() <= MAX_KEYS + 1);
        }
        table.forget_idle(60_000);
        assert_eq!(table.rows().len(), 0);
    }

    #[test]
    fn two_budgets_are_taken_from_together_or_not_at_all() {
        let table = Table::default();
        let (wide, narrow) = (
            Rate::times(10, 1000).unwrap(),
            Rate::times(1, 1000).unwrap(),
        );
        let both = [(key(1), wide), (key(2), narrow)];
        table.take(&both, 0).unwrap();
        assert_eq!(table.take(&both, 0), Err(1000));
        assert_eq!(
            table.find(&key(1)),
            Some(100),
            "nothing was taken by the refusal"
        );
        table.give_back(&both);
        assert!(table.take(&both, 0).is_ok());
    }
}
