//! Statistics of moderation: how long responses wait, when moderators decide, what happens to what each rule
//! holds, how much is spam, and how well the filter does. Counts decisions only, and draws nothing.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use crate::accounts::permissions::{Action, Actor};
use crate::app::App;
use crate::clock::Moment;
use crate::error::Result;
use crate::judge::{Check, Reason};
use crate::store::entity::filter_day;
use crate::store::entity::response::ResponseState;
use crate::store::filter;
use crate::store::statistics::{self as rows, ArrivedRow, DecidedRow};
use crate::texts::Texts;

/// The period that the statistics cover.
pub const DAYS: u64 = 90;
/// Decisions beyond this many, the oldest ones, are left out.
const MAX_DECISIONS: u64 = 50_000;
const MILLISECONDS_PER_DAY: i64 = 24 * 60 * 60 * 1000;

/// What moderators decided on the responses that one rule held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RuleOutcomes {
    pub approved: u64,
    /// Marked as spam, moved to the trash, or left as they were.
    pub refused: u64,
}

/// The statistics of the last [`DAYS`] days.
#[derive(Clone, Debug, Default)]
pub struct Statistics {
    /// How long responses waited, by day: the day, the median and the 90th percentile, in minutes.
    pub waiting: Vec<(Moment, u64, u64)>,
    /// Decisions in each hour of the day, in the site's time zone.
    pub by_hour: [u64; 24],
    /// Decisions on each day of the week, Monday first.
    pub by_weekday: [u64; 7],
    /// The outcomes of each rule by its label, the one that held most first.
    pub by_rule: Vec<(String, RuleOutcomes)>,
    /// Decisions on pending responses, by day: the day, all of them, and those that were spam.
    pub spam: Vec<(Moment, u64, u64)>,
    /// The results of the filter by day.
    pub filter: Vec<filter_day::Model>,
}

pub async fn load(app: &App, actor: &Actor) -> Result<Statistics> {
    actor.must(Action::Moderate)?;
    let db = app.store.read();
    let since = app
        .clock
        .now()
        .minus(Duration::from_secs(DAYS * 24 * 60 * 60));
    let decided = rows::list_decided(db, since, MAX_DECISIONS).await?;
    let arrived: HashMap<_, ArrivedRow> = rows::list_arrived(db, since, MAX_DECISIONS)
        .await?
        .into_iter()
        .map(|row| (row.id, row))
        .collect();
    let zone = &app.zone();
    let mut statistics = Statistics::default();
    let mut waits: BTreeMap<i64, Vec<u64>> = BTreeMap::new();
    let mut spam: BTreeMap<i64, (u64, u64)> = BTreeMap::new();
    let mut by_rule: BTreeMap<String, RuleOutcomes> = BTreeMap::new();
    let undone: HashSet<_> = decided.iter().filter_map(|row| row.undoes).collect();
    let was_not_undone = |row: &&DecidedRow| row.undoes.is_none() && !undone.contains(&row.id);
    for row in decided.iter().filter(was_not_undone) {
        let at = row.decided_at.in_zone(zone);
        statistics.by_hour[usize::try_from(at.hour()).unwrap_or(0) % 24] += 1;
        let weekday = at.weekday().to_monday_zero_offset();
        statistics.by_weekday[usize::try_from(weekday).unwrap_or(0) % 7] += 1;
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
            let count = by_rule.entry(rule_label(&app.texts, &reason)).or_default();
            if is_shown {
                count.approved += 1;
            } else {
                count.refused += 1;
            }
        }
    }
    statistics.waiting = waits
        .into_iter()
        .map(|(day, mut waits)| {
            waits.sort_unstable();
            let at = |tenths: usize| waits[(waits.len() - 1) * tenths / 10];
            (Moment(day * MILLISECONDS_PER_DAY), at(5), at(9))
        })
        .collect();
    statistics.spam = spam
        .into_iter()
        .map(|(day, (all, spam))| (Moment(day * MILLISECONDS_PER_DAY), all, spam))
        .collect();
    statistics.by_rule = by_rule.into_iter().collect();
    statistics
        .by_rule
        .sort_by_key(|(_, count)| std::cmp::Reverse(count.approved + count.refused));
    statistics.filter = filter::list_days(db, since.day_in(zone), DAYS + 1).await?;
    Ok(statistics)
}

/// The label of the rule that held a response.
fn rule_label(texts: &Texts, reason: &Reason) -> String {
    if let Some((_, name)) = &reason.rule {
        return name.clone();
    }
    texts.text(match reason.check {
        Check::HoldAll => "statistics-rule-hold-all",
        Check::FirstResponse => "statistics-rule-first-response",
        Check::ManyLinks => "statistics-rule-many-links",
        Check::ManyOutboundLinks => "statistics-rule-many-outbound-links",
        Check::BareLink => "statistics-rule-bare-link",
        Check::TitleIsBlogName => "statistics-rule-title-is-blog-name",
        Check::ExcerptNotOnPage => "statistics-rule-excerpt-not-on-page",
        Check::OtherLanguage => "statistics-rule-other-language",
        Check::RemovedBefore => "statistics-rule-removed-before",
        Check::Rule => "statistics-rule-site",
        Check::Blocked => "statistics-rule-blocked",
        Check::AlwaysHeld => "statistics-rule-always-held",
        Check::UnprovenIdentity => "statistics-rule-unproven-identity",
        Check::Filter => "statistics-rule-filter",
        Check::Burst => "statistics-rule-burst",
        Check::SpamChecker => "statistics-rule-spam-checker",
    })
}
