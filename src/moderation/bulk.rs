//! Bulk tasks: deciding on all responses that match a filter, undoing a large batch, and testing a rule on
//! past responses. Jobs run them in small transactions, so that no other writer waits and nobody has to keep
//! a page open.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::accounts::permissions::{Action, Actor, ModerationScope};
use crate::accounts::token::Token;
use crate::app::App;
use crate::clock::Moment;
use crate::error::{Error, Result};
use crate::jobs::{self, Job};
use crate::moderation::decide::{self, DecisionBatch, DecisionRequest, MAX_PER_TRANSACTION};
use crate::moderation::dry_run;
use crate::moderation::privacy;
use crate::moderation::rule_draft::RuleDraft;
use crate::moderation::undo;
use crate::store::db::Tx;
use crate::store::decisions;
use crate::store::entity::ids::{DecisionId, ResponseId, TaskId};
use crate::store::entity::response::ResponseState;
use crate::store::entity::task::Model as Task;
use crate::store::queue::{self, Cursor, Filter};
use crate::store::tasks::{self, NewTask, Step};
use crate::texts::Message;

/// A job works on a task for this long and leaves the rest to the next job: jobs have a time limit.
const JOB_TIME_SLICE: Duration = Duration::from_secs(20);
const MAX_RUNNING_TASKS: u64 = 20;

/// What a task does; stored as JSON in its row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BulkTask {
    /// Decides on all responses that match.
    Decide {
        filter: Box<Filter>,
        to: ResponseState,
        /// The newest response when the task was started; later ones are left alone.
        last: ResponseId,
    },
    /// Undoes a batch of decisions.
    Undo { batch: String },
    /// Tests a rule on past responses.
    DryRun { draft: Box<RuleDraft> },
}

impl BulkTask {
    fn kind(&self) -> &'static str {
        match self {
            Self::Decide { .. } => "decide",
            Self::Undo { .. } => "undo",
            Self::DryRun { .. } => "dry_run",
        }
    }
}

/// How many responses match, of those that the actor may moderate.
pub async fn count_matching(app: &App, actor: &Actor, filter: Filter) -> Result<u64> {
    let filter = restrict(actor, filter)?;
    queue::count(app.store.read(), &filter, u64::MAX >> 1).await
}

/// Starts moving all matching responses to `to`. Returns the token of the task, which is also the name of
/// its batch.
pub async fn start_decide_all(
    app: &App,
    actor: &Actor,
    filter: Filter,
    to: ResponseState,
) -> Result<String> {
    let filter = restrict(actor, filter)?;
    let db = app.store.read();
    let total = queue::count(db, &filter, u64::MAX >> 1).await?;
    let last = queue::last_id(db).await?;
    let work = BulkTask::Decide {
        filter: Box::new(filter),
        to,
        last,
    };
    start(app, actor, &work, total).await
}

/// Limits a filter to what the actor may moderate, and refuses one that they may not use.
fn restrict(actor: &Actor, mut filter: Filter) -> Result<Filter> {
    if let ModerationScope::PostsOf(author) = actor.moderation_scope()? {
        filter.posts_of = Some(author);
    }
    privacy::check_filter(actor, &filter)?;
    Ok(filter)
}

/// Starts undoing a batch; returns the token of the task.
pub async fn start_undo(app: &App, actor: &Actor, batch: &str) -> Result<String> {
    actor.moderation_scope()?;
    let db = app.store.read();
    let first = decisions::list_batch(db, batch, DecisionId(0), 1).await?;
    let first = first.first().ok_or(Error::NotFound("decision to undo"))?;
    undo::check_undoable(first.decided_at, app.clock.now())?;
    let total = decisions::count_batch(db, batch).await?;
    let batch = batch.to_owned();
    start(app, actor, &BulkTask::Undo { batch }, total).await
}

