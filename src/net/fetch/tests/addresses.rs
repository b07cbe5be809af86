//! Which addresses a fetch reaches: spellings, DNS answers, redirects to disallowed servers.

use super::*;

#[tokio::test]
async fn by_default_no_spelling_reaches_a_loopback_listener() {
    let mut servers = vec![Server::home(|_, _| page("secret")).await];
    servers.extend(Server::start(Ipv6Addr::LOCALHOST.into(), |_, _| page("secret")).await);
    let dns = Dns::start(|name, _| match name {
        "six.example" => vec![Ipv6Addr::LOCALHOST.into()],
        "mapped.example" => vec![Ipv4Addr::LOCALHOST.to_ipv6_mapped().into()],
        "zero.example" => vec![Ipv4Addr::UNSPECIFIED.into()],
        "none.example" => vec![Ipv6Addr::UNSPECIFIED.into()],
        _ => vec![HOME],
    })
    .await;
    for server in &servers {
        let port = server.port;
        // Once with the ordinary ports, and once so that the port does not help.
        for ports in [vec![80, 443], vec![80, 443, port]] {
            let named = fetcher_with(&[], &ports, limits(), Some(dns.address));
            let system = fetcher_with(&[], &ports, limits(), None);
            for host in [
                "127.0.0.1",
                "127.0.0.1.",
                "127.1",
                "2130706433",
                "0x7f000001",
                "0x7f.1",
                "0177.0.0.1",
                "%31%32%37.0.0.1",
                "１２７.０.０.１",
                "127。0。0。1",
                "127.0.0.2",
                "0",
                "0.0.0.0",
                "[::1]",
                "[::]",
                "[0:0::0:1]",
                "[::ffff:127.0.0.1]",
                "[::ffff:7f00:1]",
                "[::127.0.0.1]",
                "user@127.0.0.1",
            ] {
                let url = Url::parse(&format!("http://{host}:{port}/")).unwrap();
                let error = get(&system, &url).await.unwrap_err();
                assert!(matches!(error, FetchError::Refused(_)), "{url}: {error}");
                let posted = system.post(&url, "text/plain", b"a".to_vec(), "*/*").await;
                assert!(matches!(posted, Err(FetchError::Refused(_))), "{url}");
            }
            // Names go to the DNS server of this test only: the system might ask the network.
            for name in [
                "four.example",
                "six.example",
                "mapped.example",
                "zero.example",
                "none.example",
                "LOCALHOST",
                "localhost.",
            ] {
                let url = Url::parse(&format!("http://{name}:{port}/")).unwrap();
                let error = get(&named, &url).await.unwrap_err();
                assert!(matches!(error, FetchError::Refused(_)), "{url}: {error}");
                assert!(!error.is_temporary());
            }
        }
    }
    sleep(Duration::from_millis(50)).await;
    for server in &servers {
        assert_eq!(server.count(), 0);
    }
}

#[tokio::test]
async fn an_allowed_ipv6_server_is_reached() {
    let server = Server::start(Ipv6Addr::LOCALHOST.into(), |_, _| page("six")).await;
    // Not every machine has IPv6.
    let Some(server) = server else { return };
    let allow = format!("[::1]/128:{}", server.port);
    let fetcher = fetcher_with(&[allow], &[80], limits(), None);
    let url = Url::parse(&format!("http://[::1]:{}/", server.port)).unwrap();
    assert_eq!(get(&fetcher, &url).await.unwrap().body, b"six");
}

#[tokio::test]
async fn a_name_with_many_addresses_is_counted_at_each_of_them() {
    let server = Server::home(|_, _| page("many")).await;
    let dns = Dns::start(|name, _| match name {
        "both.example" => vec![HOME, Ipv4Addr::new(127, 0, 0, 2).into()],
        _ => vec![Ipv4Addr::new(127, 0, 0, 2).into()],
    })
    .await;
    let guard = Guard::new(vec!["127.0.0.0/30".parse().unwrap()], Vec::new());
    let host_limits = Arc::new(HostLimits::new(Clock::system(), 0, 3));
    let fetcher = Fetcher::new(
        guard,
        limits(),
        Some(dns.address),
        "T/1".into(),
        host_limits,
    )
    .unwrap();
    let url = |name| Url::parse(&format!("http://{name}:{}/", server.port)).unwrap();
    for _ in 0..3 {
        get(&fetcher, &url("both.example")).await.unwrap();
    }
    let error = get(&fetcher, &url("second.example")).await.unwrap_err();
    assert!(matches!(error, FetchError::RateLimited(_)), "{error}");
}

