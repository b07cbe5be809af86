//! Linkbacks live: shown sources are looked at again, slowly, with conditional requests. Changed
//! ones are shown as they are now, dead ones are folded and say since when.

use std::time::Duration;

use crate::app::App;
use crate::clock::Moment;
use crate::error::Result;
use crate::jobs::{self, Job};
use crate::linkbacks::verify::{self, DEAD_AFTER, Looked};
use crate::net::fetch::Conditions;
use crate::responses::{receive, reconsider};
use crate::store::changes::Part;
use crate::store::entity::ids::LinkbackId;
use crate::store::entity::linkback::{LinkbackState, Model as Linkback};
use crate::store::linkbacks::{self as rows, Outcome};
use crate::store::responses;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// The longest time between two looks, in days.
const RAREST: i64 = 64;
/// How many looks are asked for at once.
const AT_ONCE: u64 = 100;
/// Where a look that was asked for is lost, it is asked for again after this.
const LOST_AFTER: Duration = Duration::from_secs(2 * 24 * 60 * 60);

/// Asks for a look at each source that is due, and returns how many these are.
pub async fn enqueue_due(app: &App) -> Result<usize> {
    if !app.config.linkbacks.look_again {
        return Ok(0);
    }
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            Box::pin(async move {
                let due = rows::take_due(&**tx, now, now.plus(LOST_AFTER), AT_ONCE).await?;
                for id in &due {
                    jobs::enqueue(tx, &Job::LookAgain { linkback: *id }, now, now).await?;
                }
                Ok(due.len())
            })
        })
        .await
}

/// Looks at a shown source again.
pub async fn look_again(app: &App, id: LinkbackId) -> Result<()> {
    let Some(linkback) = rows::find(app.store.read(), id).await? else {
        return Ok(());
    };
    if linkback.state != LinkbackState::Verified {
        return Ok(());
    }
    let conditions = Conditions {
        etag: linkback.etag.clone(),
        last_modified: linkback.last_modified.clone(),
    };
    let now = app.clock.now();
    let next = next_look(&linkback, now);
    let unchanged = |(look_at, looked_days)| Outcome::Unchanged {
        look_at,
        looked_days,
    };
    let (looked, page) = verify::look(app, &linkback, conditions).await?;
    match looked {
        // What could not be read to its end may well link here as before.
        Looked::Unchanged | Looked::NoLinkSoFar => {
            if let Some(response) = linkback.response_id {
                reconsider::reconsider(app, response).await?;
            }
            verify::note(app, &linkback, unchanged(next)).await
        }
        Looked::Links(evidence, version) => {
            verify::accept(app, linkback, *evidence, version, next).await
        }
        // It was read, and says so itself: no need to wait for more.
        Looked::NoLink | Looked::Gone | Looked::OwnPage => {
            failing(app, linkback, page, DEAD_AFTER).await
        }
        Looked::Missing | Looked::Unreadable => failing(app, linkback, page, 1).await,
        Looked::TooSoon(wait) if linkback.put_offs < verify::MOST_PUT_OFFS => {
            put_off(app, linkback, wait).await
        }
        Looked::TooSoon(_) => {
            let look_at = now.plus(DAY);
            verify::note(app, &linkback, Outcome::NotLooked { look_at }).await
        }
    }
}

async fn put_off(app: &App, linkback: Linkback, wait: Duration) -> Result<()> {
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            let linkback = linkback.clone();
            Box::pin(async move {
                if !rows::begin_outcome(&**tx, &linkback).await? {
                    return Ok(());
                }
                let outcome = Outcome::NotYet {
                    tries: linkback.tries,
                    put_offs: linkback.put_offs + 1,
                };
                rows::set_outcome(&**tx, linkback.id, outcome, now).await?;
                let job = Job::LookAgain {
                    linkback: linkback.id,
                };
                jobs::enqueue_once(tx, &job, now.plus(wait), now).await
            })
        })
        .await
}

/// Twice as long after each look, up to the rarest.
fn next_look(linkback: &Linkback, now: Moment) -> (Moment, i64) {
    let days = (linkback.looked_days * 2).clamp(1, RAREST);
    let wait = DAY * u32::try_from(days).unwrap_or(1);
    (now.plus(wait), days)
}

async fn failing(app: &App, linkback: Linkback, page: Option<String>, weight: i64) -> Result<()> {
    let now = app.clock.now();
    let since = linkback.failing_since.unwrap_or(now);
    let failures = linkback.failures.saturating_add(weight);
    // The dead are looked at too: many a server comes back.
    let (look_at, looked_days) = if failures >= DEAD_AFTER {
        next_look(&linkback, now)
    } else {
        (now.plus(DAY), linkback.looked_days)
    };
    app.store
        .write(move |tx| {
            let (linkback, page) = (linkback.clone(), page.clone());
            Box::pin(async move {
                if !rows::begin_outcome(&**tx, &linkback).await? {
                    return Ok(());
                }
                let outcome = Outcome::Failing {
                    since,
                    failures,
                    look_at,
                    looked_days,
                };
                rows::set_outcome(&**tx, linkback.id, outcome, now).await?;
                tx.touch(Part::Linkbacks);
                if let Some(response) = linkback.response_id
                    && failures >= DEAD_AFTER
                    && !verify::is_held_up(tx, response, &linkback, page.as_deref()).await?
                {
                    responses::set_gone(&**tx, response, since).await?;
                    receive::touch(tx, linkback.post_id);
                }
                Ok(())
            })
        })
        .await
}
