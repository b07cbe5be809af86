//! Tests of `connections`.

use std::time::Duration;

use super::*;
use crate::web::connections::body_memory::{MAX_BYTES_PER_CLIENT, SMALL_BODY};

const TIMEOUTS: ConnectionTimeouts = ConnectionTimeouts {
    head: Duration::from_secs(10),
    body: Duration::from_secs(20),
    write: Duration::from_secs(20),
    idle: Duration::from_secs(60),
};

fn connections(total: usize, per_client: usize) -> Arc<Connections> {
    Arc::new(Connections::new(
        ConnectionLimits { total, per_client },
        TIMEOUTS,
    ))
}

fn address(text: &str) -> Option<IpAddr> {
    Some(text.parse().unwrap())
}

fn after(slot: &ConnectionSlot, seconds: u64) -> TimeoutAction {
    slot.connection
        .check_timeouts(now() + seconds * 1000, &TIMEOUTS)
}

#[test]
fn a_connection_that_sends_no_request_is_closed() {
    let all = connections(10, 0);
    let slot = all.open(address("192.0.2.1")).unwrap();
    assert_eq!(after(&slot, 9), TimeoutAction::Keep);
    assert_eq!(after(&slot, 11), TimeoutAction::Close);
    slot.connection.note_received();
    assert_eq!(after(&slot, 11), TimeoutAction::Close);
}

#[test]
fn large_bodies_leave_memory_for_small_ones() {
    let all = connections(100, 0);
    let slots: Vec<_> = (1..=8)
        .map(|nth| all.open(address(&format!("192.0.2.{nth}"))).unwrap())
        .collect();
    let large: Vec<_> = slots.iter().map(|slot| slot.begin_request(false)).collect();
    assert!(
        large
            .iter()
            .all(|request| request.reserve_body(MAX_BYTES_PER_CLIENT))
    );
    assert!(
        !large[0].reserve_body(1),
        "no client holds more than its share"
    );
    let other = all.open(address("198.51.100.1")).unwrap();
    let small = other.begin_request(false);
    assert!(small.reserve_body(SMALL_BODY));
    assert!(!small.reserve_body(1), "it is no longer small");
    drop(large);
    assert!(other.begin_request(false).reserve_body(SMALL_BODY + 1));
}

#[test]
fn a_network_of_many_households_has_the_limits_of_a_few() {
    let all = connections(100, 2);
    let from = |nth: u16| address(&format!("2001:db8:1:{nth:x}::1"));
    let busy: Vec<_> = (0..8)
        .map(|nth| all.open(from(nth)).unwrap())
        .map(|slot| (slot.begin_request(false), slot))
        .collect();
    assert!(all.open(from(9)).is_none());
    assert!(all.open(address("2001:db8:2::1")).is_some());
    let held: Vec<_> = busy[..4]
        .iter()
        .map(|(request, _)| request.reserve_body(MAX_BYTES_PER_CLIENT))
        .collect();
    assert_eq!(held, [true; 4]);
    assert!(!busy[5].0.reserve_body(1));
    busy[0].0.release_body(1000);
    assert!(
        busy[6].0.reserve_body(1),
        "an answered request needs no memory"
    );
    drop(busy);
    assert!(all.open(from(9)).is_some());
}

#[test]
fn a_connection_may_be_idle_between_requests_for_longer_than_a_head_may_take() {
    let all = connections(10, 0);
    let slot = all.open(address("192.0.2.1")).unwrap();
    drop(slot.begin_request(false));
    assert_eq!(after(&slot, 59), TimeoutAction::Keep);
    assert_eq!(after(&slot, 61), TimeoutAction::Finish);
    assert_eq!(after(&slot, 66), TimeoutAction::Close);
    slot.connection.note_received();
    assert_eq!(after(&slot, 11), TimeoutAction::Close, "a head has begun");
}

