//! The time machine: what a rule would have done, had it been there, against what moderators made of
//! each response. The surprises come first.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::error::{Error, Field, Problem, Result};
use crate::judge::rule::{Conditions, SiteRule};
use crate::judge::{Place, Quote};
use crate::responses::recall;
use crate::store::entity::ids::{PostId, ResponseId, RuleId};
use crate::store::entity::response::ResponseState;
use crate::store::entity::rule::RuleOutcome;
use crate::store::entity::task::Model as Task;
use crate::store::queue::PastRow;
use crate::store::tasks::{self, Step};
use crate::store::{posts, queue};

/// So many past responses are looked at.
pub const DEPTH: u64 = 100_000;
/// So many at once.
const CHUNK: u64 = 2_000;
/// So many matches of each kind are shown.
const SHOWN: usize = 25;
/// The most of a text that is shown, in characters.
const MAX_TEXT: usize = 200;

/// A rule as somebody wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The rule that it changes; None for a new one.
    pub id: Option<RuleId>,
    /// What moderators call it.
    pub name: String,
    /// Rules of a lower rank are tried first.
    pub rank: i64,
    /// What it does.
    pub outcome: RuleOutcome,
    /// What a refused writer is told.
    pub message: String,
    /// When it matches.
    pub conditions: Conditions,
}

impl Draft {
    /// The rule, ready to be tried.
    pub fn make(&self) -> Result<SiteRule> {
        SiteRule::new(
            self.id.unwrap_or(RuleId(0)),
            &self.name,
            self.rank,
            self.outcome,
            &self.message,
            self.conditions.clone(),
        )
        .map_err(|error| {
            Error::field(
                Field::Conditions,
                Problem::Unusable {
                    words: error.to_string(),
                },
            )
        })
    }
}

/// A past response that the rule matches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Match {
    /// Its key.
    pub id: ResponseId,
    /// Its writer's name.
    pub author: String,
    /// Its beginning.
    pub text: String,
    /// Where it stands.
    pub state: ResponseState,
    /// What was found, and where.
    pub place: Option<Place>,
    /// The span.
    pub quote: Option<Quote>,
    /// In words, where it is no span.
    pub found: Option<String>,
}

/// What the rule would have done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replay {
    /// How many of the matches stand in each state, by the state's name.
    pub matched: BTreeMap<String, u64>,
    /// Matches that moderators saw otherwise, the newest first.
    pub surprises: Vec<Match>,
    /// Other matches, the newest first.
    pub others: Vec<Match>,
}

/// Whether what a rule does is not what moderators made of a response.
pub fn is_surprise(outcome: RuleOutcome, state: ResponseState) -> bool {
    match outcome {
        RuleOutcome::Approve => matches!(state, ResponseState::Spam | ResponseState::Trash),
        RuleOutcome::Hold | RuleOutcome::Spam | RuleOutcome::Refuse => {
            state == ResponseState::Approved
        }
    }
}

/// The name of a state in a replay.
pub fn name_of(state: ResponseState) -> &'static str {
    match state {
        ResponseState::Pending => "pending",
        ResponseState::Approved => "approved",
        ResponseState::Spam => "spam",
        ResponseState::Trash => "trash",
    }
}

/// What a task has found so far.
pub fn replay_of(task: &Task) -> Replay {
    serde_json::from_str(&task.result).unwrap_or_default()
}

/// Looks at the next past responses.
pub async fn look_at_some(app: &App, task: Task, draft: &Draft) -> Result<()> {
    let made = draft.clone();
    let rule = app.cpu.run("make a rule", move || made.make()).await??;
    let db = app.store.read();
    let left = DEPTH.saturating_sub(u64::try_from(task.seen).unwrap_or(0));
    let rows = queue::list_past(db, ResponseId(task.place), CHUNK.min(left)).await?;
    let mut ids: Vec<PostId> = rows.iter().map(|row| row.post_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let dates = posts::list_dates(db, &ids).await?;
    let (seen, last) = (rows.len(), rows.last().map(|row| row.id));
    let (outcome, mut replay) = (draft.outcome, replay_of(&task));
    // Minutes of matching in small pieces: readers' requests go on between them.
    let replay = app
        .cpu
        .run("try a rule", move || {
            for row in &rows {
                look_at(
                    &rule,
                    row,
                    dates.get(&row.post_id).copied(),
                    outcome,
                    &mut replay,
                );
            }
            replay
        })
        .await?;
    let now = app.clock.now();
    let result = serde_json::to_string(&replay)
        .map_err(|error| Error::internal("write down a replay", error))?;
    app.store
        .write(move |tx| {
            let (task, result) = (task.clone(), result.clone());
            Box::pin(async move {
                let step = Step {
                    seen: task.seen + seen as i64,
                    moved: 0,
                    place: last.map_or(task.place, |id| id.0),
                    result,
                    ended_at: last.is_none().then_some(now),
                };
                tasks::set_step(&**tx, &task, step).await?;
                Ok(())
            })
        })
        .await
}

fn look_at(
    rule: &SiteRule,
    row: &PastRow,
    published: Option<crate::clock::Moment>,
    outcome: RuleOutcome,
    replay: &mut Replay,
) {
    // Staff never wait: a rule says nothing of them.
    if row.author_id.is_some() {
        return;
    }
    let submission = recall::submission_of_past(row, published);
    let Some(reason) = rule.find(&submission) else {
        return;
    };
    *replay
        .matched
        .entry(name_of(row.state).to_owned())
        .or_default() += 1;
    let list = if is_surprise(outcome, row.state) {
        &mut replay.surprises
    } else {
        &mut replay.others
    };
    if list.len() < SHOWN {
        list.push(Match {
            id: row.id,
            author: row.author_name.clone(),
            text: submission.text.chars().take(MAX_TEXT).collect(),
            state: row.state,
            place: reason.place,
            quote: reason.quote,
            found: reason.found,
        });
    }
}
