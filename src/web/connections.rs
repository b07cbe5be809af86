//! The connections that are open: how many there may be, in all and for each client, and which of
//! them have kept the server waiting too long. Knows no sockets and no HTTP, only times and counts.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

/// A connection that was asked to finish is cut off after this.
const FAREWELL: Duration = Duration::from_secs(5);
/// An HTTP/2 connection is asked to finish after this, so that nothing stuck in it stays for ever.
const MAX_AGE: Duration = Duration::from_secs(15 * 60);
/// How long the requests of such a connection may still take.
const MAX_AGE_GRACE: Duration = Duration::from_secs(2 * 60);
/// A client that reads slower than this is one that does not read, in bytes a second.
const MIN_RATE: u64 = 512;
/// A connection that answered a request this recently is not closed to make room for another one.
const SETTLED: Duration = Duration::from_secs(1);
/// What the bodies of requests under way may hold in memory, in all and for each client.
const BODIES: usize = 128 * 1024 * 1024;
const BODIES_PER_CLIENT: usize = 16 * 1024 * 1024;
/// A body up to this size is small, as almost all are; large ones leave some room for these alone, so
/// that a few clients who send slowly do not keep everybody else from sending anything.
const SMALL_BODY: usize = 64 * 1024;
const ROOM_FOR_SMALL: usize = 32 * 1024 * 1024;

/// An organisation with an IPv6 network (/48) may have so many times what one household in it (/64) may.
const HOUSEHOLDS: usize = 4;
/// A client that reads an answer may be cut off after this where there is no room for others.
const LONG_READ: Duration = Duration::from_secs(30);

/// How long a client may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// To send the head of a request, counted from its first byte or from connecting.
    pub head: Duration,
    /// To send the body of a request.
    pub body: Duration,
    /// Without reading anything of an answer.
    pub write: Duration,
    /// Between two requests.
    pub idle: Duration,
}

/// How many connections there may be.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// In all.
    pub total: usize,
    /// From one client; 0 for any number.
    pub per_client: usize,
}

/// What is to be done about a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// It may go on.
    Fine,
    /// It takes no more requests.
    Finish,
    /// It is closed at once.
    Cut,
}

/// What a connection is used for; the first is the first to be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Use {
    /// It never asked for anything.
    Nothing,
    /// Its request was answered.
    Idle,
    /// The client still reads an answer that the server is done with.
    Reading,
}

impl Use {
    /// For so long it is not closed.
    fn spared(self) -> Duration {
        match self {
            Self::Nothing => Duration::ZERO,
            Self::Idle => SETTLED,
            Self::Reading => LONG_READ,
        }
    }
}

/// A connection's times and counts. Times are milliseconds of [`now`].
#[derive(Debug)]
pub struct Connection {
    number: u64,
    /// Whose connection it is; nobody's for a proxy, whose connections are many readers'.
    clients: Vec<Share>,
    opened: u64,
    is_http2: AtomicBool,
    requests: AtomicU64,
    under_way: Mutex<Vec<Arc<Progress>>>,
    idle_since: AtomicU64,
    /// When the first byte of a head came in; 0 while none is being read.
    head_since: AtomicU64,
    blocked: Mutex<Option<Blocked>>,
    has_unread_body: AtomicBool,
    /// Wakes the task that serves it, to take no more requests.
    pub finish: Notify,
    /// Wakes the task that serves it, to close it.
    pub cut: Notify,
}

/// How an answer gets on.
#[derive(Debug)]
struct Progress {
    /// When the client last took something of it; 0 while the answer is being made.
    taken_at: AtomicU64,
}

/// Since when the client has not read all that was written.
#[derive(Clone, Copy, Debug)]
struct Blocked {
    since: u64,
    taken: u64,
}

