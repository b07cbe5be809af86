//! Does the jobs: takes one, calls a noun's verb in a task of its own, notes how it went.
//!
//! Each lane has its own workers. A panic ends the task of its job, counts as a try, and nothing else.

use std::future::Future;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use crate::app::{App, Stage};
use crate::clock::Moment;
use crate::error::{Error, Result};
use crate::jobs::{self, Claimed, Failure, Job};
use crate::linkbacks::{given_up, revisit, send, verify};
use crate::moderation::{bulk, learn, mail, outside};
use crate::posts::publish;
use crate::store::db::{Pending, Tx};
use crate::store::entity::job::{JobState, Lane};
use crate::store::{jobs as rows, sessions, tasks};

/// How often the table is looked at without being told of a job.
const LOOK: Duration = Duration::from_secs(1);
/// No job may take longer, whatever it does.
const LONGEST: Duration = Duration::from_secs(60);
/// How often what has ended is swept away.
const TIDY: Duration = Duration::from_secs(60 * 60);
/// How long jobs that were given up are kept for a look.
const FAILED_KEPT: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// Works until `stop` says so, and then finishes what is under way.
pub async fn work(app: App, stop: watch::Receiver<bool>) {
    let mut parts = JoinSet::new();
    for lane in Lane::ALL {
        let (app, stop) = (app.clone(), stop.clone());
        parts.spawn(async move {
            let again = || work_in(app.clone(), lane, stop.clone());
            keep_going(&stop, again).await;
        });
    }
    parts.spawn(async move {
        let again = || tidy_now_and_then(app.clone(), stop.clone());
        keep_going(&stop, again).await;
    });
    while parts.join_next().await.is_some() {}
}

