//! Tests of `limits`.

use super::*;
use crate::clock::Moment;
use crate::config::Config;

async fn limits(overrides: &str) -> (RateLimits, Clock) {
    let config = Config::with(overrides).unwrap();
    let store = Store::connect("sqlite::memory:", 1, Duration::from_secs(5))
        .await
        .unwrap();
    let clock = Clock::stepped(Moment(1_700_000_000_000));
    (
        RateLimits::new(&config.limits, clock.clone(), &store),
        clock,
    )
}

fn client(address: &str) -> IpAddr {
    address.parse().unwrap()
}

#[tokio::test]
async fn the_second_comment_within_the_interval_is_too_fast() {
    let (limits, clock) = limits("[limits]\ncomment_interval = 60").await;
    let one = client("192.0.2.1");
    assert!(limits.check_comment(one).await.is_ok());
    let Err(Error::TooMany { retry_after }) = limits.check_comment(one).await else {
        panic!("it was allowed");
    };
    assert_eq!(retry_after, Duration::from_secs(60));
    assert!(limits.check_comment(client("192.0.2.2")).await.is_ok());
    clock.step(Duration::from_secs(60));
    assert!(limits.check_comment(one).await.is_ok());
}

#[tokio::test]
async fn an_ipv6_network_counts_as_one_client() {
    let (limits, _) = limits("[limits]\ncomment_interval = 60").await;
    assert!(
        limits
            .check_comment(client("2001:db8:1:2::1"))
            .await
            .is_ok()
    );
    let neighbour = client("2001:db8:1:2:ffff::9");
    assert!(limits.check_comment(neighbour).await.is_err());
}

#[tokio::test]
async fn households_of_one_ipv6_network_share_a_wider_limit() {
    let (limits, clock) = limits("[limits]\ncomment_interval = 60").await;
    for nth in 0..16 {
        let from = client(&format!("2001:db8:1:{nth:x}::1"));
        assert!(limits.check_comment(from).await.is_ok(), "{nth}");
    }
    let next = client("2001:db8:1:ffff::1");
    assert!(limits.check_comment(next).await.is_err());
    assert!(limits.check_comment(client("2001:db8:2::1")).await.is_ok());
    clock.step(Duration::from_secs(4));
    assert!(limits.check_comment(next).await.is_ok());
}

#[tokio::test]
async fn zero_switches_a_limit_off() {
    let (limits, _) = limits("[limits]\ncomment_interval = 0\ncomments_per_hour = 0").await;
    for _ in 0..100 {
        assert!(limits.check_comment(client("192.0.2.1")).await.is_ok());
    }
}

#[tokio::test]
async fn strangers_who_guess_do_not_lock_a_known_browser_out() {
    let (limits, _) = limits("[limits]\nsign_ins = 2").await;
    for nth in 0..60 {
        let from = client(&format!("198.51.100.{nth}"));
        let _ = limits
            .check_sign_in(SignInClient::Stranger(from, "ada"))
            .await;
    }
    let owner = SignInClient::Stranger(client("192.0.2.1"), "ada");
    assert!(limits.check_sign_in(owner).await.is_err());
    let owner = SignInClient::KnownBrowser("browser");
    for _ in 0..10 {
        limits.check_sign_in(owner).await.unwrap();
        limits.refund_sign_in(owner).await.unwrap();
    }
}
