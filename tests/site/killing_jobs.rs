//! Workers that are killed, and jobs that panic: each job takes effect once, or fails visibly.
//!
//! The test starts itself again as a worker process that can be killed. That process makes some jobs panic,
//! and its clock runs thirty times as fast.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rejoinder::accounts::permissions::Actor;
use rejoinder::app::{App, JobStage};
use rejoinder::clock::{Clock, Moment};
use rejoinder::commands::serve::Workers;
use rejoinder::config::Config;
use rejoinder::jobs::{ClaimedJob, Job};
use rejoinder::moderation::bulk;
use rejoinder::posts::draft::PostInput;
use rejoinder::store::entity::ids::{PostId, ResponseId};
use rejoinder::store::entity::job::{JobState, Model};
use rejoinder::store::entity::post::PostState;
use rejoinder::store::entity::response::ResponseState;
use rejoinder::store::queue::Filter;
use rejoinder::store::{decisions, jobs as rows, posts};
use rejoinder::worker;

use crate::on_both_databases;
use crate::support::database::Kind;
use crate::support::site::{Site, comment_id};

/// Kills in a normal run; the variable `KILLS` overrides it.
const KILLS: u32 = 3;
/// Scheduled posts between two kills.
const POSTS: u32 = 8;
/// Set in the worker process: the database URL.
const WORKER: &str = "TEST_WORKER_DATABASE";
/// Set in the worker process: the start time of its clock.
const CLOCK_START: &str = "TEST_WORKER_CLOCK_START";
/// Set in the worker process: a file that gets a line for each panic.
const PANICS: &str = "TEST_WORKER_PANICS";
const SPEED: u32 = 30;

struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What the job that publishes this post does.
fn fate(post: PostId) -> &'static str {
    match post.0 % 8 {
        1 => "panics before its work once",
        3 => "panics after its work once",
        5 if post.0 % 5 == 0 => "panics each time",
        _ => "works",
    }
}

fn probe(claimed: &ClaimedJob, stage: JobStage, file: &str) {
    // Long enough that a kill hits running jobs.
    std::thread::sleep(Duration::from_millis(15));
    let panics = match claimed.job {
        Job::PublishPost { post } => match (fate(post), stage) {
            ("panics each time", _) => true,
            ("panics before its work once", JobStage::Before)
            | ("panics after its work once", JobStage::After) => claimed.attempt == 1,
            _ => false,
        },
        Job::RunBulkTask { task } => {
            task.0 % 3 == 0 && stage == JobStage::After && claimed.attempt == 1
        }
        _ => false,
    };
    if panics {
        let mut file = std::fs::OpenOptions::new().append(true).open(file).unwrap();
        file.write_all(b"panic\n").unwrap();
        panic!("a defect that this test made");
    }
}

async fn run_worker(url: &str) {
    std::panic::set_hook(Box::new(|_| {}));
    let start = std::env::var(CLOCK_START).unwrap().parse().unwrap();
    let settings = format!(
        "{SETTINGS}[limits]\nfetches_per_host = 0\nfetches_per_address = 0\n[database]\nurl = \"{url}\"\ntimeout = 20\n"
    );
    let clock = Clock::stepped(Moment(start));
    let app = App::start(Config::with(&settings).unwrap(), clock)
        .await
        .unwrap();
    let file = std::env::var(PANICS).unwrap();
    let set = app
        .job_probe
        .set(Arc::new(move |claimed: &ClaimedJob, stage| {
            probe(claimed, stage, &file);
        }));
    assert!(set.is_ok());
    let (_never_sent, stop) = tokio::sync::watch::channel(false);
    tokio::spawn(worker::run(app.clone(), stop));
    let begun = Instant::now();
    let mut passed = Duration::ZERO;
    // The test kills this process; if the test is gone, the process ends by itself.
    while begun.elapsed() < Duration::from_secs(400) {
        tokio::time::sleep(Duration::from_millis(5)).await;
        let now = begun.elapsed() * SPEED;
        app.clock.step(now - passed);
        passed = now;
    }
}

const SETTINGS: &str = "[linkbacks]\nfetch_allow = [\"127.0.0.1/32:10-10\"]\n";

struct Scenario {
    db: Kind,
    site: Site,
    begun: Instant,
    started: Moment,
    panics: tempfile::NamedTempFile,
}

impl Scenario {
    fn now(&self) -> Moment {
        self.started.plus(self.begun.elapsed() * SPEED)
    }

