//! Several nodes with one database: no page is out of date for longer than a second.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rejoinder::accounts::manage::{self, AccountChange};
use rejoinder::accounts::permissions::{Actor, ModerationScope};
use rejoinder::accounts::register::{self, AccountInput};
use rejoinder::accounts::secret;
use rejoinder::clock::Moment;
use rejoinder::commands::serve::Workers;
use rejoinder::error::Error;
use rejoinder::judge::features;
use rejoinder::judge::rule_conditions::RuleConditions;
use rejoinder::moderation::decide::{DecisionBatch, DecisionRequest, decide, decide_chunk};
use rejoinder::moderation::learn::learn;
use rejoinder::moderation::rule_draft::RuleDraft;
use rejoinder::moderation::rules;
use rejoinder::store::db::{Tx, TxFuture};
use rejoinder::store::entity::ids::{JobId, ResponseId};
use rejoinder::store::entity::job::Lane;
use rejoinder::store::entity::response::ResponseState;
use rejoinder::store::entity::rule::RuleAction;
use rejoinder::store::entity::user::Role;
use rejoinder::store::{filter, posts, users};
use rejoinder::{jobs, worker};
use reqwest::StatusCode;
use sea_orm::ConnectionTrait;

use crate::on_both_databases;
use crate::support::database::Kind;
use crate::support::gate::Gate;
use crate::support::site::{PASSWORD, Site, comment_id};

/// A second node with the same database.
pub async fn second_node(site: &Site) -> Site {
    second_node_with(site, "").await
}

/// The same with settings of its own.
pub async fn second_node_with(site: &Site, overrides: &str) -> Site {
    let settings = format!("[site]\nurl = \"{}\"\n{overrides}", site.base);
    let mut node = Site::on(site.database.shared(), &settings, Workers::Off).await;
    node.base = format!("http://{}", node.app.config.server.listen);
    node
}

fn do_nothing<'t>(_: &'t Tx, _: &'t jobs::Job, _: &'t str, _: Moment) -> TxFuture<'t, ()> {
    Box::pin(async { Ok(()) })
}

