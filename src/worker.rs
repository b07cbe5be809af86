//! Runs the jobs: claims one, calls the function for it in its own task, records how it ended.
//!
//! Each lane has its own workers. A panic ends only the task of its job and counts as an attempt. What a
//! job does is never decided here.

use std::future::Future;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use crate::app::{App, JobStage};
use crate::cards::fetch;
use crate::clock::Moment;
use crate::error::{Error, Result};
use crate::jobs::{self, ClaimedJob, Job, JobError};
use crate::linkbacks::{deliver, given_up, recheck, send, verify};
use crate::media::sweep;
use crate::moderation::{bulk, held_email, learn, spam_checker};
use crate::posts::{publish, rerender, rerender_pictures};
use crate::store::db::{Tx, TxFuture};
use crate::store::entity::job::{JobState, Lane};
use crate::store::{jobs as rows, sessions, tasks};
use crate::texts::Message;

/// How often workers look for jobs when no change wakes them.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// A job that takes longer is stopped, whatever it does.
const JOB_TIMEOUT: Duration = Duration::from_secs(60);
/// How often expired rows are deleted.
const CLEAN_UP_INTERVAL: Duration = Duration::from_secs(60 * 60);
/// How long failed jobs stay listed at least.
const MIN_FAILED_RETENTION: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// Runs jobs until `stop` is set, then finishes the running ones.
pub async fn run(app: App, stop: watch::Receiver<bool>) {
    let mut loops = JoinSet::new();
    for lane in Lane::ALL {
        let (app, stop) = (app.clone(), stop.clone());
        loops.spawn(async move {
            let start = || run_lane(app.clone(), lane, stop.clone());
            restart_after_panic(&stop, start).await;
        });
    }
    loops.spawn(async move {
        let start = || run_clean_up(app.clone(), stop.clone());
        restart_after_panic(&stop, start).await;
    });
    while loops.join_next().await.is_some() {}
}

/// Runs what `start` returns, and starts it again after a panic until `stop` is set.
async fn restart_after_panic<F>(stop: &watch::Receiver<bool>, start: impl Fn() -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    while !*stop.borrow() {
        match tokio::spawn(start()).await {
            Ok(()) => return,
            Err(error) => tracing::error!(%error, "run jobs; starting again"),
        }
        tokio::time::sleep(POLL_INTERVAL).await;
    }
}

