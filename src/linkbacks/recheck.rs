//! Rechecking the sources of shown linkbacks, ever more rarely, with conditional requests. Changed sources
//! are shown as they are now; dead ones are folded, with the date since when.

use std::time::Duration;

use crate::app::App;
use crate::clock::Moment;
use crate::error::Result;
use crate::jobs::{self, Job};
use crate::linkbacks::accept::{DEAD_AFTER, accept, has_other_source};
use crate::linkbacks::check_source::{MAX_DEFERRALS, NextCheck, SourceCheck, check_source};
use crate::linkbacks::verify;
use crate::net::fetch::Validators;
use crate::responses::{receive, reconsider};
use crate::store::changes::CacheTag;
use crate::store::entity::ids::LinkbackId;
use crate::store::entity::linkback::{LinkbackState, Model as Linkback};
use crate::store::linkbacks::{self as rows, CheckOutcome};
use crate::store::responses;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// The time between two rechecks doubles up to this, in days.
const MAX_DAYS: i64 = 64;
/// How many rechecks are enqueued at once.
const MAX_ENQUEUED: u64 = 100;
/// A recheck whose job is lost is enqueued again after this.
const LOST_AFTER: Duration = Duration::from_secs(2 * 24 * 60 * 60);

/// Enqueues a recheck of each source that is due, and returns how many.
pub async fn enqueue_due(app: &App) -> Result<usize> {
    if !app.config.linkbacks.recheck {
        return Ok(0);
    }
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            Box::pin(async move {
                let due = rows::take_due(tx, now, now.plus(LOST_AFTER), MAX_ENQUEUED).await?;
                for id in &due {
                    jobs::enqueue(tx, &Job::RecheckSource { linkback: *id }, now, now).await?;
                }
                Ok(due.len())
            })
        })
        .await
}

/// Checks the source of a shown linkback again and stores the result.
pub async fn recheck_source(app: &App, id: LinkbackId) -> Result<()> {
    let Some(linkback) = rows::find(app.store.read(), id).await? else {
        return Ok(());
    };
    if linkback.state != LinkbackState::Verified {
        return Ok(());
    }
    let validators = Validators {
        etag: linkback.etag.clone(),
        last_modified: linkback.last_modified.clone(),
    };
    let now = app.clock.now();
    let next = next_check(&linkback, now);
    let (check, page) = check_source(app, &linkback, validators).await?;
    match check {
        // The part that is not read may link here as before.
        SourceCheck::NotModified | SourceCheck::NoLinkWithinLimit => {
            if let Some(response) = linkback.response_id {
                reconsider::reconsider(app, response).await?;
            }
            let outcome = CheckOutcome::Unchanged {
                recheck_at: next.at,
                recheck_interval_days: next.days,
            };
            verify::record(app, &linkback, outcome).await
        }
        SourceCheck::Links(evidence, version) => {
            accept(app, linkback, *evidence, version, next).await
        }
        // The source itself says so: no need to wait for more failures.
        SourceCheck::NoLink | SourceCheck::Gone | SourceCheck::OwnPage => {
            record_failure(app, linkback, page, DEAD_AFTER).await
        }
        SourceCheck::NotFound | SourceCheck::Unreadable => {
            record_failure(app, linkback, page, 1).await
        }
        SourceCheck::RateLimited(delay) if linkback.deferrals < MAX_DEFERRALS => {
            defer(app, linkback, delay).await
        }
        SourceCheck::RateLimited(_) => {
            let recheck_at = now.plus(DAY);
            verify::record(app, &linkback, CheckOutcome::NotChecked { recheck_at }).await
        }
    }
}

async fn defer(app: &App, linkback: Linkback, delay: Duration) -> Result<()> {
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            let linkback = linkback.clone();
            Box::pin(async move {
                if !rows::claim_outcome(tx, &linkback).await? {
                    return Ok(());
                }
                let outcome = CheckOutcome::NotYet {
                    tries: linkback.tries,
                    deferrals: linkback.deferrals + 1,
                };
                rows::set_outcome(tx, linkback.id, outcome, now).await?;
                let job = Job::RecheckSource {
                    linkback: linkback.id,
                };
                jobs::enqueue_once(tx, &job, now.plus(delay), now).await
            })
        })
        .await
}

fn next_check(linkback: &Linkback, now: Moment) -> NextCheck {
    let days = (linkback.recheck_interval_days * 2).clamp(1, MAX_DAYS);
    let delay = DAY * u32::try_from(days).unwrap_or(1);
    NextCheck {
        at: now.plus(delay),
        days,
    }
}

/// `failures` are added to those before; a dead source's response is folded.
async fn record_failure(
    app: &App,
    linkback: Linkback,
    page: Option<String>,
    failures: i64,
) -> Result<()> {
    let now = app.clock.now();
    let since = linkback.failing_since.unwrap_or(now);
    let failures = linkback.failures.saturating_add(failures);
    // Dead sources are rechecked too: many servers come back.
    let next = match failures >= DEAD_AFTER {
        true => next_check(&linkback, now),
        false => NextCheck {
            at: now.plus(DAY),
            days: linkback.recheck_interval_days,
        },
    };
    app.store
        .write(move |tx| {
            let (linkback, page) = (linkback.clone(), page.clone());
            Box::pin(async move {
                if !rows::claim_outcome(tx, &linkback).await? {
                    return Ok(());
                }
                let outcome = CheckOutcome::Failing {
                    since,
                    failures,
                    recheck_at: next.at,
                    recheck_interval_days: next.days,
                };
                rows::set_outcome(tx, linkback.id, outcome, now).await?;
                tx.invalidate(CacheTag::Linkbacks);
                if let Some(response) = linkback.response_id
                    && failures >= DEAD_AFTER
                    && !has_other_source(tx, response, &linkback, page.as_deref()).await?
                {
                    responses::set_gone(tx, response, since).await?;
                    receive::invalidate(tx, linkback.post_id);
                }
                Ok(())
            })
        })
        .await
}
