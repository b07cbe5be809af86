//! When this server may ask a host: so many requests a minute to each host and to each network
//! address.
//!
//! A job that comes when a budget is used up gets a turn of its own: the request is counted at once,
//! for the moment at which it may be sent, and the job comes back then. So a hundred jobs for one host
//! wake one after the other, each once, and nobody who comes later goes first. Counted on this node;
//! never waits, and never asks anybody anything.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use url::Url;

use crate::clock::{Clock, Moment};

/// The time that a budget is for.
const MINUTE: i64 = 60_000;
/// The longest that a turn lies ahead; beyond it a job is put off without one.
const LONGEST_QUEUE: Duration = Duration::from_secs(60 * 60);
/// A budget that is used up for longer than any queue was counted before the clock was set back.
const CLOCK_WAS_SET_BACK: Duration = Duration::from_secs(2 * 60 * 60);
/// How long a turn is kept for a job that does not come.
const KEPT: Duration = Duration::from_secs(10 * 60);
/// The most jobs that have a turn at once.
const MOST_WAITING: usize = 10_000;
/// From so many hosts on, the idle ones are forgotten at once.
const MOST_HOSTS: usize = 20_000;

/// The budgets of hosts and addresses, and who waits for which.
pub struct Turns {
    clock: Clock,
    per_host: u32,
    per_address: u32,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// For each budget, when all that was counted is worked off, in milliseconds.
    counted_until: HashMap<String, i64>,
    waiting: HashMap<String, Turn>,
}

/// What a job that was put off comes back to.
struct Turn {
    at: Moment,
    /// Requests that are counted for it already, by budget.
    counted: HashMap<String, usize>,
    /// How far it came.
    place: Option<Place>,
}

/// How far a fetch came before it was put off.
#[derive(Clone, Debug)]
pub struct Place {
    /// What was asked for.
    pub asked: Url,
    /// Where the redirects have led.
    pub url: Url,
    /// How many those were.
    pub redirects: usize,
}

/// One budget that a request is counted against.
struct Counted {
    key: String,
    per_minute: u32,
}

impl Counted {
    /// Between two requests once the budget is used up.
    fn interval(&self) -> i64 {
        MINUTE / i64::from(self.per_minute.max(1))
    }

    /// When the last of `count` more requests may go.
    fn ready(&self, counted_until: i64, count: usize, now: Moment) -> Moment {
        let ahead = i64::from(self.per_minute) - i64::try_from(count).unwrap_or(i64::MAX);
        let at = counted_until
            .max(now.0)
            .saturating_sub(ahead.saturating_mul(self.interval()));
        Moment(at.max(now.0))
    }
}

impl Turns {
    /// So many requests a minute to each host and to each address; 0 for no limit.
    pub fn new(clock: Clock, per_host: u32, per_address: u32) -> Self {
        Self {
            clock,
            per_host,
            per_address,
            state: Mutex::default(),
        }
    }

