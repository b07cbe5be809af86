//! The filter learns from decisions: what moderators showed was wanted, what they called spam was
//! not. It learns where a response stands now, once, so that learning again or undoing leaves the
//! same knowledge.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::app::App;
use crate::clock::Moment;
use crate::error::Result;
use crate::jobs::{self, Job};
use crate::judge::features::{Bucket, Features, features};
use crate::judge::filter::Label;
use crate::responses::recall;
use crate::store::entity::filter_day;
use crate::store::entity::ids::{DecisionId, ResponseId};
use crate::store::entity::response::{Learned, Model as Response, ResponseState};
use crate::store::settings::{self, Setting};
use crate::store::{decisions, filter, posts, queue, responses};

/// How many decisions one transaction learns from.
const CHUNK: u64 = 100;
/// A job learns so long before another goes on.
const TURN: Duration = Duration::from_secs(20);
const DAY: i64 = 24 * 60 * 60 * 1000;

/// Learns from all decisions that are new.
pub async fn learn(app: &App) -> Result<()> {
    let begun = Instant::now();
    while learn_some(app).await? {
        if begun.elapsed() > TURN {
            let now = app.clock.now();
            return app
                .store
                .write(move |tx| {
                    Box::pin(async move { jobs::enqueue_once(tx, &Job::Learn, now, now).await })
                })
                .await;
        }
    }
    Ok(())
}

/// What changes in what is known.
#[derive(Clone, Debug, Default)]
struct Change {
    all: (i64, i64),
    buckets: BTreeMap<Bucket, (i64, i64)>,
    spam: Vec<ResponseId>,
    ham: Vec<ResponseId>,
    none: Vec<ResponseId>,
    day: (i64, i64, i64, i64),
}

impl Change {
    fn add(&mut self, features: &Features, label: Label, times: i64) {
        let more = match label {
            Label::Spam => (times, 0),
            Label::Ham => (0, times),
        };
        for bucket in features.keys() {
            self.all = (self.all.0 + more.0, self.all.1 + more.1);
            let count = self.buckets.entry(*bucket).or_default();
            *count = (count.0 + more.0, count.1 + more.1);
        }
    }
}

async fn learn_some(app: &App) -> Result<bool> {
    let db = app.store.read();
    let kept = settings::find(db, Setting::LearnedUpTo).await?;
    let after = DecisionId(kept.as_deref().and_then(|id| id.parse().ok()).unwrap_or(0));
    let decided = decisions::list_after(db, after, CHUNK).await?;
    let Some(last) = decided.last().map(|decision| decision.id) else {
        return Ok(false);
    };
    let mut ids: Vec<ResponseId> = decided
        .iter()
        .map(|decision| decision.response_id)
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let (now, holds_from) = (app.clock.now(), app.config.moderation.hold_from);
    app.store
        .write(move |tx| {
            let (ids, kept) = (ids.clone(), kept.clone());
            Box::pin(async move {
                filter::lock(&**tx).await?;
                // Another node may have been faster.
                if settings::find(&**tx, Setting::LearnedUpTo).await? != kept {
                    return Ok(());
                }
                let rows = queue::list(&**tx, &ids).await?;
                let mut on: Vec<_> = rows.iter().map(|row| row.post_id).collect();
                on.sort_unstable();
                on.dedup();
                let dates = posts::list_dates(&**tx, &on).await?;
                let mut change = Change::default();
                for row in &rows {
                    let published = dates.get(&row.post_id).copied();
                    take(&mut change, row, published, holds_from);
                }
                responses::set_learned(&**tx, &change.spam, Some(Learned::Spam)).await?;
                responses::set_learned(&**tx, &change.ham, Some(Learned::Ham)).await?;
                responses::set_learned(&**tx, &change.none, None).await?;
                let buckets = change
                    .buckets
                    .iter()
                    .filter(|(_, count)| **count != (0, 0))
                    .map(|(bucket, (spam, ham))| (i64::from(bucket.0), *spam, *ham))
                    .collect();
                filter::add(&**tx, change.all, buckets).await?;
                let (spam_caught, spam_missed, ham_held, ham_passed) = change.day;
                if change.day != (0, 0, 0, 0) {
                    let day = filter_day::Model {
                        day: now.0.div_euclid(DAY),
                        spam_caught,
                        spam_missed,
                        ham_held,
                        ham_passed,
                    };
                    filter::add_day(&**tx, day).await?;
                }
                settings::set(&**tx, Setting::LearnedUpTo, &last.to_string()).await
            })
        })
        .await?;
    Ok(true)
}

fn take(change: &mut Change, row: &Response, published: Option<Moment>, holds_from: i64) {
    let now = match row.state {
        ResponseState::Approved => Some(Learned::Ham),
        ResponseState::Spam => Some(Learned::Spam),
        ResponseState::Pending | ResponseState::Trash => None,
    };
    if now == row.learned {
        return;
    }
    let features = features(&recall::submission_of(row, published));
    let label = |learned| match learned {
        Learned::Spam => Label::Spam,
        Learned::Ham => Label::Ham,
    };
    if let Some(before) = row.learned {
        change.add(&features, label(before), -1);
    }
    match now {
        Some(learned) => change.add(&features, label(learned), 1),
        None => change.none.push(row.id),
    }
    let would_hold = holds_from > 0 && row.risk >= holds_from;
    let day = &mut change.day;
    match now {
        Some(Learned::Spam) => {
            change.spam.push(row.id);
            if would_hold { day.0 += 1 } else { day.1 += 1 }
        }
        Some(Learned::Ham) => {
            change.ham.push(row.id);
            if would_hold { day.2 += 1 } else { day.3 += 1 }
        }
        None => {}
    }
}