/// Runs all jobs that are due, including those they add, and returns how many.
pub async fn run_due_jobs(app: &App) -> Result<usize> {
    let mut done = 0;
    recheck::enqueue_due(app).await?;
    jobs::fail_orphans(&app.store, &app.clock, on_failure).await?;
    loop {
        let before = done;
        for lane in Lane::ALL {
            while let Some(claimed) = claim(app, lane).await? {
                run_job(app, &claimed).await?;
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

async fn claim(app: &App, lane: Lane) -> Result<Option<ClaimedJob>> {
    let cap = workers(app, lane).div_ceil(2);
    jobs::claim(&app.store, &app.clock, lane, cap).await
}

async fn run_lane(app: App, lane: Lane, mut stop: watch::Receiver<bool>) {
    let limit = workers(&app, lane);
    let mut running = JoinSet::new();
    while !*stop.borrow() {
        while running.try_join_next().is_some() {}
        let new_job = app.store.changes().jobs().notified();
        let has_free_worker = running.len() < limit;
        if has_free_worker {
            match fail_orphans_and_claim(&app, lane).await {
                Ok(Some(claimed)) => {
                    let app = app.clone();
                    running.spawn(async move {
                        if let Err(error) = run_job(&app, &claimed).await {
                            tracing::warn!(%error, "record how a job ended");
                        }
                    });
                    continue;
                }
                Ok(None) => {}
                Err(error) => tracing::warn!(%error, "claim a job"),
            }
        }
        tokio::select! {
            () = new_job, if has_free_worker => {}
            _ = running.join_next(), if !running.is_empty() => {}
            () = tokio::time::sleep(POLL_INTERVAL) => {}
            _ = stop.changed() => {}
        }
    }
    while running.join_next().await.is_some() {}
}

async fn fail_orphans_and_claim(app: &App, lane: Lane) -> Result<Option<ClaimedJob>> {
    jobs::fail_orphans(&app.store, &app.clock, on_failure).await?;
    claim(app, lane).await
}

async fn run_job(app: &App, claimed: &ClaimedJob) -> Result<()> {
    let task = tokio::spawn(execute(app.clone(), claimed.clone()));
    let Some(result) = supervise(app, claimed, task).await else {
        return Ok(());
    };
    let ended = if result.is_ok() { "done" } else { "failed" };
    metrics::counter!("rejoinder_jobs_total", "job" => claimed.job.name(), "ended" => ended)
        .increment(1);
    jobs::finish(&app.store, &app.clock, claimed, result, on_failure).await
}

/// Aborts a job's task when nothing waits for it any more.
struct AbortOnDrop(JoinHandle<Result<(), JobError>>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Waits for a job's task and renews the claim meanwhile. None if another worker has claimed the job: that
/// one records how it ended.
async fn supervise(
    app: &App,
    claimed: &ClaimedJob,
    task: JoinHandle<Result<(), JobError>>,
) -> Option<Result<(), JobError>> {
    let mut task = AbortOnDrop(task);
    let name = claimed.job.name();
    let timeout = tokio::time::sleep(JOB_TIMEOUT);
    tokio::pin!(timeout);
    loop {
        tokio::select! {
            ended = &mut task.0 => return Some(ended.unwrap_or_else(|error| {
                metrics::counter!("rejoinder_job_panics_total", "job" => name).increment(1);
                Err(panicked(error).into())
            })),
            () = &mut timeout => {
                return Some(Err(timed_out().into()));
            }
            () = tokio::time::sleep(jobs::RENEW_INTERVAL) => {
                match jobs::renew(&app.store, &app.clock, claimed).await {
                    Ok(true) => {}
                    Ok(false) => {
                        tracing::warn!(job = %claimed.id, name, "stop a job that another worker has claimed");
                        return None;
                    }
                    Err(error) => tracing::warn!(job = %claimed.id, name, %error, "renew the claim on a job"),
                }
            }
        }
    }
}

fn timed_out() -> Error {
    Error::Unavailable(Message::new("job-timeout").with("seconds", JOB_TIMEOUT.as_secs()))
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
        "run a job",
        format!("it crashed because of a bug in Rejoinder: {text}"),
    )
}

async fn execute(app: App, claimed: ClaimedJob) -> Result<(), JobError> {
    let app = &app;
    app.refresh_settings().await?;
    let probe = app.job_probe.get();
    if let Some(probe) = probe {
        probe(&claimed, JobStage::Before);
    }
    match claimed.job.clone() {
        Job::VerifyLinkback { linkback } => verify::verify_linkback(app, linkback).await?,
        Job::RecheckSource { linkback } => recheck::recheck_source(app, linkback).await?,
        Job::SendLinkbacks { post } => send::send_linkbacks(app, post).await?,
        Job::DeliverLinkback { linkback, round } => {
            deliver::deliver_linkback(app, linkback, round).await?;
        }
        Job::RunBulkTask { task } => bulk::run(app, task).await?,
        Job::Learn => learn::learn(app).await?,
        Job::CheckForSpam { response } => spam_checker::check(app, response).await?,
        Job::NotifyModerators => held_email::notify_moderators(app).await?,
        Job::EmailHeld {
            user,
            id,
            written_at,
            responses,
            has_more,
        } => {
            let email = held_email::HeldEmail {
                user,
                id,
                written_at,
                responses,
                has_more,
            };
            held_email::send(app, email).await?;
        }
        Job::PublishPost { post } => publish::publish_scheduled(app, post).await?,
        Job::RenderPictures { after } => rerender_pictures::rerender_after(app, after).await?,
        Job::FetchLinkCard { card } => fetch::fetch_card(app, card).await?,
        Job::RenderPosts { posts } => rerender::rerender(app, &posts).await?,
    }
    if let Some(probe) = probe {
        probe(&claimed, JobStage::After);
    }
    Ok(())
}

/// Records the failure where people see it: on the bulk task or the linkback that the job was for.
fn on_failure<'t>(tx: &'t Tx, job: &'t Job, error: &'t str, now: Moment) -> TxFuture<'t, ()> {
    Box::pin(async move {
        match job {
            Job::RunBulkTask { task } => bulk::set_failed(tx, *task, error, now).await,
            job => given_up::give_up(tx, job, now).await,
        }
    })
}

async fn run_clean_up(app: App, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        if let Err(error) = clean_up(&app).await {
            tracing::warn!(%error, "delete expired rows");
        }
        tokio::select! {
            () = tokio::time::sleep(CLEAN_UP_INTERVAL) => {}
            _ = stop.changed() => return,
        }
    }
}

async fn clean_up(app: &App) -> Result<()> {
    app.fetcher.forget_idle();
    app.sender.forget_idle();
    app.limits.forget_idle().await?;
    recheck::enqueue_due(app).await?;
    fetch::delete_unused(app).await?;
    rerender_pictures::enqueue_if_hosts_changed(app).await?;
    // An object store that fails holds up nothing else.
    if let Err(error) = sweep::remove_orphans(app).await {
        tracing::warn!(%error, "remove files that nothing names");
    }
    let now = app.clock.now();
    let keep = Duration::from_secs(app.config.jobs.keep_days.saturating_mul(24 * 60 * 60));
    app.store
        .write(move |tx| {
            Box::pin(async move {
                sessions::delete_ended(tx, now).await?;
                rows::delete_ended_before(tx, JobState::Done, now.minus(keep)).await?;
                let failed_before = now.minus(keep.max(MIN_FAILED_RETENTION));
                rows::delete_ended_before(tx, JobState::Failed, failed_before).await?;
                tasks::delete_ended_before(tx, now.minus(keep)).await?;
                Ok(())
            })
        })
        .await
}
