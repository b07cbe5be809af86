//! Limits on the size and the speed of bodies, and broken replies.

use super::*;

#[tokio::test]
async fn a_body_that_trickles_fails_before_the_deadline() {
    let server = Server::home(|request, _| match request.split(' ').nth(1) {
        Some("/silent") => vec![
            send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nab"),
            Step::Wait(20_000),
        ],
        _ => vec![
            send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"),
            Step::Forever(b"a".to_vec(), 20),
        ],
    })
    .await;
    let limits = FetchLimits {
        read_timeout: Duration::from_millis(500),
        ..FetchLimits::default()
    };
    let fetcher = fetcher_for(&server, limits);
    for path in ["/silent", "/trickle"] {
        let began = Instant::now();
        let error = get(&fetcher, &server.url(path)).await.unwrap_err();
        assert!(matches!(error, FetchError::Timeout), "{path}: {error}");
        assert!(began.elapsed() < Duration::from_secs(3), "{path}");
    }
}

#[tokio::test]
async fn a_body_is_cut_only_beyond_the_limit() {
    let server = Server::home(|request, _| {
        let length = request.split([' ', '/']).nth(2).unwrap().parse().unwrap();
        page(&"a".repeat(length))
    })
    .await;
    let limits = FetchLimits {
        max_bytes: 1000,
        ..limits()
    };
    let fetcher = fetcher_for(&server, limits);
    for (length, kept, truncated) in [
        (0, 0, false),
        (999, 999, false),
        (1000, 1000, false),
        (1001, 1000, true),
    ] {
        let fetched = get(&fetcher, &server.url(&format!("/{length}")))
            .await
            .unwrap();
        assert_eq!(
            (fetched.body.len(), fetched.truncated),
            (kept, truncated),
            "{length}"
        );
    }
}

#[tokio::test]
async fn an_endless_body_is_cut_and_the_connection_closed() {
    let server = Server::home(|_, _| {
        vec![
            send("HTTP/1.1 200 OK\r\n\r\n"),
            Step::Forever(vec![b'a'; 65536], 0),
        ]
    })
    .await;
    let fetched = get(&fetcher_for(&server, limits()), &server.url("/"))
        .await
        .unwrap();
    assert!(fetched.truncated);
    assert_eq!(fetched.body.len(), 1024 * 1024);
    sleep(Duration::from_millis(100)).await;
    let sent = server.sent.load(Ordering::SeqCst);
    sleep(Duration::from_millis(100)).await;
    assert_eq!(server.sent.load(Ordering::SeqCst), sent);
}

#[tokio::test]
async fn a_compressed_body_is_decompressed_and_its_encoding_dropped() {
    let body = gzip("Straße".repeat(1000).as_bytes());
    let server = Server::home(move |_, _| gzip_reply(&body)).await;
    let fetched = get(&fetcher_for(&server, limits()), &server.url("/"))
        .await
        .unwrap();
    assert_eq!(fetched.body, "Straße".repeat(1000).as_bytes());
    assert!(!fetched.truncated);
    assert_eq!(fetched.header("content-encoding"), None);
    assert_eq!(fetched.header("content-length"), None);
}

#[tokio::test]
async fn a_gzip_bomb_is_cut_at_the_limit() {
    let bomb = gzip(&vec![0; 200 * 1024 * 1024]);
    assert!(bomb.len() < 1024 * 1024);
    let server = Server::home(move |_, _| gzip_reply(&bomb)).await;
    let fetcher = fetcher_for(&server, FetchLimits::default());
    let began = Instant::now();
    let fetched = get(&fetcher, &server.url("/")).await.unwrap();
    assert!(fetched.truncated);
    assert_eq!(fetched.body, vec![0; 1024 * 1024]);
    assert!(began.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn a_compressed_body_is_cut_by_its_compressed_size_too() {
    // Each member decompresses to nothing, so only the bytes as sent ever grow.
    let empty = gzip(b"");
    let server = Server::home(move |_, _| {
        vec![
            send("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"),
            Step::Forever(empty.repeat(1000), 0),
        ]
    })
    .await;
    let limits = FetchLimits {
        max_bytes: 100 * 1024,
        ..FetchLimits::default()
    };
    let fetched = get(&fetcher_for(&server, limits), &server.url("/"))
        .await
        .unwrap();
    assert!(fetched.truncated && fetched.body.is_empty());
}

#[tokio::test]
async fn broken_replies_differ_from_broken_connections() {
    let half = gzip(&b"abc".repeat(1000));
    let half = half[..half.len() - 6].to_vec();
    let server = Server::home(move |request, _| match request.split(' ').nth(1) {
        Some("/no-gzip") => gzip_reply(b"this is no gzip at all, is it"),
        Some("/half-gzip") => gzip_reply(&half),
        Some("/brotli") => {
            vec![send(
                "HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 0\r\n\r\n",
            )]
        }
        Some("/twice") => vec![send(
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip\r\nContent-Length: 0\r\n\r\n",
        )],
        Some("/headers") => {
            vec![send(format!(
                "HTTP/1.1 200 OK\r\nX: {}\r\n\r\n",
                "a".repeat(70_000)
            ))]
        }
        Some("/early") => vec![send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")],
        Some("/nothing") => vec![],
        Some("/many") => {
            let many = "X: a\r\n".repeat(1000);
            vec![send(format!("HTTP/1.1 200 OK\r\n{many}\r\n"))]
        }
        _ => vec![send("SSH-2.0-OpenSSH\r\n\r\n")],
    })
    .await;
    let fetcher = fetcher_for(&server, limits());
    for path in ["/no-gzip", "/half-gzip", "/brotli", "/twice", "/headers"] {
        let error = get(&fetcher, &server.url(path)).await.unwrap_err();
        assert!(matches!(error, FetchError::Broken(_)), "{path}: {error}");
        assert!(!error.is_temporary());
    }
    for path in ["/early", "/nothing", "/many", "/ssh"] {
        let error = get(&fetcher, &server.url(path)).await.unwrap_err();
        assert!(
            matches!(error, FetchError::Interrupted(_)),
            "{path}: {error}"
        );
        assert!(error.is_temporary());
    }
}

#[tokio::test]
async fn dripping_replies_end_with_the_deadline() {
    let server = Server::home(|request, _| match request.split(' ').nth(1) {
        Some("/body") => vec![
            send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"),
            Step::Forever(b"a".to_vec(), 20),
        ],
        Some("/hops") => {
            let mut steps = vec![Step::Wait(200)];
            steps.extend(redirect(302, "/hops"));
            steps
        }
        _ => vec![
            send("HTTP/1.1 200 OK\r\nX: "),
            Step::Forever(b"a".to_vec(), 20),
        ],
    })
    .await;
    let fetcher = fetcher_for(&server, limits());
    for path in ["/body", "/hops", "/headers"] {
        let began = Instant::now();
        let error = get(&fetcher, &server.url(path)).await.unwrap_err();
        assert!(matches!(error, FetchError::Timeout), "{path}: {error}");
        assert!(began.elapsed() < Duration::from_millis(2500), "{path}");
    }
}
