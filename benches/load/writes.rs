//! Durable comments per second: directly at the store, and through the form.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rejoinder::responses::judging::{SubmittedContent, judge_response};
use rejoinder::responses::receive;
use rejoinder::store::entity::response::{ResponseKind, ResponseState};
use rejoinder::store::responses::NewResponse;
use tokio::runtime::Runtime;

use crate::client;
use crate::site::Site;

const TIME: Duration = Duration::from_secs(5);

/// Prints the results for SQLite, and for PostgreSQL if `TEST_POSTGRES_URL` is set.
pub fn run(servers: &Runtime, site: &Site) {
    measure("SQLite, synchronous=FULL", servers, site);
    if let Ok(url) = std::env::var("TEST_POSTGRES_URL") {
        let postgres = servers.block_on(Site::on(&url, None, 64));
        measure(
            "PostgreSQL, with the durability settings of that server",
            servers,
            &postgres,
        );
    }
}

fn measure(name: &str, servers: &Runtime, site: &Site) {
    println!("comments per second, {name}");
    let numbers = Arc::new(AtomicU64::new(0));
    for writers in [1, 32] {
        let rate = servers.block_on(at_the_store(site, writers, Arc::clone(&numbers)));
        println!("  at the store, {writers} at once: {rate:.0}");
    }
    let path = site.path.clone();
    let rate = client::drive_with(site.port, 32, TIME, "303", move |connection, sent| {
        let body = format!(
            "author=R&email=r{connection}%40bench.example&comment=Comment+{sent}+of+{connection}&parent="
        );
        format!(
            "POST {path}respond HTTP/1.1\r\nhost: bench\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
    });
    println!("  through the form, 32 connections: {rate:.0}\n");
}

/// What the form does after its checks: judges the comment, then stores it in a durable transaction.
async fn at_the_store(site: &Site, writers: usize, numbers: Arc<AtomicU64>) -> f64 {
    let begun = Instant::now();
    let mut busy = tokio::task::JoinSet::new();
    for _ in 0..writers {
        let (app, post, numbers) = (site.app.clone(), site.post.clone(), Arc::clone(&numbers));
        busy.spawn(async move {
            let mut stored = 0_u64;
            while begun.elapsed() < TIME {
                let number = numbers.fetch_add(1, Ordering::Relaxed);
                let text =
                    format!("Comment number {number} with about as many words as people write");
                let new = NewResponse {
                    post_id: post.id,
                    parent: None,
                    kind: ResponseKind::Comment,
                    state: ResponseState::Pending,
                    author_name: "Reader".to_owned(),
                    author_email: None,
                    author_url: None,
                    author_id: None,
                    author_photo: None,
                    mention: None,
                    sender_policy_id: None,
                    risk: 0,
                    network: None,
                    name_key: None,
                    proof_key: None,
                    body_html: format!("<p>{text}</p>"),
                    body_markdown: text.clone(),
                    source_url: None,
                    reasons: String::new(),
                    ip: Some("127.0.0.1".to_owned()),
                    user_agent: None,
                    receipt_hash: None,
                    dedupe_key: format!("bench:{number}"),
                    created_at: app.clock.now(),
                };
                let content = SubmittedContent { text, source: None };
                let judged = judge_response(&app, &post, new, content).await.unwrap();
                let now = app.clock.now();
                let id = app
                    .store
                    .write(move |tx| {
                        let judged = judged.clone();
                        Box::pin(async move { receive::store_response(tx, judged, now).await })
                    })
                    .await
                    .unwrap();
                stored += u64::from(id.is_some());
            }
            stored
        });
    }
    let stored: u64 = busy.join_all().await.into_iter().sum();
    stored as f64 / begun.elapsed().as_secs_f64()
}
