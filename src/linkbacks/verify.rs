//! Verifying a received linkback: its source must be reachable and link to the target. Whatever keeps a
//! source from being read is refused alike, after the same retries.

use std::time::Duration;

use crate::app::App;
use crate::error::Result;
use crate::jobs::{self, Job};
use crate::linkbacks::accept::{accept, has_other_source};
use crate::linkbacks::check_source::{MAX_DEFERRALS, NextCheck, SourceCheck, check_source};
use crate::linkbacks::receive::share_of;
use crate::net::fetch::Validators;
use crate::responses::discussion::accepts_linkbacks;
use crate::responses::{receive, reconsider};
use crate::store::changes::CacheTag;
use crate::store::entity::ids::LinkbackId;
use crate::store::entity::linkback::{LinkbackState, Model as Linkback, Protocol, Refusal};
use crate::store::entity::response::ResponseState;
use crate::store::linkbacks::{self as rows, CheckOutcome};
use crate::store::{posts, responses};

/// The delays before a source that could not be read is tried again.
const RETRY_DELAYS: [Duration; 4] = [
    Duration::from_secs(60),
    Duration::from_secs(5 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(2 * 60 * 60),
];
/// The time between the verification of a source and its first recheck.
const FIRST_RECHECK: Duration = Duration::from_secs(24 * 60 * 60);

/// Checks the source of a received linkback and stores the result. Doing it again does no harm.
pub async fn verify_linkback(app: &App, id: LinkbackId) -> Result<()> {
    let Some(linkback) = rows::find(app.store.read(), id).await? else {
        return Ok(());
    };
    // A job that was given up may be retried by hand, also where there is a response.
    let is_refused = linkback.state == LinkbackState::Refused;
    if is_refused && linkback.refusal != Some(Refusal::Failed) {
        return Ok(());
    }
    let is_new = linkback.response_id.is_none();
    if is_new && !is_open(app, &linkback).await? {
        return record(app, &linkback, CheckOutcome::Refused(Refusal::Closed)).await;
    }
    let next = NextCheck {
        at: app.clock.now().plus(FIRST_RECHECK),
        days: 1,
    };
    let (check, page) = check_source(app, &linkback, Validators::default()).await?;
    let page = page.as_deref();
    match check {
        SourceCheck::Links(evidence, version) => {
            accept(app, linkback, *evidence, version, next).await
        }
        SourceCheck::NoLink => end(app, linkback, page, Refusal::NoLink).await,
        SourceCheck::OwnPage => end(app, linkback, page, Refusal::OwnPage).await,
        SourceCheck::Gone => end(app, linkback, page, Refusal::Gone).await,
        SourceCheck::NoLinkWithinLimit if is_new => {
            record(app, &linkback, CheckOutcome::Refused(Refusal::TooLong)).await
        }
        SourceCheck::NoLinkWithinLimit => keep_response(app, &linkback, next).await,
        SourceCheck::NotFound => retry_or_end(app, linkback, page, Some(Refusal::Gone)).await,
        // Nobody asked whether it is modified.
        SourceCheck::Unreadable | SourceCheck::NotModified => {
            retry_or_end(app, linkback, page, None).await
        }
        SourceCheck::RateLimited(delay) if linkback.deferrals < MAX_DEFERRALS => {
            let (tries, deferrals) = (linkback.tries, linkback.deferrals + 1);
            schedule_retry(app, linkback, tries, deferrals, delay).await
        }
        SourceCheck::RateLimited(_) => retry_or_end(app, linkback, page, None).await,
    }
}

/// Keeps the response of a source whose end is not read: it may link here as before.
async fn keep_response(app: &App, linkback: &Linkback, next: NextCheck) -> Result<()> {
    if linkback.refusal.is_some() {
        return record(app, linkback, CheckOutcome::Withdrawn(Refusal::TooLong)).await;
    }
    if let Some(response) = linkback.response_id {
        reconsider::reconsider(app, response).await?;
    }
    let outcome = CheckOutcome::Unchanged {
        recheck_at: next.at,
        recheck_interval_days: next.days,
    };
    record(app, linkback, outcome).await
}

/// Refuses a linkback, or withdraws its response where that has no other source.
async fn end(app: &App, linkback: Linkback, page: Option<&str>, refusal: Refusal) -> Result<()> {
    let Some(response) = linkback.response_id else {
        return record(app, &linkback, CheckOutcome::Refused(refusal)).await;
    };
    let (now, page) = (app.clock.now(), page.map(str::to_owned));
    app.store
        .write(move |tx| {
            let (linkback, page) = (linkback.clone(), page.clone());
            Box::pin(async move {
                if !rows::claim_outcome(tx, &linkback).await? {
                    return Ok(());
                }
                tx.invalidate(CacheTag::Linkbacks);
                let has_other = has_other_source(tx, response, &linkback, page.as_deref()).await?;
                if let Some(response) = responses::find(tx, response).await?
                    && !has_other
                    // What a moderator marked as spam stays there, for the filter to learn from.
                    && response.state != ResponseState::Spam
                {
                    let (to, reason) = (ResponseState::Trash, reconsider::WITHDRAWN);
                    receive::move_for_source(tx, &response, to, reason, now).await?;
                }
                rows::set_outcome(tx, linkback.id, CheckOutcome::Withdrawn(refusal), now).await
            })
        })
        .await
}

/// Schedules another try. After the last one there is no response; where there was one, it is withdrawn if
/// `missing` says so, and else stays.
async fn retry_or_end(
    app: &App,
    linkback: Linkback,
    page: Option<&str>,
    missing: Option<Refusal>,
) -> Result<()> {
    // The sender of a pingback or a trackback gets the result at once, and may send it again.
    let may_retry = linkback.protocol == Protocol::Webmention || linkback.response_id.is_some();
    let tries = usize::try_from(linkback.tries).unwrap_or(usize::MAX);
    if let Some(delay) = RETRY_DELAYS.get(tries).filter(|_| may_retry) {
        let tries = linkback.tries + 1;
        return schedule_retry(app, linkback, tries, 0, *delay).await;
    }
    match (linkback.response_id, missing) {
        (Some(_), Some(refusal)) => end(app, linkback, page, refusal).await,
        (Some(_), None) => {
            if let Some(refusal) = linkback.refusal {
                return record(app, &linkback, CheckOutcome::Withdrawn(refusal)).await;
            }
            let now = app.clock.now();
            let outcome = CheckOutcome::Failing {
                since: linkback.failing_since.unwrap_or(now),
                failures: linkback.failures + 1,
                recheck_at: now.plus(FIRST_RECHECK),
                recheck_interval_days: linkback.recheck_interval_days,
            };
            record(app, &linkback, outcome).await
        }
        (None, _) => record(app, &linkback, CheckOutcome::Refused(Refusal::Unreadable)).await,
    }
}

async fn schedule_retry(
    app: &App,
    linkback: Linkback,
    tries: i64,
    deferrals: i64,
    delay: Duration,
) -> Result<()> {
    let now = app.clock.now();
    let share = share_of(linkback.ip.as_deref());
    app.store
        .write(move |tx| {
            let (linkback, share) = (linkback.clone(), share.clone());
            Box::pin(async move {
                if !rows::claim_outcome(tx, &linkback).await? {
                    return Ok(());
                }
                let outcome = CheckOutcome::NotYet { tries, deferrals };
                rows::set_outcome(tx, linkback.id, outcome, now).await?;
                let job = Job::VerifyLinkback {
                    linkback: linkback.id,
                };
                jobs::enqueue_once_for(tx, &job, &share, now.plus(delay), now).await
            })
        })
        .await
}

/// Stores the result of a check that moves no response.
pub async fn record(app: &App, linkback: &Linkback, outcome: CheckOutcome) -> Result<()> {
    let now = app.clock.now();
    let linkback = linkback.clone();
    app.store
        .write(move |tx| {
            let (linkback, outcome) = (linkback.clone(), outcome.clone());
            Box::pin(async move {
                if !rows::claim_outcome(tx, &linkback).await? {
                    return Ok(());
                }
                tx.invalidate(CacheTag::Linkbacks);
                rows::set_outcome(tx, linkback.id, outcome, now).await
            })
        })
        .await
}

async fn is_open(app: &App, linkback: &Linkback) -> Result<bool> {
    let post = posts::find(app.store.read(), linkback.post_id).await?;
    Ok(post.is_some_and(|post| accepts_linkbacks(app, &post)))
}
