//! Requests at the same time, on one node and on several: what a transaction read before it writes still
//! holds when it writes.

use std::sync::Arc;
use std::time::Duration;

use rejoinder::accounts::permissions::{Actor, ModerationScope};
use rejoinder::commands::serve::Workers;
use rejoinder::judge::features;
use rejoinder::moderation::decide::{DecisionBatch, DecisionRequest, decide, decide_chunk};
use rejoinder::moderation::sender_policy::{PolicyRequest, list, set};
use rejoinder::responses::report::receive_report;
use rejoinder::store::entity::ids::ResponseId;
use rejoinder::store::entity::report::ReportReason;
use rejoinder::store::entity::response::ResponseState;
use rejoinder::store::entity::sender_policy::{Scope, SenderPolicy};
use rejoinder::store::entity::user::Role;
use rejoinder::store::filter::{self, Totals};
use rejoinder::store::response_counts;
use rejoinder::store::{responses, sender_policies};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::on_both_databases;
use crate::several_nodes::{second_node, second_node_with};
use crate::support::database::Kind;
use crate::support::site::{Site, comment_id};

const OPEN: &str = "[comments]\nmoderation = \"none\"\n";

async fn seen(site: &Site, word: &str) -> (i64, i64) {
    let bucket = i64::from(features::bucket(features::FeatureKind::Word, word).0);
    let (_, rows) = filter::find(site.app.store.read(), &[bucket])
        .await
        .unwrap();
    rows.first().map_or((0, 0), |row| (row.1, row.2))
}

async fn totals(site: &Site) -> Totals {
    filter::find(site.app.store.read(), &[]).await.unwrap().0
}

