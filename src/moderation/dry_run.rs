//! Testing a rule on past responses: what it would have matched, against what moderators decided.
//! Disagreements come first. Moves no response.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::clock::Moment;
use crate::error::{Error, Result};
use crate::judge::rule::SiteRule;
use crate::judge::{MatchedField, Quote};
use crate::moderation::rule_draft::RuleDraft;
use crate::responses::stored_submission;
use crate::store::entity::ids::{PostId, ResponseId};
use crate::store::entity::response::ResponseState;
use crate::store::entity::rule::RuleAction;
use crate::store::entity::task::Model as Task;
use crate::store::queue::{Cursor, PastRow};
use crate::store::tasks::{self, Step};
use crate::store::{posts, queue};

/// Older responses are not tested.
pub const MAX_RESPONSES: u64 = 100_000;
const MAX_PER_STEP: u64 = 2_000;
/// Matches of each kind that are kept to show.
const MAX_SHOWN: usize = 25;
const MAX_TEXT_CHARS: usize = 200;

/// A past response that the rule matches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DryRunMatch {
    pub id: ResponseId,
    pub author: String,
    /// The beginning of its text.
    pub text: String,
    pub state: ResponseState,
    /// The field in which the rule matched.
    pub field: Option<MatchedField>,
    /// The span of text that matched.
    pub quote: Option<Quote>,
    /// The value that matched, where it is not a span of text.
    pub found: Option<String>,
}

/// What the rule would have done so far; stored as JSON in the task.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DryRunResult {
    /// Matches by the name of their state.
    pub matched: BTreeMap<String, u64>,
    /// Matches on which moderators disagreed with the rule, newest first.
    pub surprises: Vec<DryRunMatch>,
    /// Other matches, newest first.
    pub others: Vec<DryRunMatch>,
}

/// Whether a rule's action is the opposite of what moderators decided.
fn is_surprise(action: RuleAction, state: ResponseState) -> bool {
    match action {
        RuleAction::Approve => matches!(state, ResponseState::Spam | ResponseState::Trash),
        RuleAction::Hold | RuleAction::Spam | RuleAction::Refuse => {
            state == ResponseState::Approved
        }
    }
}

fn state_name(state: ResponseState) -> &'static str {
    match state {
        ResponseState::Pending => "pending",
        ResponseState::Approved => "approved",
        ResponseState::Spam => "spam",
        ResponseState::Trash => "trash",
    }
}

/// What a task has found so far.
pub fn result_of(task: &Task) -> DryRunResult {
    serde_json::from_str(&task.result).unwrap_or_default()
}

/// Tests the rule on the next past responses.
pub async fn run_chunk(app: &App, task: Task, draft: &RuleDraft) -> Result<()> {
    let compiled = draft.clone();
    let rule = app
        .cpu
        .run("compile a rule", move || compiled.compile())
        .await??;
    let db = app.store.read();
    let left = MAX_RESPONSES.saturating_sub(u64::try_from(task.seen).unwrap_or(0));
    let before: Option<Cursor> = task.place.parse().ok();
    let rows = queue::list_past(db, before, MAX_PER_STEP.min(left)).await?;
    let mut ids: Vec<PostId> = rows.iter().map(|row| row.post_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let dates = posts::list_dates(db, &ids).await?;
    let (seen, last) = (rows.len(), rows.last().map(Cursor::from));
    let (action, mut result) = (draft.action, result_of(&task));
    // In small steps, so that readers' requests get the processor between them.
    let result = app
        .cpu
        .run("test a rule", move || {
            for row in &rows {
                let published = dates.get(&row.post_id).copied();
                test_response(&rule, row, published, action, &mut result);
            }
            result
        })
        .await?;
    let now = app.clock.now();
    let result = serde_json::to_string(&result)
        .map_err(|error| Error::internal("write the result of a dry run", error))?;
    app.store
        .write(move |tx| {
            let (task, result) = (task.clone(), result.clone());
            Box::pin(async move {
                let step = Step {
                    seen: task.seen + seen as i64,
                    moved: 0,
                    place: last.map_or_else(String::new, |last| last.to_string()),
                    result,
                    ended_at: last.is_none().then_some(now),
                };
                tasks::set_step(tx, &task, step).await?;
                Ok(())
            })
        })
        .await
}

fn test_response(
    rule: &SiteRule,
    row: &PastRow,
    published: Option<Moment>,
    action: RuleAction,
    result: &mut DryRunResult,
) {
    // No rule applies to staff.
    if row.author_id.is_some() {
        return;
    }
    let submission = stored_submission::submission_of_past(row, published);
    let Some(reason) = rule.find_match(&submission) else {
        return;
    };
    let name = state_name(row.state).to_owned();
    *result.matched.entry(name).or_default() += 1;
    let list = if is_surprise(action, row.state) {
        &mut result.surprises
    } else {
        &mut result.others
    };
    if list.len() < MAX_SHOWN {
        list.push(DryRunMatch {
            id: row.id,
            author: row.author_name.clone(),
            text: submission.text.chars().take(MAX_TEXT_CHARS).collect(),
            state: row.state,
            field: reason.field,
            quote: reason.quote,
            found: reason.found,
        });
    }
}
