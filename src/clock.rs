//! The current time, read in one place so that tests can step it. Never measures durations: that is what
//! `std::time::Instant` is for.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};

/// A day, in milliseconds.
const DAY: i64 = 24 * 60 * 60 * 1000;

/// A moment in UTC milliseconds since 1970, as the database keeps it (text times sort wrongly on
/// SQLite).
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    DeriveValueType,
    Serialize,
    Deserialize,
)]
#[serde(transparent)]
pub struct Moment(pub i64);

impl Moment {
    pub fn plus(self, after: Duration) -> Self {
        Self(self.0.saturating_add(millis(after)))
    }

    pub fn minus(self, before: Duration) -> Self {
        Self(self.0.saturating_sub(millis(before)))
    }

    /// The time that has passed since `earlier`; zero where that lies ahead.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0 - earlier.0).unwrap_or(0))
    }

    /// As a timestamp; a moment beyond the calendar becomes its end.
    pub fn timestamp(self) -> Timestamp {
        Timestamp::from_millisecond(self.0).unwrap_or(Timestamp::MAX)
    }

    /// As wall-clock time in the site's zone.
    pub fn in_zone(self, zone: &TimeZone) -> jiff::ZonedDateTime {
        self.timestamp().to_zoned_datetime(zone.clone())
    }

    /// The date in the site's zone, in days since 1970.
    pub fn day_in(self, zone: &TimeZone) -> i64 {
        let ahead = i64::from(self.in_zone(zone).offset().seconds()) * 1000;
        self.0.saturating_add(ahead).div_euclid(DAY)
    }

    /// RFC 3339 in UTC, as `<time datetime>` and Atom want it.
    pub fn rfc3339(self) -> String {
        jiff::Timestamp::from_second(self.0.div_euclid(1000))
            .unwrap_or(Timestamp::MAX)
            .to_string()
    }

    /// RFC 2822 in GMT, as RSS wants it.
    pub fn rfc2822(self) -> String {
        jiff::fmt::rfc2822::to_string(&self.in_zone(&TimeZone::UTC)).unwrap_or_default()
    }
}

impl From<Timestamp> for Moment {
    fn from(at: Timestamp) -> Self {
        Self(at.as_millisecond())
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// The system's clock, or one that a test steps by hand.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Stepped(Arc<AtomicI64>),
}

impl Clock {
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands at `start` until it is stepped.
    pub fn stepped(start: Moment) -> Self {
        Self(Source::Stepped(Arc::new(AtomicI64::new(start.0))))
    }

    #[allow(
        clippy::disallowed_methods,
        reason = "the one place that reads the system clock"
    )]
    pub fn now(&self) -> Moment {
        match &self.0 {
            Source::System => Timestamp::now().into(),
            Source::Stepped(at) => Moment(at.load(Ordering::SeqCst)),
        }
    }

    /// Advances a stepped clock; does nothing to the system's.
    pub fn step(&self, by: Duration) {
        if let Source::Stepped(at) = &self.0 {
            at.fetch_add(millis(by), Ordering::SeqCst);
        }
    }
}
