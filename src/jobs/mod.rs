//! Work for later: what there is to do, and the queue of it. Who does it is `worker`.
//!
//! A job is written in the transaction of what caused it, so that neither exists without the
//! other. Doing one twice must do no harm: a worker may die after the work and before the note.

mod queue;
mod work;

pub use queue::{
    Claimed, Epilogue, Failure, RENEWED, claim, enqueue, enqueue_for, enqueue_once,
    enqueue_once_for, finish, give_up_orphans, renew, retry, revive,
};
pub use work::Job;
