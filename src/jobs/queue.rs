//! Asking for jobs, taking them, noting how they went, trying them again.

use std::time::Duration;

use crate::clock::{Clock, Moment};
use crate::error::{Error, Result};
use crate::jobs::work::Job;
use crate::store::changes::Part;
use crate::store::db::{Pending, Store, Tx};
use crate::store::entity::ids::JobId;
use crate::store::entity::job::{JobState, Lane, Model};
use crate::store::job_claims::{self as claims, Claim, Ending, Terms};
use crate::store::jobs::{self as rows, NewJob};

/// A worker that has not been heard of for so long is taken for dead.
const LEASE: Duration = Duration::from_secs(30);
/// How often a worker is heard of: often enough that a slow database does not look like death.
pub const RENEWED: Duration = Duration::from_secs(8);
/// How often a job is tried, tries that ended with the process included.
const TRIES: i64 = 5;
/// How often an email is tried: for 17 hours, as a mail server may be away for a night.
const EMAIL_TRIES: i64 = 12;
/// So often a job that this version of the program does not know is left for a node that does, a day in
/// all: during an upgrade old nodes run beside new ones.
const UNKNOWN_LOOKS: i64 = 24 * 12;
/// The wait between two of these looks.
const UNKNOWN_WAIT: Duration = Duration::from_secs(5 * 60);
/// The wait before the second try; it doubles with each.
const FIRST_WAIT: Duration = Duration::from_secs(30);
/// So many jobs that this node cannot read are put off in one go.
const UNREADABLE: usize = 100;
/// The most of an error that is kept, in characters.
const MAX_ERROR: usize = 1_000;
/// What is noted of a job whose worker died in each try.
const DIED: &str = "the program ended each time before the job was done";

/// How often the jobs of a lane are tried.
fn tries(lane: Lane) -> i64 {
    match lane {
        Lane::Email => EMAIL_TRIES,
        Lane::Prompt | Lane::Bulk | Lane::Fetch => TRIES,
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
    /// Which claim on the job this is; a later one takes the job from it.
    pub nth: i64,
}

/// Why a job was not done.
#[derive(Debug)]
pub enum Failure {
    /// It may work later.
    Again(Error),
    /// It will not work, however often it is tried.
    ForGood(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Again(error)
    }
}

/// What else is written where a job is given up, in the same transaction; the text says why.
pub type Epilogue = for<'t> fn(&'t Tx, &'t Job, &'t str, Moment) -> Pending<'t, ()>;

/// Asks for `job` to be done at `at`.
pub async fn enqueue(tx: &Tx, job: &Job, at: Moment, now: Moment) -> Result<JobId> {
    enqueue_for(tx, job, job.share(), at, now).await
}

/// The same on somebody's account, such as a client's network: jobs of one share take turns with
/// those of others, and never hold all workers of a lane.
pub async fn enqueue_for(
    tx: &Tx,
    job: &Job,
    share: &str,
    at: Moment,
    now: Moment,
) -> Result<JobId> {
    tx.touch(Part::Jobs);
    let new = NewJob {
        payload: payload_of(job)?,
        lane: job.lane(),
        share: share.to_owned(),
        run_at: at,
    };
    rows::insert(&**tx, new, now).await
}

/// The same, unless the very same job waits already.
pub async fn enqueue_once(tx: &Tx, job: &Job, at: Moment, now: Moment) -> Result<()> {
    enqueue_once_for(tx, job, job.share(), at, now).await
}

/// The same on somebody's account.
pub async fn enqueue_once_for(
    tx: &Tx,
    job: &Job,
    share: &str,
    at: Moment,
    now: Moment,
) -> Result<()> {
    if !rows::is_waiting(&**tx, &payload_of(job)?).await? {
        enqueue_for(tx, job, share, at, now).await?;
    }
    Ok(())
}

/// Asks for a job that was given up to be done after all.
pub async fn revive(tx: &Tx, job: &Job, now: Moment) -> Result<()> {
    tx.touch(Part::Jobs);
    if let Some(failed) = rows::find_failed(&**tx, &payload_of(job)?).await?
        && rows::set_retry(&**tx, &failed, now).await?
    {
        return Ok(());
    }
    enqueue_once(tx, job, now, now).await
}

fn payload_of(job: &Job) -> Result<String> {
    serde_json::to_string(job).map_err(|error| Error::internal("write a job", error))
}

/// Takes the next job of a lane, of a share that has fewer than `cap` under way on the whole site.
pub async fn claim(
    store: &Store,
    clock: &Clock,
    lane: Lane,
    cap: usize,
) -> Result<Option<Claimed>> {
    let cap = i64::try_from(cap).unwrap_or(i64::MAX);
    for _ in 0..UNREADABLE {
        let now = clock.now();
        if !claims::is_due(store.read(), lane, tries(lane), now).await? {
            return Ok(None);
        }
        let terms = Terms {
            tries: tries(lane),
            cap,
            lease: now.plus(LEASE),
        };
        let row = store
            .write(move |tx| Box::pin(async move { claims::claim(&**tx, lane, terms, now).await }))
            .await?;
        let Some(row) = row else { return Ok(None) };
        match read(&row) {
            Ok(claimed) => return Ok(Some(claimed)),
            Err(error) => put_off_unknown(store, &row, error, now).await?,
        }
    }
    Ok(None)
}

