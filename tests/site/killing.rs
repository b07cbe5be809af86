//! A server that is killed under load loses no acknowledged comment and stores none twice.

use std::collections::{HashMap, HashSet};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rejoinder::store::db::Store;
use rejoinder::store::queue::{self, Cursor, Filter, Order};

use crate::on_both_databases;
use crate::support::database::Database;

/// Kills in a normal run; the variable `KILLS` overrides it.
const KILLS: u32 = 3;
const WRITERS: usize = 8;

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn command(database: &str, port: u16) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rejoinder"));
    command
        .env("REJOINDER_DATABASE__URL", database)
        .env("REJOINDER_SERVER__LISTEN", format!("127.0.0.1:{port}"))
        .env("REJOINDER_LIMITS__COMMENT_INTERVAL", "0")
        .env("REJOINDER_LIMITS__COMMENTS_PER_HOUR", "0")
        .env("REJOINDER_MODERATION__BURST_PER_POST", "0")
        .env("REJOINDER_MODERATION__BURST_PER_SITE", "0")
        .env("REJOINDER_LOG__FILTER", "error")
        .current_dir(std::env::temp_dir())
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    command
}

async fn start(database: &str, port: u16, http: &reqwest::Client) -> Server {
    let server = Server(command(database, port).spawn().unwrap());
    let begun = Instant::now();
    let ready = format!("http://127.0.0.1:{port}/health/ready");
    while !http
        .get(&ready)
        .send()
        .await
        .is_ok_and(|answer| answer.status().is_success())
    {
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "the server does not start"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    server
}

fn run(database: &str, arguments: &[&str]) -> String {
    let output = command(database, 1)
        .args(arguments)
        .stdout(Stdio::piped())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn http_client() -> reqwest::Client {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .timeout(Duration::from_secs(5))
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
}

/// Sends a comment until the server confirms it or says that it is a duplicate, like a reader who presses
/// the button again.
async fn send(http: &reqwest::Client, address: &str, text: &str, end: &AtomicBool) -> bool {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("author", "R"), ("email", "r@x.example"), ("comment", text)])
        .finish();
    loop {
        let request = http
            .post(address)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.clone());
        match request.send().await.map(|answer| answer.status().as_u16()) {
            Ok(303 | 409) => return true,
            Ok(503) | Err(_) if end.load(Ordering::Relaxed) => return false,
            Ok(503) | Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            Ok(other) => panic!("the server answered {other}"),
        }
    }
}

on_both_databases! {
    async fn no_acknowledged_comment_is_lost_or_stored_twice(db) {
        let database = Database::migrated(db).await;
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("post.md");
        std::fs::write(&file, "# Under load\n\nText").unwrap();
        run(&database.url, &["user", "add", "--email", "a@x.example", "--name", "A", "--role", "administrator"]);
        let permalink = run(&database.url, &["post", "publish", file.to_str().unwrap()]);
        let path = permalink.split_once("127.0.0.1:1").unwrap().1.to_owned();
        let address = format!("http://127.0.0.1:{port}{path}respond");

        let http = http_client();
        let kills = std::env::var("KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(KILLS);
        let end = Arc::new(AtomicBool::new(false));
        let next = Arc::new(AtomicU64::new(0));
        let mut server = start(&database.url, port, &http).await;
        let mut writers = tokio::task::JoinSet::new();
        for _ in 0..WRITERS {
            let (http, address) = (http.clone(), address.clone());
            let (end, next) = (Arc::clone(&end), Arc::clone(&next));
            writers.spawn(async move {
                let mut acknowledged = Vec::new();
                while !end.load(Ordering::Relaxed) {
                    let text = format!("Comment number {}", next.fetch_add(1, Ordering::Relaxed));
                    if send(&http, &address, &text, &end).await {
                        acknowledged.push(text);
                    }
                }
                acknowledged
            });
        }
        for round in 0..kills {
            let before = next.load(Ordering::Relaxed);
            let begun = Instant::now();
            while next.load(Ordering::Relaxed) < before + 60 {
                assert!(begun.elapsed() < Duration::from_secs(30), "no comment is accepted");
                tokio::time::sleep(Duration::from_millis(7 + u64::from(round) % 5)).await;
            }
            drop(server);
            server = start(&database.url, port, &http).await;
        }
        end.store(true, Ordering::Relaxed);
        let acknowledged: HashSet<String> = writers.join_all().await.into_iter().flatten().collect();
        drop(server);

        let store = Store::connect(&database.url, 3, Duration::from_secs(20)).await.unwrap();
        let mut stored: HashMap<String, u32> = HashMap::new();
        let mut after = None;
        loop {
            let page = queue::page(store.read(), &Filter::default(), Order::Oldest, after, 500).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some(Cursor::from(last));
            for response in page {
                *stored.entry(response.body_markdown).or_default() += 1;
            }
        }
        let lost: Vec<_> = acknowledged.iter().filter(|text| !stored.contains_key(*text)).collect();
        let duplicates: Vec<_> = stored.iter().filter(|(_, times)| **times > 1).collect();
        println!("{kills} kills, {} acknowledged, {} stored", acknowledged.len(), stored.len());
        assert!(acknowledged.len() >= 60 * kills as usize - WRITERS * 2);
        assert!(lost.is_empty(), "lost: {lost:?}");
        assert!(duplicates.is_empty(), "stored twice: {duplicates:?}");
        store.close().await;
    }
}