/// Begins something again that ends by a panic, until `stop` says so.
async fn keep_going<F>(stop: &watch::Receiver<bool>, begin: impl Fn() -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    while !*stop.borrow() {
        match tokio::spawn(begin()).await {
            Ok(()) => return,
            Err(error) => tracing::error!(%error, "work on jobs; it begins again"),
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Does all that is due and returns how many jobs that were.
pub async fn work_off(app: &App) -> Result<usize> {
    let mut done = 0;
    revisit::enqueue_due(app).await?;
    jobs::give_up_orphans(&app.store, &app.clock, last_words).await?;
    loop {
        let before = done;
        for lane in Lane::ALL {
            while let Some(claimed) = claim(app, lane).await? {
                run(app, &claimed).await?;
                done += 1;
            }
        }
        if done == before {
            return Ok(done);
        }
    }
}

fn workers(app: &App, lane: Lane) -> usize {
    let settings = &app.config.jobs;
    match lane {
        Lane::Prompt => settings.prompt_workers,
        Lane::Bulk => settings.bulk_workers,
        Lane::Fetch => settings.fetch_workers,
        Lane::Email => settings.email_workers,
    }
}

async fn claim(app: &App, lane: Lane) -> Result<Option<Claimed>> {
    let cap = workers(app, lane).div_ceil(2);
    jobs::claim(&app.store, &app.clock, lane, cap).await
}

async fn work_in(app: App, lane: Lane, mut stop: watch::Receiver<bool>) {
    let most = workers(&app, lane);
    let mut under_way = JoinSet::new();
    while !*stop.borrow() {
        while under_way.try_join_next().is_some() {}
        let told = app.store.changes().jobs().notified();
        let has_room = under_way.len() < most;
        if has_room {
            match claim_or_give_up(&app, lane).await {
                Ok(Some(claimed)) => {
                    let app = app.clone();
                    under_way.spawn(async move {
                        if let Err(error) = run(&app, &claimed).await {
                            tracing::warn!(%error, "note how a job went");
                        }
                    });
                    continue;
                }
                Ok(None) => {}
                Err(error) => tracing::warn!(%error, "take a job"),
            }
        }
        tokio::select! {
            () = told, if has_room => {}
            _ = under_way.join_next(), if !under_way.is_empty() => {}
            () = tokio::time::sleep(LOOK) => {}
            _ = stop.changed() => {}
        }
    }
    while under_way.join_next().await.is_some() {}
}

async fn claim_or_give_up(app: &App, lane: Lane) -> Result<Option<Claimed>> {
    jobs::give_up_orphans(&app.store, &app.clock, last_words).await?;
    claim(app, lane).await
}

async fn run(app: &App, claimed: &Claimed) -> Result<()> {
    let task = tokio::spawn(perform(app.clone(), claimed.clone()));
    let Some(outcome) = watch_over(app, claimed, task).await else {
        return Ok(());
    };
    let ended = if outcome.is_ok() { "done" } else { "failed" };
    metrics::counter!("rejoinder_jobs_total", "job" => claimed.job.name(), "ended" => ended)
        .increment(1);
    jobs::finish(&app.store, &app.clock, claimed, outcome, last_words).await
}

/// Ends a job's task where nobody waits for it any more.
struct Watched(JoinHandle<Result<(), Failure>>);

impl Drop for Watched {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Waits for the end of a job's task, and says meanwhile that somebody is at work on it. None where
/// the job was taken away: another worker notes how it went.
async fn watch_over(
    app: &App,
    claimed: &Claimed,
    task: JoinHandle<Result<(), Failure>>,
) -> Option<Result<(), Failure>> {
    let mut task = Watched(task);
    let name = claimed.job.name();
    let late = tokio::time::sleep(LONGEST);
    tokio::pin!(late);
    loop {
        tokio::select! {
            ended = &mut task.0 => return Some(ended.unwrap_or_else(|error| {
                metrics::counter!("rejoinder_job_panics_total", "job" => name).increment(1);
                Err(panicked(error).into())
            })),
            () = &mut late => {
                return Some(Err(Error::Unavailable("it took longer than a minute".to_owned()).into()));
            }
            () = tokio::time::sleep(jobs::RENEWED) => {
                match jobs::renew(&app.store, &app.clock, claimed).await {
                    Ok(true) => {}
                    Ok(false) => {
                        tracing::warn!(job = %claimed.id, name, "stop a job that was taken by another worker");
                        return None;
                    }
                    Err(error) => tracing::warn!(job = %claimed.id, name, %error, "renew a lease"),
                }
            }
        }
    }
}

fn panicked(error: tokio::task::JoinError) -> Error {
    let text = match error.try_into_panic() {
        Ok(panic) => match panic.downcast::<String>() {
            Ok(text) => *text,
            Err(panic) => panic
                .downcast::<&'static str>()
                .map_or_else(|_| "no message".to_owned(), |text| (*text).to_owned()),
        },
        Err(error) => error.to_string(),
    };
    Error::internal(
        "do a job",
        format!("a defect in the program ended it: {text}"),
    )
}

async fn perform(app: App, claimed: Claimed) -> Result<(), Failure> {
    let app = &app;
    let probe = app.job_probe.get();
    if let Some(probe) = probe {
        probe(&claimed, Stage::Before);
    }
    match claimed.job.clone() {
        Job::VerifyLinkback { linkback } => verify::verify_linkback(app, linkback).await?,
        Job::LookAgain { linkback } => revisit::look_again(app, linkback).await?,
        Job::TellLinks { post } => send::tell_links(app, post).await?,
        Job::SendNotice { notice, round } => send::send_notice(app, notice, round).await?,
        Job::WorkOn { task } => bulk::work_on(app, task).await?,
        Job::Learn => learn::learn(app).await?,
        Job::AskOutside { response } => outside::ask(app, response).await?,
        Job::TellHeld => mail::tell_held(app).await?,
        Job::EmailHeld {
            user,
            id,
            written_at,
            responses,
            has_more,
        } => {
            let email = mail::HeldEmail {
                user,
                id,
                written_at,
                responses,
                has_more,
            };
            mail::email_held(app, email).await?;
        }
        Job::PublishPost { post } => publish::publish_scheduled(app, post).await?,
    }
    if let Some(probe) = probe {
        probe(&claimed, Stage::After);
    }
    Ok(())
}

/// What is written beside the end of a job that is given up: whoever waits for it is told.
fn last_words<'t>(tx: &'t Tx, job: &'t Job, error: &'t str, now: Moment) -> Pending<'t, ()> {
    Box::pin(async move {
        match job {
            Job::WorkOn { task } => bulk::give_up(tx, *task, error, now).await,
            job => given_up::give_up(tx, job, now).await,
        }
    })
}

async fn tidy_now_and_then(app: App, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        if let Err(error) = tidy(&app).await {
            tracing::warn!(%error, "sweep away what has ended");
        }
        tokio::select! {
            () = tokio::time::sleep(TIDY) => {}
            _ = stop.changed() => return,
        }
    }
}

async fn tidy(app: &App) -> Result<()> {
    app.fetcher.forget_idle();
    app.sender.forget_idle();
    app.limits.forget_idle().await?;
    revisit::enqueue_due(app).await?;
    let now = app.clock.now();
    let keep = Duration::from_secs(app.config.jobs.keep_days.saturating_mul(24 * 60 * 60));
    app.store
        .write(move |tx| {
            Box::pin(async move {
                sessions::delete_ended(&**tx, now).await?;
                rows::delete_ended_before(&**tx, JobState::Done, now.minus(keep)).await?;
                let failed_before = now.minus(keep.max(FAILED_KEPT));
                rows::delete_ended_before(&**tx, JobState::Failed, failed_before).await?;
                tasks::delete_ended_before(&**tx, now.minus(keep)).await?;
                Ok(())
            })
        })
        .await
}
