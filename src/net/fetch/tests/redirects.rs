//! Which redirects a fetch follows, and with which method.

use super::*;

#[tokio::test]
async fn redirects_are_followed_and_the_last_url_is_returned() {
    let server = Server::home(|request, _| match request.split(' ').nth(1) {
        Some("/a/b") => {
            let mut steps = redirect(302, "../c");
            steps.insert(0, send(""));
            steps
        }
        Some("/c") => redirect(308, "/d?e"),
        Some("/set") => vec![send(
            "HTTP/1.1 303 There\r\nSet-Cookie: a=b\r\nLocation: /d\r\n\
             Content-Length: 0\r\n\r\n",
        )],
        _ => page("end"),
    })
    .await;
    let fetcher = fetcher_for(&server, limits());
    let fetched = get(&fetcher, &server.url("/a/b")).await.unwrap();
    assert_eq!(fetched.url, server.url("/d?e"));
    assert_eq!(fetched.body, b"end");
    get(&fetcher, &server.url("/set")).await.unwrap();
    let requests = server.requests();
    assert_eq!(requests.len(), 5);
    assert!(requests.iter().all(|request| !request.contains("cookie:")));
    assert!(requests.iter().all(|request| !request.contains("referer:")));
}

#[tokio::test]
async fn a_redirect_loop_ends_after_the_allowed_number() {
    let server = Server::home(|_, _| redirect(301, "/again")).await;
    let error = get(
        &fetcher_for(&server, FetchLimits::default()),
        &server.url("/"),
    )
    .await;
    let error = error.unwrap_err();
    assert!(matches!(error, FetchError::TooManyRedirects), "{error}");
    assert!(!error.is_temporary());
    assert_eq!(server.count(), 21);
}

#[tokio::test]
async fn exactly_the_allowed_number_of_redirects_is_followed() {
    let server = Server::home(|request, _| {
        let step: u32 = request.split([' ', '/']).nth(2).unwrap().parse().unwrap();
        if step == 3 {
            page("end")
        } else {
            redirect(302, &format!("/{}", step + 1))
        }
    })
    .await;
    let limits = FetchLimits {
        max_redirects: 2,
        ..limits()
    };
    let fetcher = fetcher_for(&server, limits);
    assert_eq!(get(&fetcher, &server.url("/1")).await.unwrap().body, b"end");
    let error = get(&fetcher, &server.url("/0")).await.unwrap_err();
    assert!(matches!(error, FetchError::TooManyRedirects), "{error}");
}

#[tokio::test]
async fn a_redirect_to_nowhere_is_not_a_usable_url() {
    let server = Server::home(|request, _| match request.split(' ').nth(1) {
        Some("/bad") => redirect(302, "http://[::1/"),
        _ => vec![send("HTTP/1.1 302 There\r\nContent-Length: 0\r\n\r\n")],
    })
    .await;
    let fetcher = fetcher_for(&server, limits());
    let error = get(&fetcher, &server.url("/bad")).await.unwrap_err();
    assert!(matches!(error, FetchError::BadUrl(_)), "{error}");
    assert_eq!(
        get(&fetcher, &server.url("/none")).await.unwrap().status,
        302
    );
}

#[tokio::test]
async fn a_post_is_repeated_only_where_the_redirect_keeps_it_a_post() {
    let server = Server::home(|request, _| match request.split(' ').nth(1) {
        Some("/307") => redirect(307, "/end"),
        Some("/308") => redirect(308, "/end"),
        Some("/302") => redirect(302, "/end"),
        Some("/303") => redirect(303, "/end"),
        _ => page("end"),
    })
    .await;
    let fetcher = fetcher_for(&server, limits());
    for (path, status) in [("/307", 200), ("/308", 200), ("/302", 302), ("/303", 303)] {
        let url = server.url(path);
        let posted = fetcher
            .post(&url, "text/xml", b"<a/>".to_vec(), "text/xml")
            .await;
        assert_eq!(posted.unwrap().status, status, "{path}");
    }
    let requests = server.requests();
    assert_eq!(requests.len(), 6);
    for request in requests {
        assert!(request.starts_with("POST ") && request.ends_with("\r\n\r\n<a/>"));
        assert!(request.contains("content-type: text/xml\r\n"), "{request}");
        assert!(request.contains("accept: text/xml\r\n"), "{request}");
    }
}

#[tokio::test]
async fn what_is_submitted_follows_wherever_the_address_has_moved() {
    let server = Server::home(|request, _| match request.split(' ').nth(1) {
        Some("/301") => redirect(301, "/302"),
        Some("/302") => redirect(302, "/308"),
        Some("/308") => redirect(308, "/end"),
        Some("/303") => redirect(303, "/result"),
        Some("/loop") => redirect(302, "/loop"),
        Some("/away") => redirect(302, "http://127.0.0.1:1/"),
        _ => page("end"),
    })
    .await;
    let fetcher = fetcher_for(&server, limits());
    let submit = async |path: &str| {
        let (url, body) = (server.url(path), b"a=b".to_vec());
        let job = fetcher.for_job("notice 1");
        job.submit(&url, "text/plain", body, "*/*").await
    };
    assert_eq!(submit("/301").await.unwrap().url, server.url("/end"));
    let requests = server.requests();
    assert_eq!(requests.len(), 4);
    for request in requests {
        assert!(request.starts_with("POST ") && request.ends_with("\r\n\r\na=b"));
    }
    assert_eq!(submit("/303").await.unwrap().body, b"end");
    let last = server.requests().pop().unwrap();
    assert!(last.starts_with("GET /result ") && !last.contains("content-type"));
    let error = submit("/loop").await.unwrap_err();
    assert!(matches!(error, FetchError::TooManyRedirects), "{error}");
    let error = submit("/away").await.unwrap_err();
    assert!(matches!(error, FetchError::Refused(_)), "{error}");
}

#[tokio::test]
async fn a_deferred_job_continues_where_it_was() {
    let server = Server::home(|request, _| {
        let path = request.split(' ').nth(1).unwrap_or_default();
        match path[1..].parse::<usize>() {
            Ok(count) if count < 12 => redirect(302, &format!("/{}", count + 1)),
            _ => page("end"),
        }
    })
    .await;
    let clock = Clock::stepped(Moment(1_700_000_000_000));
    let guard = Guard::new(
        vec![format!("127.0.0.1/32:{}", server.port).parse().unwrap()],
        Vec::new(),
    );
    let host_limits = Arc::new(HostLimits::new(clock.clone(), 5, 0));
    let fetcher = Fetcher::new(guard, limits(), None, "T/1".into(), host_limits).unwrap();
    let job = fetcher.for_job("linkback 1");
    let mut waits = 0;
    let fetched = loop {
        match job.get(&server.url("/0"), Validators::default()).await {
            Err(FetchError::RateLimited(wait)) => clock.step(wait),
            other => break other.unwrap(),
        }
        waits += 1;
    };
    assert_eq!(fetched.url, server.url("/12"));
    assert_eq!(server.count(), 13, "nothing is asked for twice");
    assert!(waits <= 2, "{waits}");
}