on_both_databases! {
    async fn a_decision_that_is_committed_late_is_still_learned(db) {
        let site = Site::start(db).await;
        let post = site.post("Shared", "Text").await;
        let late = ResponseId(comment_id(&site.comment(&post, "Late", "Buy umbrellas").await));
        // On another post: one transaction at a time changes the counts of a post.
        let other = site.post("Another", "Text").await;
        let early = ResponseId(comment_id(&site.comment(&other, "Early", "Buy kittens").await));
        // It is decided first and committed last; on SQLite nobody else can write meanwhile.
        let (begun, go_on) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
        let waits = db == Kind::Postgres;
        let deciding = {
            let (app, begun, go_on) = (site.app.clone(), begun.clone(), go_on.clone());
            tokio::spawn(async move {
                let now = app.clock.now();
                app.store
                    .write(move |tx| {
                        let (begun, go_on) = (begun.clone(), go_on.clone());
                        Box::pin(async move {
                            let actor = Actor::operator();
                            let batch = DecisionBatch { actor: &actor, name: "late", note: "", now };
                            let request = DecisionRequest::to(ResponseState::Spam);
                            let moved = decide_chunk(tx, batch, ModerationScope::All, &[late], &request).await?;
                            if waits {
                                begun.wait().await;
                                go_on.wait().await;
                            }
                            Ok(moved)
                        })
                    })
                    .await
                    .unwrap()
            })
        };
        if waits {
            begun.wait().await;
        }
        decide(&site.app, &Actor::operator(), &[early], &DecisionRequest::to(ResponseState::Spam)).await.unwrap();
        site.run_jobs().await;
        assert_eq!(seen(&site, "kittens").await, (1, 0));
        if waits {
            assert_eq!(seen(&site, "umbrellas").await, (0, 0), "it is not committed yet");
            go_on.wait().await;
        }
        assert_eq!(deciding.await.unwrap(), 1);
        site.run_jobs().await;
        assert_eq!(seen(&site, "umbrellas").await, (1, 0));
    }

    async fn exactly_what_was_learned_is_unlearned_even_after_an_edit(db) {
        let site = Site::start(db).await;
        let post = site.post("Shared", "Text").await;
        let moderator = site.signed_in(Role::Moderator).await;
        let id = comment_id(&site.comment(&post, "Ruth", "Umbrellas and kittens").await);
        let decide = async |to: &str| {
            moderator.post("/queue/decisions", &[("move", &format!("{to}:{id}"))]).await;
            site.run_jobs().await;
        };
        decide("spam").await;
        assert_eq!((seen(&site, "umbrellas").await, totals(&site).await.responses), ((1, 0), (1, 0)));
        let edit = moderator.get(&format!("/queue/responses/{id}")).await.form("form[action$='/edit']");
        moderator.submit(&edit.fill("comment", "Parasols and puppies, many more of them")).await;
        decide("approved").await;
        assert_eq!(seen(&site, "umbrellas").await, (0, 0), "unlearned as it was learned");
        assert_eq!(seen(&site, "parasols").await, (0, 1));
        decide("trash").await;
        assert_eq!(totals(&site).await, Totals::default());
        for word in ["umbrellas", "kittens", "parasols", "and"] {
            assert_eq!(seen(&site, word).await, (0, 0), "{word}");
        }
    }

    async fn only_the_latest_of_many_decisions_is_learned(db) {
        let site = Site::start(db).await;
        let post = site.post("Shared", "Text").await;
        let moderator = site.signed_in(Role::Moderator).await;
        let id = comment_id(&site.comment(&post, "Ruth", "Umbrellas and kittens").await);
        for (to, known) in [
            ("spam", (1, 0)),
            ("approved", (0, 1)),
            // What was unlearned once is not unlearned again.
            ("pending", (0, 0)),
            ("trash", (0, 0)),
            ("spam", (1, 0)),
            ("trash", (0, 0)),
            ("pending", (0, 0)),
            ("approved", (0, 1)),
        ] {
            moderator.post("/queue/decisions", &[("move", &format!("{to}:{id}"))]).await;
            site.run_jobs().await;
            assert_eq!((seen(&site, "kittens").await, totals(&site).await.responses), (known, known), "{to}");
        }
    }

    async fn a_linkback_that_its_source_removes_is_unlearned(db) {
        let (blog, site) = crate::webmentions::blog_and_site(db, OPEN).await;
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        let source = blog.show("/a", &format!("<p>Umbrellas at <a href='{target}'>this</a>."));
        crate::webmentions::mention_and_check(&site, &source, &target).await;
        let id = rejoinder::store::queue::last_id(site.app.store.read()).await.unwrap();
        for to in [ResponseState::Pending, ResponseState::Approved] {
            decide(&site.app, &Actor::operator(), &[id], &DecisionRequest::to(to)).await.unwrap();
        }
        site.run_jobs().await;
        assert_eq!(seen(&site, "umbrellas").await, (0, 1));
        blog.show("/a", "<p>Nothing here.");
        crate::webmentions::mention_and_check(&site, &source, &target).await;
        site.run_jobs().await;
        assert_eq!(totals(&site).await, Totals::default());
    }

    async fn reports_at_once_fold_together(db) {
        let overrides = "[comments]\nmoderation = \"none\"\n[moderation]\nburst_per_post = 0\nburst_per_site = 0\nfold_at_report_weight = 7500\n[limits]\ncomment_interval = 0\nreports_per_hour = 0\n";
        let site = Site::with(db, overrides, Workers::Off).await;
        let other = second_node(&site).await;
        let post = site.post("Shared", "Text").await;
        for round in 0..5 {
            let id = ResponseId(comment_id(&site.comment(&post, &format!("R{round}"), &format!("Words {round}")).await));
            let mut reports = JoinSet::new();
            for from in 0..8_u8 {
                let app = if from % 2 == 0 { site.app.clone() } else { other.app.clone() };
                let client = std::net::IpAddr::from([192, 0, round, from]);
                let post = post.id;
                reports.spawn(async move {
                    receive_report(&app, post, id, client, ReportReason::Spam, "").await.unwrap();
                });
            }
            reports.join_all().await;
            let row = responses::find(site.app.store.read(), id).await.unwrap().unwrap();
            assert_eq!(row.reported, 8000, "round {round}");
            let page = site.visitor().get(&site.path(&post)).await;
            assert!(page.has("details.gone"), "round {round}");
        }
    }

    async fn of_comments_at_the_same_time_no_more_are_shown_than_make_a_burst(db) {
        let overrides = "[comments]\nmoderation = \"none\"\n[moderation]\nburst_per_post = 5\nburst_per_site = 0\nhold_at_risk = 0\n[limits]\ncomment_interval = 0\ncomments_per_hour = 0\n";
        let site = Site::with(db, overrides, Workers::Off).await;
        let other = second_node_with(&site, overrides).await;
        let post = site.post("Shared", "Text").await;
        let (one, two) = (Arc::new(site), Arc::new(other));
        let mut sending = JoinSet::new();
        for nth in 0..16 {
            let node = if nth % 2 == 0 { one.clone() } else { two.clone() };
            let post = post.clone();
            sending.spawn(async move { node.comment(&post, &format!("R{nth}"), "Hello").await.status });
        }
        sending.join_all().await;
        let counts = response_counts::count_by_state(one.app.store.read()).await.unwrap();
        assert_eq!(counts.get(&ResponseState::Approved), Some(&5), "{counts:?}");
    }

    async fn a_policy_that_is_set_twice_at_once_is_one(db) {
        let site = Site::start(db).await;
        let other = second_node(&site).await;
        for round in 0..10 {
            let mut setting = JoinSet::new();
            for nth in 0..6 {
                let app = if nth % 2 == 0 { site.app.clone() } else { other.app.clone() };
                setting.spawn(async move {
                    let request = PolicyRequest {
                        scope: Scope::Email,
                        subject: format!("ruth{round}@readers.example"),
                        policy: if nth % 3 == 0 { SenderPolicy::Block } else { SenderPolicy::Hold },
                        duration: Some(Duration::from_secs(60)),
                        note: String::new(),
                        clean_up: false,
                    };
                    set(&app, &Actor::operator(), request).await.unwrap();
                });
            }
            setting.join_all().await;
        }
        assert_eq!(list(&site.app, &Actor::operator()).await.unwrap().len(), 10);
    }

    async fn a_sender_whose_policy_is_removed_meanwhile_is_held(db) {
        let (blog, site) = crate::webmentions::blog_and_site(db, "[comments]\nmoderation = \"all\"\n").await;
        let post = site.post("A question", "Text").await;
        crate::proving::set_policy(&site, Scope::Host, "127.0.0.1", SenderPolicy::Approve).await;
        let row = list(&site.app, &Actor::operator()).await.unwrap().remove(0);
        // Judged while the policy exists, stored after it was removed.
        let new = rejoinder::store::responses::NewResponse {
            post_id: post.id,
            parent: None,
            kind: rejoinder::store::entity::response::ResponseKind::Webmention,
            mention: None,
            state: ResponseState::Pending,
            author_name: "A page".to_owned(),
            author_email: None,
            author_url: None,
            author_photo: None,
            author_id: None,
            body_markdown: String::new(),
            body_html: "Words".to_owned(),
            source_url: Some(blog.url("/a")),
            reasons: String::new(),
            ip: None,
            user_agent: None,
            receipt_hash: None,
            sender_policy_id: None,
            risk: 0,
            network: None,
            name_key: None,
            proof_key: None,
            dedupe_key: "a".to_owned(),
            created_at: site.app.clock.now(),
        };
        let content = rejoinder::responses::judging::SubmittedContent { text: "Words".to_owned(), source: None };
        let judged = rejoinder::responses::judging::judge_response(&site.app, &post, new, content).await.unwrap();
        assert_eq!(judged.state(), ResponseState::Approved);
        let id = row.id;
        site.app.store.write(move |tx| Box::pin(async move { sender_policies::delete(tx, id).await })).await.unwrap();
        let now = site.app.clock.now();
        let stored = site.app.store.write(move |tx| {
            let judged = judged.clone();
            Box::pin(async move { rejoinder::responses::receive::store_response(tx, judged, now).await })
        }).await.unwrap();
        assert_eq!(stored.unwrap().1, ResponseState::Pending);
    }
}
