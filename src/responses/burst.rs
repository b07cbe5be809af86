//! Detects bursts: more responses in a short time than a post or the site usually gets. Decides
//! nothing about a response.

use std::time::Duration;

use crate::clock::Moment;
use crate::error::Result;
use crate::judge::burst::BurstThreshold;
use crate::store::bursts;
use crate::store::db::Tx;
use crate::store::entity::ids::PostId;

/// How many responses are a burst, and why a response in one is held.
#[derive(Clone, Debug)]
pub(super) struct BurstCheck {
    /// Responses on one post; 0 switches this off.
    pub(super) on_post: u64,
    /// Responses on the whole site; 0 switches this off.
    pub(super) on_site: u64,
    pub(super) within: Duration,
    /// The reasons, as JSON, where a burst would hold the response.
    pub(super) reasons_to_hold: Option<String>,
}

/// The burst that a new response on `post` is part of, if any. Holds the lock on bursts until the
/// transaction ends, so that responses that arrive at once are counted together.
pub(super) async fn find_burst(
    tx: &Tx,
    check: &BurstCheck,
    post: PostId,
    now: Moment,
) -> Result<Option<bursts::Burst>> {
    bursts::lock(tx).await?;
    let until = now.plus(check.within);
    let both = [post, bursts::WHOLE_SITE];
    if let Some(row) = bursts::list_lasting(tx, Some(&both), now).await?.first() {
        // It is prolonged only while more responses come than usual.
        let goes_on = is_burst(tx, check, row.post_id, now).await?;
        return Ok(Some(bursts::Burst {
            post: row.post_id,
            since: row.since,
            until: if goes_on { until } else { row.until },
        }));
    }
    for post in both {
        if is_burst(tx, check, post, now).await? {
            return Ok(Some(bursts::Burst {
                post,
                since: now,
                until,
            }));
        }
    }
    Ok(None)
}

async fn is_burst(tx: &Tx, check: &BurstCheck, post: PostId, now: Moment) -> Result<bool> {
    let (count, post) = if post == bursts::WHOLE_SITE {
        (check.on_site, None)
    } else {
        (check.on_post, Some(post))
    };
    if count == 0 {
        return Ok(false);
    }
    let threshold = BurstThreshold {
        count,
        within: check.within,
    };
    let nth = bursts::nth_newest(tx, post, count - 1).await?;
    Ok(threshold.is_burst(nth, now))
}
