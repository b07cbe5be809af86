//! Many linkbacks at once, sent and received: each is processed about once, within the rate limits; the newest
//! request wins; nothing is sent again and again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use rejoinder::app::{JobProbe, JobStage};
use rejoinder::commands::serve::Workers;
use rejoinder::jobs::Job;
use rejoinder::linkbacks::protocol::trackback;
use rejoinder::posts::draft::PostInput;
use rejoinder::store::entity::job::JobState;
use rejoinder::store::entity::linkback::Protocol;
use rejoinder::store::entity::outgoing_linkback::OutgoingState;
use rejoinder::store::{jobs, outgoing_linkbacks};
use reqwest::StatusCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::on_both_databases;
use crate::support::neighbour::Neighbour;
use crate::support::site::Site;
use crate::webmentions::{blog_and_site, mention, mention_and_check, state};

const OPEN: &str = "[comments]\nmoderation = \"none\"\n";
const SECOND: Duration = Duration::from_secs(1);

/// Lets the time pass until no job waits, and returns how many seconds that took.
async fn pass_until_idle(site: &Site, at_most: u64) -> u64 {
    let begun = site.app.clock.now();
    loop {
        site.run_jobs().await;
        let passed = site.app.clock.now().since(begun).as_secs();
        assert!(passed <= at_most, "jobs still wait after {at_most} seconds");
        match site.step_to_next_job().await {
            None => return passed,
            // Jobs within a second of it run with it.
            Some(wait) => site.app.clock.step(SECOND.saturating_sub(wait)),
        }
    }
}

/// How many jobs were ever enqueued.
async fn job_rows(site: &Site) -> usize {
    let rows = jobs::list(site.app.store.read(), None, 100_000).await;
    rows.unwrap().len()
}

fn pages_with_endpoint(blog: &Neighbour, count: usize) -> String {
    blog.show_with("/endpoint", 202, &[], "");
    let link = [("link", "</endpoint>; rel=webmention")];
    (0..count)
        .map(|number| blog.show_with(&format!("/{number}"), 200, &link, "<p>Hello"))
        .map(|page| format!("[a page]({page})\n\n"))
        .collect()
}

/// Answers every request with the beginning of an answer and then closes the connection; counts the POSTs.
async fn answer_that_is_lost() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let posts = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&posts);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut bytes = vec![0; 4096];
            let read = stream.read(&mut bytes).await.unwrap_or(0);
            if bytes[..read].starts_with(b"POST ") {
                counted.fetch_add(1, Ordering::SeqCst);
            }
            let _ = stream.write_all(b"HTTP/1.1 200").await;
        }
    });
    (port, posts)
}