/// How many of these attempts at once are allowed, on both nodes together.
async fn count_allowed<F>(
    nodes: [&Site; 2],
    attempts: usize,
    check: impl Fn(rejoinder::app::App) -> F,
) -> usize
where
    F: Future<Output = rejoinder::error::Result<()>> + Send + 'static,
{
    let mut clients = tokio::task::JoinSet::new();
    for _ in 0..attempts {
        for node in nodes {
            clients.spawn(check(node.app.clone()));
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
async fn a_change_during_a_lost_connection_is_not_missed() {
    let other = Site::start(Kind::Postgres).await;
    let gate = Arc::new(Gate::before(&other.database.url).await);
    let mut behind = other.database.shared();
    behind.url.clone_from(&gate.url);
    let settings = format!("#database timeout = 1\n[site]\nurl = \"{}\"\n", other.base);
    let mut site = Site::on(behind, &settings, Workers::Off).await;
    site.base = format!("http://{}", site.app.config.server.listen);
    let post = other.post("Shared", "Text").await;
    let path = other.path(&post);
    for (round, end) in (1..).zip(["killed", "cut", "gone", "killed", "cut"]) {
        let sent = other.comment(&post, &format!("R{round}"), "Hello").await;
        let id = ResponseId(comment_id(&sent));
        let reader = site.visitor();
        assert_eq!(reader.get(&path).await.status, StatusCode::OK);
        // The last statement before the commit ends the connection that would be notified of it.
        let (now, ended) = (other.app.clock.now(), gate.clone());
        let approved = other.app.store.write(move |tx| {
            let gate = ended.clone();
            Box::pin(async move {
                let actor = Actor::operator();
                let batch = DecisionBatch {
                    actor: &actor,
                    name: "approved",
                    note: "",
                    now,
                };
                let request = DecisionRequest::to(ResponseState::Approved);
                decide_chunk(tx, batch, ModerationScope::All, &[id], &request).await?;
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
            let is_disconnected = async || {
                let changes = site.app.store.changes();
                !changes.is_current(changes.generation(), &[])
            };
            crate::working::until("the node knows that it is disconnected", is_disconnected).await;
            gate.open().await;
        }
        let is_shown = async || reader.get(&path).await.all("li.comment").len() == round;
        crate::working::until(&format!("{end}: the missed change is shown"), is_shown).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn limits_hold_for_all_nodes_together() {
    let settings = "[limits]\ncomment_interval = 0\ncomments_per_hour = 7\nsign_ins = 3\n\
                    linkbacks_per_minute = 5\nreports_per_hour = 2\n";
    let site = Site::with(Kind::Postgres, settings, Workers::Off).await;
    let other = second_node_with(&site, settings).await;
    let nodes = [&site, &other];
    let client: IpAddr = "192.0.2.1".parse().unwrap();
    let comments =
        move |app: rejoinder::app::App| async move { app.limits.check_comment(client).await };
    assert_eq!(count_allowed(nodes, 40, comments).await, 7);
    let reports =
        move |app: rejoinder::app::App| async move { app.limits.check_report(client).await };
    assert_eq!(count_allowed(nodes, 40, reports).await, 2);
    let linkbacks = move |app: rejoinder::app::App| async move {
        app.limits.check_linkback(client, "blog.example", 1).await
    };
    assert_eq!(count_allowed(nodes, 40, linkbacks).await, 5);
    // A minute later five more, of a host with a limit of ten a minute: refused ones do not count.
    for node in nodes {
        node.app.clock.step(Duration::from_secs(60));
    }
    assert_eq!(count_allowed(nodes, 40, linkbacks).await, 5);
    let neighbour: IpAddr = "192.0.2.2".parse().unwrap();
    assert!(other.app.limits.check_comment(neighbour).await.is_ok());
    // The same for pages.
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
        site.app.limits.check_comment(client).await.is_err(),
        "recent usage still counts"
    );
}

on_both_databases! {
    async fn two_nodes_that_set_up_the_site_create_one_administrator(db) {
        let site = Site::start(db).await;
        let other = second_node(&site).await;
        let link = register::create_setup_link(&site.app).await.unwrap();
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
                register::complete_setup(&app, &token, "The Initiative", &input).await
            });
        }
        let made = both.join_all().await.into_iter().filter(Result::is_ok).count();
        assert_eq!(made, 1);
        assert_eq!(users::count(site.app.store.read()).await.unwrap(), 1);
    }

    async fn two_nodes_that_demote_two_administrators_leave_one(db) {
        let site = Site::start(db).await;
        let other = second_node(&site).await;
        let ada = site.account_named("Ada", Role::Administrator).await;
        let ben = site.account_named("Ben", Role::Administrator).await;
        let operator = Actor::operator();
        for nth in 0..40 {
            let change = || match nth % 2 {
                0 => AccountChange::Role(Role::Editor),
                _ => AccountChange::Disable,
            };
            let (one, two) = tokio::join!(
                manage::change(&site.app, &operator, ada.id, change()),
                manage::change(&other.app, &operator, ben.id, change()),
            );
            assert_eq!(usize::from(one.is_ok()) + usize::from(two.is_ok()), 1, "{one:?} {two:?}");
            for user in [&ada, &ben] {
                for back in [AccountChange::Role(Role::Administrator), AccountChange::Enable] {
                    manage::change(&site.app, &operator, user.id, back).await.unwrap();
                }
            }
        }
    }

    async fn two_nodes_have_one_secret(db) {
        let site = Site::start(db).await;
        let other = second_node(&site).await;
        let mut both = tokio::task::JoinSet::new();
        for nth in 0..8 {
            let app = if nth % 2 == 0 { &site.app } else { &other.app }.clone();
            both.spawn(async move { secret::find(&app).await.unwrap() });
        }
        let mut secrets = both.join_all().await;
        secrets.dedup();
        assert_eq!(secrets.len(), 1);
    }

    async fn what_one_node_shows_another_shows_within_a_second(db) {
        let site = Site::start(db).await;
        let other = second_node(&site).await;
        let post = site.post("Shared", "Text").await;
        let path = site.path(&post);
        let reader = other.visitor();
        reader.get(&path).await;
        site.comment(&post, "Ruth", "Hello").await;
        site.approve_all().await;
        let begun = Instant::now();
        while !reader.get(&path).await.text().contains("Hello") {
            assert!(begun.elapsed() < Duration::from_secs(5), "the other node was never notified");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(begun.elapsed() < Duration::from_millis(1500), "{:?}", begun.elapsed());
    }

    async fn a_rule_saved_on_one_node_applies_on_another_within_a_second(db) {
        let site = Site::start(db).await;
        let other = second_node(&site).await;
        let post = site.post("Shared", "Text").await;
        // Both have compiled their rules before there is one.
        site.comment(&post, "Ruth", "Hello").await;
        other.comment(&post, "Ben", "Hello").await;
        let draft = RuleDraft {
            id: None,
            name: "Pills".to_owned(),
            priority: 1,
            action: RuleAction::Refuse,
            message: "No pills.".to_owned(),
            conditions: RuleConditions {
                words: vec!["pills".to_owned()],
                ..RuleConditions::default()
            },
        };
        rules::save(&site.app, &Actor::operator(), &draft).await.unwrap();
        let begun = Instant::now();
        for nth in 0.. {
            let sent = other.comment(&post, &format!("Shop{nth}"), "Buy pills").await;
            if sent.text().contains("No pills.") {
                break;
            }
            assert!(begun.elapsed() < Duration::from_millis(1500), "the other node was never notified");
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
        let request = DecisionRequest::to(ResponseState::Spam);
        decide(&site.app, &Actor::operator(), &ids, &request).await.unwrap();
        let (one, two) = tokio::join!(learn(&site.app), learn(&site.app));
        one.unwrap();
        two.unwrap();
        let bucket = i64::from(features::bucket(features::FeatureKind::Word, "pills").0);
        let (_, rows) = filter::find(site.app.store.read(), &[bucket]).await.unwrap();
        assert_eq!(rows, [(bucket, 6, 0)]);
    }

    async fn slugs_that_nodes_save_at_once_each_belong_to_one_post(db) {
        let site = Site::start(db).await;
        let other = second_node(&site).await;
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
        let list = posts::page_for_desk(site.app.store.read(), None, None, None, 1, 100).await.unwrap();
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

    async fn accounts_that_nodes_create_at_once_have_unique_addresses_and_slugs(db) {
        let site = Site::start(db).await;
        let other = second_node(&site).await;
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
            workers.spawn(async move { worker::run_due_jobs(&app).await.unwrap() });
        }
        let done: usize = workers.join_all().await.into_iter().sum();
        assert_eq!(done, 20);
    }

    async fn a_job_whose_worker_died_is_claimed_again(db) {
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
        jobs::finish(&site.app.store, &site.app.clock, &again, Ok(()), do_nothing).await.unwrap();
        assert!(jobs::retry(&site.app.store, &site.app.clock, JobId(9999)).await.is_err());
    }
}
