//! Work for later: what there is to do, and the queue of it. Who does it is `worker`.
//!
//! A job is written in the transaction of what caused it, so that neither exists without the
//! other. Doing one twice must do no harm: a worker may die after the work and before the note.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::{Clock, Moment};
use crate::error::{Error, Result};
use crate::store::changes::Part;
use crate::store::db::{Store, Tx};
use crate::store::entity::ids::{JobId, LinkbackId, NoticeId, PostId, ResponseId, TaskId};
use crate::store::entity::job::JobState;
use crate::store::jobs as rows;

/// A worker that has not come back after this is taken for dead.
const LEASE: Duration = Duration::from_secs(120);
/// How often a job is tried.
const TRIES: i64 = 5;
/// The wait before the second try; it doubles with each.
const FIRST_WAIT: Duration = Duration::from_secs(30);

/// What there is to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Job {
    /// Look at a linkback's source.
    VerifyLinkback {
        /// Which.
        linkback: LinkbackId,
    },
    /// Look again at the source of a shown linkback.
    LookAgain {
        /// Which.
        linkback: LinkbackId,
    },
    /// See whom a post's links concern, after it was changed.
    TellLinks {
        /// Which; it may be deleted.
        post: PostId,
    },
    /// Tell another site of a link to it.
    SendNotice {
        /// Which notice.
        notice: NoticeId,
        /// Which round of it; a later one replaces this job.
        round: i64,
    },
    /// Go on with work on many responses.
    WorkOn {
        /// Which.
        task: TaskId,
    },
    /// Ask the outside judge about a response.
    AskOutside {
        /// Which.
        response: ResponseId,
    },
    /// Tell moderators by mail of what is held.
    TellHeld,
    /// Let the filter learn from the decisions that it has not learned from.
    Learn,
    /// Show a scheduled post, now that its time has come.
    PublishPost {
        /// Which.
        post: PostId,
    },
}

impl Job {
    /// The name that operators see.
    pub fn name(&self) -> &'static str {
        match self {
            Self::VerifyLinkback { .. } => "verify_linkback",
            Self::LookAgain { .. } => "look_again",
            Self::TellLinks { .. } => "tell_links",
            Self::SendNotice { .. } => "send_notice",
            Self::WorkOn { .. } => "work_on",
            Self::AskOutside { .. } => "ask_outside",
            Self::TellHeld => "tell_held",
            Self::Learn => "learn",
            Self::PublishPost { .. } => "publish_post",
        }
    }
}

/// A job that this process has taken.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// Its key.
    pub id: JobId,
    /// What to do.
    pub job: Job,
    /// Which try this is, from 1.
    pub attempt: i64,
}

/// Asks for `job` to be done at `at`.
pub async fn enqueue(tx: &Tx, job: &Job, at: Moment, now: Moment) -> Result<JobId> {
    let payload = serde_json::to_string(job).map_err(|e| Error::internal("write a job", e))?;
    tx.touch(Part::Jobs);
    rows::insert(&**tx, payload, at, now).await
}

/// The same, unless the very same job waits already.
pub async fn enqueue_once(tx: &Tx, job: &Job, at: Moment, now: Moment) -> Result<()> {
    let payload = serde_json::to_string(job).map_err(|e| Error::internal("write a job", e))?;
    if !rows::is_waiting(&**tx, &payload).await? {
        tx.touch(Part::Jobs);
        rows::insert(&**tx, payload, at, now).await?;
    }
    Ok(())
}

/// Takes the next job that is due.
pub async fn claim(store: &Store, clock: &Clock) -> Result<Option<Claimed>> {
    let now = clock.now();
    if !rows::is_due(store.read(), now).await? {
        return Ok(None);
    }
    let row = store
        .write(move |tx| Box::pin(async move { rows::claim(&**tx, now, now.plus(LEASE)).await }))
        .await?;
    let Some(row) = row else { return Ok(None) };
    match serde_json::from_str(&row.payload) {
        Ok(job) => Ok(Some(Claimed {
            id: row.id,
            job,
            attempt: row.attempts,
        })),
        Err(error) => {
            let text = format!("read a job: {error}");
            let id = row.id;
            store
                .write(move |tx| {
                    let text = text.clone();
                    Box::pin(async move {
                        rows::set_state(&**tx, id, JobState::Failed, None, Some(text), now).await
                    })
                })
                .await?;
            Ok(None)
        }
    }
}

/// Notes how a job went: done, to be tried again later, or given up.
pub async fn finish(
    store: &Store,
    clock: &Clock,
    claimed: &Claimed,
    outcome: Result<()>,
) -> Result<()> {
    let now = clock.now();
    let id = claimed.id;
    let (state, run_at, error) = match outcome {
        Ok(()) => (JobState::Done, None, None),
        Err(error) if claimed.attempt >= TRIES => {
            tracing::error!(job = %id, name = claimed.job.name(), %error, "give up a job");
            (JobState::Failed, None, Some(error.to_string()))
        }
        Err(error) => {
            tracing::warn!(job = %id, name = claimed.job.name(), %error, "put off a job");
            let wait = FIRST_WAIT * 2u32.pow(u32::try_from(claimed.attempt - 1).unwrap_or(0));
            (
                JobState::Waiting,
                Some(now.plus(wait)),
                Some(error.to_string()),
            )
        }
    };
    store
        .write(move |tx| {
            let error = error.clone();
            Box::pin(async move { rows::set_state(&**tx, id, state, run_at, error, now).await })
        })
        .await
}

/// Puts a failed or waiting job back to be done now.
pub async fn retry(store: &Store, clock: &Clock, id: JobId) -> Result<()> {
    let now = clock.now();
    let found = store
        .write(move |tx| {
            Box::pin(async move {
                tx.touch(Part::Jobs);
                rows::set_retry(&**tx, id, now).await
            })
        })
        .await?;
    if found {
        Ok(())
    } else {
        Err(Error::NotFound("job that is not running"))
    }
}