on_both_databases! {
    async fn forty_links_to_one_host_are_all_announced_within_its_rate_limit(db) {
        let (blog, site) = blog_and_site(db, "").await;
        let body = pages_with_endpoint(&blog, 40);
        site.post("Ours", &body).await;
        // 30 requests at once, the other 50 every other second.
        let seconds = pass_until_idle(&site, 110).await;
        assert_eq!(blog.posts().len(), 40);
        assert_eq!(blog.visits().len(), 80, "each page is read once, and notified once");
        assert!((90..=104).contains(&seconds), "{seconds}");
        let jobs = job_rows(&site).await;
        assert!(jobs <= 3 * 40 + 2, "{jobs} jobs for 40 links");
    }

    async fn a_discovered_endpoint_is_kept_for_the_next_try(db) {
        let (blog, site) = blog_and_site(db, "").await;
        let body = pages_with_endpoint(&blog, 1);
        blog.show_with("/endpoint", 503, &[], "");
        let post = site.post("Ours", &body).await;
        site.run_jobs().await;
        blog.show_with("/endpoint", 202, &[], "");
        site.app.clock.step(61 * SECOND);
        site.run_jobs().await;
        assert_eq!(blog.visits(), ["/0", "/endpoint", "/endpoint"]);
        // A changed post discovers it again: the page may have changed too.
        blog.show_with("/elsewhere", 202, &[], "");
        blog.show_with("/0", 200, &[("link", "</elsewhere>; rel=webmention")], "");
        let editor = site.signed_in(rejoinder::store::entity::user::Role::Editor).await;
        let edit = editor.get(&format!("/desk/posts/{}/edit", post.id)).await;
        let form = edit.form("form.compose").fill("title", "Ours, changed").press("Update");
        assert_eq!(editor.submit(&form).await.status, StatusCode::SEE_OTHER);
        site.run_jobs().await;
        assert_eq!(blog.posts().last().unwrap().to, "/elsewhere");
    }

    async fn an_endpoint_that_has_moved_gets_the_request_where_it_is_now(db) {
        let (blog, site) = blog_and_site(db, "").await;
        for (status, path) in [(301, "/301"), (302, "/302"), (307, "/307"), (308, "/308")] {
            blog.show_with(path, status, &[("location", "/new-endpoint")], "");
        }
        blog.show_with("/new-endpoint", 202, &[], "");
        let mut body = String::new();
        for path in ["/301", "/302", "/307", "/308"] {
            let link = format!("<{path}>; rel=webmention");
            let page = blog.show_with(&format!("/page{path}"), 200, &[("link", &link)], "");
            body += &format!("[a]({page}) ");
        }
        let post = site.post("Ours", &body).await;
        site.run_jobs().await;
        let arrived: Vec<_> = blog.posts().into_iter().filter(|post| post.to == "/new-endpoint").collect();
        assert_eq!(arrived.len(), 4);
        assert!(arrived.iter().all(|posted| posted.field("source") == site.address(&post)));
        let sent = outgoing_linkbacks::list_for_post(site.app.store.read(), post.id).await.unwrap();
        assert!(sent.iter().all(|linkback| linkback.state == OutgoingState::Sent));
    }

    async fn a_redirect_away_from_an_endpoint_is_judged_like_any_address(db) {
        let secret = Neighbour::start().await;
        let (blog, site) = blog_and_site(db, "").await;
        let there = secret.show("/in", "");
        blog.show_with("/endpoint", 302, &[("location", &there)], "");
        let page = blog.show_with("/a", 200, &[("link", "</endpoint>; rel=webmention")], "");
        site.post("Ours", &format!("[a]({page})")).await;
        site.run_jobs().await;
        assert_eq!(blog.posts().len(), 1);
        assert!(secret.visits().is_empty());
    }

    async fn a_trackback_whose_answer_is_lost_is_not_sent_twice_and_a_webmention_is(db) {
        let (port, posts) = answer_that_is_lost().await;
        let (other_port, other_posts) = answer_that_is_lost().await;
        let blog = Neighbour::start().await;
        let settings = "[linkbacks]\nfetch_allow = [\"127.0.0.0/8\"]\n";
        let site = Site::with(db, settings, Workers::Off).await;
        let page = blog.show("/a", &format!("<link rel=trackback href='http://127.0.0.1:{port}/tb'>"));
        let other = blog.show("/b", &format!("<link rel=webmention href='http://127.0.0.1:{other_port}/'>"));
        let post = site.post("Ours", &format!("[a]({page}) [b]({other})")).await;
        site.run_jobs().await;
        site.app.clock.step(3 * 24 * 60 * 60 * SECOND);
        site.run_jobs().await;
        assert_eq!(posts.load(Ordering::SeqCst), 1);
        assert_eq!(other_posts.load(Ordering::SeqCst), 2);
        let editor = site.signed_in(rejoinder::store::entity::user::Role::Editor).await;
        let rows = editor.get(&format!("/desk/posts/{}/edit", post.id)).await.all("#outgoing-linkbacks li");
        assert!(rows[0].contains("Possibly sent (trackback)"), "{rows:?}");
        assert!(rows[1].contains("Waiting to be retried"), "{rows:?}");
    }

    async fn a_delivery_that_was_killed_is_sent_at_most_once_more(db) {
        let (blog, site) = blog_and_site(db, "").await;
        let xml = [("content-type", "text/xml")];
        blog.show_with("/tb", 200, &xml, &trackback::answer(Ok(())));
        let trackback = blog.show("/a", "<link rel=trackback href=/tb>");
        let mention = blog.show_with("/b", 200, &[("link", "</endpoint>; rel=webmention")], "");
        blog.show_with("/endpoint", 202, &[], "");
        let post = site.post("Ours", &format!("[a]({trackback}) [b]({mention})")).await;
        // The rows of a process that was killed after it sent, before it could store the answer.
        rejoinder::linkbacks::send::send_linkbacks(&site.app, post.id).await.unwrap();
        for linkback in outgoing_linkbacks::list_for_post(site.app.store.read(), post.id).await.unwrap() {
            let (protocol, endpoint) = match linkback.target_url == trackback {
                true => (Protocol::Trackback, blog.url("/tb")),
                false => (Protocol::Webmention, blog.url("/endpoint")),
            };
            let until = site.app.clock.now().plus(3600 * SECOND);
            let begun = site.app.store.write(move |tx| {
                let (linkback, endpoint) = (linkback.clone(), endpoint.clone());
                Box::pin(async move { outgoing_linkbacks::begin_delivery(tx, &linkback, (protocol, &endpoint), until).await })
            });
            assert!(begun.await.unwrap());
        }
        site.run_jobs().await;
        let arrived: Vec<String> = blog.posts().into_iter().map(|posted| posted.to).collect();
        assert_eq!(arrived, ["/endpoint"], "a webmention may come twice, a trackback not");
        let sent = outgoing_linkbacks::list_for_post(site.app.store.read(), post.id).await.unwrap();
        let states: Vec<OutgoingState> = sent.iter().map(|linkback| linkback.state).collect();
        assert_eq!(states, [OutgoingState::Unknown, OutgoingState::Sent]);
    }

    async fn two_hundred_sources_on_one_host_are_each_read_once(db) {
        let (blog, site) = blog_and_site(db, OPEN).await;
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        for number in 0..200 {
            let source = blog.show(&format!("/{number}"), &format!("<p>Words {number} and <a href='{target}'>a link</a>."));
            assert_eq!(mention(&site, &source, &target).await.status, StatusCode::CREATED);
        }
        // 30 at once, the others every other second.
        let seconds = pass_until_idle(&site, 360).await;
        assert!((330..=345).contains(&seconds), "{seconds}");
        assert_eq!(blog.visits().len(), 200);
        let jobs = job_rows(&site).await;
        assert!(jobs <= 2 * 200 + 2, "{jobs} jobs for 200 sources");
        let shown = site.visitor().get(&site.path(&post)).await;
        assert_eq!(shown.one("#comments h2"), "200 responses to “A question”");
    }

    async fn long_redirects_on_one_host_continue_where_they_were_deferred(db) {
        let (blog, site) = blog_and_site(db, OPEN).await;
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        let mut status_tokens = Vec::new();
        for chain in 0..3 {
            for hop in 0..20 {
                let next = format!("/{chain}/{}", hop + 1);
                blog.show_with(&format!("/{chain}/{hop}"), 302, &[("location", &next)], "");
            }
            blog.show(&format!("/{chain}/20"), &format!("<p>The end with <a href='{target}'>a link</a> {chain}."));
            let answer = mention(&site, &blog.url(&format!("/{chain}/0")), &target).await;
            status_tokens.push(answer.header("location").unwrap().strip_prefix(&site.base).unwrap().to_owned());
        }
        pass_until_idle(&site, 300).await;
        for status_token in status_tokens {
            assert_eq!(state(&site, &status_token).await, "shown");
        }
        assert_eq!(blog.visits().len(), 63, "nothing is requested twice");
        let jobs = job_rows(&site).await;
        assert!(jobs <= 12, "{jobs} jobs for three sources");
    }

    async fn a_webmention_that_is_sent_again_while_its_source_is_read_is_checked_again(db) {
        let (blog, site) = blog_and_site(db, OPEN).await;
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        let page = |text: &str| format!("<p>{text} with <a href='{target}'>a link</a>.");
        let slow = Duration::from_millis(1500);
        let source = blog.show_as("/a", 200, "text/html", page("First words").as_bytes(), slow);
        mention(&site, &source, &target).await;
        let app = site.app.clone();
        let first = tokio::spawn(async move { rejoinder::worker::run_due_jobs(&app).await.unwrap() });
        while blog.visits().is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        blog.show("/a", &page("Better words"));
        let status_token = mention_and_check(&site, &source, &target).await;
        first.await.unwrap();
        site.run_jobs().await;
        assert_eq!(blog.visits().len(), 2);
        assert_eq!(state(&site, &status_token).await, "shown");
        let shown = site.visitor().get(&site.path(&post)).await;
        assert_eq!(shown.all("li.webmention .text"), ["[…] Better words with a link. […]"]);
    }

    async fn a_check_that_was_given_up_says_so_and_can_be_retried(db) {
        let (blog, site) = blog_and_site(db, OPEN).await;
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        let is_broken = Arc::new(AtomicBool::new(true));
        let breaks = Arc::clone(&is_broken);
        let probe: JobProbe = Arc::new(move |claimed, stage| {
            let is_linkback = matches!(claimed.job, Job::VerifyLinkback { .. } | Job::DeliverLinkback { .. });
            if stage == JobStage::Before && is_linkback && breaks.load(Ordering::SeqCst) {
                panic!("broken for a test");
            }
        });
        assert!(site.app.job_probe.set(probe).is_ok());
        site.expect_error("broken for a test");
        let source = blog.show("/a", &format!("<p>Words with <a href='{target}'>a link</a>."));
        let status_token = mention_and_check(&site, &source, &target).await;
        let page = blog.show_with("/b", 200, &[("link", "</endpoint>; rel=webmention")], "");
        let ours = site.post("Ours", &format!("[b]({page})")).await;
        for _ in 0..6 {
            site.run_jobs().await;
            site.app.clock.step(60 * 60 * SECOND);
        }
        assert_eq!(state(&site, &status_token).await, "refused");
        assert!(site.visitor().get(&status_token).await.text().contains("went wrong on our side"));
        let sent = outgoing_linkbacks::list_for_post(site.app.store.read(), ours.id).await.unwrap();
        assert_eq!(sent[0].state, OutgoingState::Unreachable);
        is_broken.store(false, Ordering::SeqCst);
        for job in jobs::list(site.app.store.read(), Some(JobState::Failed), 10).await.unwrap() {
            rejoinder::jobs::retry(&site.app.store, &site.app.clock, job.id).await.unwrap();
        }
        blog.show_with("/endpoint", 202, &[], "");
        site.run_jobs().await;
        assert_eq!(state(&site, &status_token).await, "shown");
        assert_eq!(blog.posts().len(), 1);
    }

    async fn sources_that_trickle_delay_no_scheduled_post(db) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let reached = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&reached);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(async move {
                    let head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100000\r\n\r\n";
                    let mut sent = stream.write_all(head).await;
                    while sent.is_ok() {
                        tokio::time::sleep(Duration::from_millis(200)).await;
                        sent = stream.write_all(b"x").await;
                    }
                });
            }
        });
        let settings = format!(
            "{OPEN}[limits]\nlinkbacks_per_minute = 0\nlinkbacks_per_source_host = 0\nlinkbacks_per_post = 0\n\
             fetches_per_host = 0\nfetches_per_address = 0\n[linkbacks]\nfetch_allow = [\"127.0.0.0/8\"]\n"
        );
        let site = Site::with(db, &settings, Workers::On).await;
        site.leave_jobs();
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        for number in 0..120 {
            let source = format!("http://127.0.0.1:{port}/{number}");
            assert_eq!(mention(&site, &source, &target).await.status, StatusCode::CREATED);
        }
        let date = site.app.clock.now().plus(3 * SECOND).rfc3339();
        let input = PostInput { title: "Later".into(), body: "Text".into(), date, ..PostInput::default() };
        let later = site.path(&site.post_of(input).await);
        while reached.load(Ordering::SeqCst) == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        site.app.clock.step(4 * SECOND);
        let begun = std::time::Instant::now();
        while site.visitor().get(&later).await.status != StatusCode::OK {
            tokio::time::sleep(Duration::from_millis(50)).await;
            assert!(begun.elapsed() < 8 * SECOND, "the post has not appeared");
        }
        assert!(reached.load(Ordering::SeqCst) < 120, "sources are still being read");
    }

    async fn a_recheck_of_a_source_does_not_overwrite_a_newer_webmention(db) {
        let (blog, site) = blog_and_site(db, OPEN).await;
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        let page = |text: &str| format!("<p>{text} with <a href='{target}'>a link</a>.");
        let slow = Duration::from_millis(1500);
        let source = blog.show("/a", &page("First words"));
        mention_and_check(&site, &source, &target).await;
        blog.show_as("/a", 200, "text/html", page("Second words").as_bytes(), slow);
        site.app.clock.step(25 * 60 * 60 * SECOND);
        let app = site.app.clone();
        let recheck = tokio::spawn(async move { rejoinder::worker::run_due_jobs(&app).await.unwrap() });
        while blog.visits().len() < 2 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        blog.show("/a", &page("Third words"));
        mention_and_check(&site, &source, &target).await;
        recheck.await.unwrap();
        let shown = site.visitor().get(&site.path(&post)).await;
        assert_eq!(shown.all("li.webmention .text"), ["[…] Third words with a link. […]"]);
    }
}