/// Milliseconds since the process looked first; never 0.
pub fn now() -> u64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    millis(START.elapsed()) + 1
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Connection {
    fn new(number: u64, clients: Vec<Share>, now: u64) -> Self {
        Self {
            number,
            clients,
            opened: now,
            is_http2: AtomicBool::new(false),
            requests: AtomicU64::new(0),
            under_way: Mutex::default(),
            idle_since: AtomicU64::new(now),
            head_since: AtomicU64::new(0),
            blocked: Mutex::default(),
            has_unread_body: AtomicBool::new(false),
            finish: Notify::new(),
            cut: Notify::new(),
        }
    }

    /// Notes that bytes came in.
    pub fn has_read(&self) {
        if self.head_since.load(Ordering::Relaxed) == 0 && locked(&self.under_way).is_empty() {
            self.head_since.store(now(), Ordering::Relaxed);
        }
    }

    /// Notes that the client took `bytes`.
    pub fn has_written(&self, bytes: usize) {
        let mut blocked = locked(&self.blocked);
        if let Some(blocked) = blocked.as_mut() {
            blocked.taken = blocked.taken.saturating_add(bytes as u64);
        }
    }

    /// Notes that the client takes nothing now.
    pub fn is_blocked(&self, patience: Duration) {
        let now = now();
        let mut blocked = locked(&self.blocked);
        match blocked.as_mut() {
            // It reads, if slowly: its time begins anew.
            Some(blocked) if blocked.taken >= MIN_RATE * patience.as_secs().max(1) => {
                *blocked = Blocked {
                    since: now,
                    taken: 0,
                };
            }
            Some(_) => {}
            None => {
                *blocked = Some(Blocked {
                    since: now,
                    taken: 0,
                });
            }
        }
    }

    /// Notes that everything that was written is on its way.
    pub fn has_flushed(&self) {
        let was_blocked = locked(&self.blocked).take().is_some();
        if was_blocked {
            self.idle_since.store(now(), Ordering::Relaxed);
        }
    }

    /// Notes that the body of a request was not read to its end.
    pub fn leaves_body_unread(&self) {
        self.has_unread_body.store(true, Ordering::Relaxed);
    }

    /// Whether the client may still be sending a body that nobody reads.
    pub fn has_unread_body(&self) -> bool {
        self.has_unread_body.load(Ordering::Relaxed)
    }

    /// What it is used for where it can be closed to make room; None while the server works on a request.
    fn use_of_it(&self) -> Option<Use> {
        if !locked(&self.under_way).is_empty() {
            None
        } else if self.requests.load(Ordering::Relaxed) == 0 {
            Some(Use::Nothing)
        } else if locked(&self.blocked).is_none() {
            Some(Use::Idle)
        } else {
            Some(Use::Reading)
        }
    }

    /// What is to be done about it now.
    fn judge(&self, now: u64, patience: &Patience) -> Judgement {
        let over = |since: u64, limit: Duration| now.saturating_sub(since) > millis(limit);
        let blocked = *locked(&self.blocked);
        let stuck = blocked.is_some_and(|blocked| {
            over(blocked.since, patience.write)
                && blocked.taken < MIN_RATE * patience.write.as_secs().max(1)
        });
        let under_way = locked(&self.under_way);
        let untaken = under_way.iter().any(|progress| {
            let taken_at = progress.taken_at.load(Ordering::Relaxed);
            taken_at != 0 && over(taken_at, patience.write)
        });
        if stuck || untaken {
            return Judgement::Cut;
        }
        let is_http2 = self.is_http2.load(Ordering::Relaxed);
        if is_http2 && over(self.opened, MAX_AGE) {
            return if over(self.opened, MAX_AGE + MAX_AGE_GRACE) {
                Judgement::Cut
            } else {
                Judgement::Finish
            };
        }
        if !under_way.is_empty() || blocked.is_some() {
            return Judgement::Fine;
        }
        if self.requests.load(Ordering::Relaxed) == 0 {
            return if over(self.opened, patience.head) {
                Judgement::Cut
            } else {
                Judgement::Fine
            };
        }
        // HTTP/2 sends more than heads while it is idle, such as answers to pings.
        let head_since = self.head_since.load(Ordering::Relaxed);
        if !is_http2 && head_since != 0 && over(head_since, patience.head) {
            return Judgement::Cut;
        }
        let idle_since = self.idle_since.load(Ordering::Relaxed);
        if over(idle_since, patience.idle + FAREWELL) {
            Judgement::Cut
        } else if over(idle_since, patience.idle) {
            Judgement::Finish
        } else {
            Judgement::Fine
        }
    }
}

