//! Rate limits on the requests that this server sends: so many a minute to each host and to each network
//! address.
//!
//! A job that comes when a limit is reached gets a reservation: the request is counted at once, for the
//! time at which it may be sent, and the job comes back then. So a hundred jobs for one host wake one
//! after the other, each once, and nobody who comes later goes first. Counted on this node; never waits,
//! and sends nothing.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use url::Url;

use crate::clock::{Clock, Moment};

/// What limits are given for, in milliseconds.
const MINUTE: i64 = 60_000;
/// The farthest that a reservation lies ahead; beyond it a job is deferred without one.
const MAX_WAIT: Duration = Duration::from_secs(60 * 60);
/// A limit that is reached for longer than anyone waits was counted before the clock was set back.
const CLOCK_SET_BACK: Duration = Duration::from_secs(2 * 60 * 60);
/// How long a reservation is kept for a job that does not come back.
const RESERVATION_TTL: Duration = Duration::from_secs(10 * 60);
/// How many jobs have a reservation at once.
const MAX_RESERVATIONS: usize = 10_000;
/// Above this number of hosts and addresses, the idle ones are removed at once.
const MAX_HOSTS: usize = 20_000;

/// The limits of hosts and addresses, and the jobs that wait for them.
pub struct HostLimits {
    clock: Clock,
    per_host: u32,
    per_address: u32,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// For each limit, when all that was counted for it is used up, in milliseconds.
    counted_until: HashMap<String, i64>,
    reservations: HashMap<String, Reservation>,
}

/// What a deferred job comes back to.
struct Reservation {
    at: Moment,
    /// Requests that are counted for it already, by limit.
    counted: HashMap<String, usize>,
    progress: Option<RedirectProgress>,
}

/// How far a fetch came before it was deferred.
#[derive(Clone, Debug)]
pub struct RedirectProgress {
    /// The address that the fetch started with.
    pub requested: Url,
    /// Where the redirects have led.
    pub url: Url,
    /// How many redirects those were.
    pub redirects: usize,
}

/// One limit that a request is counted against.
struct Limit {
    key: String,
    per_minute: u32,
}

impl Limit {
    /// Between two requests once the limit is reached.
    fn interval(&self) -> i64 {
        MINUTE / i64::from(self.per_minute.max(1))
    }

    /// When the last of `count` more requests may go.
    fn ready_at(&self, counted_until: i64, count: usize, now: Moment) -> Moment {
        let ahead = i64::from(self.per_minute) - i64::try_from(count).unwrap_or(i64::MAX);
        let at = counted_until
            .max(now.0)
            .saturating_sub(ahead.saturating_mul(self.interval()));
        Moment(at.max(now.0))
    }
}

impl HostLimits {
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
    pub fn check(
        &self,
        job: Option<&str>,
        url: &Url,
        addresses: &[SocketAddr],
        ahead: usize,
    ) -> Result<(), Duration> {
        let now = self.clock.now();
        let limits = self.limits(url, addresses);
        let mut state = self.state();
        let state = &mut *state;
        if state.counted_until.len() > MAX_HOSTS {
            state.forget_idle(now);
        }
        let mut reservation = job.and_then(|job| state.reservations.remove(job));
        if let Some(early) = reservation.take_if(|reservation| reservation.at > now) {
            let wait = early.at.since(now);
            state.put_back(job, early);
            return Err(wait);
        }
        let counted = |reservation: &Option<Reservation>, key: &str| {
            reservation.as_ref().is_some_and(|reservation| {
                reservation.counted.get(key).is_some_and(|count| *count > 0)
            })
        };
        let missing: Vec<&Limit> = limits
            .iter()
            .filter(|limit| !counted(&reservation, &limit.key))
            .collect();
        let ready_at = state.ready_at(&missing, 1, now);
        if ready_at == now {
            for limit in &missing {
                state.count(limit, 1, now);
            }
            if let Some(reservation) = &mut reservation {
                for limit in &limits {
                    if let Some(count) = reservation.counted.get_mut(&limit.key) {
                        *count = count.saturating_sub(1);
                    }
                }
            }
            if let Some(reservation) = reservation {
                state.put_back(job, reservation);
            }
            return Ok(());
        }
        let Some(job) = job.filter(|_| state.reservations.len() < MAX_RESERVATIONS) else {
            return Err(ready_at.since(now).min(MAX_WAIT));
        };
        let ahead = ahead.max(1);
        let ready_at = state.ready_at(&missing, ahead, now);
        if ready_at.since(now) > MAX_WAIT {
            return Err(MAX_WAIT);
        }
        let mut reservation = reservation.unwrap_or(Reservation {
            at: now,
            counted: HashMap::new(),
            progress: None,
        });
        for limit in missing {
            state.count(limit, ahead, now);
            reservation.counted.insert(limit.key.clone(), ahead);
        }
        reservation.at = ready_at;
        state.put_back(Some(job), reservation);
        Err(ready_at.since(now))
    }

