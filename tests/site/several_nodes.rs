//! More than one process at one database: a page is not behind for longer than a second.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rejoinder::accounts::manage::{self, Change};
use rejoinder::accounts::permissions::{Actor, Reach};
use rejoinder::accounts::register::{self, AccountInput};
use rejoinder::accounts::secret;
use rejoinder::clock::Moment;
use rejoinder::commands::serve::Workers;
use rejoinder::error::Error;
use rejoinder::judge::features;
use rejoinder::judge::rule::Conditions;
use rejoinder::moderation::decide::{Press, Wish, decide, decide_chunk};
use rejoinder::moderation::learn::learn;
use rejoinder::moderation::rules;
use rejoinder::moderation::time_machine::Draft;
use rejoinder::store::db::{Pending, Tx};
use rejoinder::store::entity::ids::{JobId, ResponseId};
use rejoinder::store::entity::job::Lane;
use rejoinder::store::entity::response::ResponseState;
use rejoinder::store::entity::rule::RuleOutcome;
use rejoinder::store::entity::user::Role;
use rejoinder::store::{filter, posts, users};
use rejoinder::{jobs, worker};
use reqwest::StatusCode;
use sea_orm::ConnectionTrait;

use crate::on_both_databases;
use crate::support::database::Kind;
use crate::support::gate::Gate;
use crate::support::site::{PASSWORD, Site, comment_id};

/// A second node at the database of the first.
pub async fn beside(site: &Site) -> Site {
    beside_with(site, "").await
}

/// The same with settings of its own.
pub async fn beside_with(site: &Site, overrides: &str) -> Site {
    let settings = format!("[site]\nurl = \"{}\"\n{overrides}", site.base);
    let mut node = Site::on(site.database.shared(), &settings, Workers::Off).await;
    node.base = format!("http://{}", node.app.config.server.listen);
    node
}

fn nothing_else<'t>(_: &'t Tx, _: &'t jobs::Job, _: &'t str, _: Moment) -> Pending<'t, ()> {
    Box::pin(async { Ok(()) })
}

