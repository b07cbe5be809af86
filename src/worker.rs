//! Does the jobs: takes one, calls a noun's verb, notes how it went.

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::app::App;
use crate::error::{Error, Result};
use crate::jobs::{self, Claimed, Job};
use crate::linkbacks::{revisit, send, verify};
use crate::moderation::{bulk, learn, mail, outside};
use crate::posts::publish;
use crate::store::{jobs as rows, sessions, tasks};

/// How often the table is looked at without being told of a job.
const LOOK: Duration = Duration::from_secs(1);
/// No job may take longer, whatever it does.
const LONGEST: Duration = Duration::from_secs(60);
/// How often what has ended is swept away.
const TIDY: Duration = Duration::from_secs(60 * 60);

/// Works until `stop` says so, and then finishes what is under way.
pub async fn work(app: App, stop: watch::Receiver<bool>) {
    let mut workers = JoinSet::new();
    for _ in 0..app.config.jobs.workers {
        workers.spawn(work_alone(app.clone(), stop.clone()));
    }
    workers.spawn(tidy_now_and_then(app, stop));
    while workers.join_next().await.is_some() {}
}

/// Does all that is due and returns how many jobs that were.
pub async fn work_off(app: &App) -> Result<usize> {
    let mut done = 0;
    revisit::enqueue_due(app).await?;
    while let Some(claimed) = jobs::claim(&app.store, &app.clock).await? {
        run(app, &claimed).await?;
        done += 1;
    }
    Ok(done)
}

async fn work_alone(app: App, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let told = app.store.changes().jobs().notified();
        let worked = match jobs::claim(&app.store, &app.clock).await {
            Ok(Some(claimed)) => run(&app, &claimed).await.map(|()| true),
            Ok(None) => Ok(false),
            Err(error) => Err(error),
        };
        match worked {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "work on jobs"),
        }
        tokio::select! {
            () = told => {}
            () = tokio::time::sleep(LOOK) => {}
            _ = stop.changed() => return,
        }
    }
}

async fn run(app: &App, claimed: &Claimed) -> Result<()> {
    let outcome = tokio::time::timeout(LONGEST, perform(app, &claimed.job))
        .await
        .unwrap_or_else(|_| {
            Err(Error::internal(
                "finish a job",
                "it took longer than a minute",
            ))
        });
    let ended = if outcome.is_ok() { "done" } else { "failed" };
    metrics::counter!("rejoinder_jobs_total", "job" => claimed.job.name(), "ended" => ended)
        .increment(1);
    jobs::finish(&app.store, &app.clock, claimed, outcome).await
}

async fn perform(app: &App, job: &Job) -> Result<()> {
    match job {
        Job::VerifyLinkback { linkback } => verify::verify_linkback(app, *linkback).await,
        Job::LookAgain { linkback } => revisit::look_again(app, *linkback).await,
        Job::TellLinks { post } => send::tell_links(app, *post).await,
        Job::SendNotice { notice, round } => send::send_notice(app, *notice, *round).await,
        Job::WorkOn { task } => bulk::work_on(app, *task).await,
        Job::Learn => learn::learn(app).await,
        Job::AskOutside { response } => outside::ask(app, *response).await,
        Job::TellHeld => mail::tell_held(app).await,
        Job::PublishPost { post } => publish::publish_scheduled(app, *post).await,
    }
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
    app.limits.forget_idle();
    app.fetcher.forget_idle();
    app.sender.forget_idle();
    revisit::enqueue_due(app).await?;
    let now = app.clock.now();
    let keep = Duration::from_secs(app.config.jobs.keep_days.saturating_mul(24 * 60 * 60));
    app.store
        .write(move |tx| {
            Box::pin(async move {
                sessions::delete_ended(&**tx, now).await?;
                rows::delete_done_before(&**tx, now.minus(keep)).await?;
                tasks::delete_ended_before(&**tx, now.minus(keep)).await?;
                Ok(())
            })
        })
        .await
}