    /// Counts a request to a host at these addresses, for `job` where there is one. The error is how
    /// long to wait: with a job, `ahead` requests to the same host are counted for it beforehand.
    pub fn take(
        &self,
        job: Option<&str>,
        url: &Url,
        addresses: &[SocketAddr],
        ahead: usize,
    ) -> Result<(), Duration> {
        let now = self.clock.now();
        let budgets = self.budgets(url, addresses);
        let mut state = self.state();
        let state = &mut *state;
        if state.counted_until.len() > MOST_HOSTS {
            state.forget_idle(now);
        }
        let mut turn = job.and_then(|job| state.waiting.remove(job));
        if let Some(early) = turn.take_if(|turn| turn.at > now) {
            let wait = early.at.since(now);
            state.keep(job, early);
            return Err(wait);
        }
        let counted = |turn: &Option<Turn>, key: &str| {
            turn.as_ref()
                .is_some_and(|turn| turn.counted.get(key).is_some_and(|count| *count > 0))
        };
        let missing: Vec<&Counted> = budgets
            .iter()
            .filter(|budget| !counted(&turn, &budget.key))
            .collect();
        let ready = state.ready(&missing, 1, now);
        if ready == now {
            for budget in &missing {
                state.count(budget, 1, now);
            }
            if let Some(turn) = &mut turn {
                for budget in &budgets {
                    if let Some(count) = turn.counted.get_mut(&budget.key) {
                        *count = count.saturating_sub(1);
                    }
                }
            }
            if let Some(turn) = turn {
                state.keep(job, turn);
            }
            return Ok(());
        }
        let Some(job) = job.filter(|_| state.waiting.len() < MOST_WAITING) else {
            return Err(ready.since(now).min(LONGEST_QUEUE));
        };
        let ahead = ahead.max(1);
        let ready = state.ready(&missing, ahead, now);
        if ready.since(now) > LONGEST_QUEUE {
            return Err(LONGEST_QUEUE);
        }
        let mut turn = turn.unwrap_or(Turn {
            at: now,
            counted: HashMap::new(),
            place: None,
        });
        for budget in missing {
            state.count(budget, ahead, now);
            turn.counted.insert(budget.key.clone(), ahead);
        }
        turn.at = ready;
        state.keep(Some(job), turn);
        Err(ready.since(now))
    }

    /// Notes how far a job came that was put off.
    pub fn mark(&self, job: &str, place: Place) {
        if let Some(turn) = self.state().waiting.get_mut(job) {
            turn.place = Some(place);
        }
    }

    /// How far a job came that comes back for the same address.
    pub fn place(&self, job: &str, asked: &Url) -> Option<Place> {
        let place = self.state().waiting.get(job)?.place.clone()?;
        (place.asked == *asked).then_some(place)
    }

    /// A job has what it wanted, or never will.
    pub fn end(&self, job: &str) {
        self.state().waiting.remove(job);
    }

    /// Forgets the hosts that were left alone long enough, and the jobs that did not come back; keeps
    /// memory bounded.
    pub fn forget_idle(&self) {
        let now = self.clock.now();
        self.state().forget_idle(now);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One for the host, one for each of its addresses: any of them may be connected to.
    fn budgets(&self, url: &Url, addresses: &[SocketAddr]) -> Vec<Counted> {
        let host = url.host_str().unwrap_or_default().trim_end_matches('.');
        let port = url.port_or_known_default().unwrap_or_default();
        let mut budgets = Vec::new();
        if self.per_host > 0 {
            budgets.push(Counted {
                key: format!("host {host}:{port}"),
                per_minute: self.per_host,
            });
        }
        if self.per_address > 0 {
            for address in addresses {
                let key = format!("address {address}");
                if budgets.iter().all(|budget| budget.key != key) {
                    budgets.push(Counted {
                        key,
                        per_minute: self.per_address,
                    });
                }
            }
        }
        budgets
    }
}

impl State {
    fn until(&self, key: &str, now: Moment) -> i64 {
        let until = self.counted_until.get(key).copied().unwrap_or(now.0);
        if until > now.plus(CLOCK_WAS_SET_BACK).0 {
            return now.0;
        }
        until.max(now.0)
    }

    /// When all of these budgets allow `count` more requests.
    fn ready(&self, budgets: &[&Counted], count: usize, now: Moment) -> Moment {
        budgets
            .iter()
            .map(|budget| budget.ready(self.until(&budget.key, now), count, now))
            .max()
            .unwrap_or(now)
    }

    fn count(&mut self, budget: &Counted, count: usize, now: Moment) {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let until = self
            .until(&budget.key, now)
            .saturating_add(count.saturating_mul(budget.interval()));
        self.counted_until.insert(budget.key.clone(), until);
    }

    fn keep(&mut self, job: Option<&str>, turn: Turn) {
        if let Some(job) = job {
            self.waiting.insert(job.to_owned(), turn);
        }
    }

