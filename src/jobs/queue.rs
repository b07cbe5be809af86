//! The job queue: adding jobs, claiming them, recording how they ended, retrying them.

use std::time::Duration;

use crate::clock::{Clock, Moment};
use crate::error::{Error, Result};
use crate::jobs::job::Job;
use crate::store::changes::CacheTag;
use crate::store::db::{Store, Tx, TxFuture};
use crate::store::entity::ids::JobId;
use crate::store::entity::job::{JobState, Lane, Model};
use crate::store::job_claims::{self as claims, Claim, Ending, Terms};
use crate::store::jobs::{self as rows, NewJob};
use crate::texts::Message;

/// A worker that has not renewed its claim for this long is taken for dead.
const LEASE: Duration = Duration::from_secs(30);
/// How often a worker renews its claim: often enough that a slow database does not look like death.
pub const RENEW_INTERVAL: Duration = Duration::from_secs(8);
/// Attempts per job, including those in which the process died.
const MAX_ATTEMPTS: i64 = 5;
/// Attempts per email: over 17 hours, because a mail server may be down for a night.
const MAX_EMAIL_ATTEMPTS: i64 = 12;
/// How often a job that this version does not know is left for a newer node: for a day in all, because old
/// nodes run beside new ones during an upgrade.
const MAX_UNKNOWN_CLAIMS: i64 = 24 * 12;
const UNKNOWN_RETRY_DELAY: Duration = Duration::from_secs(5 * 60);
/// The delay before the second attempt; it doubles with each further one.
const FIRST_RETRY_DELAY: Duration = Duration::from_secs(30);
/// Unknown jobs that one call of [`claim`] puts off at most.
const MAX_UNKNOWN_PER_CLAIM: usize = 100;
/// The part of an error that is stored.
const MAX_ERROR_CHARS: usize = 1_000;
/// The stored error of a job whose worker died in every attempt.
const WORKER_DIED: &str = "the program stopped during every attempt";

fn max_attempts(lane: Lane) -> i64 {
    match lane {
        Lane::Email => MAX_EMAIL_ATTEMPTS,
        Lane::Prompt | Lane::Bulk | Lane::Fetch => MAX_ATTEMPTS,
    }
}

/// A job that a worker of this process runs.
#[derive(Clone, Debug)]
pub struct ClaimedJob {
    pub id: JobId,
    pub job: Job,
    /// From 1.
    pub attempt: i64,
    /// Counts all claims on this job, from 1. A later claim takes the job away from this one.
    pub claim_number: i64,
}

/// Why a job failed.
#[derive(Debug)]
pub enum JobError {
    /// A later attempt may succeed.
    Retry(Error),
    /// No attempt can succeed.
    Permanent(Error),
}

impl From<Error> for JobError {
    fn from(error: Error) -> Self {
        Self::Retry(error)
    }
}

/// Called in the transaction that gives a job up; the text is the reason, in English.
pub type OnFailure = for<'t> fn(&'t Tx, &'t Job, &'t str, Moment) -> TxFuture<'t, ()>;

/// Adds `job` to the queue, to run at `at`.
pub async fn enqueue(tx: &Tx, job: &Job, at: Moment, now: Moment) -> Result<JobId> {
    enqueue_for(tx, job, job.share(), at, now).await
}

/// The same for a share, such as the network of the client that caused it. Shares take turns, and none
/// uses all workers of a lane.
pub async fn enqueue_for(
    tx: &Tx,
    job: &Job,
    share: &str,
    at: Moment,
    now: Moment,
) -> Result<JobId> {
    tx.invalidate(CacheTag::Jobs);
    let new = NewJob {
        payload: payload_of(job)?,
        lane: job.lane(),
        share: share.to_owned(),
        run_at: at,
    };
    rows::insert(tx, new, now).await
}

/// Adds `job` unless an equal one is waiting.
pub async fn enqueue_once(tx: &Tx, job: &Job, at: Moment, now: Moment) -> Result<()> {
    enqueue_once_for(tx, job, job.share(), at, now).await
}

