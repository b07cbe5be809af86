//! Work on many responses: all that match are decided on, or a press is taken back, by jobs, a
//! piece at a time, so that no other writer waits and nobody has to keep a page open.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::accounts::permissions::{Action, Actor, Reach};
use crate::accounts::token::Token;
use crate::app::App;
use crate::clock::Moment;
use crate::error::{Error, Result};
use crate::jobs::{self, Job};
use crate::moderation::decide::{self, CHUNK, Press, Wish};
use crate::moderation::privacy;
use crate::moderation::time_machine::{self, Draft};
use crate::store::db::Tx;
use crate::store::decisions;
use crate::store::entity::ids::{DecisionId, ResponseId, TaskId};
use crate::store::entity::response::ResponseState;
use crate::store::entity::task::Model as Task;
use crate::store::queue::{self, Filter};
use crate::store::tasks::{self, NewTask, Step};

/// What its starter reads of a task that was given up, before the cause.
const GIVEN_UP: &str = "It was tried five times and failed each time";
/// A job works so long on a task before another goes on: jobs have a time limit.
const TURN: Duration = Duration::from_secs(20);
/// The most tasks under way at once.
const MOST: u64 = 20;

/// What there is to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// Decide on all that match.
    Decide {
        /// Which.
        filter: Box<Filter>,
        /// Where they shall go.
        to: ResponseState,
        /// The last response that was there when this was asked for.
        last: ResponseId,
    },
    /// Take back what one press decided.
    Undo {
        /// Its name.
        batch: String,
    },
    /// See what a rule would have done.
    Try {
        /// The rule.
        draft: Box<Draft>,
    },
}

impl Work {
    fn name(&self) -> &'static str {
        match self {
            Self::Decide { .. } => "decide",
            Self::Undo { .. } => "undo",
            Self::Try { .. } => "try",
        }
    }
}

/// How many responses match, of those that somebody may moderate.
pub async fn count_matching(app: &App, actor: &Actor, mut filter: Filter) -> Result<u64> {
    if let Reach::PostsOf(author) = actor.reach()? {
        filter.posts_of = Some(author);
    }
    privacy::must_be_allowed(actor, &filter)?;
    queue::count(app.store.read(), &filter, u64::MAX >> 1).await
}

/// Asks for all that match to go to `to`, and returns the name of the task, which is the name of the
/// press too.
pub async fn decide_all(
    app: &App,
    actor: &Actor,
    mut filter: Filter,
    to: ResponseState,
) -> Result<String> {
    if let Reach::PostsOf(author) = actor.reach()? {
        filter.posts_of = Some(author);
    }
    privacy::must_be_allowed(actor, &filter)?;
    let db = app.store.read();
    let total = queue::count(db, &filter, u64::MAX >> 1).await?;
    let last = queue::last_id(db).await?;
    let work = Work::Decide {
        filter: Box::new(filter),
        to,
        last,
    };
    begin(app, actor, &work, total, 0).await
}

/// Asks for a press to be taken back.
pub async fn undo_all(app: &App, actor: &Actor, batch: &str) -> Result<String> {
    actor.reach()?;
    let db = app.store.read();
    let first = decisions::list_batch(db, batch, DecisionId(0), 1).await?;
    let first = first
        .first()
        .ok_or(Error::NotFound("decision to take back"))?;
    decide::must_be_undoable(first.decided_at, app.clock.now())?;
    let total = decisions::count_batch(db, batch).await?;
    let batch = batch.to_owned();
    begin(app, actor, &Work::Undo { batch }, total, 0).await
}

/// Asks what a rule would have done.
pub async fn try_rule(app: &App, actor: &Actor, draft: Draft) -> Result<String> {
    actor.must(Action::SetRules)?;
    draft.make()?;
    let last = queue::last_id(app.store.read()).await?;
    let total = u64::try_from(last.0).unwrap_or(0).min(time_machine::DEPTH);
    let work = Work::Try {
        draft: Box::new(draft),
    };
    begin(app, actor, &work, total, last.0 + 1).await
}

async fn begin(app: &App, actor: &Actor, work: &Work, total: u64, place: i64) -> Result<String> {
    let under_way = tasks::list_under_way(app.store.read(), MOST).await?;
    if under_way.len() as u64 == MOST {
        return Err(Error::Conflict(format!(
            "{MOST} tasks are under way already: wait until one of them is done"
        )));
    }
    let new = NewTask {
        token: Token::random().as_str().to_owned(),
        kind: work.name(),
        work: serde_json::to_string(work).map_err(|e| Error::internal("write a task", e))?,
        actor: (actor.id, actor.name.clone(), actor.role),
        total: i64::try_from(total).unwrap_or(i64::MAX),
        place,
    };
    let (token, now) = (new.token.clone(), app.clock.now());
    app.store
        .write(move |tx| {
            let new = new.clone();
            Box::pin(async move {
                let task = tasks::insert(&**tx, new, now).await?;
                jobs::enqueue(tx, &Job::WorkOn { task }, now, now).await?;
                Ok(())
            })
        })
        .await?;
    Ok(token)
}