    fn start_worker(&self) -> Killed {
        let name = match self.db {
            Kind::Sqlite => "on_sqlite",
            Kind::Postgres => "on_postgres",
        };
        let test = format!(
            "{}::every_job_takes_effect_once_or_fails_visibly::{name}",
            module_path!().split_once("::").unwrap().1
        );
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", &test, "--nocapture"])
            .env(WORKER, &self.site.database.url)
            .env(CLOCK_START, self.now().0.to_string())
            .env(PANICS, self.panics.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn();
        Killed(child.unwrap())
    }

    async fn all(&self) -> Vec<Model> {
        rows::list(self.site.app.store.read(), None, 100_000)
            .await
            .unwrap()
    }

    async fn count(&self, is_counted: impl Fn(&Model) -> bool) -> usize {
        self.all()
            .await
            .iter()
            .filter(|job| is_counted(job))
            .count()
    }

    async fn until(&self, what: &str, is_so: impl AsyncFn() -> bool) {
        let begun = Instant::now();
        while !is_so().await {
            assert!(
                begun.elapsed() < Duration::from_secs(200),
                "never: {what}: {:?}",
                self.all()
                    .await
                    .iter()
                    .filter(|job| is_open(job))
                    .collect::<Vec<_>>()
            );
            tokio::time::sleep(Duration::from_millis(15)).await;
        }
    }
}

fn is_open(job: &Model) -> bool {
    matches!(job.state, JobState::Waiting | JobState::Running)
}

fn job_of(row: &Model) -> Job {
    serde_json::from_str(&row.payload).unwrap()
}

on_both_databases! {
    async fn every_job_takes_effect_once_or_fails_visibly(db) {
        if let Ok(url) = std::env::var(WORKER) {
            return run_worker(&url).await;
        }
        let kills = std::env::var("KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(KILLS);
        let site = Site::with(db, SETTINGS, Workers::Off).await;
        let post = site.post("A question", "Text").await;
        let started = site.app.clock.now();
        let panics = tempfile::NamedTempFile::new().unwrap();
        let scenario = Scenario { db, site, begun: Instant::now(), started, panics };
        let site = &scenario.site;
        let author = rejoinder::store::users::find_first(site.app.store.read(), rejoinder::store::entity::user::Role::Author);
        let author = author.await.unwrap().unwrap();
        let mut scheduled = Vec::new();
        let mut held = Vec::new();
        let mut tokens = Vec::new();
        for round in 0..kills {
            let ended = scenario.count(|job| !is_open(job)).await;
            let late = scenario.now().since(site.app.clock.now());
            site.app.clock.step(late);
            for nth in 0..POSTS {
                let at = site.app.clock.now().plus(Duration::from_secs(u64::from(nth)));
                let date = at.in_zone(&site.app.zone()).strftime("%Y-%m-%dT%H:%M:%S").to_string();
                let input = PostInput {
                    title: format!("Due {round} {nth}"),
                    body: "[elsewhere](http://127.0.0.1:9/)".to_owned(),
                    date,
                    sends_linkbacks: true,
                    ..PostInput::default()
                };
                scheduled.push(site.publish_as(&author, input).await);
            }
            held.push(comment_id(&site.comment(&post, &format!("R{round}"), "Hello").await));
            let filter = Filter::of(ResponseState::Pending);
            tokens.push(bulk::start_decide_all(&site.app, &Actor::operator(), filter, ResponseState::Approved).await.unwrap());
            let worker = scenario.start_worker();
            // Each kill comes at a different moment, while there are jobs to run.
            let some = ended + 1 + round as usize % 5;
            scenario.until("some jobs end", async || scenario.count(|job| !is_open(job)).await >= some).await;
            tokio::time::sleep(Duration::from_millis(u64::from(round) * 13 % 60)).await;
            drop(worker);
        }
        let worker = scenario.start_worker();
        scenario.until("all jobs end", async || scenario.count(is_open).await == 0).await;
        drop(worker);

        let all = scenario.all().await;
        let failed: Vec<Job> = all.iter().filter(|job| job.state == JobState::Failed).map(job_of).collect();
        let mut notified: BTreeMap<PostId, usize> = BTreeMap::new();
        for row in &all {
            if let Job::SendLinkbacks { post } = job_of(row) {
                *notified.entry(post).or_default() += 1;
            }
        }
        for post in &scheduled {
            let state = posts::find(site.app.store.read(), post.id).await.unwrap().unwrap().state;
            let is_failed = failed.contains(&Job::PublishPost { post: post.id });
            let times = notified.get(&post.id).copied().unwrap_or(0);
            if state == PostState::Published {
                assert_eq!(times, 1, "{}: {}", post.title, fate(post.id));
            } else {
                assert!(is_failed && times == 0, "{} is neither published nor failed", post.title);
            }
            assert!(fate(post.id) != "panics each time" || is_failed, "{}", post.title);
        }
        for id in &held {
            let made = decisions::list_for_response(site.app.store.read(), ResponseId(*id)).await.unwrap();
            let is_failed = failed.iter().any(|job| matches!(job, Job::RunBulkTask { .. }));
            assert!(made.len() == 1 || (made.is_empty() && is_failed), "{made:?}");
        }
        for token in &tokens {
            let (task, _) = bulk::load(&site.app, &Actor::operator(), token).await.unwrap();
            assert!(task.ended_at.is_some(), "{task:?}");
        }
        let panics = std::fs::read_to_string(scenario.panics.path()).unwrap().lines().count();
        let reclaimed = all.iter().filter(|job| job.claims > 1).count();
        println!(
            "{kills} kills, {panics} panics, {} jobs: {} done, {} failed, {reclaimed} claimed more than once",
            all.len(), all.len() - failed.len(), failed.len()
        );
        assert!(panics >= kills as usize / 2, "{panics}");
    }
}
