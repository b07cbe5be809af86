//! Trains the filter from decisions: approved responses are ham, spam is spam, pending and trash are neither.
//!
//! Only the current state of a response counts, and it counts once, so that learning again or undoing leaves
//! the same model. What was learned from each response is stored, so that exactly that is unlearned, whatever
//! happened to its text. Scoring is in `judge::filter`.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::app::App;
use crate::clock::Moment;
use crate::error::Result;
use crate::jobs::{self, Job};
use crate::judge::features::{self, Bucket, features};
use crate::judge::filter::TrainingLabel;
use crate::responses::stored_submission;
use crate::store::entity::filter_day;
use crate::store::entity::ids::ResponseId;
use crate::store::entity::response::{Learned, Model as Response, ResponseState};
use crate::store::filter::Totals;
use crate::store::{filter, lessons, posts, queue, responses};

const MAX_PER_TRANSACTION: u64 = 100;
/// A job learns for this long and leaves the rest to the next job.
const JOB_TIME_SLICE: Duration = Duration::from_secs(20);

/// Learns from all decisions that the filter has not learned from.
pub async fn learn(app: &App) -> Result<()> {
    let begun = Instant::now();
    while learn_chunk(app).await? {
        if begun.elapsed() > JOB_TIME_SLICE {
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

/// What one transaction changes in the filter.
#[derive(Clone, Debug, Default)]
struct FilterUpdate {
    totals: Totals,
    buckets: BTreeMap<Bucket, (i64, i64)>,
    spam: Vec<ResponseId>,
    ham: Vec<ResponseId>,
    none: Vec<ResponseId>,
    learned: Vec<(ResponseId, Option<Vec<u8>>)>,
    day: (i64, i64, i64, i64),
}

impl FilterUpdate {
    fn add(&mut self, buckets: &[Bucket], label: TrainingLabel, times: i64) {
        let more = match label {
            TrainingLabel::Spam => (times, 0),
            TrainingLabel::Ham => (0, times),
        };
        let add = |to: &mut (i64, i64)| *to = (to.0 + more.0, to.1 + more.1);
        add(&mut self.totals.responses);
        for bucket in buckets {
            add(&mut self.totals.features);
            add(self.buckets.entry(*bucket).or_default());
        }
    }
}

/// Learns from the next responses; false where there are none.
async fn learn_chunk(app: &App) -> Result<bool> {
    if !lessons::is_any(app.store.read()).await? {
        return Ok(false);
    }
    let (now, hold_at_risk) = (app.clock.now(), app.settings().discussion.hold_at_risk);
    let today = now.day_in(&app.zone());
    app.store
        .write(move |tx| {
            Box::pin(async move {
                filter::lock(tx).await?;
                // Another node may have learned from them meanwhile.
                let ids = lessons::take(tx, MAX_PER_TRANSACTION).await?;
                let rows = queue::list(tx, &ids).await?;
                let mut on: Vec<_> = rows.iter().map(|row| row.post_id).collect();
                on.sort_unstable();
                on.dedup();
                let dates = posts::list_dates(tx, &on).await?;
                let before = lessons::find_learned(tx, &ids).await?;
                let mut update = FilterUpdate::default();
                for row in &rows {
                    let published = dates.get(&row.post_id).copied();
                    let before = before.get(&row.id).map(Vec::as_slice);
                    collect(&mut update, row, before, published, hold_at_risk);
                }
                responses::set_learned(tx, &update.spam, Some(Learned::Spam)).await?;
                responses::set_learned(tx, &update.ham, Some(Learned::Ham)).await?;
                responses::set_learned(tx, &update.none, None).await?;
                let buckets = update
                    .buckets
                    .iter()
                    .filter(|(_, count)| **count != (0, 0))
                    .map(|(bucket, (spam, ham))| (i64::from(bucket.0), *spam, *ham))
                    .collect();
                filter::add(tx, update.totals, buckets).await?;
                lessons::set_learned(tx, update.learned).await?;
                let (spam_caught, spam_missed, ham_held, ham_passed) = update.day;
                if update.day != (0, 0, 0, 0) {
                    let day = filter_day::Model {
                        day: today,
                        spam_caught,
                        spam_missed,
                        ham_held,
                        ham_passed,
                    };
                    filter::add_day(tx, day).await?;
                }
                Ok(())
            })
        })
        .await?;
    Ok(true)
}

fn collect(
    update: &mut FilterUpdate,
    row: &Response,
    before: Option<&[u8]>,
    published: Option<Moment>,
    hold_at_risk: i64,
) {
    let now = match row.state {
        ResponseState::Approved => Some(Learned::Ham),
        ResponseState::Spam => Some(Learned::Spam),
        ResponseState::Pending | ResponseState::Trash => None,
    };
    if now == row.learned {
        return;
    }
    let features = features(&stored_submission::submission_of(row, published));
    let buckets: Vec<Bucket> = features.keys().copied().collect();
    let label = |learned| match learned {
        Learned::Spam => TrainingLabel::Spam,
        Learned::Ham => TrainingLabel::Ham,
    };
    if let Some(was) = row.learned {
        let learned = before.map(features::unpack);
        update.add(learned.as_deref().unwrap_or(&buckets), label(was), -1);
    }
    match now {
        Some(learned) => {
            update.add(&buckets, label(learned), 1);
            update
                .learned
                .push((row.id, Some(features::pack(&features))));
        }
        None => {
            update.none.push(row.id);
            update.learned.push((row.id, None));
        }
    }
    let would_hold = hold_at_risk > 0 && row.risk >= hold_at_risk;
    let day = &mut update.day;
    match now {
        Some(Learned::Spam) => {
            update.spam.push(row.id);
            if would_hold { day.0 += 1 } else { day.1 += 1 }
        }
        Some(Learned::Ham) => {
            update.ham.push(row.id);
            if would_hold { day.2 += 1 } else { day.3 += 1 }
        }
        None => {}
    }
}
