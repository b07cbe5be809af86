//! The numbers of moderation: how long responses wait, when there is most to do, which rules hold
//! what, how much is spam, how well the filter does.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use crate::accounts::permissions::{Action, Actor};
use crate::app::App;
use crate::clock::Moment;
use crate::error::Result;
use crate::judge::{Reason, Rule};
use crate::store::entity::filter_day;
use crate::store::entity::response::ResponseState;
use crate::store::filter;
use crate::store::numbers::{self as rows, ArrivedRow, DecidedRow};

/// So far back.
pub const DAYS: u64 = 90;
/// So many decisions are looked at.
const MOST: u64 = 50_000;
const DAY: i64 = 24 * 60 * 60 * 1000;

/// What became of what one rule held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ByRule {
    /// Moderators showed it.
    pub approved: u64,
    /// They did not.
    pub refused: u64,
}

/// The numbers of the last 90 days.
#[derive(Clone, Debug, Default)]
pub struct Numbers {
    /// How long responses waited, day by day: the day, the middle and the slowest of ten, in minutes.
    pub waiting: Vec<(Moment, u64, u64)>,
    /// Decisions in each hour of the site's day.
    pub by_hour: [u64; 24],
    /// Decisions on each day of the week, Monday first.
    pub by_weekday: [u64; 7],
    /// What became of what each rule held.
    pub by_rule: Vec<(String, ByRule)>,
    /// Of what was decided, day by day: the day, all, and how much was spam.
    pub spam: Vec<(Moment, u64, u64)>,
    /// How the filter did, day by day.
    pub filter: Vec<filter_day::Model>,
}

/// Gathers the numbers.
pub async fn gather(app: &App, actor: &Actor) -> Result<Numbers> {
    actor.must(Action::Moderate)?;
    let db = app.store.read();
    let since = app
        .clock
        .now()
        .minus(Duration::from_secs(DAYS * 24 * 60 * 60));
    let decided = rows::list_decided(db, since, MOST).await?;
    let arrived: HashMap<_, ArrivedRow> = rows::list_arrived(db, since, MOST)
        .await?
        .into_iter()
        .map(|row| (row.id, row))
        .collect();
    let zone = app.urls.zone();
    let mut numbers = Numbers::default();
    let mut waits: BTreeMap<i64, Vec<u64>> = BTreeMap::new();
    let mut spam: BTreeMap<i64, (u64, u64)> = BTreeMap::new();
    let mut by_rule: BTreeMap<String, ByRule> = BTreeMap::new();
    let undone: HashSet<_> = decided.iter().filter_map(|row| row.undoes).collect();
    let stands = |row: &&DecidedRow| row.undoes.is_none() && !undone.contains(&row.id);
    for row in decided.iter().filter(stands) {
        let at = row.decided_at.in_zone(zone);
        numbers.by_hour[usize::try_from(at.hour()).unwrap_or(0) % 24] += 1;
        let weekday = at.weekday().to_monday_zero_offset();
        numbers.by_weekday[usize::try_from(weekday).unwrap_or(0) % 7] += 1;
        let day = row.decided_at.day_in(zone);
        if row.from_state != ResponseState::Pending {
            continue;
        }
        let is_shown = row.to_state == ResponseState::Approved;
        let all = spam.entry(day).or_default();
        all.0 += 1;
        all.1 += u64::from(row.to_state == ResponseState::Spam);
        let Some(arrived) = arrived.get(&row.response_id) else {
            continue;
        };
        let wait = row.decided_at.since(arrived.created_at).as_secs() / 60;
        waits.entry(day).or_default().push(wait);
        let reasons: Vec<Reason> = serde_json::from_str(&arrived.reasons).unwrap_or_default();
        for reason in reasons {
            let count = by_rule.entry(name_of(&reason)).or_default();
            if is_shown {
                count.approved += 1;
            } else {
                count.refused += 1;
            }
        }
    }
    numbers.waiting = waits
        .into_iter()
        .map(|(day, mut waits)| {
            waits.sort_unstable();
            let at = |tenths: usize| waits[(waits.len() - 1) * tenths / 10];
            (Moment(day * DAY), at(5), at(9))
        })
        .collect();
    numbers.spam = spam
        .into_iter()
        .map(|(day, (all, spam))| (Moment(day * DAY), all, spam))
        .collect();
    numbers.by_rule = by_rule.into_iter().collect();
    numbers
        .by_rule
        .sort_by_key(|(_, count)| std::cmp::Reverse(count.approved + count.refused));
    numbers.filter = filter::list_days(db, since.day_in(zone), DAYS + 1).await?;
    Ok(numbers)
}

/// The name of what held a response.
fn name_of(reason: &Reason) -> String {
    if let Some((_, name)) = &reason.site_rule {
        return name.clone();
    }
    match reason.rule {
        Rule::HoldAll => "The site holds all",
        Rule::FirstResponse => "First response",
        Rule::ManyLinks => "Many links",
        Rule::ManyOutboundLinks => "Links to many sites",
        Rule::BareLink => "Link without words",
        Rule::TitleIsBlogName => "Title is the blog's name",
        Rule::ExcerptElsewhere => "Excerpt not on the page",
        Rule::OtherLanguage => "Other language",
        Rule::CameBack => "Came back",
        Rule::Site => "Rule of the site",
        Rule::Banned => "Banned",
        Rule::AlwaysHeld => "Always held",
        Rule::Unproven => "Unproven name or address",
        Rule::Filter => "Filter",
        Rule::Burst => "Burst",
        Rule::Outside => "Outside judge",
    }
    .to_owned()
}