/// A task by its name, with what it does.
pub async fn find(app: &App, actor: &Actor, token: &str) -> Result<(Task, Work)> {
    actor.reach()?;
    let task = tasks::find_by_token(app.store.read(), token)
        .await?
        .filter(|task| actor.may(Action::Moderate) || task.actor_id == actor.id)
        .ok_or(Error::NotFound("task"))?;
    let work = read(&task)?;
    Ok((task, work))
}

/// What is under way.
pub async fn list_under_way(app: &App, actor: &Actor) -> Result<Vec<Task>> {
    actor.reach()?;
    let mut tasks = tasks::list_under_way(app.store.read(), MOST).await?;
    tasks.retain(|task| actor.may(Action::Moderate) || task.actor_id == actor.id);
    Ok(tasks)
}

fn read(task: &Task) -> Result<Work> {
    serde_json::from_str(&task.work).map_err(|error| Error::internal("read a task", error))
}

/// Lets a task that failed go on where it stopped; where somebody else was faster, it goes on
/// already.
pub async fn retry(app: &App, actor: &Actor, token: &str) -> Result<()> {
    let (task, _) = find(app, actor, token).await?;
    let (id, now) = (task.id, app.clock.now());
    app.store
        .write(move |tx| {
            Box::pin(async move {
                if tasks::reopen(&**tx, id).await? {
                    jobs::revive(tx, &Job::WorkOn { task: id }, now).await?;
                }
                Ok(())
            })
        })
        .await
}

/// Ends a task whose job was given up: what it did stays done, and can be undone.
pub async fn give_up(tx: &Tx, id: TaskId, error: &str, now: Moment) -> Result<()> {
    tasks::set_failed(&**tx, id, &format!("{GIVEN_UP}: {error}."), now).await
}

/// Goes on with a task for a while; doing it again, or twice at once, does no harm.
pub async fn work_on(app: &App, id: TaskId) -> Result<()> {
    let begun = Instant::now();
    // A job that was given up comes here again only where somebody retries it.
    app.store
        .write(move |tx| Box::pin(async move { tasks::reopen(&**tx, id).await }))
        .await?;
    loop {
        let Some(task) = tasks::find(app.store.read(), id).await? else {
            return Ok(());
        };
        if task.ended_at.is_some() {
            return Ok(());
        }
        match read(&task)? {
            Work::Decide { filter, to, last } => decide_some(app, task, *filter, to, last).await?,
            Work::Undo { batch } => undo_some(app, task, batch).await?,
            Work::Try { draft } => time_machine::look_at_some(app, task, &draft).await?,
        }
        if begun.elapsed() > TURN {
            let now = app.clock.now();
            return app
                .store
                .write(move |tx| {
                    Box::pin(async move {
                        jobs::enqueue_once(tx, &Job::WorkOn { task: id }, now, now).await
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

async fn decide_some(
    app: &App,
    task: Task,
    filter: Filter,
    to: ResponseState,
    last: ResponseId,
) -> Result<()> {
    let after = ResponseId(task.place);
    let ids = queue::list_ids(app.store.read(), &filter, after, last, CHUNK as u64).await?;
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            let (task, ids) = (task.clone(), ids.clone());
            let from = (!filter.reported && !filter.appealed).then_some(filter.state);
            Box::pin(async move {
                let step = Step {
                    seen: task.seen + ids.len() as i64,
                    moved: task.moved,
                    place: ids.last().map_or(task.place, |id| id.0),
                    result: String::new(),
                    ended_at: ids.is_empty().then_some(now),
                };
                // Whoever notes the step does it: another worker that has it too does nothing.
                if !tasks::set_step(&**tx, &task, step.clone()).await? || ids.is_empty() {
                    return Ok(());
                }
                let actor = actor_of(&task);
                let wish = Wish {
                    from,
                    to,
                    note: String::new(),
                };
                let press = Press {
                    actor: &actor,
                    batch: &task.token,
                    note: "",
                    now,
                };
                let moved = decide::decide_chunk(tx, press, actor.reach()?, &ids, &wish).await?;
                add_moved(tx, &task, step, moved).await
            })
        })
        .await
}

async fn undo_some(app: &App, task: Task, batch: String) -> Result<()> {
    let after = DecisionId(task.place);
    let chunk = decisions::list_batch(app.store.read(), &batch, after, CHUNK as u64).await?;
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            let (task, chunk) = (task.clone(), chunk.clone());
            Box::pin(async move {
                let step = Step {
                    seen: task.seen + chunk.len() as i64,
                    moved: task.moved,
                    place: chunk.last().map_or(task.place, |decision| decision.id.0),
                    result: String::new(),
                    ended_at: chunk.is_empty().then_some(now),
                };
                if !tasks::set_step(&**tx, &task, step.clone()).await? || chunk.is_empty() {
                    return Ok(());
                }
                let actor = actor_of(&task);
                let press = Press {
                    actor: &actor,
                    batch: &task.token,
                    note: "",
                    now,
                };
                let moved = decide::undo_chunk(tx, press, actor.reach()?, &chunk).await?;
                add_moved(tx, &task, step, moved).await
            })
        })
        .await
}

async fn add_moved(tx: &Tx, task: &Task, step: Step, moved: usize) -> Result<()> {
    let mut noted = task.clone();
    noted.place = step.place;
    let step = Step {
        moved: step.moved + moved as i64,
        ..step
    };
    tasks::set_step(&**tx, &noted, step).await?;
    Ok(())
}