#[test]
fn a_client_that_still_reads_an_answer_is_not_idle() {
    let all = connections(1, 0);
    let slot = all.open(address("192.0.2.1")).unwrap();
    drop(slot.begin_request(false));
    slot.connection.note_blocked(TIMEOUTS.write);
    slot.connection.note_sent(1024 * 1024);
    assert_eq!(after(&slot, 70), TimeoutAction::Keep);
    assert!(!all.close_idle(), "nobody is idle");
    slot.connection.note_flushed();
    assert_eq!(after(&slot, 59), TimeoutAction::Keep);
    assert_eq!(after(&slot, 61), TimeoutAction::Finish);
}

#[test]
fn an_answer_that_nobody_reads_is_closed_and_one_that_is_being_made_is_not() {
    let all = connections(10, 0);
    let slot = all.open(address("192.0.2.1")).unwrap();
    let request = slot.begin_request(true);
    assert_eq!(after(&slot, 100), TimeoutAction::Keep);
    request.note_progress();
    assert_eq!(after(&slot, 19), TimeoutAction::Keep);
    assert_eq!(after(&slot, 21), TimeoutAction::Close);
    drop(request);
    assert_eq!(after(&slot, 21), TimeoutAction::Keep);
}

#[test]
fn a_client_that_reads_too_slowly_is_closed() {
    let all = connections(10, 0);
    let slot = all.open(address("192.0.2.1")).unwrap();
    let _request = slot.begin_request(false);
    let connection = &slot.connection;
    connection.note_blocked(TIMEOUTS.write);
    connection.note_sent(1000);
    connection.note_blocked(TIMEOUTS.write);
    assert_eq!(after(&slot, 21), TimeoutAction::Close);
    connection.note_sent(20_000);
    assert_eq!(after(&slot, 21), TimeoutAction::Keep);
    connection.note_flushed();
    assert_eq!(after(&slot, 1000), TimeoutAction::Keep);
}

#[test]
fn an_http2_connection_has_a_maximum_age() {
    let all = connections(10, 0);
    let slot = all.open(address("192.0.2.1")).unwrap();
    let _request = slot.begin_request(true);
    assert_eq!(after(&slot, 15 * 60 + 1), TimeoutAction::Finish);
    assert_eq!(after(&slot, 17 * 60 + 1), TimeoutAction::Close);
}

#[test]
fn new_connections_are_refused_while_all_are_busy() {
    let all = connections(2, 0);
    let slots = [
        all.open(address("192.0.2.1")).unwrap(),
        all.open(address("192.0.2.2")).unwrap(),
    ];
    let busy: Vec<_> = slots.iter().map(|slot| slot.begin_request(false)).collect();
    assert!(all.open(address("192.0.2.3")).is_none());
    drop(busy);
    drop(slots);
    assert!(all.open(address("192.0.2.3")).is_some());
}

#[test]
fn a_client_has_a_limit_and_a_proxy_has_none() {
    let all = connections(100, 2);
    let mut kept = Vec::new();
    let mut open = |client: Option<IpAddr>| {
        let slot = all.open(client);
        let is_open = slot.is_some();
        kept.extend(slot.map(|slot| (slot.begin_request(false), slot)));
        is_open
    };
    assert!(open(address("2001:db8:1:2::1")));
    assert!(open(address("2001:db8:1:2::2")));
    assert!(!open(address("2001:db8:1:2:ffff::3")), "one network");
    assert!(open(address("2001:db8:1:3::1")));
    assert!(open(address("192.0.2.1")) && open(address("::ffff:192.0.2.1")));
    assert!(!open(address("192.0.2.1")));
    assert!((0..10).all(|_| open(None)));
}

#[test]
fn bodies_share_the_memory() {
    let all = connections(10, 0);
    let slot = all.open(address("192.0.2.1")).unwrap();
    let request = slot.begin_request(false);
    assert!(request.reserve_body(MAX_BYTES_PER_CLIENT));
    assert!(!request.reserve_body(1));
    let other = all.open(address("192.0.2.2")).unwrap();
    assert!(other.begin_request(false).reserve_body(1000));
    drop(request);
    assert!(slot.begin_request(false).reserve_body(1000));
}