#[tokio::test]
async fn one_bad_address_among_good_ones_refuses_the_name() {
    let server = Server::home(|_, _| page("good")).await;
    let bad = Server::start(Ipv4Addr::new(127, 0, 0, 2).into(), |_, _| page("bad")).await;
    let dns = Dns::start(|name, _| match name {
        "good.example" => vec![HOME],
        "mixed.example" => vec![HOME, Ipv4Addr::new(127, 0, 0, 2).into()],
        "six.example" => vec![HOME, Ipv6Addr::LOCALHOST.into()],
        _ => vec![],
    })
    .await;
    let allow = [format!("127.0.0.1/32:{}", server.port)];
    let fetcher = fetcher_with(&allow, &[80, 443], limits(), Some(dns.address));
    let url = |name| Url::parse(&format!("http://{name}:{}/", server.port)).unwrap();
    for name in ["mixed.example", "six.example"] {
        let error = get(&fetcher, &url(name)).await.unwrap_err();
        assert!(
            matches!(error, FetchError::Refused(GuardError::Address(..))),
            "{name}: {error}"
        );
    }
    let error = get(&fetcher, &url("missing.example")).await.unwrap_err();
    assert!(matches!(error, FetchError::Resolve(_)), "{error}");
    assert!(error.is_temporary());
    assert_eq!(server.count(), 0);
    for name in ["good.example", "good.example.", "GOOD.example"] {
        assert_eq!(
            get(&fetcher, &url(name)).await.unwrap().body,
            b"good",
            "{name}"
        );
    }
    assert!(server.requests()[0].contains(&format!("host: good.example:{}", server.port)));
    // Binding to a second loopback address does not work everywhere.
    assert_eq!(bad.map_or(0, |bad| bad.count()), 0);
}

#[tokio::test]
async fn a_name_is_looked_up_once_for_each_hop() {
    let server = Server::home(|request, port| match request.split(' ').nth(1) {
        Some("/a") => redirect(302, "/b"),
        Some("/b") => redirect(302, &format!("http://other.example:{port}/c")),
        _ => page("end"),
    })
    .await;
    let dns = Dns::start(|_, _| vec![HOME]).await;
    let allow = [format!("127.0.0.1/32:{}", server.port)];
    let fetcher = fetcher_with(&allow, &[], limits(), Some(dns.address));
    let url = Url::parse(&format!("http://one.example:{}/a", server.port)).unwrap();
    assert_eq!(get(&fetcher, &url).await.unwrap().body, b"end");
    assert_eq!(server.count(), 3);
    let mut names: Vec<String> = dns
        .asked
        .lock()
        .unwrap()
        .iter()
        .map(|(name, _)| name.clone())
        .collect();
    // A resolver that is slow to be heard is asked once more; that is no other lookup.
    let asked = names.len();
    assert!((6..=12).contains(&asked), "{names:?}");
    names.dedup();
    assert_eq!(names, ["one.example", "other.example"]);
}

#[tokio::test]
async fn a_name_that_changes_its_answer_between_hops_is_checked_again() {
    let server = Server::home(|_, _| redirect(302, "/again")).await;
    let dns = Dns::start(|_, time| match time {
        1 => vec![HOME],
        _ => vec![Ipv4Addr::new(127, 0, 0, 2).into()],
    })
    .await;
    let allow = [format!("127.0.0.1/32:{}", server.port)];
    let fetcher = fetcher_with(&allow, &[], limits(), Some(dns.address));
    let url = Url::parse(&format!("http://rebind.example:{}/", server.port)).unwrap();
    let error = get(&fetcher, &url).await.unwrap_err();
    assert!(
        matches!(error, FetchError::Refused(GuardError::Address(..))),
        "{error}"
    );
    assert_eq!((server.count(), dns.counts()), (1, (2, 2)));
}

#[tokio::test]
async fn a_silent_dns_server_ends_with_the_deadline() {
    let socket = UdpSocket::bind((HOME, 0)).await.unwrap();
    let fetcher = fetcher_with(&[], &[80], limits(), Some(socket.local_addr().unwrap()));
    let began = Instant::now();
    let error = get(&fetcher, &Url::parse("http://silent.example/").unwrap()).await;
    assert!(matches!(error, Err(FetchError::Timeout)));
    assert!(began.elapsed() < Duration::from_millis(2500));
}

#[tokio::test]
async fn a_redirect_to_a_disallowed_server_is_refused_without_a_connection() {
    let inner = Server::home(|_, _| page("secret")).await;
    let port = inner.port;
    let outer = Server::home(move |request, _| {
        let to = match request.split(' ').nth(1) {
            Some("/name") => format!("http://inner.example:{port}/"),
            Some("/hex") => format!("//0x7f.1:{port}/"),
            Some("/user") => format!("http://a:b@127.0.0.1:{port}/"),
            Some("/six") => format!("http://[::ffff:127.0.0.1]:{port}/"),
            Some("/file") => "file:///etc/passwd".to_owned(),
            Some("/data") => "data:text/html,a".to_owned(),
            _ => format!("http://127.0.0.1:{port}/"),
        };
        redirect(302, &to)
    })
    .await;
    let dns = Dns::start(|_, _| vec![HOME]).await;
    let allow = format!("127.0.0.1/32:{}", outer.port);
    // The inner port is an ordinary one here, so only its address speaks against it.
    let fetcher = fetcher_with(&[allow], &[80, 443, port], limits(), Some(dns.address));
    for path in ["/", "/name", "/hex", "/user", "/six", "/file", "/data"] {
        let error = get(&fetcher, &outer.url(path)).await.unwrap_err();
        assert!(matches!(error, FetchError::Refused(_)), "{path}: {error}");
    }
    sleep(Duration::from_millis(50)).await;
    assert_eq!((outer.count(), inner.count()), (7, 0));
}