    /// Saves how far a deferred job came.
    pub fn save_progress(&self, job: &str, progress: RedirectProgress) {
        if let Some(reservation) = self.state().reservations.get_mut(job) {
            reservation.progress = Some(progress);
        }
    }

    /// How far a job came that comes back for the same address; None for a new one.
    pub fn find_progress(&self, job: &str, requested: &Url) -> Option<RedirectProgress> {
        let progress = self.state().reservations.get(job)?.progress.clone()?;
        (progress.requested == *requested).then_some(progress)
    }

    /// Removes the reservation of a job that is done or failed.
    pub fn finish_job(&self, job: &str) {
        self.state().reservations.remove(job);
    }

    /// Removes hosts that are idle and jobs that did not come back, which keeps memory bounded.
    pub fn forget_idle(&self) {
        let now = self.clock.now();
        self.state().forget_idle(now);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One for the host, one for each of its addresses: any of them may be connected to.
    fn limits(&self, url: &Url, addresses: &[SocketAddr]) -> Vec<Limit> {
        let host = url.host_str().unwrap_or_default().trim_end_matches('.');
        let port = url.port_or_known_default().unwrap_or_default();
        let mut limits = Vec::new();
        if self.per_host > 0 {
            limits.push(Limit {
                key: format!("host {host}:{port}"),
                per_minute: self.per_host,
            });
        }
        if self.per_address > 0 {
            for address in addresses {
                let key = format!("address {address}");
                if limits.iter().all(|limit| limit.key != key) {
                    limits.push(Limit {
                        key,
                        per_minute: self.per_address,
                    });
                }
            }
        }
        limits
    }
}

impl State {
    fn until(&self, key: &str, now: Moment) -> i64 {
        let until = self.counted_until.get(key).copied().unwrap_or(now.0);
        if until > now.plus(CLOCK_SET_BACK).0 {
            return now.0;
        }
        until.max(now.0)
    }

    /// When all of these limits allow `count` more requests.
    fn ready_at(&self, limits: &[&Limit], count: usize, now: Moment) -> Moment {
        limits
            .iter()
            .map(|limit| limit.ready_at(self.until(&limit.key, now), count, now))
            .max()
            .unwrap_or(now)
    }

    fn count(&mut self, limit: &Limit, count: usize, now: Moment) {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let until = self
            .until(&limit.key, now)
            .saturating_add(count.saturating_mul(limit.interval()));
        self.counted_until.insert(limit.key.clone(), until);
    }

    fn put_back(&mut self, job: Option<&str>, reservation: Reservation) {
        if let Some(job) = job {
            self.reservations.insert(job.to_owned(), reservation);
        }
    }

