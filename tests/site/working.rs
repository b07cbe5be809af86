//! Background jobs: independent lanes, fair shares, panics, workers that die, and failed jobs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rejoinder::app::{App, JobStage};
use rejoinder::clock::Moment;
use rejoinder::commands::serve::Workers;
use rejoinder::error::Error;
use rejoinder::jobs::{self, ClaimedJob, Job, JobError};
use rejoinder::linkbacks::receive::{IncomingLinkback, receive_linkback};
use rejoinder::posts::draft::PostInput;
use rejoinder::store::db::{Tx, TxFuture};
use rejoinder::store::entity::ids::{JobId, LinkbackId, PostId, ResponseId};
use rejoinder::store::entity::job::{JobState, Lane, Model};
use rejoinder::store::entity::linkback::{LinkbackState, Protocol};
use rejoinder::store::entity::post::{Model as Post, PostState};
use rejoinder::store::entity::response::ResponseState;
use rejoinder::store::entity::user::Role;
use rejoinder::store::{jobs as rows, linkbacks, posts, responses};
use rejoinder::texts::Message;
use reqwest::StatusCode;
use sea_orm::ConnectionTrait;

use crate::on_both_databases;
use crate::support::client::{Client, Page};
use crate::support::neighbour::Neighbour;
use crate::support::site::{Site, comment_id};
use crate::webmentions::{OPEN, blog_and_site, mention, mention_and_check};

const MINUTE: Duration = Duration::from_secs(60);

fn do_nothing<'t>(_: &'t Tx, _: &'t Job, _: &'t str, _: Moment) -> TxFuture<'t, ()> {
    Box::pin(async { Ok(()) })
}

async fn claim(app: &App, lane: Lane) -> Option<ClaimedJob> {
    jobs::claim(&app.store, &app.clock, lane, 3).await.unwrap()
}

async fn finish(app: &App, claimed: &ClaimedJob, result: Result<(), JobError>) {
    jobs::finish(&app.store, &app.clock, claimed, result, do_nothing)
        .await
        .unwrap();
}

fn some_error() -> Error {
    Error::Unavailable(Message::new("job-timeout").with("seconds", 60_u32))
}

async fn enqueue(app: &App, job: Job, share: &str) {
    let (now, share) = (app.clock.now(), share.to_owned());
    app.store
        .write(move |tx| {
            let (job, share) = (job.clone(), share.clone());
            Box::pin(async move { jobs::enqueue_for(tx, &job, &share, now, now).await })
        })
        .await
        .unwrap();
}

async fn enqueue_check(app: &App, linkback: i64, share: &str) {
    let linkback = LinkbackId(linkback);
    enqueue(app, Job::VerifyLinkback { linkback }, share).await;
}

async fn job(app: &App, id: JobId) -> Model {
    rows::find(app.store.read(), id).await.unwrap().unwrap()
}

async fn failed(app: &App) -> Vec<Model> {
    let failed = rows::list(app.store.read(), Some(JobState::Failed), 100);
    failed.await.unwrap()
}

/// A post that is due in three seconds.
async fn scheduled(site: &Site, title: &str) -> Post {
    let at = site.app.clock.now().plus(Duration::from_secs(3));
    let zone = &site.app.zone();
    let date = at.in_zone(zone).strftime("%Y-%m-%dT%H:%M:%S").to_string();
    let input = PostInput {
        title: title.to_owned(),
        body: "Text".to_owned(),
        date,
        ..PostInput::default()
    };
    let post = site.post_of(input).await;
    assert_eq!(post.state, PostState::Scheduled);
    post
}

async fn is_published(site: &Site, post: PostId) -> bool {
    let post = posts::find(site.app.store.read(), post).await;
    post.unwrap().unwrap().state == PostState::Published
}

