//! Everything that reads before it writes, done at once by many clients of two nodes: 8 at each.

use std::collections::HashSet;
use std::future::Future;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use rejoinder::accounts::permissions::Actor;
use rejoinder::accounts::register;
use rejoinder::error::Error;
use rejoinder::jobs::{self, Job};
use rejoinder::judge::features;
use rejoinder::moderation::decide::{DecisionRequest, decide};
use rejoinder::moderation::learn::learn;
use rejoinder::store::entity::ids::{PostId, ResponseId};
use rejoinder::store::entity::job::JobState;
use rejoinder::store::entity::response::ResponseState;
use rejoinder::store::entity::user::Role;
use rejoinder::store::response_counts;
use rejoinder::store::{decisions, filter, jobs as rows, responses, users};
use rejoinder::texts::Message;
use rejoinder::worker;
use reqwest::StatusCode;
use tokio::sync::Notify;

use crate::on_both_databases;
use crate::support::client::{Client, Page};
use crate::support::database::Kind;
use crate::support::neighbour::Neighbour;
use crate::support::site::{PASSWORD, Site, comment_id};
use crate::support::two_nodes::{
    CLIENTS, assert_no_server_error, clients, count_redirects, rounds, run_at_once, two_nodes,
};

/// The stored counts equal a recount, and replaying the log leads to the state of each response.
async fn log_and_counts_agree(
    site: &Site,
    post: rejoinder::store::entity::ids::PostId,
    ids: &[ResponseId],
) {
    let db = site.app.store.read();
    for state in [
        ResponseState::Pending,
        ResponseState::Approved,
        ResponseState::Spam,
        ResponseState::Trash,
    ] {
        let counts = response_counts::count_by_state(db).await.unwrap();
        let counted = response_counts::recount(db, post, state).await.unwrap();
        assert_eq!(
            counts.get(&state).copied().unwrap_or(0),
            counted,
            "{state:?}"
        );
    }
    for id in ids {
        let log = decisions::list_for_response(db, *id).await.unwrap();
        let mut state = ResponseState::Pending;
        let mut rows: Vec<_> = log.into_iter().collect();
        rows.sort_by_key(|row| row.id);
        for row in rows {
            assert_eq!(row.from_state, state, "the log of {id} has a gap");
            state = row.to_state;
        }
        let stored = responses::find(db, *id).await.unwrap().unwrap();
        assert_eq!(stored.state, state, "{id}");
    }
}

