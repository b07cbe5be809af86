//! More than one process at one database: a page is not behind for longer than a second.

use std::time::{Duration, Instant};

use rejoinder::accounts::permissions::Actor;
use rejoinder::clock::Moment;
use rejoinder::commands::serve::Workers;
use rejoinder::judge::features;
use rejoinder::judge::rule::Conditions;
use rejoinder::moderation::decide::{Wish, decide};
use rejoinder::moderation::learn::learn;
use rejoinder::moderation::rules;
use rejoinder::moderation::time_machine::Draft;
use rejoinder::store::db::{Pending, Tx};
use rejoinder::store::entity::ids::{JobId, ResponseId};
use rejoinder::store::entity::job::Lane;
use rejoinder::store::entity::response::ResponseState;
use rejoinder::store::entity::rule::RuleOutcome;
use rejoinder::store::filter;
use rejoinder::{jobs, worker};

use crate::on_both_databases;
use crate::support::site::{Site, comment_id};

/// A second node at the database of the first.
async fn beside(site: &Site) -> Site {
    let settings = format!("[site]\nurl = \"{}\"\n", site.base);
    let mut node = Site::on(site.database.shared(), &settings, Workers::Off).await;
    node.base = format!("http://{}", node.app.config.server.listen);
    node
}

fn nothing_else<'t>(_: &'t Tx, _: &'t jobs::Job, _: &'t str, _: Moment) -> Pending<'t, ()> {
    Box::pin(async { Ok(()) })
}

on_both_databases! {
    async fn what_one_node_shows_the_other_shows_within_a_second(db) {
        let site = Site::start(db).await;
        let other = beside(&site).await;
        let post = site.post("Shared", "Text").await;
        let path = site.path(&post);
        let reader = other.visitor();
        reader.get(&path).await;
        site.comment(&post, "Ruth", "Hello").await;
        site.approve_all().await;
        let begun = Instant::now();
        while !reader.get(&path).await.text().contains("Hello") {
            assert!(begun.elapsed() < Duration::from_secs(5), "the other node never heard");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(begun.elapsed() < Duration::from_millis(1500), "{:?}", begun.elapsed());
    }

    async fn a_rule_that_one_node_learns_of_the_other_tries_within_a_second(db) {
        let site = Site::start(db).await;
        let other = beside(&site).await;
        let post = site.post("Shared", "Text").await;
        // Both have their rules ready before there is one.
        site.comment(&post, "Ruth", "Hello").await;
        other.comment(&post, "Ben", "Hello").await;
        let draft = Draft {
            id: None,
            name: "Pills".to_owned(),
            rank: 1,
            outcome: RuleOutcome::Refuse,
            message: "No pills.".to_owned(),
            conditions: Conditions {
                words: vec!["pills".to_owned()],
                ..Conditions::default()
            },
        };
        rules::save(&site.app, &Actor::operator(), &draft).await.unwrap();
        let begun = Instant::now();
        for nth in 0.. {
            let sent = other.comment(&post, &format!("Shop{nth}"), "Buy pills").await;
            if sent.text().contains("No pills.") {
                break;
            }
            assert!(begun.elapsed() < Duration::from_millis(1500), "the other node never heard");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn two_nodes_that_learn_at_once_learn_each_decision_once(db) {
        let site = Site::start(db).await;
        let post = site.post("Shared", "Text").await;
        let mut ids = Vec::new();
        for nth in 0..6 {
            let sent = site.comment(&post, &format!("Shop{nth}"), "Buy one hundred pills").await;
            ids.push(ResponseId(comment_id(&sent)));
        }
        let wish = Wish::to(ResponseState::Spam);
        decide(&site.app, &Actor::operator(), &ids, &wish).await.unwrap();
        let (one, two) = tokio::join!(learn(&site.app), learn(&site.app));
        one.unwrap();
        two.unwrap();
        let bucket = i64::from(features::bucket(features::Sign::Word, "pills").0);
        let (_, rows) = filter::find(site.app.store.read(), &[bucket]).await.unwrap();
        assert_eq!(rows, [(bucket, 6, 0)]);
    }

    async fn a_job_is_done_by_one_of_many_workers(db) {
        let site = Site::start(db).await;
        let now = site.app.clock.now();
        let post = site.post("Shared", "Text").await;
        for _ in 0..20 {
            let job = jobs::Job::PublishPost { post: post.id };
            site.app
                .store
                .write(move |tx| {
                    let job = job.clone();
                    Box::pin(async move { jobs::enqueue(tx, &job, now, now).await })
                })
                .await
                .unwrap();
        }
        let mut workers = tokio::task::JoinSet::new();
        for _ in 0..4 {
            let app = site.app.clone();
            workers.spawn(async move { worker::work_off(&app).await.unwrap() });
        }
        let done: usize = workers.join_all().await.into_iter().sum();
        assert_eq!(done, 20);
    }

    async fn a_job_whose_worker_died_is_taken_again(db) {
        let site = Site::start(db).await;
        let now = site.app.clock.now();
        let post = site.post("Shared", "Text").await;
        let job = jobs::Job::PublishPost { post: post.id };
        site.app
            .store
            .write(move |tx| {
                let job = job.clone();
                Box::pin(async move { jobs::enqueue(tx, &job, now, now).await })
            })
            .await
            .unwrap();
        let claim = async || jobs::claim(&site.app.store, &site.app.clock, Lane::Prompt, 1).await.unwrap();
        let taken = claim().await.unwrap();
        assert!(claim().await.is_none());
        site.app.clock.step(Duration::from_secs(300));
        let again = claim().await.unwrap();
        assert_eq!((again.id, again.attempt), (taken.id, 2));
        jobs::finish(&site.app.store, &site.app.clock, &again, Ok(()), nothing_else).await.unwrap();
        assert!(jobs::retry(&site.app.store, &site.app.clock, JobId(9999)).await.is_err());
    }
}