/// Waits until background work makes `is_so` true, and returns how long that took.
pub async fn until(what: &str, is_so: impl AsyncFn() -> bool) -> Duration {
    let begun = Instant::now();
    while !is_so().await {
        assert!(begun.elapsed() < Duration::from_secs(20), "never: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    begun.elapsed()
}

async fn send_from(site: &Site, client: &str, source: String, target: &str) -> LinkbackId {
    let incoming = IncomingLinkback {
        protocol: Protocol::Webmention,
        source,
        target: target.to_owned(),
        claims: rejoinder::linkbacks::sender_claims::SenderClaims::default(),
        client: client.parse().unwrap(),
    };
    let taken = receive_linkback(&site.app, incoming).await.unwrap();
    taken.unwrap().id
}

/// Makes every attempt of the jobs that `is_hit` selects panic while the switch is on.
fn break_jobs(site: &Site, stage: JobStage, is_hit: fn(&Job) -> bool) -> Arc<AtomicBool> {
    let is_on = Arc::new(AtomicBool::new(true));
    let switch = Arc::clone(&is_on);
    let probe = move |claimed: &ClaimedJob, at: JobStage| {
        if at == stage && is_hit(&claimed.job) && switch.load(Ordering::SeqCst) {
            panic!("a defect that this test made");
        }
    };
    let set = site.app.job_probe.set(Arc::new(probe));
    assert!(set.is_ok());
    site.expect_error("a defect that this test made");
    is_on
}

async fn run_five_attempts(site: &Site) {
    for _ in 0..6 {
        site.run_jobs().await;
        site.app.clock.step(10 * MINUTE);
    }
    site.run_jobs().await;
}

/// Moves all pending responses, and confirms.
pub async fn move_all(moderator: &Client, to: &str) -> Page {
    let fields = [("matching", to), ("shown", "state=pending")];
    let page = moderator.post("/queue/decisions", &fields).await;
    let confirmation = page.form("form[action='/queue/decisions']");
    moderator.submit(&confirmation).await
}

async fn begin_bulk(moderator: &Client, to: &str) -> Page {
    let answer = move_all(moderator, to).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    moderator.follow(answer).await
}

on_both_databases! {
    async fn slow_sites_do_not_delay_scheduled_posts_bulk_work_or_other_senders(db) {
        let slow = Neighbour::start().await;
        let quick = Neighbour::start().await;
        let settings = format!(
            "[linkbacks]\nfetch_allow = [\"127.0.0.1/32:{}\", \"127.0.0.1/32:{}\"]\nfetch_timeout = 30\n",
            slow.port, quick.port
        );
        let site = Site::with(db, &settings, Workers::On).await;
        site.leave_jobs();
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        let text = format!("<p><a href='{target}'>it</a></p>");
        for nth in 0..40 {
            let path = format!("/{nth}");
            let source = slow.show_as(&path, 200, "text/html", text.as_bytes(), MINUTE);
            send_from(&site, "192.0.2.1", source, &target).await;
        }
        until("the slow sites are fetched", async || slow.visits().len() >= 3).await;
        let scheduled = scheduled(&site, "Due").await;
        let held = comment_id(&site.comment(&post, "Ruth", "Hello").await);
        let other = send_from(&site, "198.51.100.1", quick.show("/a", &text), &target).await;
        let checked = until("another sender's source is checked", async || {
            let row = linkbacks::find(site.app.store.read(), other).await.unwrap().unwrap();
            row.state != LinkbackState::Checking
        });
        assert!(checked.await < Duration::from_secs(5));
        site.app.clock.step(Duration::from_secs(4));
        let moderator = site.signed_in(Role::Moderator).await;
        begin_bulk(&moderator, "approved").await;
        let moved = until("the bulk work is done", async || {
            let row = responses::find(site.app.store.read(), ResponseId(held)).await;
            row.unwrap().unwrap().state == ResponseState::Approved
        });
        assert!(moved.await < Duration::from_secs(5));
        let shown = until("the post appears", async || is_published(&site, scheduled.id).await);
        assert!(shown.await < Duration::from_secs(5));
        assert_eq!(slow.visits().len(), 3, "one sender uses half of the workers at most");
    }

    async fn shares_take_turns_and_none_uses_all_workers(db) {
        let site = Site::start(db).await;
        site.leave_jobs();
        let app = &site.app;
        for nth in 0..200 {
            enqueue_check(app, nth, "busy").await;
        }
        enqueue_check(app, 1_000, "one").await;
        let mut order = Vec::new();
        let mut taken = Vec::new();
        while let Some(claimed) = claim(app, Lane::Fetch).await {
            order.push(job(app, claimed.id).await.share);
            taken.push(claimed);
        }
        assert_eq!(order, ["busy", "one", "busy", "busy"], "at most three of one share");
        enqueue_check(app, 1_001, "two").await;
        enqueue_check(app, 1_002, "two").await;
        finish(app, &taken[0], Ok(())).await;
        let next = claim(app, Lane::Fetch).await.unwrap();
        assert_eq!(job(app, next.id).await.share, "two", "the share with the fewest running jobs comes first");
        app.clock.step(Duration::from_secs(1));
        assert!(claim(app, Lane::Prompt).await.is_none(), "a lane claims only its own jobs");
    }

    async fn a_panic_counts_as_an_attempt_and_stops_nothing_else(db) {
        let site = Site::start(db).await;
        let first = scheduled(&site, "Unlucky").await;
        let is_on = break_jobs(&site, JobStage::Before, |job| *job == Job::PublishPost { post: PostId(1) });
        assert_eq!(first.id, PostId(1));
        let second = scheduled(&site, "Lucky").await;
        site.app.clock.step(Duration::from_secs(4));
        site.run_jobs().await;
        assert!(is_published(&site, second.id).await, "the worker goes on");
        assert!(!is_published(&site, first.id).await);
        run_five_attempts(&site).await;
        let given_up = failed(&site.app).await;
        assert_eq!(given_up.len(), 1);
        assert_eq!(given_up[0].attempts, 5);
        let admin = site.signed_in(Role::Administrator).await;
        let page = admin.get("/settings/jobs").await;
        let row = page.one("main li.row");
        assert!(row.contains("Publish a scheduled post") && row.contains("a defect that this test made"), "{row}");
        assert!(admin.get("/metrics").await.body.contains("rejoinder_job_panics_total{job=\"publish_post\"}"));
        // It fails again, then works. Two people press Retry at the same time.
        let form = page.form("main li.row form");
        admin.submit(&form).await;
        run_five_attempts(&site).await;
        assert_eq!(failed(&site.app).await.len(), 1);
        is_on.store(false, Ordering::SeqCst);
        let (one, two) = tokio::join!(admin.submit(&form), admin.submit(&form));
        assert_eq!((one.status, two.status), (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER));
        assert_eq!(site.run_jobs().await, 1, "once, however often somebody presses Retry");
        assert!(is_published(&site, first.id).await);
        assert!(failed(&site.app).await.is_empty());
        let late = admin.submit(&form).await;
        assert!(admin.follow(late).await.text().contains("Someone has already retried this job"));
        assert_eq!(site.run_jobs().await, 0, "a finished job does not run again");
        let none = admin.post("/settings/jobs/999999/retry", &[]).await;
        assert_eq!(none.status, StatusCode::NOT_FOUND);
    }

    async fn a_failing_job_has_five_attempts_with_growing_delays(db) {
        let site = Site::start(db).await;
        let post = scheduled(&site, "Unlucky").await;
        break_jobs(&site, JobStage::Before, |job| matches!(job, Job::PublishPost { .. }));
        let mut waits = Vec::new();
        while let Some(wait) = site.step_to_next_job().await {
            waits.push(wait.as_secs());
            assert_eq!(site.run_jobs().await, 1, "{waits:?}");
        }
        assert_eq!(waits[1..], [30, 60, 120, 240]);
        assert_eq!(failed(&site.app).await.len(), 1);
        site.app.clock.step(24 * 60 * MINUTE);
        assert_eq!(site.run_jobs().await, 0, "the job has failed");
        assert!(!is_published(&site, post.id).await);
    }

    async fn finished_jobs_are_deleted_after_some_time(db) {
        let site = Site::start(db).await;
        let app = &site.app;
        let (now, days) = (app.clock.now(), |days: u32| 24 * 60 * MINUTE * days);
        let keep = u32::try_from(app.config.jobs.keep_days).unwrap();
        let ended = async |how: &'static str, days_ago: u32| {
            let at = now.minus(days(days_ago) + MINUTE);
            let job = Job::PublishPost { post: PostId(1) };
            app.store
                .write(move |tx| {
                    let job = job.clone();
                    Box::pin(async move {
                        let id = jobs::enqueue(tx, &job, at, at).await?;
                        let set = format!("UPDATE jobs SET state = '{how}', finished_at = {} WHERE id = {id}", at.0);
                        tx.execute_unprepared(&set).await?;
                        Ok(id)
                    })
                })
                .await
                .unwrap()
        };
        let kept = [
            ended("done", keep - 1).await,
            ended("failed", keep).await,
            ended("failed", 89).await,
        ];
        let swept = [ended("done", keep).await, ended("failed", 90).await];
        let database = site.stop().await;
        let site = Site::on(database, "", Workers::On).await;
        let find = async |id: JobId| rows::find(site.app.store.read(), id).await.unwrap();
        until("what is old is gone", async || find(swept[0]).await.is_none() && find(swept[1]).await.is_none()).await;
        for id in kept {
            assert!(find(id).await.is_some(), "{id}");
        }
    }

    async fn a_panic_after_the_work_does_not_repeat_it(db) {
        let site = Site::start(db).await;
        let post = site.post("A question", "Text").await;
        for nth in 0..3 {
            site.comment(&post, &format!("R{nth}"), "Hello").await;
        }
        let is_on = break_jobs(&site, JobStage::After, |job| matches!(job, Job::RunBulkTask { .. }));
        let moderator = site.signed_in(Role::Moderator).await;
        begin_bulk(&moderator, "approved").await;
        site.run_jobs().await;
        is_on.store(false, Ordering::SeqCst);
        site.app.clock.step(10 * MINUTE);
        site.run_jobs().await;
        assert_eq!(moderator.get("/queue/log").await.all("tbody tr").len(), 3);
    }

    async fn a_job_whose_worker_always_dies_fails_visibly(db) {
        let site = Site::start(db).await;
        site.expect_error("whose worker died in every attempt");
        scheduled(&site, "Poison").await;
        site.app.clock.step(MINUTE);
        for attempt in 1..=5 {
            let claimed = claim(&site.app, Lane::Prompt).await.unwrap();
            assert_eq!(claimed.attempt, attempt);
            site.app.clock.step(MINUTE);
        }
        assert!(claim(&site.app, Lane::Prompt).await.is_none());
        site.run_jobs().await;
        let given_up = failed(&site.app).await;
        assert_eq!(given_up.len(), 1);
        let admin = site.signed_in(Role::Administrator).await;
        let row = admin.get("/settings/jobs").await.one("main li.row");
        assert!(row.contains("the program stopped during every attempt"), "{row}");
    }

    async fn a_job_of_a_newer_version_waits_for_a_node_that_knows_it(db) {
        let site = Site::start(db).await;
        site.expect_error("give up an unknown job");
        let app = &site.app;
        enqueue_check(app, 1, "a").await;
        let waiting = rows::list(app.store.read(), Some(JobState::Waiting), 10).await.unwrap();
        let id = waiting[0].id;
        let set_payload = async |payload: &str| {
            let sql = format!("UPDATE jobs SET payload = '{payload}' WHERE id = {id}");
            let raw = sea_orm::Database::connect(&site.database.url).await.unwrap();
            sea_orm::ConnectionTrait::execute_unprepared(&raw, &sql).await.unwrap();
        };
        set_payload("{\"job\":\"from_tomorrow\"}").await;
        for _ in 0..20 {
            assert!(claim(app, Lane::Fetch).await.is_none());
            app.clock.step(5 * MINUTE);
        }
        let row = job(app, id).await;
        assert_eq!(row.state, JobState::Waiting);
        assert!(row.last_error.unwrap().contains("does not know the job"));
        set_payload(&waiting[0].payload).await;
        let known = claim(app, Lane::Fetch).await.unwrap();
        assert_eq!(known.id, id, "another node claims it");
        finish(app, &known, Err(JobError::Retry(some_error()))).await;
        assert_eq!(job(app, id).await.state, JobState::Waiting, "an unknown job was not attempted");
        set_payload("{\"job\":\"from_tomorrow\"}").await;
        for _ in 0..24 * 12 {
            app.clock.step(5 * MINUTE);
            assert!(claim(app, Lane::Fetch).await.is_none());
        }
        assert_eq!(job(app, id).await.state, JobState::Failed, "no node knows it");
    }

    async fn a_failed_check_can_be_retried(db) {
        let (blog, site) = blog_and_site(db, OPEN).await;
        site.expect_error("give up a job");
        let app = &site.app;
        let path = site.path(&site.post("A question", "Text").await);
        let target = format!("{}{path}", site.base);
        let page = |text: &str| format!("<p>{text} <a href='{target}'>a link</a>.");
        let source = blog.show("/a", &page("First words with"));
        mention_and_check(&site, &source, &target).await;
        blog.show("/a", &page("Better words with"));
        mention(&site, &source, &target).await;
        let mut id = None;
        for _ in 0..5 {
            let claimed = claim(app, Lane::Fetch).await.unwrap();
            id = Some(claimed.id);
            finish(app, &claimed, Err(JobError::Retry(some_error()))).await;
            app.clock.step(10 * MINUTE);
        }
        let shown = async || site.visitor().get(&path).await.one("li.webmention .text");
        assert!(shown().await.contains("First words"));
        // The linkback of the failed check is settled before the retry.
        let linkback = LinkbackId(1);
        app.store
            .write(move |tx| Box::pin(async move {
                let now = rejoinder::clock::Moment(0);
                rejoinder::linkbacks::given_up::give_up(tx, &Job::VerifyLinkback { linkback }, now).await
            }))
            .await
            .unwrap();
        jobs::retry(&app.store, &app.clock, id.unwrap()).await.unwrap();
        site.run_jobs().await;
        assert!(shown().await.contains("Better words"));
    }

    async fn a_slow_worker_cannot_change_a_newer_claim(db) {
        let site = Site::start(db).await;
        let app = &site.app;
        site.expect_error("The job took longer");
        enqueue_check(app, 1, "a").await;
        let slow = claim(app, Lane::Fetch).await.unwrap();
        app.clock.step(Duration::from_secs(20));
        assert!(jobs::renew(&app.store, &app.clock, &slow).await.unwrap());
        app.clock.step(Duration::from_secs(20));
        assert!(claim(app, Lane::Fetch).await.is_none(), "a worker that renews its claim is not dead");
        app.clock.step(MINUTE);
        let newer = claim(app, Lane::Fetch).await.unwrap();
        assert_eq!(newer.id, slow.id);
        assert!(!jobs::renew(&app.store, &app.clock, &slow).await.unwrap());
        let wrong = || Err(JobError::Permanent(some_error()));
        finish(app, &slow, wrong()).await;
        assert_eq!(job(app, slow.id).await.state, JobState::Running);
        finish(app, &newer, wrong()).await;
        assert_eq!(job(app, slow.id).await.state, JobState::Failed);
        // A retry resets the attempts, but not the claims.
        jobs::retry(&app.store, &app.clock, slow.id).await.unwrap();
        let newest = claim(app, Lane::Fetch).await.unwrap();
        assert_eq!(newest.attempt, slow.attempt);
        finish(app, &slow, Ok(())).await;
        assert_eq!(job(app, slow.id).await.state, JobState::Running);
        let busy = jobs::retry(&app.store, &app.clock, slow.id).await;
        assert!(matches!(busy, Err(Error::Conflict(_))), "{busy:?}");
        finish(app, &newest, Ok(())).await;
        let done = jobs::retry(&app.store, &app.clock, slow.id).await;
        assert!(matches!(done, Err(Error::Conflict(_))), "{done:?}");
    }

    async fn failed_bulk_work_is_shown_blocks_nothing_and_can_be_retried(db) {
        let site = Site::start(db).await;
        let post = site.post("A question", "Text").await;
        for nth in 0..3 {
            site.comment(&post, &format!("R{nth}"), "Hello").await;
        }
        let is_on = break_jobs(&site, JobStage::Before, |job| matches!(job, Job::RunBulkTask { .. }));
        let moderator = site.signed_in(Role::Moderator).await;
        let mut stuck = begin_bulk(&moderator, "spam").await;
        for _ in 0..19 {
            stuck = begin_bulk(&moderator, "spam").await;
        }
        let full = move_all(&moderator, "spam").await;
        assert_eq!(full.status, StatusCode::CONFLICT);
        run_five_attempts(&site).await;
        let path = stuck.path.clone();
        let stopped = moderator.get(&path).await;
        let text = stopped.one("main .problems");
        assert!(text.contains("This failed five times in a row"), "{text}");
        assert!(!text.contains("a defect that this test made"), "only administrators see causes");
        assert_eq!(stopped.header("refresh"), None);
        is_on.store(false, Ordering::SeqCst);
        let other = begin_bulk(&moderator, "approved").await;
        site.run_jobs().await;
        let done = moderator.get(&other.path).await;
        assert!(done.text().contains("Done: 3 moved"), "{}", done.text());
        let form = stopped.form("form[action$='/retry']");
        let (one, two) = tokio::join!(moderator.submit(&form), moderator.submit(&form));
        assert_eq!((one.status, two.status), (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER));
        site.run_jobs().await;
        let done = moderator.get(&path).await;
        assert!(done.text().contains("Done: 0 moved"), "{}", done.text());
        assert_eq!(failed(&site.app).await.len(), 19, "one of them was retried");
    }
}