/// Starts testing a rule on past responses; returns the token of the task.
pub async fn start_dry_run(app: &App, actor: &Actor, draft: RuleDraft) -> Result<String> {
    actor.must(Action::SetRules)?;
    draft.compile()?;
    let last = queue::last_id(app.store.read()).await?;
    let total = u64::try_from(last.0)
        .unwrap_or(0)
        .min(dry_run::MAX_RESPONSES);
    let work = BulkTask::DryRun {
        draft: Box::new(draft),
    };
    start(app, actor, &work, total).await
}

async fn start(app: &App, actor: &Actor, work: &BulkTask, total: u64) -> Result<String> {
    let running = tasks::list_under_way(app.store.read(), MAX_RUNNING_TASKS).await?;
    if running.len() as u64 == MAX_RUNNING_TASKS {
        return Err(Error::Conflict(
            Message::new("task-too-many").with("max", MAX_RUNNING_TASKS),
        ));
    }
    let new = NewTask {
        token: Token::random().as_str().to_owned(),
        kind: work.kind(),
        work: serde_json::to_string(work).map_err(|e| Error::internal("write a task", e))?,
        actor: (actor.id, actor.name.clone(), actor.role),
        total: i64::try_from(total).unwrap_or(i64::MAX),
    };
    let (token, now) = (new.token.clone(), app.clock.now());
    app.store
        .write(move |tx| {
            let new = new.clone();
            Box::pin(async move {
                let task = tasks::insert(tx, new, now).await?;
                jobs::enqueue(tx, &Job::RunBulkTask { task }, now, now).await?;
                Ok(())
            })
        })
        .await?;
    Ok(token)
}

/// A task by its token, with what it does. Not found where somebody without the right to moderate
/// everything did not start it.
pub async fn load(app: &App, actor: &Actor, token: &str) -> Result<(Task, BulkTask)> {
    actor.moderation_scope()?;
    let task = tasks::find_by_token(app.store.read(), token)
        .await?
        .filter(|task| actor.may(Action::Moderate) || task.actor_id == actor.id)
        .ok_or(Error::NotFound("task"))?;
    let work = parse(&task)?;
    Ok((task, work))
}

/// The tasks that are running, of those that the actor may see.
pub async fn list_running(app: &App, actor: &Actor) -> Result<Vec<Task>> {
    actor.moderation_scope()?;
    let mut tasks = tasks::list_under_way(app.store.read(), MAX_RUNNING_TASKS).await?;
    tasks.retain(|task| actor.may(Action::Moderate) || task.actor_id == actor.id);
    Ok(tasks)
}

fn parse(task: &Task) -> Result<BulkTask> {
    serde_json::from_str(&task.work).map_err(|error| Error::internal("read a task", error))
}

/// Continues a failed task where it stopped; does nothing where someone else retried it first.
pub async fn retry(app: &App, actor: &Actor, token: &str) -> Result<()> {
    let (task, _) = load(app, actor, token).await?;
    let (id, now) = (task.id, app.clock.now());
    app.store
        .write(move |tx| {
            Box::pin(async move {
                if tasks::reopen(tx, id).await? {
                    jobs::restart(tx, &Job::RunBulkTask { task: id }, now).await?;
                }
                Ok(())
            })
        })
        .await
}

/// Ends a task whose job failed for the last time. What it did stays done, and can be undone.
pub async fn set_failed(tx: &Tx, id: TaskId, error: &str, now: Moment) -> Result<()> {
    let message = Message::new("task-given-up").with("error", error);
    tasks::set_failed(tx, id, &message.to_string(), now).await
}