/// A request under way, from its head to the last byte of its answer.
#[derive(Debug)]
pub struct UnderWay {
    all: Arc<Connections>,
    connection: Arc<Connection>,
    progress: Arc<Progress>,
    held: AtomicUsize,
}

impl UnderWay {
    /// Notes that the answer is made, or that the client took some of it.
    pub fn has_progressed(&self) {
        self.progress.taken_at.store(now(), Ordering::Relaxed);
    }

    /// Notes that the server has to make more of the answer first.
    pub fn is_being_made(&self) {
        self.progress.taken_at.store(0, Ordering::Relaxed);
    }

    /// Notes that the body of the request was not read to its end.
    pub fn leaves_body_unread(&self) {
        self.connection.leaves_body_unread();
    }

    /// Takes room for `bytes` of the request's body; false where there is none.
    pub fn holds(&self, bytes: usize) -> bool {
        let own = self.held.fetch_add(bytes, Ordering::Relaxed) + bytes;
        let room = match own <= SMALL_BODY {
            true => BODIES + ROOM_FOR_SMALL,
            false => BODIES,
        };
        let mut fits = self.all.bodies.fetch_add(bytes, Ordering::Relaxed) + bytes <= room;
        for share in &self.connection.clients {
            let held = share.bodies.fetch_add(bytes, Ordering::Relaxed) + bytes;
            fits &= held <= BODIES_PER_CLIENT * share.client.households();
        }
        fits
    }

    /// Notes that there is an answer, of at least `size` bytes: the request's body needs no room any more.
    /// An answer may hold what was sent, so that as much stays taken until it is read.
    pub fn is_answered(&self, size: u64) {
        self.keep(usize::try_from(size).unwrap_or(usize::MAX));
    }

    /// Gives the room of the request's body back, but for `most` bytes.
    fn keep(&self, most: usize) {
        let held = self.held.load(Ordering::Relaxed);
        let spare = held.saturating_sub(most);
        if spare == 0 {
            return;
        }
        self.held.fetch_sub(spare, Ordering::Relaxed);
        self.all.bodies.fetch_sub(spare, Ordering::Relaxed);
        for share in &self.connection.clients {
            share.bodies.fetch_sub(spare, Ordering::Relaxed);
        }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.keep(0);
        let mut under_way = locked(&self.connection.under_way);
        under_way.retain(|progress| !Arc::ptr_eq(progress, &self.progress));
        if under_way.is_empty() {
            self.connection.idle_since.store(now(), Ordering::Relaxed);
            self.connection.head_since.store(0, Ordering::Relaxed);
        }
    }
}

/// All connections that are open.
#[derive(Debug)]
pub struct Connections {
    room: Room,
    patience: Patience,
    bodies: AtomicUsize,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    next: u64,
    all: HashMap<u64, Arc<Connection>>,
    by_client: HashMap<Client, Used>,
}

/// Whom connections are counted for: one household, and the network that it is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Client {
    /// An IPv4 address, or the /64 that an IPv6 connection is given.
    Household(IpAddr),
    /// The /48 that an organisation is given.
    Network(Ipv6Addr),
}

impl Client {
    fn all_of(address: IpAddr) -> Vec<Self> {
        match address.to_canonical() {
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                let household = Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0);
                let network = Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0);
                vec![Self::Household(household.into()), Self::Network(network)]
            }
            v4 => vec![Self::Household(v4)],
        }
    }

    fn households(self) -> usize {
        match self {
            Self::Household(_) => 1,
            Self::Network(_) => HOUSEHOLDS,
        }
    }
}

