//! The site behind reverse proxies, and its own URL.

use std::process::{Command, Output};

use rejoinder::commands::serve::Workers;
use reqwest::StatusCode;

use crate::on_both_databases;
use crate::support::database::{Database, Kind};
use crate::support::site::Site;

const LIMITED: &str = "[limits]\ncomment_interval = 60\n[comments]\nmoderation = \"none\"\n";

/// Sends a comment through a proxy that sets this header.
async fn comment(site: &Site, path: &str, header: &str, forwarded: &str) -> StatusCode {
    static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let body = format!("author=R&email=r%40x.example&comment=Text+{number}");
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        (header, forwarded),
    ];
    let answer = site
        .visitor()
        .request(
            reqwest::Method::POST,
            &format!("{path}respond"),
            body,
            &headers,
        )
        .await;
    answer.status
}

on_both_databases! {
    async fn readers_behind_a_proxy_are_counted_separately(db) {
        let trusted = "trusted_proxies = [\"127.0.0.0/8\", \"10.0.0.0/8\"]";
        let site = Site::with_server(db, trusted, LIMITED).await;
        let path = site.path(&site.post("A question", "Text").await);
        for (header, first, again) in [
            ("x-forwarded-for", "192.0.2.1:4711", "192.0.2.1:4712"),
            ("x-forwarded-for", "192.0.2.2", "192.0.2.99, 192.0.2.2, 10.1.2.3"),
            ("x-forwarded-for", "[2001:db8:1:1::1]:80", "\"[2001:db8:1:1::2]:81\""),
            ("x-forwarded-for", "unknown, 192.0.2.3", "192.0.2.3 , 10.0.0.1:99"),
            ("x-forwarded-for", "2001:db8:1:2::1", "2001:db8:1:2:9::1"),
            ("forwarded", "for=192.0.2.4;proto=https", "For=\"192.0.2.4:80\""),
            ("forwarded", "for=\"[2001:db8:1:3::1]:80\"", "for=x, for=\"[2001:db8:1:3::2]\", for=10.0.0.1"),
        ] {
            assert_eq!(comment(&site, &path, header, first).await, StatusCode::SEE_OTHER, "{first}");
            assert_eq!(comment(&site, &path, header, again).await, StatusCode::TOO_MANY_REQUESTS, "{again}");
        }
        // A reader whom the proxy does not name is not the proxy, and all of them count as one.
        assert_eq!(comment(&site, &path, "x-forwarded-for", "unknown").await, StatusCode::SEE_OTHER);
        assert_eq!(comment(&site, &path, "forwarded", "for=_x").await, StatusCode::TOO_MANY_REQUESTS);
        let metrics = site.visitor().get_with("/metrics", &[("x-forwarded-for", "unknown")]).await;
        assert_eq!(metrics.status, StatusCode::FORBIDDEN);
    }

    async fn an_untrusted_forwarded_header_is_ignored(db) {
        let site = Site::with_server(db, "", LIMITED).await;
        let path = site.path(&site.post("A question", "Text").await);
        assert_eq!(comment(&site, &path, "x-forwarded-for", "192.0.2.1").await, StatusCode::SEE_OTHER);
        for header in ["x-forwarded-for", "forwarded"] {
            let status = comment(&site, &path, header, "for=192.0.2.2").await;
            assert_eq!(status, StatusCode::TOO_MANY_REQUESTS, "{header}");
        }
    }

    async fn a_site_with_a_name_in_another_script_has_one_address(db) {
        let settings = "[site]\nurl = \"https://M\u{fc}nchen.example:443/\"\n";
        let site = Site::with(db, settings, Workers::Off).await;
        let post = site.post("A question", "Text").await;
        let neighbour = site.neighbour();
        let address = format!("https://xn--mnchen-3ya.example{}", site.path(&post));
        for path in ["/feed/", "/feed/atom/", "/feed.json", "/sitemap.xml", "/robots.txt", "/"] {
            let page = neighbour.get(path).await;
            assert!(page.body.contains("https://xn--mnchen-3ya.example/"), "{path}: {}", page.body);
            assert!(!page.body.contains("nchen.example:443") && !page.body.contains('\u{fc}'), "{path}");
        }
        for target in [address.clone(), address.replace("xn--mnchen-3ya", "m\u{fc}nchen"), address.replace("xn--mnchen-3ya", "M%C3%9CNCHEN")] {
            let fields = [("source", "https://blog.example/a"), ("target", target.as_str())];
            let answer = neighbour.post("/webmention", &fields).await;
            assert!(!answer.body.contains("not a post on this site"), "{target}: {}", answer.body);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn browsers_are_told_to_use_https_where_the_site_does() {
    for (server, url, expected) in [
        ("", "https://news.example", Some("max-age=31536000")),
        (
            "hsts_seconds = 60",
            "https://news.example",
            Some("max-age=60"),
        ),
        ("hsts_seconds = 0", "https://news.example", None),
        ("", "http://news.example", None),
    ] {
        let site =
            Site::with_server(Kind::Sqlite, server, &format!("[site]\nurl = \"{url}\"\n")).await;
        let neighbour = site.neighbour();
        // The second time it is the cached page.
        for path in [
            "/",
            "/",
            "/login",
            "/nothing",
            "/static/none",
            "/health/live",
        ] {
            let page = neighbour.get(path).await;
            assert_eq!(page.header("strict-transport-security"), expected, "{path}");
        }
    }
}

fn doctor(variables: &[(&str, &str)]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    Command::new(env!("CARGO_BIN_EXE_rejoinder"))
        .env("REJOINDER_LOG__FILTER", "error")
        .env("REJOINDER_SERVER__LISTEN", "127.0.0.1:0")
        .envs(variables.iter().copied())
        .current_dir(folder.path())
        .arg("doctor")
        .output()
        .unwrap()
}

#[test]
fn doctor_says_what_is_wrong_behind_a_proxy() {
    let _ = Database::none();
    for (variables, says) in [
        (
            vec![("REJOINDER_SITE__URL", "https://news.example")],
            "FIX   readers use https://news.example and this site listens on 127.0.0.1:0",
        ),
        (
            vec![
                ("REJOINDER_SITE__URL", "https://news.example"),
                ("REJOINDER_SERVER__LISTEN", "0.0.0.0:0"),
            ],
            "server.trusted_proxies is empty",
        ),
        (
            vec![
                ("REJOINDER_SITE__URL", "https://news.example"),
                ("REJOINDER_SERVER__TRUSTED_PROXIES", "10.0.0.0/8"),
            ],
            "does not list 127.0.0.1",
        ),
        (
            vec![
                ("REJOINDER_SITE__URL", "https://news.example"),
                ("REJOINDER_SERVER__TRUSTED_PROXIES", "127.0.0.1/32"),
            ],
            "ok    reverse proxies at 127.0.0.1/32 are trusted",
        ),
        (
            vec![],
            "ok    readers reach this site without a reverse proxy",
        ),
    ] {
        let output = doctor(&variables);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(said.contains(says), "{variables:?}: {said}");
    }
}

#[test]
fn unusable_settings_are_named_in_plain_language() {
    for (name, value, says) in [
        (
            "REJOINDER_SITE__URL",
            "https://news.example/blog",
            "does not work under /blog",
        ),
        (
            "REJOINDER_SITE__URL",
            "https://news.example/?x",
            "without a question mark",
        ),
        (
            "REJOINDER_SERVER__MAX_BODY",
            "lots",
            "server.max_body must be a whole number",
        ),
        (
            "REJOINDER_COMMENTS__MODERATION",
            "maybe",
            "\"none\", \"first\" or \"all\"",
        ),
        (
            "REJOINDER_SERVR__LISTEN",
            "127.0.0.1:1",
            "did you mean server.listen?",
        ),
    ] {
        let output = doctor(&[(name, value)]);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && error.contains(says), "{error}");
        assert!(
            !error.contains("invalid") && !error.contains("expected"),
            "{error}"
        );
    }
}