on_both_databases! {
    async fn a_double_click_is_one_comment_and_both_clicks_lead_to_it(db) {
        let (one, two) = two_nodes(db, "").await;
        let post = one.post("A question", "Text").await;
        let path = format!("{}respond", one.path(&post));
        for round in 0..rounds() {
            let answers = run_at_once(clients(&one, &two).map(|(nth, _)| {
                let (first, second) = (one.visitor(), two.visitor());
                let path = path.clone();
                async move {
                    let who = format!("R{round}-{nth}");
                    let email = format!("{who}@readers.example");
                    let text = format!("Remark {round} of {nth}");
                    let fields = [("author", who.as_str()), ("email", &email), ("comment", &text)];
                    tokio::join!(first.post(&path, &fields), second.post(&path, &fields))
                }
            })).await;
            let mut ids = HashSet::new();
            for (first, second) in &answers {
                assert_eq!(first.status, StatusCode::SEE_OTHER, "{}", first.text());
                assert_eq!(second.status, StatusCode::SEE_OTHER, "{}", second.text());
                assert_eq!(comment_id(first), comment_id(second));
                ids.insert(comment_id(first));
            }
            assert_eq!(ids.len(), CLIENTS * 2);
        }
        let stored = response_counts::recount(one.app.store.read(), post.id, ResponseState::Pending).await.unwrap();
        assert_eq!(stored, (rounds() * CLIENTS * 2) as u64);
    }

    async fn a_write_that_fails_leaves_those_beside_it_alone(db) {
        let site = Site::start(db).await;
        let (now, later) = (site.app.clock.now(), site.app.clock.now().plus(Duration::from_secs(3600)));
        // While this one runs the others wait; SQLite then runs them as one transaction.
        let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (app, notify, wait) = (site.app.clone(), begun.clone(), go_on.clone());
        let first = tokio::spawn(async move {
            let held = app.store.write(move |_| {
                let (notify, wait) = (notify.clone(), wait.clone());
                Box::pin(async move {
                    notify.notify_one();
                    wait.notified().await;
                    Ok(())
                })
            });
            held.await.unwrap();
        });
        begun.notified().await;
        let write = |nth: i64| {
            let app = site.app.clone();
            async move {
                let outcome = app.store.write(move |tx| Box::pin(async move {
                    jobs::enqueue(tx, &Job::PublishPost { post: PostId(nth) }, later, now).await?;
                    match nth % 3 {
                        1 => Err(Error::Conflict(Message::new("site-busy"))),
                        _ => Ok(nth),
                    }
                }));
                (nth, outcome.await)
            }
        };
        // All of them are requested before the first is done.
        let mut writes = Vec::new();
        for nth in 0..9 {
            let mut write = Box::pin(write(nth));
            let begun = std::future::poll_fn(|context| Poll::Ready(write.as_mut().poll(context))).await;
            writes.push((write, begun));
        }
        go_on.notify_one();
        first.await.unwrap();
        for (write, begun) in writes {
            let (nth, outcome) = match begun {
                Poll::Ready(done) => done,
                Poll::Pending => write.await,
            };
            match nth % 3 {
                1 => assert!(matches!(outcome, Err(Error::Conflict(_))), "{nth}: {outcome:?}"),
                _ => assert_eq!(outcome.unwrap(), nth),
            }
        }
        let rows = rows::list(site.app.store.read(), Some(JobState::Waiting), 100).await.unwrap();
        let mut stored: Vec<String> = rows.into_iter().map(|row| row.payload).collect();
        stored.sort();
        let expected = [0, 2, 3, 5, 6, 8].map(|nth| format!("{{\"publish_post\":{{\"post\":{nth}}}}}"));
        assert_eq!(stored, expected, "what was acknowledged, once");
    }

    async fn reports_at_once_fold_a_comment_once_their_weight_is_enough(db) {
        let open = "[comments]\nmoderation = \"none\"\n[moderation]\nburst_per_post = 0\nburst_per_site = 0\nfold_at_report_weight = 16000\n";
        let (one, two) = two_nodes(db, open).await;
        let post = one.post("A question", "Text").await;
        let path = one.path(&post);
        for round in 0..rounds() {
            let id = comment_id(&one.comment(&post, &format!("Troll{round}"), &format!("You fools {round}")).await);
            let answers = run_at_once(clients(&one, &two).map(|(nth, node)| {
                let client = node.visitor();
                let path = format!("{path}report/{id}");
                async move {
                    let from = format!("192.0.{}.{}", round % 250, nth + 1);
                    client.request(reqwest::Method::POST, &path, "reason=abuse", &[
                        ("content-type", "application/x-www-form-urlencoded"),
                        ("x-forwarded-for", &from),
                    ]).await
                }
            })).await;
            assert_no_server_error(&answers);
            let page = two.visitor().get(&format!("/comment/{id}/")).await;
            let page = two.visitor().follow(page).await;
            assert!(page.has(&format!("#comment-{id} details.gone")), "16 ordinary reports weigh 16,000, in round {round}");
        }
    }

    async fn decisions_at_once_leave_one_log_without_gaps(db) {
        let (one, two) = two_nodes(db, "").await;
        let post = one.post("A question", "Text").await;
        let moderator = one.account(Role::Moderator).await;
        let mut signed_in = Vec::new();
        for (_, node) in clients(&one, &two) {
            let client = node.visitor();
            client.sign_in(&moderator.email, PASSWORD).await;
            signed_in.push(std::sync::Arc::new(client));
        }
        let mut ids = Vec::new();
        for round in 0..rounds() {
            let id = comment_id(&one.comment(&post, &format!("R{round}"), &format!("Remark {round}")).await);
            ids.push(ResponseId(id));
            let answers = run_at_once(signed_in.iter().enumerate().map(|(nth, client)| {
                let client = std::sync::Arc::clone(client);
                async move {
                    let to = ["approved", "spam", "trash"][nth % 3];
                    client.post("/queue/decisions", &[("move", &format!("{to}:{id}"))]).await
                }
            })).await;
            assert_no_server_error(&answers);
        }
        log_and_counts_agree(&one, post.id, &ids).await;
    }

    async fn an_undo_by_many_is_one_undo(db) {
        let (one, two) = two_nodes(db, "").await;
        let post = one.post("A question", "Text").await;
        let moderator = one.account(Role::Moderator).await;
        let actor = Actor::from(&moderator);
        let mut signed_in = Vec::new();
        for (_, node) in clients(&one, &two) {
            let client = node.visitor();
            client.sign_in(&moderator.email, PASSWORD).await;
            signed_in.push(std::sync::Arc::new(client));
        }
        let mut ids = Vec::new();
        for round in 0..rounds() {
            let id = ResponseId(comment_id(&one.comment(&post, &format!("R{round}"), &format!("Remark {round}")).await));
            ids.push(id);
            let done = decide(&one.app, &actor, &[id], &DecisionRequest::to(ResponseState::Spam)).await.unwrap();
            let answers = run_at_once(signed_in.iter().map(|client| {
                let (client, batch) = (std::sync::Arc::clone(client), done.batch.clone());
                async move { client.post("/queue/undo", &[("batch", &batch)]).await }
            })).await;
            assert_no_server_error(&answers);
            let row = responses::find(one.app.store.read(), id).await.unwrap().unwrap();
            assert_eq!(row.state, ResponseState::Pending);
            assert_eq!(decisions::list_for_response(one.app.store.read(), id).await.unwrap().len(), 2);
        }
        log_and_counts_agree(&one, post.id, &ids).await;
    }

    async fn every_decision_is_learned_once_whichever_node_learns(db) {
        let (one, two) = two_nodes(db, "").await;
        let post = one.post("A question", "Text").await;
        let mut ids = Vec::new();
        for nth in 0..rounds() {
            let sent = one.comment(&post, &format!("Shop{nth}"), &format!("Buy {nth} pills")).await;
            ids.push(ResponseId(comment_id(&sent)));
        }
        // Each is decided on at one node while both learn.
        for (nth, id) in ids.iter().enumerate() {
            let node = if nth % 2 == 0 { &one } else { &two };
            let request = DecisionRequest::to(ResponseState::Spam);
            let which = [*id];
            let actor = Actor::operator();
            let (decided, first, second) = tokio::join!(
                decide(&node.app, &actor, &which, &request),
                learn(&one.app),
                learn(&two.app)
            );
            decided.unwrap();
            first.unwrap();
            second.unwrap();
        }
        learn(&one.app).await.unwrap();
        let bucket = i64::from(features::bucket(features::FeatureKind::Word, "pills").0);
        let (_, rows) = filter::find(one.app.store.read(), &[bucket]).await.unwrap();
        assert_eq!(rows, [(bucket, rounds() as i64, 0)]);
    }

    async fn posts_of_one_title_created_at_once_have_unique_urls(db) {
        let (one, two) = two_nodes(db, "").await;
        let author = one.account(Role::Editor).await;
        let mut signed_in = Vec::new();
        for (_, node) in clients(&one, &two) {
            let client = node.visitor();
            client.sign_in(&author.email, PASSWORD).await;
            signed_in.push(std::sync::Arc::new(client));
        }
        for round in 0..rounds() {
            let title = format!("A question {round}");
            let answers = run_at_once(signed_in.iter().map(|client| {
                let (client, title) = (std::sync::Arc::clone(client), title.clone());
                let tags = format!("Tag {round}, Other");
                async move {
                    client.post("/desk/posts", &[
                        ("title", title.as_str()), ("body", "Text"), ("tags", &tags), ("do", "publish"),
                    ]).await
                }
            })).await;
            assert_no_server_error(&answers);
            assert_eq!(count_redirects(&answers), CLIENTS * 2, "{:?}", answers.iter().map(|page| page.status).collect::<Vec<_>>());
            let urls: HashSet<_> = answers.iter().map(|page| page.header("location").unwrap().to_owned()).collect();
            assert_eq!(urls.len(), CLIENTS * 2);
            // The tag is one, whoever wrote it first.
            let of_tag = one.visitor().get(&format!("/tag/tag-{round}/")).await;
            assert_eq!(of_tag.status, StatusCode::OK, "{}", of_tag.text());
        }
    }

    async fn a_slug_requested_by_many_goes_to_one(db) {
        let (one, two) = two_nodes(db, "").await;
        let author = one.account(Role::Editor).await;
        let client = one.visitor();
        client.sign_in(&author.email, PASSWORD).await;
        let other = two.visitor();
        other.sign_in(&author.email, PASSWORD).await;
        let signed_in = [std::sync::Arc::new(client), std::sync::Arc::new(other)];
        for round in 0..rounds() {
            let slug = format!("the-address-{round}");
            let answers = run_at_once((0..CLIENTS * 2).map(|nth| {
                let (client, slug) = (std::sync::Arc::clone(&signed_in[nth % 2]), slug.clone());
                async move {
                    let title = format!("Title {round} {nth}");
                    client.post("/desk/posts", &[
                        ("title", title.as_str()), ("slug", &slug), ("body", "Text"), ("do", "publish"),
                    ]).await
                }
            })).await;
            assert_no_server_error(&answers);
            let at_it = answers.iter()
                .filter_map(|page| page.header("location"))
                .filter(|place| place.ends_with(&format!("/{slug}/")))
                .count();
            assert_eq!(at_it, 1);
            for page in answers.iter().filter(|page| page.status != StatusCode::SEE_OTHER) {
                assert!(page.status.is_client_error());
                assert!(page.form("form.compose").value("title").starts_with("Title"), "the typed text is preserved");
            }
        }
    }

    async fn an_email_address_gets_one_account(db) {
        let (one, two) = two_nodes(db, "").await;
        let boss = one.account(Role::Administrator).await;
        let mut signed_in = Vec::new();
        for node in [&one, &two] {
            let client = node.visitor();
            client.sign_in(&boss.email, PASSWORD).await;
            signed_in.push(std::sync::Arc::new(client));
        }
        for round in 0..rounds().min(100) {
            let email = format!("new{round}@staff.example");
            let answers = run_at_once((0..4).map(|nth| {
                let (client, email) = (std::sync::Arc::clone(&signed_in[nth % 2]), email.clone());
                async move {
                    let name = format!("New {round} {nth}");
                    client.post("/settings/people", &[
                        ("author", name.as_str()), ("email", &email), ("password", PASSWORD), ("role", "author"),
                    ]).await
                }
            })).await;
            assert_no_server_error(&answers);
            assert_eq!(count_redirects(&answers), 1, "{:?}", answers.iter().map(Page::text).collect::<Vec<_>>());
        }
    }

    async fn a_source_sent_many_times_is_one_response(db) {
        let blog = Neighbour::start().await;
        let settings = format!(
            "[comments]\nmoderation = \"none\"\n[limits]\nfetches_per_host = 0\nfetches_per_address = 0\nlinkbacks_per_minute = 0\nlinkbacks_per_source_host = 0\nlinkbacks_per_post = 0\n{}",
            blog.allowed()
        );
        let (one, two) = two_nodes(db, &settings).await;
        let post = one.post("A question", "Text").await;
        let target = one.address(&post);
        for round in 0..rounds() {
            let source = blog.show(&format!("/{round}"), &format!("<p>We read <a href='{target}'>it</a>."));
            let answers = run_at_once(clients(&one, &two).map(|(_, node)| {
                let client = node.visitor();
                let body = rejoinder::linkbacks::protocol::webmention::form_body(&source, &target);
                async move {
                    client.request(reqwest::Method::POST, "/webmention", body.as_str(), &[
                        ("content-type", "application/x-www-form-urlencoded"),
                    ]).await
                }
            })).await;
            assert_no_server_error(&answers);
            let (first, second) = tokio::join!(worker::run_due_jobs(&one.app), worker::run_due_jobs(&two.app));
            first.unwrap();
            second.unwrap();
            // A resend during the check may have asked for another one.
            worker::run_due_jobs(&one.app).await.unwrap();
            let shown = response_counts::recount(one.app.store.read(), post.id, ResponseState::Approved).await.unwrap();
            assert_eq!(shown, round as u64 + 1);
        }
    }

    async fn the_first_administrator_is_one(db) {
        let (one, two) = two_nodes(db, "").await;
        let link = register::create_setup_link(&one.app).await.unwrap();
        let path = link.strip_prefix(&one.base).unwrap().to_owned();
        let form = one.visitor().get(&path).await.form("form[action='/setup']");
        let answers = run_at_once(clients(&one, &two).map(|(nth, node)| {
            let client = node.visitor();
            let form = form.clone()
                .fill("site_name", "The Initiative")
                .fill("author", &format!("Ada {nth}"))
                .fill("email", &format!("ada{nth}@site.example"))
                .fill("password", PASSWORD);
            async move { client.submit(&form).await }
        })).await;
        assert_no_server_error(&answers);
        assert_eq!(count_redirects(&answers), 1);
        assert_eq!(users::list(one.app.store.read()).await.unwrap().len(), 1);
    }

    async fn a_session_that_ended_is_not_revived_by_a_slow_request(db) {
        let (one, two) = two_nodes(db, "").await;
        let user = one.account(Role::Editor).await;
        for _ in 0..rounds().min(200) {
            let client = std::sync::Arc::new(one.visitor());
            client.sign_in(&user.email, PASSWORD).await;
            let other = client.copy_at(&two.base);
            let leaving = client.copy_at(&one.base);
                        let pages = run_at_once((0..4).map(|_| {
                let client = client.copy_at(&two.base);
                async move { client.get("/desk/").await }
            }));
            let (pages, left) = tokio::join!(pages, leaving.post("/logout", &[]));
            assert_no_server_error(&pages);
            assert!(!left.status.is_server_error());
            let after: Page = other.get("/desk/").await;
            assert_ne!(after.status, StatusCode::OK, "it was signed out");
        }
    }
}