/// What a client uses now.
#[derive(Debug, Default)]
struct Used {
    connections: usize,
    bodies: Arc<AtomicUsize>,
}

/// A connection's part in what its client uses.
#[derive(Debug)]
struct Share {
    client: Client,
    /// What the bodies of all requests of this client hold, in bytes.
    bodies: Arc<AtomicUsize>,
}

/// A connection's place; given back when it is dropped.
#[derive(Debug)]
pub struct Place {
    all: Arc<Connections>,
    /// Its times and counts.
    pub connection: Arc<Connection>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.all.forget(&self.connection);
    }
}

impl Place {
    /// Begins a request.
    pub fn begin(&self, is_http2: bool) -> UnderWay {
        let connection = Arc::clone(&self.connection);
        let progress = Arc::new(Progress {
            taken_at: AtomicU64::new(0),
        });
        connection.is_http2.store(is_http2, Ordering::Relaxed);
        connection.requests.fetch_add(1, Ordering::Relaxed);
        locked(&connection.under_way).push(Arc::clone(&progress));
        UnderWay {
            all: Arc::clone(&self.all),
            connection,
            progress,
            held: AtomicUsize::new(0),
        }
    }
}

impl Connections {
    /// With room for so many.
    pub fn new(room: Room, patience: Patience) -> Self {
        Self {
            room,
            patience,
            bodies: AtomicUsize::new(0),
            open: Mutex::default(),
        }
    }

    /// How long clients may take.
    pub fn patience(&self) -> Patience {
        self.patience
    }

    /// Gives a new connection its place. Where there is none, the connection that has been idle for
    /// longest makes room, first among those that never asked for anything: the client's own if it has
    /// too many, else anybody's. None where all are busy. `address` is None for a trusted proxy, whose
    /// connections are many readers'.
    pub fn admit(self: &Arc<Self>, address: Option<IpAddr>) -> Option<Place> {
        let clients = address.map(Client::all_of).unwrap_or_default();
        let now = now();
        let mut open = locked(&self.open);
        for client in &clients {
            let most = self.room.per_client.saturating_mul(client.households());
            let used = open
                .by_client
                .get(client)
                .map_or(0, |used| used.connections);
            if most > 0 && used >= most && !open.make_room(now, Some(*client)) {
                return None;
            }
        }
        if open.all.len() >= self.room.total && !open.make_room(now, None) {
            return None;
        }
        open.next += 1;
        let mut shares = Vec::with_capacity(clients.len());
        for client in clients {
            let used = open.by_client.entry(client).or_default();
            used.connections += 1;
            let bodies = Arc::clone(&used.bodies);
            shares.push(Share { client, bodies });
        }
        let connection = Arc::new(Connection::new(open.next, shares, now));
        open.all.insert(connection.number, Arc::clone(&connection));
        Some(Place {
            all: Arc::clone(self),
            connection,
        })
    }

    /// Closes the connection that has been idle for longest; false where all are busy.
    pub fn make_room(&self) -> bool {
        locked(&self.open).make_room(now(), None)
    }

    /// Closes those that have kept the server waiting too long.
    pub fn sweep(&self) {
        let now = now();
        let open = locked(&self.open);
        for connection in open.all.values() {
            match connection.judge(now, &self.patience) {
                Judgement::Fine => {}
                Judgement::Finish => connection.finish.notify_one(),
                Judgement::Cut => connection.cut.notify_one(),
            }
        }
    }

    fn forget(&self, connection: &Connection) {
        locked(&self.open).remove(connection.number);
    }
}

impl Open {
    fn remove(&mut self, number: u64) {
        let Some(connection) = self.all.remove(&number) else {
            return;
        };
        for share in &connection.clients {
            if let Some(used) = self.by_client.get_mut(&share.client) {
                used.connections -= 1;
                if used.connections == 0 {
                    self.by_client.remove(&share.client);
                }
            }
        }
    }

