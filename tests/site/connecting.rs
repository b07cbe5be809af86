//! Clients that misbehave: silent, slow, too many, and with invalid requests.

use reqwest::StatusCode;

use crate::support::database::Kind;
use crate::support::site::Site;
use crate::support::wire::{Wire, exchange};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

async fn site_with(server: &str) -> Site {
    Site::with_server(Kind::Sqlite, server, "").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_sends_no_request_is_closed() {
    let site = site_with("header_timeout = 1").await;
    for sent in [b"".as_slice(), b"GET / HTTP/1.1\r\nHos", PREFACE] {
        let mut wire = Wire::to(&site).await;
        wire.send(sent).await;
        let answer = wire.read_to_end().await;
        assert!(!answer.starts_with(b"HTTP/1.1 200"), "{sent:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_is_kept_between_requests_but_not_forever() {
    let site = site_with("header_timeout = 1\nidle_timeout = 3").await;
    let mut wire = Wire::to(&site).await;
    let request = "GET /health/live HTTP/1.1\r\nhost: a\r\n\r\n";
    wire.send(request).await;
    assert!(wire.read_until("alive").await.contains("200 OK"));
    // Longer than a head may take: an idle connection is not a slow head.
    tokio::time::sleep(std::time::Duration::from_millis(1800)).await;
    wire.send(request).await;
    assert!(wire.read_until("alive").await.contains("200 OK"));
    assert!(wire.read_to_end().await.is_empty());
    let mut wire = Wire::to(&site).await;
    wire.send(request).await;
    wire.read_until("alive").await;
    wire.send("GET / HT").await;
    assert!(
        wire.read_to_end().await.is_empty(),
        "the head of a second request"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silent_connections_lock_nobody_out() {
    for limits in [
        "max_connections = 20\nmax_connections_per_address = 0",
        "max_connections_per_address = 20",
    ] {
        let site = site_with(limits).await;
        let mut silent = Vec::new();
        for sent in [b"".as_slice(), PREFACE] {
            for _ in 0..40 {
                let mut wire = Wire::to(&site).await;
                wire.send(sent).await;
                silent.push(wire);
            }
        }
        for _ in 0..5 {
            let page = site.visitor().get("/").await;
            assert_eq!(page.status, StatusCode::OK, "{limits}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_has_a_limit_on_busy_connections_and_a_proxy_has_none() {
    let busy = "POST /webmention HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\
        content-type: application/x-www-form-urlencoded\r\nexpect: 100-continue\r\n\r\n";
    for (trusted, expected) in [("[]", "503"), ("[\"127.0.0.0/8\"]", "200")] {
        let settings = format!("max_connections_per_address = 2\ntrusted_proxies = {trusted}");
        let site = site_with(&settings).await;
        let mut open = Vec::new();
        for _ in 0..2 {
            let mut wire = Wire::to(&site).await;
            wire.send(busy).await;
            assert!(wire.read_until("\r\n\r\n").await.contains("100 Continue"));
            open.push(wire);
        }
        let mut third = Wire::to(&site).await;
        third
            .send("GET /health/live HTTP/1.1\r\nhost: a\r\n\r\n")
            .await;
        let answer = third.read_until("\n\r\n").await;
        assert!(
            answer.is_empty() && expected == "503" || answer.contains(expected),
            "{answer}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_never_arrives_times_out() {
    let site = site_with("body_timeout = 1").await;
    let request = "POST /login HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\
        content-type: application/x-www-form-urlencoded\r\n\r\nemail=";
    let answer = exchange(&site, request).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("That took too long"), "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_nobody_reads_is_cut_off() {
    let site = site_with("write_timeout = 1").await;
    let style = site
        .visitor()
        .get("/")
        .await
        .attribute("link[rel='stylesheet']", "href")
        .unwrap();
    let mut wire = Wire::to(&site).await;
    wire.send_until_cut(format!("GET {style} HTTP/1.1\r\nhost: a\r\n\r\n").as_bytes())
        .await;
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut frame = u32::try_from(payload.len()).unwrap().to_be_bytes()[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http2_streams_that_read_nothing_are_cut_off() {
    let site = site_with("write_timeout = 1").await;
    let mut wire = Wire::to(&site).await;
    let mut bytes = PREFACE.to_vec();
    // SETTINGS_INITIAL_WINDOW_SIZE = 0: the client reads heads and no bodies.
    bytes.extend(frame(4, 0, 0, &[0, 4, 0, 0, 0, 0]));
    for stream in 0..20 {
        // GET, http, "/", and ":authority: a".
        bytes.extend(frame(
            1,
            5,
            1 + 2 * stream,
            &[0x82, 0x86, 0x84, 0x41, 1, b'a'],
        ));
    }
    wire.send(bytes).await;
    let answer = wire.read_to_end().await;
    assert!(answer.len() > 20 * 9, "it answered no requests");
    assert!(answer.len() < 20_000, "it sent bodies that nobody reads");
    assert_eq!(site.visitor().get("/").await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invalid_request_gets_the_status_for_its_fault() {
    let site = site_with("header_timeout = 2\nidle_timeout = 1").await;
    let long = format!(
        "GET / HTTP/1.1\r\nhost: a\r\nx: {}\r\n\r\n",
        "y".repeat(40_000)
    );
    let many = format!(
        "GET / HTTP/1.1\r\nhost: a\r\n{}\r\n",
        "x: y\r\n".repeat(150)
    );
    let large = "content-length: 20000000\r\ncontent-type: application/x-www-form-urlencoded";
    for (request, expected) in [
        ("GET / HTTP/1.1\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nhost: a\r\nhost: a\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nhost: a, b\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nhost: u@a\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nhost:\r\n\r\n", 400),
        ("GET / HTTP/1.0\r\n\r\n", 200),
        ("GET http://a/ HTTP/1.1\r\nhost: b\r\n\r\n", 200),
        ("GET ftp://a/ HTTP/1.1\r\nhost: a\r\n\r\n", 400),
        ("GET  / HTTP/1.1\r\nhost: a\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nhost : a\r\n\r\n", 400),
        ("BREW / HTTP/1.1\r\nhost: a\r\n\r\n", 501),
        ("TRACE / HTTP/1.1\r\nhost: a\r\n\r\n", 405),
        ("CONNECT a:80 HTTP/1.1\r\nhost: a:80\r\n\r\n", 405),
        ("DELETE / HTTP/1.1\r\nhost: a\r\n\r\n", 405),
        (
            "POST /login HTTP/1.1\r\nhost: a\r\nexpect: magic\r\ncontent-length: 1\r\n\r\n",
            417,
        ),
        (
            "POST /login HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
            400,
        ),
        (
            "POST /login HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n",
            400,
        ),
        (
            "POST /login HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip\r\n\r\n",
            400,
        ),
        (&*long, 431),
        (&*many, 431),
        (
            &*format!("POST /login HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\n{large}\r\n\r\n"),
            413,
        ),
        (
            &*format!("POST /xmlrpc.php HTTP/1.1\r\nhost: a\r\n{large}\r\n\r\n"),
            413,
        ),
    ] {
        let answer = exchange(&site, request).await;
        let start: String = request.chars().take(80).collect();
        assert!(answer.starts_with("HTTP/1."), "{start:?}: {answer:?}");
        let status: u16 = answer.split(' ').nth(1).unwrap().parse().unwrap();
        assert_eq!(status, expected, "{start:?}: {answer}");
        assert!(!answer.contains("100 Continue"), "{start:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_request_is_never_read_as_two() {
    let site = site_with("idle_timeout = 1").await;
    for head in [
        "content-length: 5\r\ntransfer-encoding: chunked",
        "transfer-encoding: chunked\r\ncontent-length: 5",
        "transfer-encoding: chunked",
    ] {
        let request = format!(
            "POST /webmention HTTP/1.1\r\nhost: a\r\n{head}\r\n\r\n0\r\n\r\n\
             GET /health/live HTTP/1.1\r\nhost: a\r\n\r\n"
        );
        let answer = exchange(&site, request).await;
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{head}: {answer}");
        assert!(!answer.contains("alive"), "{head}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metrics_are_labelled_by_route_and_never_by_url() {
    let site = site_with("").await;
    let visitor = site.visitor();
    visitor.get("/robots.txt").await;
    for address in ["/made-up-1/", "/2026/01/01/made-up-2/", "/static/made-up-3"] {
        assert_eq!(visitor.get(address).await.status, StatusCode::NOT_FOUND);
    }
    visitor
        .request("MADEUP4".parse().unwrap(), "/", "", &[])
        .await;
    let metrics = visitor.get("/metrics").await.body;
    assert!(metrics.contains("route=\"/robots.txt\""), "{metrics}");
    assert!(!metrics.to_lowercase().contains("made"), "{metrics}");
}
