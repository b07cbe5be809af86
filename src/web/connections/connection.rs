//! One connection: what it is used for, and whether its client has kept the server waiting too long. Knows
//! no sockets and no HTTP, only times and counts; closes nothing by itself.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::web::connections::body_memory::ClientShare;

/// A connection that was asked to finish is closed after this.
const FINISH_GRACE: Duration = Duration::from_secs(5);
/// An HTTP/2 connection is asked to finish after this, so that nothing stuck in it stays forever.
const MAX_AGE: Duration = Duration::from_secs(15 * 60);
/// How long the requests of such a connection may still take.
const MAX_AGE_GRACE: Duration = Duration::from_secs(2 * 60);
/// A client that reads more slowly counts as one that does not read, in bytes a second.
const MIN_READ_RATE: u64 = 512;
/// A connection that answered a request this recently is not closed in favour of another one.
const MIN_IDLE: Duration = Duration::from_secs(1);
/// A client that reads an answer may be cut off after this in favour of another one.
const MIN_READING: Duration = Duration::from_secs(30);

/// How long a client may take.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionTimeouts {
    /// To send the head of a request, counted from its first byte or from connecting.
    pub head: Duration,
    /// To send the whole body of a request; enforced by `web::bodies`.
    pub body: Duration,
    /// To read nothing of an answer while some is waiting to be sent.
    pub write: Duration,
    /// Between two requests.
    pub idle: Duration,
}

/// What a timeout asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeoutAction {
    /// No timeout has passed.
    Keep,
    /// It takes no further requests.
    Finish,
    /// It is closed at once.
    Close,
}

/// What a connection is used for; the first is the first to be closed in favour of another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ConnectionUse {
    /// It never sent a request.
    Unused,
    /// Its request was answered.
    Idle,
    /// The client still reads an answer that the server has finished.
    Reading,
}

impl ConnectionUse {
    /// How long it is kept before it may be closed.
    pub(super) fn min_age(self) -> Duration {
        match self {
            Self::Unused => Duration::ZERO,
            Self::Idle => MIN_IDLE,
            Self::Reading => MIN_READING,
        }
    }
}

/// A connection's times and counts. Times are milliseconds of [`now`].
#[derive(Debug)]
pub struct Connection {
    pub(super) number: u64,
    /// The clients it is counted for; none for a proxy, whose connections are many readers'.
    pub(super) clients: Vec<ClientShare>,
    opened: u64,
    is_http2: AtomicBool,
    requests: AtomicU64,
    active: Mutex<Vec<Arc<AnswerProgress>>>,
    idle_since: AtomicU64,
    /// When the first byte of a head came in; 0 while none is being read.
    head_since: AtomicU64,
    blocked: Mutex<Option<Blocked>>,
    has_unread_body: AtomicBool,
    /// Wakes the task that serves it, to take no further requests.
    pub finish: Notify,
    /// Wakes the task that serves it, to close it.
    pub close: Notify,
}

/// How far the client has read an answer.
#[derive(Debug, Default)]
pub(super) struct AnswerProgress {
    /// When the client last read something of it; 0 while the answer is being made.
    read_at: AtomicU64,
}

impl AnswerProgress {
    pub(super) fn note_read(&self) {
        self.read_at.store(now(), Ordering::Relaxed);
    }

    pub(super) fn note_pending(&self) {
        self.read_at.store(0, Ordering::Relaxed);
    }
}

/// Since when the client has not read all that was written.
#[derive(Clone, Copy, Debug)]
struct Blocked {
    since: u64,
    read: u64,
}

/// Milliseconds since the first call; never 0.
pub(super) fn now() -> u64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    millis(START.elapsed()) + 1
}

pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Connection {
    pub(super) fn new(number: u64, clients: Vec<ClientShare>, now: u64) -> Self {
        Self {
            number,
            clients,
            opened: now,
            is_http2: AtomicBool::new(false),
            requests: AtomicU64::new(0),
            active: Mutex::default(),
            idle_since: AtomicU64::new(now),
            head_since: AtomicU64::new(0),
            blocked: Mutex::default(),
            has_unread_body: AtomicBool::new(false),
            finish: Notify::new(),
            close: Notify::new(),
        }
    }

    pub(super) fn begin_request(&self, is_http2: bool) -> Arc<AnswerProgress> {
        let progress = Arc::new(AnswerProgress::default());
        self.is_http2.store(is_http2, Ordering::Relaxed);
        self.requests.fetch_add(1, Ordering::Relaxed);
        lock(&self.active).push(Arc::clone(&progress));
        progress
    }

    pub(super) fn end_request(&self, progress: &Arc<AnswerProgress>) {
        let mut active = lock(&self.active);
        active.retain(|other| !Arc::ptr_eq(other, progress));
        if active.is_empty() {
            self.idle_since.store(now(), Ordering::Relaxed);
            self.head_since.store(0, Ordering::Relaxed);
        }
    }

    /// Bytes came in from the client.
    pub fn note_received(&self) {
        if self.head_since.load(Ordering::Relaxed) == 0 && lock(&self.active).is_empty() {
            self.head_since.store(now(), Ordering::Relaxed);
        }
    }

    /// The client took `bytes`.
    pub fn note_sent(&self, bytes: usize) {
        if let Some(blocked) = lock(&self.blocked).as_mut() {
            blocked.read = blocked.read.saturating_add(bytes as u64);
        }
    }

    /// The client takes nothing at the moment.
    pub fn note_blocked(&self, write_timeout: Duration) {
        let fresh = Blocked {
            since: now(),
            read: 0,
        };
        match &mut *lock(&self.blocked) {
            // It reads, if slowly: its time starts again.
            Some(blocked) if blocked.read >= min_read(write_timeout) => *blocked = fresh,
            Some(_) => {}
            none => *none = Some(fresh),
        }
    }

    /// Everything that was written is on its way.
    pub fn note_flushed(&self) {
        let was_blocked = lock(&self.blocked).take().is_some();
        if was_blocked {
            self.idle_since.store(now(), Ordering::Relaxed);
        }
    }

    /// The body of a request was not read to its end.
    pub fn note_unread_body(&self) {
        self.has_unread_body.store(true, Ordering::Relaxed);
    }

    /// Whether the client may still be sending a body that nobody reads.
    pub fn has_unread_body(&self) -> bool {
        self.has_unread_body.load(Ordering::Relaxed)
    }

    pub(super) fn idle_since(&self) -> u64 {
        self.idle_since.load(Ordering::Relaxed)
    }

    /// None while the server works on a request: such a connection is never closed in favour of another.
    pub(super) fn current_use(&self) -> Option<ConnectionUse> {
        if !lock(&self.active).is_empty() {
            None
        } else if self.requests.load(Ordering::Relaxed) == 0 {
            Some(ConnectionUse::Unused)
        } else if lock(&self.blocked).is_none() {
            Some(ConnectionUse::Idle)
        } else {
            Some(ConnectionUse::Reading)
        }
    }

    /// What the timeouts ask for at the time `now`.
    pub(super) fn check_timeouts(&self, now: u64, timeouts: &ConnectionTimeouts) -> TimeoutAction {
        let is_over = |since: u64, limit: Duration| now.saturating_sub(since) > millis(limit);
        let blocked = *lock(&self.blocked);
        let is_stuck = blocked.is_some_and(|blocked| {
            is_over(blocked.since, timeouts.write) && blocked.read < min_read(timeouts.write)
        });
        let active = lock(&self.active);
        let is_unread = active.iter().any(|progress| {
            let read_at = progress.read_at.load(Ordering::Relaxed);
            read_at != 0 && is_over(read_at, timeouts.write)
        });
        if is_stuck || is_unread {
            return TimeoutAction::Close;
        }
        let is_http2 = self.is_http2.load(Ordering::Relaxed);
        if is_http2 && is_over(self.opened, MAX_AGE) {
            return if is_over(self.opened, MAX_AGE + MAX_AGE_GRACE) {
                TimeoutAction::Close
            } else {
                TimeoutAction::Finish
            };
        }
        if !active.is_empty() || blocked.is_some() {
            return TimeoutAction::Keep;
        }
        if self.requests.load(Ordering::Relaxed) == 0 {
            return if is_over(self.opened, timeouts.head) {
                TimeoutAction::Close
            } else {
                TimeoutAction::Keep
            };
        }
        // HTTP/2 sends more than heads while it is idle, such as answers to pings.
        let head_since = self.head_since.load(Ordering::Relaxed);
        if !is_http2 && head_since != 0 && is_over(head_since, timeouts.head) {
            return TimeoutAction::Close;
        }
        let idle_since = self.idle_since();
        if is_over(idle_since, timeouts.idle + FINISH_GRACE) {
            TimeoutAction::Close
        } else if is_over(idle_since, timeouts.idle) {
            TimeoutAction::Finish
        } else {
            TimeoutAction::Keep
        }
    }
}

/// What a client that reads fast enough has read within the timeout, in bytes.
fn min_read(write_timeout: Duration) -> u64 {
    MIN_READ_RATE * write_timeout.as_secs().max(1)
}
