//! The log of decisions, a page at a time. The log is only read here: `decide` writes it.

use std::collections::HashMap;

use crate::accounts::permissions::{Action, Actor};
use crate::app::App;
use crate::clock::Moment;
use crate::error::{Error, Result};
use crate::markup::excerpt::leading_excerpt;
use crate::markup::plain::text_of;
use crate::moderation::undo::UNDO_PERIOD;
use crate::store::decisions;
use crate::store::entity::decision::Model as Decision;
use crate::store::entity::ids::{DecisionId, ResponseId};
use crate::store::queue;

const PAGE_SIZE: u64 = 50;
/// The length of what the log shows of a response.
const MAX_BEGINNING_CHARS: usize = 80;

#[derive(Clone, Debug)]
pub struct LogEntry {
    pub decision: Decision,
    pub undone: bool,
    /// The number of decisions in its batch, itself included.
    pub batch_size: u64,
}

/// A response as the log names it.
#[derive(Clone, Debug)]
pub struct LogResponse {
    pub author_name: String,
    /// How its text begins.
    pub beginning: String,
}

#[derive(Clone, Debug)]
pub struct LogPage {
    /// Newest first.
    pub decisions: Vec<LogEntry>,
    /// The responses that still exist; none on the public log.
    pub responses: HashMap<ResponseId, LogResponse>,
    /// The decision after which the next page begins.
    pub next: Option<DecisionId>,
}

/// Adds to each decision whether it was undone, and the size of its batch.
pub async fn with_undone(app: &App, decisions: Vec<Decision>) -> Result<Vec<LogEntry>> {
    let ids: Vec<DecisionId> = decisions.iter().map(|decision| decision.id).collect();
    let mut batches: Vec<String> = decisions.iter().map(|one| one.batch.clone()).collect();
    batches.sort_unstable();
    batches.dedup();
    let sizes = decisions::count_batches(app.store.read(), &batches).await?;
    let undone = decisions::list_undone(app.store.read(), &ids).await?;
    Ok(decisions
        .into_iter()
        .map(|decision| LogEntry {
            undone: undone.contains(&decision.id),
            batch_size: sizes.get(&decision.batch).copied().unwrap_or(1),
            decision,
        })
        .collect())
}

/// A page of the log, from before `before` on where it is given.
pub async fn page_log(app: &App, actor: &Actor, before: Option<DecisionId>) -> Result<LogPage> {
    actor.must(Action::Moderate)?;
    let mut page = page_decisions(app, before).await?;
    page.responses = list_responses(app, &page.decisions).await?;
    Ok(page)
}

async fn list_responses(
    app: &App,
    entries: &[LogEntry],
) -> Result<HashMap<ResponseId, LogResponse>> {
    let ids: Vec<ResponseId> = entries
        .iter()
        .map(|entry| entry.decision.response_id)
        .collect();
    let rows = queue::list_texts(app.store.read(), &ids).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let response = LogResponse {
                author_name: row.author_name,
                beginning: leading_excerpt(&text_of(&row.body_html), MAX_BEGINNING_CHARS),
            };
            (row.id, response)
        })
        .collect())
}

/// The same for everybody, where the site publishes its log; the page leaves out names and texts.
pub async fn page_public_log(app: &App, before: Option<DecisionId>) -> Result<LogPage> {
    if !app.settings().discussion.public_log {
        return Err(Error::NotFound("page"));
    }
    page_decisions(app, before).await
}

async fn page_decisions(app: &App, before: Option<DecisionId>) -> Result<LogPage> {
    let mut found = decisions::page(app.store.read(), before, PAGE_SIZE + 1).await?;
    let next = (found.len() as u64 > PAGE_SIZE).then(|| {
        found.truncate(PAGE_SIZE as usize);
        found.last().map(|decision| decision.id)
    });
    Ok(LogPage {
        decisions: with_undone(app, found).await?,
        responses: HashMap::new(),
        next: next.flatten(),
    })
}

/// Whether a decision can still be undone.
pub fn is_undoable(entry: &LogEntry, now: Moment) -> bool {
    !entry.undone
        && entry.decision.undoes.is_none()
        && now.since(entry.decision.decided_at) <= UNDO_PERIOD
}
