//! What becomes of a linkback or a notice whose job was given up: no status stays unsettled for ever.

use std::time::Duration;

use crate::clock::Moment;
use crate::error::Result;
use crate::jobs::Job;
use crate::store::changes::Part;
use crate::store::db::Tx;
use crate::store::entity::ids::{LinkbackId, NoticeId};
use crate::store::entity::linkback::{LinkbackState, Refusal};
use crate::store::entity::outgoing_notice::NoticeState;
use crate::store::linkbacks::{self as rows, Outcome};
use crate::store::outgoing::{self, Told};

/// When the source of a shown linkback is looked at again.
const NEXT_LOOK: Duration = Duration::from_secs(24 * 60 * 60);

/// Settles what a job that was given up was about. Where the job is tried again by hand and succeeds,
/// its outcome takes the place of this one.
pub async fn give_up(tx: &Tx, job: &Job, now: Moment) -> Result<()> {
    match job {
        Job::VerifyLinkback { linkback } => give_up_check(tx, *linkback, now).await,
        Job::SendNotice { notice, round } => give_up_notice(tx, *notice, *round, now).await,
        _ => Ok(()),
    }
}

async fn give_up_check(tx: &Tx, id: LinkbackId, now: Moment) -> Result<()> {
    let Some(linkback) = rows::find(&**tx, id).await? else {
        return Ok(());
    };
    if linkback.state != LinkbackState::Checking || !rows::begin_outcome(&**tx, &linkback).await? {
        return Ok(());
    }
    let outcome = match (linkback.response_id, linkback.refusal) {
        (None, _) => Outcome::Refused(Refusal::Failed),
        // It had been taken back before it was told again.
        (Some(_), Some(refusal)) => Outcome::Withdrawn(refusal),
        (Some(_), None) => Outcome::Failing {
            since: linkback.failing_since.unwrap_or(now),
            failures: linkback.failures,
            look_at: now.plus(NEXT_LOOK),
            looked_days: linkback.looked_days,
        },
    };
    tx.touch(Part::Linkbacks);
    rows::set_outcome(&**tx, id, outcome, now).await
}

async fn give_up_notice(tx: &Tx, id: NoticeId, round: i64, now: Moment) -> Result<()> {
    let Some(notice) = outgoing::find(&**tx, id).await? else {
        return Ok(());
    };
    if notice.state != NoticeState::Waiting || notice.round != round {
        return Ok(());
    }
    let told = Told {
        state: match notice.posts_begun {
            0 => NoticeState::Unreachable,
            _ => NoticeState::Unknown,
        },
        protocol: notice.protocol,
        endpoint_url: notice.endpoint_url.clone(),
        status: None,
        answer: "This site failed to tell it.".to_owned(),
        status_url: None,
        next_try: None,
        tries: notice.tries,
        put_offs: 0,
        way_until: None,
    };
    outgoing::set_told(&**tx, &notice, told, now).await
}
