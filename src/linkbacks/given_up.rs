//! The outcome of linkbacks whose job was given up, so that none stays unfinished forever. Retries nothing.

use std::time::Duration;

use crate::clock::Moment;
use crate::error::Result;
use crate::jobs::Job;
use crate::store::changes::CacheTag;
use crate::store::db::Tx;
use crate::store::entity::ids::{LinkbackId, OutgoingLinkbackId};
use crate::store::entity::linkback::{LinkbackState, Refusal};
use crate::store::entity::outgoing_linkback::OutgoingState;
use crate::store::linkbacks::{self as rows, CheckOutcome};
use crate::store::outgoing_linkbacks::{self, DeliveryOutcome};
use crate::texts::Message;

/// When the source of a shown linkback is rechecked.
const NEXT_RECHECK: Duration = Duration::from_secs(24 * 60 * 60);

/// Stores the outcome of the linkback that a job was about. Where the job is retried by hand and succeeds,
/// its outcome replaces this one.
pub async fn give_up(tx: &Tx, job: &Job, now: Moment) -> Result<()> {
    match job {
        Job::VerifyLinkback { linkback } => give_up_check(tx, *linkback, now).await,
        Job::DeliverLinkback { linkback, round } => {
            give_up_delivery(tx, *linkback, *round, now).await
        }
        _ => Ok(()),
    }
}

async fn give_up_check(tx: &Tx, id: LinkbackId, now: Moment) -> Result<()> {
    let Some(linkback) = rows::find(tx, id).await? else {
        return Ok(());
    };
    if linkback.state != LinkbackState::Checking || !rows::claim_outcome(tx, &linkback).await? {
        return Ok(());
    }
    let outcome = match (linkback.response_id, linkback.refusal) {
        (None, _) => CheckOutcome::Refused(Refusal::Failed),
        // It had been withdrawn before it was sent again.
        (Some(_), Some(refusal)) => CheckOutcome::Withdrawn(refusal),
        (Some(_), None) => CheckOutcome::Failing {
            since: linkback.failing_since.unwrap_or(now),
            failures: linkback.failures,
            recheck_at: now.plus(NEXT_RECHECK),
            recheck_interval_days: linkback.recheck_interval_days,
        },
    };
    tx.invalidate(CacheTag::Linkbacks);
    rows::set_outcome(tx, id, outcome, now).await
}

async fn give_up_delivery(tx: &Tx, id: OutgoingLinkbackId, round: i64, now: Moment) -> Result<()> {
    let Some(linkback) = outgoing_linkbacks::find(tx, id).await? else {
        return Ok(());
    };
    if linkback.state != OutgoingState::Waiting || linkback.round != round {
        return Ok(());
    }
    let outcome = DeliveryOutcome {
        state: match linkback.deliveries_begun {
            0 => OutgoingState::Unreachable,
            _ => OutgoingState::Unknown,
        },
        protocol: linkback.protocol,
        endpoint_url: linkback.endpoint_url.clone(),
        status: None,
        answer: Message::new("delivery-failed").to_string(),
        status_url: None,
        next_try: None,
        tries: linkback.tries,
        deferrals: 0,
        endpoint_known_until: None,
    };
    outgoing_linkbacks::set_outcome(tx, &linkback, outcome, now).await
}