/// How many of so many tries at once are let in, on both nodes together.
async fn let_in<F>(
    nodes: [&Site; 2],
    tries: usize,
    take: impl Fn(rejoinder::app::App) -> F,
) -> usize
where
    F: Future<Output = rejoinder::error::Result<()>> + Send + 'static,
{
    let mut clients = tokio::task::JoinSet::new();
    for _ in 0..tries {
        for node in nodes {
            clients.spawn(take(node.app.clone()));
        }
    }
    let outcomes = clients.join_all().await;
    for outcome in &outcomes {
        assert!(
            matches!(outcome, Ok(()) | Err(Error::TooMany { .. })),
            "{outcome:?}"
        );
    }
    outcomes.iter().filter(|outcome| outcome.is_ok()).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_said_while_a_node_does_not_listen_is_not_missed() {
    let other = Site::start(Kind::Postgres).await;
    let gate = Arc::new(Gate::before(&other.database.url).await);
    let mut behind = other.database.shared();
    behind.url.clone_from(&gate.url);
    let settings = format!("#database wait = 1\n[site]\nurl = \"{}\"\n", other.base);
    let mut site = Site::on(behind, &settings, Workers::Off).await;
    site.base = format!("http://{}", site.app.config.server.listen);
    let post = other.post("Shared", "Text").await;
    let path = other.path(&post);
    for (round, end) in (1..).zip(["killed", "cut", "gone", "killed", "cut"]) {
        let sent = other.comment(&post, &format!("R{round}"), "Hello").await;
        let id = ResponseId(comment_id(&sent));
        let reader = site.visitor();
        assert_eq!(reader.get(&path).await.status, StatusCode::OK);
        // The last that is done before the commit is to end the connection that would hear of it.
        let (now, ended) = (other.app.clock.now(), gate.clone());
        let approved = other.app.store.write(move |tx| {
            let gate = ended.clone();
            Box::pin(async move {
                let actor = Actor::operator();
                let press = Press {
                    actor: &actor,
                    batch: "approved",
                    note: "",
                    now,
                };
                let wish = Wish::to(ResponseState::Approved);
                decide_chunk(tx, press, Reach::Everything, &[id], &wish).await?;
                let kill = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
                    WHERE datname = current_database() AND query LIKE 'LISTEN%'";
                match end {
                    "killed" => {
                        tx.execute_unprepared(kill).await?;
                    }
                    "cut" => gate.cut(),
                    _ => gate.shut(),
                }
                Ok(())
            })
        });
        approved.await.unwrap();
        if end == "gone" {
            let is_deaf = async || {
                let changes = site.app.store.changes();
                !changes.is_current(changes.mark(), &[])
            };
            crate::working::until("it knows that it hears nothing", is_deaf).await;
            gate.open().await;
        }
        let is_shown = async || reader.get(&path).await.all("li.comment").len() == round;
        crate::working::until(
            &format!("{end}: what it did not hear of is shown"),
            is_shown,
        )
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn limits_hold_for_all_nodes_together() {
    let settings = "[limits]\ncomment_interval = 0\ncomments_per_hour = 7\nsign_ins = 3\n\
                    linkbacks_per_minute = 5\nreports_per_hour = 2\n";
    let site = Site::with(Kind::Postgres, settings, Workers::Off).await;
    let other = beside_with(&site, settings).await;
    let nodes = [&site, &other];
    let client: IpAddr = "192.0.2.1".parse().unwrap();
    let comments =
        move |app: rejoinder::app::App| async move { app.limits.take_comment(client).await };
    assert_eq!(let_in(nodes, 40, comments).await, 7);
    let reports =
        move |app: rejoinder::app::App| async move { app.limits.take_report(client).await };
    assert_eq!(let_in(nodes, 40, reports).await, 2);
    let linkbacks = move |app: rejoinder::app::App| async move {
        app.limits.take_linkback(client, "blog.example", 1).await
    };
    assert_eq!(let_in(nodes, 40, linkbacks).await, 5);
    // A minute later five more, of a host of which ten a minute are taken; nothing was lost by those
    // that were refused.
    for node in nodes {
        node.app.clock.step(Duration::from_secs(60));
    }
    assert_eq!(let_in(nodes, 40, linkbacks).await, 5);
    let neighbour: IpAddr = "192.0.2.2".parse().unwrap();
    assert!(other.app.limits.take_comment(neighbour).await.is_ok());
    // The same by the pages.
    let guess = [("email", "ada@x.example"), ("password", "a wrong password")];
    for node in [&site, &other, &site] {
        let answer = node.visitor().post("/login", &guess).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    for node in nodes {
        let answer = node.visitor().post("/login", &guess).await;
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    }
    site.app.limits.forget_idle().await.unwrap();
    assert!(
        site.app.limits.take_comment(client).await.is_err(),
        "what counts is kept"
    );
}

on_both_databases! {
    async fn two_nodes_that_set_the_site_up_make_one_administrator(db) {
        let site = Site::start(db).await;
        let other = beside(&site).await;
        let link = register::offer_set_up(&site.app).await.unwrap();
        let token = link.split_once("token=").unwrap().1.to_owned();
        let mut both = tokio::task::JoinSet::new();
        for nth in 0..6 {
            let app = if nth % 2 == 0 { &site.app } else { &other.app }.clone();
            let token = token.clone();
            both.spawn(async move {
                let input = AccountInput {
                    name: format!("Ada {nth}"),
                    email: format!("ada{nth}@site.example"),
                    password: PASSWORD.to_owned(),
                };
                register::set_up(&app, &token, "The Initiative", &input).await
            });
        }
        let made = both.join_all().await.into_iter().filter(Result::is_ok).count();
        assert_eq!(made, 1);
        assert_eq!(users::count(site.app.store.read()).await.unwrap(), 1);
    }

    async fn two_nodes_that_demote_two_administrators_leave_one(db) {
        let site = Site::start(db).await;
        let other = beside(&site).await;
        let ada = site.account_named("Ada", Role::Administrator).await;
        let ben = site.account_named("Ben", Role::Administrator).await;
        let operator = Actor::operator();
        for nth in 0..40 {
            let change = || match nth % 2 {
                0 => Change::Role(Role::Editor),
                _ => Change::Disable,
            };
            let (one, two) = tokio::join!(
                manage::change(&site.app, &operator, ada.id, change()),
                manage::change(&other.app, &operator, ben.id, change()),
            );
            assert_eq!(usize::from(one.is_ok()) + usize::from(two.is_ok()), 1, "{one:?} {two:?}");
            for user in [&ada, &ben] {
                for back in [Change::Role(Role::Administrator), Change::Enable] {
                    manage::change(&site.app, &operator, user.id, back).await.unwrap();
                }
            }
        }
    }

    async fn two_nodes_have_one_secret(db) {
        let site = Site::start(db).await;
        let other = beside(&site).await;
        let mut both = tokio::task::JoinSet::new();
        for nth in 0..8 {
            let app = if nth % 2 == 0 { &site.app } else { &other.app }.clone();
            both.spawn(async move { secret::find(&app).await.unwrap() });
        }
        let mut secrets = both.join_all().await;
        secrets.dedup();
        assert_eq!(secrets.len(), 1);
    }

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

    async fn titles_and_slugs_that_nodes_save_at_once_are_each_had_by_one_post(db) {
        let site = Site::start(db).await;
        let other = beside(&site).await;
        let user = site.account(Role::Editor).await;
        let mut editors = Vec::new();
        for nth in 0..8 {
            let editor = if nth % 2 == 0 { site.visitor() } else { other.visitor() };
            editor.sign_in(&user.email, PASSWORD).await;
            editors.push(std::sync::Arc::new(editor));
        }
        let save_all = async |slug: &'static str, tags: &'static str| {
            let mut saving = tokio::task::JoinSet::new();
            for (nth, editor) in editors.iter().cloned().enumerate() {
                saving.spawn(async move {
                    let body = format!("Text {nth}");
                    let fields = [
                        ("title", "One title"), ("slug", slug), ("tags", tags),
                        ("body", body.as_str()), ("do", "publish"),
                    ];
                    editor.post("/desk/posts", &fields).await
                });
            }
            saving.join_all().await
        };
        for _ in 0..3 {
            for page in save_all("", "Same, C, C++, C#").await {
                assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text());
            }
        }
        let list = posts::page_for_desk(site.app.store.read(), None, None, 1, 100).await.unwrap();
        let slugs: std::collections::HashSet<_> = list.iter().map(|post| &post.slug).collect();
        assert_eq!((list.len(), slugs.len()), (24, 24));
        let tagged = site.visitor().get("/tag/same/").await;
        assert_eq!(tagged.status, StatusCode::OK);
        assert_eq!(site.visitor().get("/tag/same-2/").await.status, StatusCode::NOT_FOUND);
        for slug in ["named", "named-too", "named-last"] {
            let pages = save_all(slug, "").await;
            let won = pages.iter().filter(|page| page.status == StatusCode::SEE_OTHER).count();
            assert_eq!(won, 1, "{slug}");
            for page in pages.iter().filter(|page| page.status != StatusCode::SEE_OTHER) {
                assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", page.text());
                assert!(page.one("#slug-problem").contains("nother post has this slug"));
                assert!(page.form("form.compose").value("body").starts_with("Text "));
            }
        }
    }

    async fn accounts_that_nodes_make_at_once_have_each_an_address_and_a_slug_of_their_own(db) {
        let site = Site::start(db).await;
        let other = beside(&site).await;
        let add = async |same_address: bool| {
            let mut adding = tokio::task::JoinSet::new();
            for nth in 0..6 {
                let app = if nth % 2 == 0 { site.app.clone() } else { other.app.clone() };
                let address = if same_address { 9 } else { nth };
                adding.spawn(async move {
                    let input = AccountInput {
                        name: "Ada Okoye".to_owned(),
                        email: format!("ada{address}@staff.example"),
                        password: PASSWORD.to_owned(),
                    };
                    register::add_account(&app, &Actor::operator(), &input, Role::Author).await
                });
            }
            adding.join_all().await
        };
        let slugs: std::collections::HashSet<_> =
            add(false).await.into_iter().map(|user| user.unwrap().slug).collect();
        assert_eq!(slugs.len(), 6);
        let outcomes = add(true).await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
        for error in outcomes.into_iter().filter_map(Result::err) {
            assert!(matches!(error, Error::Invalid(_)), "{error}");
        }
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
