//! Background jobs: the kinds of job, and the queue of them. `worker` runs them.
//!
//! A job is written in the transaction of what caused it, so that neither exists without the other.
//! Running one twice must do no harm: a worker may die after the work and before it is recorded.

mod job;
mod queue;

pub use job::Job;
pub use queue::{
    ClaimedJob, JobError, OnFailure, RENEW_INTERVAL, claim, enqueue, enqueue_for, enqueue_once,
    enqueue_once_for, fail_orphans, finish, renew, restart, retry,
};