    fn make_room(&mut self, now: u64, client: Option<Client>) -> bool {
        let is_theirs = |connection: &Connection| {
            client.is_none_or(|client| connection.clients.iter().any(|one| one.client == client))
        };
        let oldest = self
            .all
            .values()
            .filter(|connection| is_theirs(connection))
            .filter_map(|connection| {
                let since = connection.idle_since.load(Ordering::Relaxed);
                let use_of_it = connection.use_of_it()?;
                (now.saturating_sub(since) >= millis(use_of_it.spared()))
                    .then_some((use_of_it, since, connection))
            })
            .min_by_key(|(use_of_it, since, connection)| (*use_of_it, *since, connection.number))
            .map(|(.., connection)| Arc::clone(connection));
        let Some(oldest) = oldest else { return false };
        oldest.cut.notify_one();
        self.remove(oldest.number);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Patience = Patience {
        head: Duration::from_secs(10),
        body: Duration::from_secs(20),
        write: Duration::from_secs(20),
        idle: Duration::from_secs(60),
    };

    fn connections(total: usize, per_client: usize) -> Arc<Connections> {
        Arc::new(Connections::new(Room { total, per_client }, PATIENCE))
    }

    fn address(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    fn after(place: &Place, seconds: u64) -> Judgement {
        place.connection.judge(now() + seconds * 1000, &PATIENCE)
    }

    #[test]
    fn a_connection_that_asks_for_nothing_is_cut() {
        let all = connections(10, 0);
        let place = all.admit(address("192.0.2.1")).unwrap();
        assert_eq!(after(&place, 9), Judgement::Fine);
        assert_eq!(after(&place, 11), Judgement::Cut);
        place.connection.has_read();
        assert_eq!(after(&place, 11), Judgement::Cut);
    }

    #[test]
    fn large_bodies_leave_room_for_small_ones() {
        let all = connections(100, 0);
        let places: Vec<_> = (1..=8)
            .map(|nth| all.admit(address(&format!("192.0.2.{nth}"))).unwrap())
            .collect();
        let large: Vec<_> = places.iter().map(|place| place.begin(false)).collect();
        assert!(large.iter().all(|request| request.holds(BODIES_PER_CLIENT)));
        assert!(!large[0].holds(1), "no client holds more than its share");
        let other = all.admit(address("198.51.100.1")).unwrap();
        let small = other.begin(false);
        assert!(small.holds(SMALL_BODY));
        assert!(!small.holds(1), "it is not small any more");
        drop(large);
        assert!(other.begin(false).holds(SMALL_BODY + 1));
    }

    #[test]
    fn a_network_of_many_households_holds_no_more_than_a_few_of_them_may() {
        let all = connections(100, 2);
        let from = |nth: u16| address(&format!("2001:db8:1:{nth:x}::1"));
        let busy: Vec<_> = (0..8)
            .map(|nth| all.admit(from(nth)).unwrap())
            .map(|place| (place.begin(false), place))
            .collect();
        assert!(all.admit(from(9)).is_none());
        assert!(all.admit(address("2001:db8:2::1")).is_some());
        let held: Vec<_> = busy[..4]
            .iter()
            .map(|(request, _)| request.holds(BODIES_PER_CLIENT))
            .collect();
        assert_eq!(held, [true; 4]);
        assert!(!busy[5].0.holds(1));
        busy[0].0.is_answered(1000);
        assert!(busy[6].0.holds(1), "what is answered needs no room");
        drop(busy);
        assert!(all.admit(from(9)).is_some());
    }

    #[test]
    fn a_connection_may_be_idle_between_requests_for_longer_than_a_head_may_take() {
        let all = connections(10, 0);
        let place = all.admit(address("192.0.2.1")).unwrap();
        drop(place.begin(false));
        assert_eq!(after(&place, 59), Judgement::Fine);
        assert_eq!(after(&place, 61), Judgement::Finish);
        assert_eq!(after(&place, 66), Judgement::Cut);
        place.connection.has_read();
        assert_eq!(after(&place, 11), Judgement::Cut, "a head has begun");
    }

    #[test]
    fn a_client_that_still_reads_an_answer_is_not_idle() {
        let all = connections(1, 0);
        let place = all.admit(address("192.0.2.1")).unwrap();
        drop(place.begin(false));
        place.connection.is_blocked(PATIENCE.write);
        place.connection.has_written(1024 * 1024);
        assert_eq!(after(&place, 70), Judgement::Fine);
        assert!(!all.make_room(), "nobody is idle");
        place.connection.has_flushed();
        assert_eq!(after(&place, 59), Judgement::Fine);
        assert_eq!(after(&place, 61), Judgement::Finish);
    }

    #[test]
    fn an_answer_that_nobody_takes_is_cut_and_one_that_is_being_made_is_not() {
        let all = connections(10, 0);
        let place = all.admit(address("192.0.2.1")).unwrap();
        let request = place.begin(true);
        assert_eq!(after(&place, 100), Judgement::Fine);
        request.has_progressed();
        assert_eq!(after(&place, 19), Judgement::Fine);
        assert_eq!(after(&place, 21), Judgement::Cut);
        drop(request);
        assert_eq!(after(&place, 21), Judgement::Fine);
    }

    #[test]
    fn a_client_that_reads_too_slowly_is_cut() {
        let all = connections(10, 0);
        let place = all.admit(address("192.0.2.1")).unwrap();
        let _request = place.begin(false);
        let connection = &place.connection;
        connection.is_blocked(PATIENCE.write);
        connection.has_written(1000);
        connection.is_blocked(PATIENCE.write);
        assert_eq!(after(&place, 21), Judgement::Cut);
        connection.has_written(20_000);
        assert_eq!(after(&place, 21), Judgement::Fine);
        connection.has_flushed();
        assert_eq!(after(&place, 1000), Judgement::Fine);
    }

    #[test]
    fn an_http2_connection_does_not_live_for_ever() {
        let all = connections(10, 0);
        let place = all.admit(address("192.0.2.1")).unwrap();
        let _request = place.begin(true);
        assert_eq!(after(&place, 15 * 60 + 1), Judgement::Finish);
        assert_eq!(after(&place, 17 * 60 + 1), Judgement::Cut);
    }

    #[test]
    fn a_full_house_refuses_newcomers_while_all_are_busy() {
        let all = connections(2, 0);
        let places = [
            all.admit(address("192.0.2.1")).unwrap(),
            all.admit(address("192.0.2.2")).unwrap(),
        ];
        let busy: Vec<_> = places.iter().map(|place| place.begin(false)).collect();
        assert!(all.admit(address("192.0.2.3")).is_none());
        drop(busy);
        drop(places);
        assert!(all.admit(address("192.0.2.3")).is_some());
    }

    #[test]
    fn a_client_has_its_share_and_a_proxy_has_no_limit() {
        let all = connections(100, 2);
        let mut kept = Vec::new();
        let mut admit = |client: Option<IpAddr>| {
            let place = all.admit(client);
            let admitted = place.is_some();
            kept.extend(place.map(|place| (place.begin(false), place)));
            admitted
        };
        assert!(admit(address("2001:db8:1:2::1")));
        assert!(admit(address("2001:db8:1:2::2")));
        assert!(!admit(address("2001:db8:1:2:ffff::3")), "one network");
        assert!(admit(address("2001:db8:1:3::1")));
        assert!(admit(address("192.0.2.1")) && admit(address("::ffff:192.0.2.1")));
        assert!(!admit(address("192.0.2.1")));
        assert!((0..10).all(|_| admit(None)));
    }

    #[test]
    fn bodies_have_a_share_of_the_memory() {
        let all = connections(10, 0);
        let place = all.admit(address("192.0.2.1")).unwrap();
        let request = place.begin(false);
        assert!(request.holds(BODIES_PER_CLIENT));
        assert!(!request.holds(1));
        let other = all.admit(address("192.0.2.2")).unwrap();
        assert!(other.begin(false).holds(1000));
        drop(request);
        assert!(place.begin(false).holds(1000));
    }
}
