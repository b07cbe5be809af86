//! The filter learns from decisions: what moderators showed was wanted, what they called spam was
//! not. It learns where a response stands now, once, so that learning again or undoing leaves the
//! same knowledge. What was learned from each response is kept, so that exactly that is taken back,
//! whatever became of its text.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::app::App;
use crate::clock::Moment;
use crate::error::Result;
use crate::jobs::{self, Job};
use crate::judge::features::{self, Bucket, features};
use crate::judge::filter::Label;
use crate::responses::recall;
use crate::store::entity::filter_day;
use crate::store::entity::ids::ResponseId;
use crate::store::entity::response::{Learned, Model as Response, ResponseState};
use crate::store::filter::Totals;
use crate::store::{filter, lessons, posts, queue, responses};

/// How many responses one transaction learns from.
const CHUNK: u64 = 100;
/// A job learns so long before another goes on.
const TURN: Duration = Duration::from_secs(20);

/// Learns from all that was decided on and not learned yet.
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
    totals: Totals,
    buckets: BTreeMap<Bucket, (i64, i64)>,
    spam: Vec<ResponseId>,
    ham: Vec<ResponseId>,
    none: Vec<ResponseId>,
    learned: Vec<(ResponseId, Option<Vec<u8>>)>,
    day: (i64, i64, i64, i64),
}

impl Change {
    fn add(&mut self, buckets: &[Bucket], label: Label, times: i64) {
        let more = match label {
            Label::Spam => (times, 0),
            Label::Ham => (0, times),
        };
        let add = |to: &mut (i64, i64)| *to = (to.0 + more.0, to.1 + more.1);
        add(&mut self.totals.responses);
        for bucket in buckets {
            add(&mut self.totals.features);
            add(self.buckets.entry(*bucket).or_default());
        }
    }
}

async fn learn_some(app: &App) -> Result<bool> {
    if !lessons::is_any(app.store.read()).await? {
        return Ok(false);
    }
    let (now, holds_from) = (app.clock.now(), app.config.moderation.hold_from);
    let today = now.day_in(app.urls.zone());
    app.store
        .write(move |tx| {
            Box::pin(async move {
                filter::lock(&**tx).await?;
                // Another node may have been faster.
                let ids = lessons::take(&**tx, CHUNK).await?;
                let rows = queue::list(&**tx, &ids).await?;
                let mut on: Vec<_> = rows.iter().map(|row| row.post_id).collect();
                on.sort_unstable();
                on.dedup();
                let dates = posts::list_dates(&**tx, &on).await?;
                let before = lessons::find_learned(&**tx, &ids).await?;
                let mut change = Change::default();
                for row in &rows {
                    let published = dates.get(&row.post_id).copied();
                    let before = before.get(&row.id).map(Vec::as_slice);
                    take(&mut change, row, before, published, holds_from);
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
                filter::add(&**tx, change.totals, buckets).await?;
                lessons::set_learned(&**tx, change.learned).await?;
                let (spam_caught, spam_missed, ham_held, ham_passed) = change.day;
                if change.day != (0, 0, 0, 0) {
                    let day = filter_day::Model {
                        day: today,
                        spam_caught,
                        spam_missed,
                        ham_held,
                        ham_passed,
                    };
                    filter::add_day(&**tx, day).await?;
                }
                Ok(())
            })
        })
        .await?;
    Ok(true)
}

fn take(
    change: &mut Change,
    row: &Response,
    before: Option<&[u8]>,
    published: Option<Moment>,
    holds_from: i64,
) {
    let now = match row.state {
        ResponseState::Approved => Some(Learned::Ham),
        ResponseState::Spam => Some(Learned::Spam),
        ResponseState::Pending | ResponseState::Trash => None,
    };
    if now == row.learned {
        return;
    }
    let features = features(&recall::submission_of(row, published));
    let buckets: Vec<Bucket> = features.keys().copied().collect();
    let label = |learned| match learned {
        Learned::Spam => Label::Spam,
        Learned::Ham => Label::Ham,
    };
    if let Some(was) = row.learned {
        let learned = before.map(features::unpack);
        change.add(learned.as_deref().unwrap_or(&buckets), label(was), -1);
    }
    match now {
        Some(learned) => {
            change.add(&buckets, label(learned), 1);
            change
                .learned
                .push((row.id, Some(features::pack(&features))));
        }
        None => {
            change.none.push(row.id);
            change.learned.push((row.id, None));
        }
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