/// A limit that protects people holds for the whole site, not for each node.
mod limits {
    use super::*;

    on_both_databases! {
        async fn a_reader_has_one_limit_on_all_nodes(db) {
            if db == Kind::Sqlite {
                // Two processes with one file are not two nodes: each counts for itself.
                return;
            }
            let limits = "[limits]\ncomment_interval = 0\ncomments_per_hour = 5\n";
            let (one, two) = two_nodes(db, limits).await;
            let post = one.post("A question", "Text").await;
            let path = format!("{}respond", one.path(&post));
            for round in 0..rounds() {
                let answers = run_at_once(clients(&one, &two).map(|(nth, node)| {
                    let client: Client = node.visitor();
                    let path = path.clone();
                    async move {
                        let body = format!("author=R{nth}&email=r{nth}%40x.example&comment=Remark+{round}+{nth}");
                        let from = format!("192.{}.{}.7", round / 250, round % 250);
                        client.request(reqwest::Method::POST, &path, body.as_str(), &[
                            ("content-type", "application/x-www-form-urlencoded"),
                            ("x-forwarded-for", &from),
                        ]).await
                    }
                })).await;
                assert_no_server_error(&answers);
                assert_eq!(count_redirects(&answers), 5, "in round {round}");
            }
        }
    }
}