fn read(row: &Model) -> Result<Claimed, serde_json::Error> {
    Ok(Claimed {
        id: row.id,
        job: serde_json::from_str(&row.payload)?,
        attempt: row.attempts,
        nth: row.claims,
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
    let text = format!("this version of the program does not know the job: {error}");
    let ending = if row.claims < UNKNOWN_LOOKS {
        tracing::warn!(job = %row.id, %error, "leave a job to a node that knows it");
        Ending::NotTried(now.plus(UNKNOWN_WAIT), text)
    } else {
        tracing::error!(job = %row.id, %error, "give up a job that nobody knows");
        Ending::GivenUp(text)
    };
    store
        .write(move |tx| {
            let ending = ending.clone();
            Box::pin(async move { claims::set_ended(&**tx, claim, ending, now).await })
        })
        .await?;
    Ok(())
}

/// Says that a job is still being worked on; false where it was taken away meanwhile.
pub async fn renew(store: &Store, clock: &Clock, claimed: &Claimed) -> Result<bool> {
    let (claim, lease) = (claim_of(claimed), clock.now().plus(LEASE));
    store
        .write(move |tx| Box::pin(async move { claims::renew(&**tx, claim, lease).await }))
        .await
}

fn claim_of(claimed: &Claimed) -> Claim {
    Claim {
        id: claimed.id,
        nth: claimed.nth,
    }
}

/// Notes how a job went: done, to be tried again later, or given up. Where it was taken away
/// meanwhile, whoever has it now notes that.
pub async fn finish(
    store: &Store,
    clock: &Clock,
    claimed: &Claimed,
    outcome: Result<(), Failure>,
    epilogue: Epilogue,
) -> Result<()> {
    let now = clock.now();
    let (ending, said) = match outcome {
        Ok(()) => (Ending::Done, None),
        Err(Failure::Again(error)) if claimed.attempt < tries(claimed.job.lane()) => {
            tracing::warn!(job = %claimed.id, name = claimed.job.name(), %error, "put off a job");
            let doublings = u32::try_from(claimed.attempt - 1).unwrap_or(0);
            let wait = FIRST_WAIT * 2u32.pow(doublings);
            (Ending::Again(now.plus(wait), text_of(&error)), None)
        }
        Err(Failure::Again(error) | Failure::ForGood(error)) => {
            tracing::error!(job = %claimed.id, name = claimed.job.name(), %error, "give up a job");
            (
                Ending::GivenUp(text_of(&error)),
                Some(words_for_people(&error)),
            )
        }
    };
    let (claim, job) = (claim_of(claimed), claimed.job.clone());
    let is_noted = store
        .write(move |tx| {
            let (ending, said, job) = (ending.clone(), said.clone(), job.clone());
            Box::pin(async move {
                let is_noted = claims::set_ended(&**tx, claim, ending, now).await?;
                if let Some(said) = said.filter(|_| is_noted) {
                    epilogue(tx, &job, &said, now).await?;
                }
                Ok(is_noted)
            })
        })
        .await?;
    if !is_noted {
        tracing::warn!(job = %claimed.id, name = claimed.job.name(), "a job was taken by another worker meanwhile");
    }
    Ok(())
}

fn text_of(error: &Error) -> String {
    error.to_string().chars().take(MAX_ERROR).collect()
}

/// The cause of a defect is for administrators alone.
fn words_for_people(error: &Error) -> String {
    match error {
        Error::Internal { .. } => "something went wrong inside the program".to_owned(),
        other => text_of(other),
    }
}

/// Gives up the jobs whose worker died in the last of their tries, and returns how many these are.
pub async fn give_up_orphans(store: &Store, clock: &Clock, epilogue: Epilogue) -> Result<usize> {
    let mut count = 0;
    for lane in Lane::ALL {
        count += give_up_orphans_in(store, clock, lane, epilogue).await?;
    }
    Ok(count)
}

async fn give_up_orphans_in(
    store: &Store,
    clock: &Clock,
    lane: Lane,
    epilogue: Epilogue,
) -> Result<usize> {
    let (now, tries) = (clock.now(), tries(lane));
    if !claims::has_dead_orphans(store.read(), lane, tries, now).await? {
        return Ok(0);
    }
    store
        .write(move |tx| {
            Box::pin(async move {
                let rows = claims::give_up_orphans(&**tx, lane, tries, DIED, now).await?;
                for row in &rows {
                    tracing::error!(job = %row.id, "give up a job whose worker died each time");
                    if let Ok(claimed) = read(row) {
                        epilogue(tx, &claimed.job, DIED, now).await?;
                    }
                }
                Ok(rows.len())
            })
        })
        .await
}

/// Puts a job that was given up back to be done now, with all its tries; one that waits is done now
/// too.
pub async fn retry(store: &Store, clock: &Clock, id: JobId) -> Result<()> {
    let now = clock.now();
    store
        .write(move |tx| {
            Box::pin(async move {
                let job = rows::find(&**tx, id).await?.ok_or(Error::NotFound("job"))?;
                if rows::set_retry(&**tx, &job, now).await? {
                    tx.touch(Part::Jobs);
                    return Ok(());
                }
                let state = rows::find(&**tx, id).await?.map(|job| job.state);
                Err(Error::Conflict(match state {
                    Some(JobState::Running) => format!("job {id} is being done just now"),
                    _ => format!("job {id} is done already"),
                }))
            })
        })
        .await
}