    fn forget_idle(&mut self, now: Moment) {
        self.counted_until.retain(|_, until| *until > now.0);
        self.waiting.retain(|_, turn| turn.at.plus(KEPT) > now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turns(per_host: u32, per_address: u32) -> (Turns, Clock) {
        let clock = Clock::stepped(Moment(1_700_000_000_000));
        (Turns::new(clock.clone(), per_host, per_address), clock)
    }

    fn url(host: &str) -> Url {
        Url::parse(&format!("http://{host}/")).unwrap()
    }

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn those_who_wait_come_one_after_the_other_and_nobody_goes_before_them() {
        let (turns, clock) = turns(30, 0);
        let host = url("a.example");
        for count in 0..30 {
            assert_eq!(
                turns.take(Some(&format!("job {count}")), &host, &[], 1),
                Ok(())
            );
        }
        for count in 0..50 {
            let wait = turns.take(Some(&format!("late {count}")), &host, &[], 1);
            assert_eq!(wait, Err(seconds(2 * (count + 1))));
        }
        // Too early, twice: the turn stays what it was.
        assert_eq!(turns.take(Some("late 0"), &host, &[], 1), Err(seconds(2)));
        for count in 0..50 {
            clock.step(seconds(2));
            // A newcomer stands behind all of them.
            assert!(turns.take(None, &host, &[], 1).is_err());
            assert_eq!(
                turns.take(Some(&format!("late {count}")), &host, &[], 1),
                Ok(())
            );
            turns.end(&format!("late {count}"));
        }
        clock.step(seconds(2));
        assert_eq!(turns.take(None, &host, &[], 1), Ok(()));
        assert_eq!(turns.take(None, &url("b.example"), &[], 1), Ok(()));
    }

    #[test]
    fn a_request_counts_for_every_address_of_its_host() {
        let (turns, _) = turns(0, 2);
        let both: Vec<SocketAddr> = vec![
            "192.0.2.1:80".parse().unwrap(),
            "192.0.2.2:80".parse().unwrap(),
        ];
        assert_eq!(turns.take(None, &url("both.example"), &both, 1), Ok(()));
        assert_eq!(
            turns.take(None, &url("second.example"), &both[1..], 1),
            Ok(())
        );
        assert_eq!(
            turns.take(None, &url("second.example"), &both[1..], 1),
            Err(seconds(30))
        );
        assert_eq!(
            turns.take(None, &url("other.example"), &both, 1),
            Err(seconds(30))
        );
        assert_eq!(
            turns.take(None, &url("first.example"), &both[..1], 1),
            Ok(())
        );
    }

    #[test]
    fn what_is_counted_ahead_needs_no_second_turn() {
        let (turns, clock) = turns(1, 0);
        let host = url("a.example");
        assert_eq!(turns.take(Some("a"), &host, &[], 1), Ok(()));
        assert_eq!(turns.take(Some("a"), &host, &[], 3), Err(seconds(180)));
        clock.step(seconds(180));
        for _ in 0..3 {
            assert_eq!(turns.take(Some("a"), &host, &[], 1), Ok(()));
        }
        assert_eq!(turns.take(Some("a"), &host, &[], 1), Err(seconds(60)));
    }

    #[test]
    fn queues_are_bounded_and_what_is_idle_is_forgotten() {
        let (turns, clock) = turns(1, 0);
        let host = url("a.example");
        let mut longest = Duration::ZERO;
        for count in 0..200 {
            if let Err(wait) = turns.take(Some(&format!("job {count}")), &host, &[], 1) {
                longest = longest.max(wait);
            }
        }
        assert_eq!(longest, LONGEST_QUEUE);
        assert!(turns.state().waiting.len() <= 61);
        clock.step(seconds(3 * 60 * 60));
        turns.forget_idle();
        assert!(turns.state().waiting.is_empty() && turns.state().counted_until.is_empty());
    }

    #[test]
    fn a_clock_that_was_set_back_locks_nobody_out() {
        let clock = Clock::stepped(Moment(1_700_000_000_000));
        let turns = Turns::new(clock, 1, 0);
        let until = 1_700_000_000_000 + 24 * 60 * MINUTE;
        turns
            .state()
            .counted_until
            .insert("host a.example:80".into(), until);
        assert_eq!(turns.take(None, &url("a.example"), &[], 1), Ok(()));
    }
}