    fn forget_idle(&mut self, now: Moment) {
        self.counted_until.retain(|_, until| *until > now.0);
        self.reservations
            .retain(|_, reservation| reservation.at.plus(RESERVATION_TTL) > now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host_limits(per_host: u32, per_address: u32) -> (HostLimits, Clock) {
        let clock = Clock::stepped(Moment(1_700_000_000_000));
        (HostLimits::new(clock.clone(), per_host, per_address), clock)
    }

    fn url(host: &str) -> Url {
        Url::parse(&format!("http://{host}/")).unwrap()
    }

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn those_who_wait_come_one_after_the_other_and_nobody_goes_before_them() {
        let (limits, clock) = host_limits(30, 0);
        let host = url("a.example");
        for count in 0..30 {
            assert_eq!(
                limits.check(Some(&format!("job {count}")), &host, &[], 1),
                Ok(())
            );
        }
        for count in 0..50 {
            let wait = limits.check(Some(&format!("late {count}")), &host, &[], 1);
            assert_eq!(wait, Err(seconds(2 * (count + 1))));
        }
        // Too early, twice: the reservation stays what it was.
        assert_eq!(limits.check(Some("late 0"), &host, &[], 1), Err(seconds(2)));
        for count in 0..50 {
            clock.step(seconds(2));
            // A newcomer stands behind all of them.
            assert!(limits.check(None, &host, &[], 1).is_err());
            assert_eq!(
                limits.check(Some(&format!("late {count}")), &host, &[], 1),
                Ok(())
            );
            limits.finish_job(&format!("late {count}"));
        }
        clock.step(seconds(2));
        assert_eq!(limits.check(None, &host, &[], 1), Ok(()));
        assert_eq!(limits.check(None, &url("b.example"), &[], 1), Ok(()));
    }

    #[test]
    fn a_request_counts_for_every_address_of_its_host() {
        let (limits, _) = host_limits(0, 2);
        let both: Vec<SocketAddr> = vec![
            "192.0.2.1:80".parse().unwrap(),
            "192.0.2.2:80".parse().unwrap(),
        ];
        assert_eq!(limits.check(None, &url("both.example"), &both, 1), Ok(()));
        assert_eq!(
            limits.check(None, &url("second.example"), &both[1..], 1),
            Ok(())
        );
        assert_eq!(
            limits.check(None, &url("second.example"), &both[1..], 1),
            Err(seconds(30))
        );
        assert_eq!(
            limits.check(None, &url("other.example"), &both, 1),
            Err(seconds(30))
        );
        assert_eq!(
            limits.check(None, &url("first.example"), &both[..1], 1),
            Ok(())
        );
    }

    #[test]
    fn what_is_counted_ahead_needs_no_second_reservation() {
        let (limits, clock) = host_limits(1, 0);
        let host = url("a.example");
        assert_eq!(limits.check(Some("a"), &host, &[], 1), Ok(()));
        assert_eq!(limits.check(Some("a"), &host, &[], 3), Err(seconds(180)));
        clock.step(seconds(180));
        for _ in 0..3 {
            assert_eq!(limits.check(Some("a"), &host, &[], 1), Ok(()));
        }
        assert_eq!(limits.check(Some("a"), &host, &[], 1), Err(seconds(60)));
    }

    #[test]
    fn queues_are_bounded_and_what_is_idle_is_forgotten() {
        let (limits, clock) = host_limits(1, 0);
        let host = url("a.example");
        let mut longest = Duration::ZERO;
        for count in 0..200 {
            if let Err(wait) = limits.check(Some(&format!("job {count}")), &host, &[], 1) {
                longest = longest.max(wait);
            }
        }
        assert_eq!(longest, MAX_WAIT);
        assert!(limits.state().reservations.len() <= 61);
        clock.step(seconds(3 * 60 * 60));
        limits.forget_idle();
        assert!(limits.state().reservations.is_empty() && limits.state().counted_until.is_empty());
    }

    #[test]
    fn a_clock_that_was_set_back_locks_nobody_out() {
        let clock = Clock::stepped(Moment(1_700_000_000_000));
        let limits = HostLimits::new(clock, 1, 0);
        let until = 1_700_000_000_000 + 24 * 60 * MINUTE;
        limits
            .state()
            .counted_until
            .insert("host a.example:80".into(), until);
        assert_eq!(limits.check(None, &url("a.example"), &[], 1), Ok(()));
    }
}
