//! Waiting for the check of a linkback, for protocols that answer with its result. Waits a few seconds, and
//! only for so many linkbacks at once.

use std::time::{Duration, Instant};

use crate::app::App;
use crate::error::Result;
use crate::store::entity::ids::LinkbackId;
use crate::store::entity::job::Lane;
use crate::store::entity::linkback::{LinkbackState, Model as Linkback, Refusal};
use crate::store::jobs as job_rows;
use crate::store::linkbacks as rows;

/// How often the row is read, in case another node checks the linkback.
const POLL_INTERVAL: Duration = Duration::from_millis(500);
/// Answers about sources that could not be read come at multiples of this, so that their time does not
/// show whether a source refused, is missing or did not answer.
const UNREADABLE_STEP: Duration = Duration::from_millis(500);

/// What is known of a linkback when the wait is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckResult {
    /// It has a response, which may be held.
    Verified,
    /// The check goes on.
    Checking,
    Refused(Refusal),
}

impl CheckResult {
    /// None where the row is gone, with its post.
    fn of(linkback: Option<&Linkback>) -> Self {
        let Some(linkback) = linkback else {
            return Self::Refused(Refusal::Closed);
        };
        match linkback.state {
            LinkbackState::Checking => Self::Checking,
            LinkbackState::Verified => Self::Verified,
            LinkbackState::Refused | LinkbackState::Withdrawn => {
                Self::Refused(linkback.refusal.unwrap_or(Refusal::Unreadable))
            }
        }
    }
}

/// Waits until the linkback is checked, or for `linkbacks.verification_wait` seconds.
pub async fn wait_for_check(app: &App, id: LinkbackId) -> Result<CheckResult> {
    let begun = Instant::now();
    let result = CheckResult::of(watch_check(app, id).await?.as_ref());
    if result == CheckResult::Refused(Refusal::Unreadable) {
        let over = begun.elapsed().as_millis() % UNREADABLE_STEP.as_millis();
        let over = Duration::from_millis(u64::try_from(over).unwrap_or(0));
        tokio::time::sleep(UNREADABLE_STEP.saturating_sub(over)).await;
    }
    Ok(result)
}

async fn watch_check(app: &App, id: LinkbackId) -> Result<Option<Linkback>> {
    let find = || rows::find(app.store.read(), id);
    let Ok(_permit) = app.verification_waits.try_acquire() else {
        return find().await;
    };
    // In a burst the check would not begin in time: better to answer at once.
    let limit = app.config.linkbacks.max_verification_waits as u64 + 1;
    let now = app.clock.now();
    if job_rows::count_due(app.store.read(), Lane::Fetch, now, limit).await? == limit {
        return find().await;
    }
    let timeout = Duration::from_secs(app.config.linkbacks.verification_wait);
    let wait = async {
        loop {
            // Created before the row is read, so that a change in between still wakes this.
            let changed = app.store.changes().linkbacks().notified();
            let row = find().await?;
            let is_checking = |row: &Linkback| row.state == LinkbackState::Checking;
            if !row.as_ref().is_some_and(is_checking) {
                return Ok(row);
            }
            let _ = tokio::time::timeout(POLL_INTERVAL, changed).await;
        }
    };
    match tokio::time::timeout(timeout, wait).await {
        Ok(row) => row,
        Err(_) => find().await,
    }
}