/// The same for a share.
pub async fn enqueue_once_for(
    tx: &Tx,
    job: &Job,
    share: &str,
    at: Moment,
    now: Moment,
) -> Result<()> {
    if !rows::is_waiting(tx, &payload_of(job)?).await? {
        enqueue_for(tx, job, share, at, now).await?;
    }
    Ok(())
}

/// Runs a job again that was given up, or adds it if there is none.
pub async fn restart(tx: &Tx, job: &Job, now: Moment) -> Result<()> {
    tx.invalidate(CacheTag::Jobs);
    if let Some(failed) = rows::find_failed(tx, &payload_of(job)?).await?
        && rows::set_retry(tx, &failed, now).await?
    {
        return Ok(());
    }
    enqueue_once(tx, job, now, now).await
}

fn payload_of(job: &Job) -> Result<String> {
    serde_json::to_string(job).map_err(|error| Error::internal("serialise a job", error))
}

/// Claims the next job of a lane, of a share that has fewer than `cap` jobs running on the whole site.
pub async fn claim(
    store: &Store,
    clock: &Clock,
    lane: Lane,
    cap: usize,
) -> Result<Option<ClaimedJob>> {
    let cap = i64::try_from(cap).unwrap_or(i64::MAX);
    for _ in 0..MAX_UNKNOWN_PER_CLAIM {
        let now = clock.now();
        if !claims::is_due(store.read(), lane, max_attempts(lane), now).await? {
            return Ok(None);
        }
        let terms = Terms {
            tries: max_attempts(lane),
            cap,
            lease: now.plus(LEASE),
        };
        let row = store
            .write(move |tx| Box::pin(async move { claims::claim(tx, lane, terms, now).await }))
            .await?;
        let Some(row) = row else { return Ok(None) };
        match read(&row) {
            Ok(claimed) => return Ok(Some(claimed)),
            Err(error) => put_off_unknown(store, &row, error, now).await?,
        }
    }
    Ok(None)
}

fn read(row: &Model) -> Result<ClaimedJob, serde_json::Error> {
    Ok(ClaimedJob {
        id: row.id,
        job: serde_json::from_str(&row.payload)?,
        attempt: row.attempts,
        claim_number: row.claims,
    })
}

async fn put_off_unknown(
    store: &Store,
    row: &Model,
    error: serde_json::Error,
    now: Moment,
) -> Result<()> {
    let claim = Claim {
        id: row.id,
        nth: row.claims,
    };
    let text = format!("this version of Rejoinder does not know the job: {error}");
    let ending = if row.claims < MAX_UNKNOWN_CLAIMS {
        tracing::warn!(job = %row.id, %error, "leave an unknown job to another node");
        Ending::NotTried(now.plus(UNKNOWN_RETRY_DELAY), text)
    } else {
        tracing::error!(job = %row.id, %error, "give up an unknown job");
        Ending::GivenUp(text)
    };
    store
        .write(move |tx| {
            let ending = ending.clone();
            Box::pin(async move { claims::set_ended(tx, claim, ending, now).await })
        })
        .await?;
    Ok(())
}

/// Extends the lease on a job; false if another worker has claimed it since.
pub async fn renew(store: &Store, clock: &Clock, claimed: &ClaimedJob) -> Result<bool> {
    let (claim, lease) = (claim_of(claimed), clock.now().plus(LEASE));
    store
        .write(move |tx| Box::pin(async move { claims::renew(tx, claim, lease).await }))
        .await
}

fn claim_of(claimed: &ClaimedJob) -> Claim {
    Claim {
        id: claimed.id,
        nth: claimed.claim_number,
    }
}