/// Continues a task for one time slice. Running it again, or twice at once, does no harm.
pub async fn run(app: &App, id: TaskId) -> Result<()> {
    let begun = Instant::now();
    // A failed job comes here again only if somebody retries it.
    app.store
        .write(move |tx| Box::pin(async move { tasks::reopen(tx, id).await }))
        .await?;
    loop {
        let Some(task) = tasks::find(app.store.read(), id).await? else {
            return Ok(());
        };
        if task.ended_at.is_some() {
            return Ok(());
        }
        match parse(&task)? {
            BulkTask::Decide { filter, to, last } => {
                decide_chunk(app, task, *filter, to, last).await?;
            }
            BulkTask::Undo { batch } => undo_chunk(app, task, batch).await?,
            BulkTask::DryRun { draft } => dry_run::run_chunk(app, task, &draft).await?,
        }
        if begun.elapsed() > JOB_TIME_SLICE {
            let now = app.clock.now();
            return app
                .store
                .write(move |tx| {
                    Box::pin(async move {
                        jobs::enqueue_once(tx, &Job::RunBulkTask { task: id }, now, now).await
                    })
                })
                .await;
        }
    }
}

fn actor_of(task: &Task) -> Actor {
    Actor {
        id: task.actor_id,
        name: task.actor_name.clone(),
        role: task.actor_role,
    }
}

async fn decide_chunk(
    app: &App,
    task: Task,
    filter: Filter,
    to: ResponseState,
    last: ResponseId,
) -> Result<()> {
    let after: Option<Cursor> = task.place.parse().ok();
    let (db, limit) = (app.store.read(), MAX_PER_TRANSACTION as u64);
    let chunk = queue::list_cursors(db, &filter, after, last, limit).await?;
    let place = chunk.last().map_or_else(String::new, Cursor::to_string);
    let ids: Vec<ResponseId> = chunk.iter().map(|cursor| cursor.id).collect();
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            let (task, ids, place) = (task.clone(), ids.clone(), place.clone());
            let from = (!filter.reported && !filter.appealed).then_some(filter.state);
            Box::pin(async move {
                let step = Step {
                    seen: task.seen + ids.len() as i64,
                    moved: task.moved,
                    place,
                    result: String::new(),
                    ended_at: ids.is_empty().then_some(now),
                };
                // Only the worker that records the step does it; another one that has it too does nothing.
                if !tasks::set_step(tx, &task, step.clone()).await? || ids.is_empty() {
                    return Ok(());
                }
                let actor = actor_of(&task);
                let request = DecisionRequest {
                    from,
                    to,
                    note: String::new(),
                };
                let (batch, scope) = (batch_of(&task, &actor, now), actor.moderation_scope()?);
                let moved = decide::decide_chunk(tx, batch, scope, &ids, &request).await?;
                add_moved(tx, &task, step, moved).await
            })
        })
        .await
}

async fn undo_chunk(app: &App, task: Task, batch: String) -> Result<()> {
    let after = DecisionId(task.place.parse().unwrap_or(0));
    let limit = MAX_PER_TRANSACTION as u64;
    let chunk = decisions::list_batch(app.store.read(), &batch, after, limit).await?;
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            let (task, chunk) = (task.clone(), chunk.clone());
            Box::pin(async move {
                let step = Step {
                    seen: task.seen + chunk.len() as i64,
                    moved: task.moved,
                    place: chunk
                        .last()
                        .map_or_else(String::new, |decision| decision.id.to_string()),
                    result: String::new(),
                    ended_at: chunk.is_empty().then_some(now),
                };
                if !tasks::set_step(tx, &task, step.clone()).await? || chunk.is_empty() {
                    return Ok(());
                }
                let actor = actor_of(&task);
                let (batch, scope) = (batch_of(&task, &actor, now), actor.moderation_scope()?);
                let moved = undo::undo_chunk(tx, batch, scope, &chunk).await?;
                add_moved(tx, &task, step, moved).await
            })
        })
        .await
}

fn batch_of<'a>(task: &'a Task, actor: &'a Actor, now: Moment) -> DecisionBatch<'a> {
    DecisionBatch {
        actor,
        name: &task.token,
        note: "",
        now,
    }
}

async fn add_moved(tx: &Tx, task: &Task, step: Step, moved: usize) -> Result<()> {
    let mut stored = task.clone();
    stored.place = step.place.clone();
    let step = Step {
        moved: step.moved + moved as i64,
        ..step
    };
    tasks::set_step(tx, &stored, step).await?;
    Ok(())
}