/// Records how a job ended: done, to be retried later, or given up. Does nothing if another worker has
/// claimed it since.
pub async fn finish(
    store: &Store,
    clock: &Clock,
    claimed: &ClaimedJob,
    result: Result<(), JobError>,
    on_failure: OnFailure,
) -> Result<()> {
    let now = clock.now();
    let (ending, reason) = match result {
        Ok(()) => (Ending::Done, None),
        Err(JobError::Retry(error)) if claimed.attempt < max_attempts(claimed.job.lane()) => {
            tracing::warn!(job = %claimed.id, name = claimed.job.name(), %error, "retry a job later");
            let doublings = u32::try_from(claimed.attempt - 1).unwrap_or(0);
            let delay = FIRST_RETRY_DELAY * 2u32.pow(doublings);
            (Ending::Retry(now.plus(delay), text_of(&error)), None)
        }
        Err(JobError::Retry(error) | JobError::Permanent(error)) => {
            tracing::error!(job = %claimed.id, name = claimed.job.name(), %error, "give up a job");
            (
                Ending::GivenUp(text_of(&error)),
                Some(public_text_of(&error)),
            )
        }
    };
    let (claim, job) = (claim_of(claimed), claimed.job.clone());
    let is_recorded = store
        .write(move |tx| {
            let (ending, reason, job) = (ending.clone(), reason.clone(), job.clone());
            Box::pin(async move {
                let is_recorded = claims::set_ended(tx, claim, ending, now).await?;
                if let Some(reason) = reason.filter(|_| is_recorded) {
                    on_failure(tx, &job, &reason, now).await?;
                }
                Ok(is_recorded)
            })
        })
        .await?;
    if !is_recorded {
        tracing::warn!(job = %claimed.id, name = claimed.job.name(), "another worker claimed the job meanwhile");
    }
    Ok(())
}

fn text_of(error: &Error) -> String {
    error.to_string().chars().take(MAX_ERROR_CHARS).collect()
}

/// The error without the cause of a defect, which only administrators may see.
fn public_text_of(error: &Error) -> String {
    match error {
        Error::Internal { .. } => "something went wrong inside the program".to_owned(),
        other => text_of(other),
    }
}

/// Gives up the jobs whose worker died in their last attempt, and returns how many.
pub async fn fail_orphans(store: &Store, clock: &Clock, on_failure: OnFailure) -> Result<usize> {
    let mut count = 0;
    for lane in Lane::ALL {
        count += fail_orphans_in(store, clock, lane, on_failure).await?;
    }
    Ok(count)
}

async fn fail_orphans_in(
    store: &Store,
    clock: &Clock,
    lane: Lane,
    on_failure: OnFailure,
) -> Result<usize> {
    let (now, max) = (clock.now(), max_attempts(lane));
    if !claims::has_dead_orphans(store.read(), lane, max, now).await? {
        return Ok(0);
    }
    store
        .write(move |tx| {
            Box::pin(async move {
                let rows = claims::give_up_orphans(tx, lane, max, WORKER_DIED, now).await?;
                for row in &rows {
                    tracing::error!(job = %row.id, "give up a job whose worker died in every attempt");
                    if let Ok(claimed) = read(row) {
                        on_failure(tx, &claimed.job, WORKER_DIED, now).await?;
                    }
                }
                Ok(rows.len())
            })
        })
        .await
}

/// Runs a job now that was given up or is waiting, and gives it all its attempts again.
///
/// Fails with [`Error::Conflict`] if the job is running or done.
pub async fn retry(store: &Store, clock: &Clock, id: JobId) -> Result<()> {
    let now = clock.now();
    store
        .write(move |tx| {
            Box::pin(async move {
                let job = rows::find(tx, id).await?.ok_or(Error::NotFound("job"))?;
                if rows::set_retry(tx, &job, now).await? {
                    tx.invalidate(CacheTag::Jobs);
                    return Ok(());
                }
                let state = rows::find(tx, id).await?.map(|job| job.state);
                let text = match state {
                    Some(JobState::Running) => Message::new("job-running"),
                    _ => Message::new("job-done"),
                };
                Err(Error::Conflict(text.with("job", id.to_string())))
            })
        })
        .await
}
