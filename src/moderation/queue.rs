//! What a moderator sees: a page of responses with what is needed to decide on them, and how many
//! there are of each state.

use std::collections::HashMap;

use crate::accounts::permissions::{Action, Actor, Reach};
use crate::app::App;
use crate::clock::Moment;
use crate::error::{Error, Result};
use crate::moderation::entry::{Entry, entry};
use crate::moderation::people::{self, Record};
use crate::moderation::privacy;
use crate::store::entity::claim::Model as Claim;
use crate::store::entity::decision::Model as Decision;
use crate::store::entity::ids::{DecisionId, PostId, ResponseId};
use crate::store::entity::response::{Model as Response, ResponseState};
use crate::store::entity::shield::Model as Shield;
use crate::store::posts::{self, PostLine};
use crate::store::queue::{self as rows, Filter, From, Order};
use crate::store::{appeals, claims, decisions, reports, responses, shields};

/// Responses on a page of the queue.
pub const PAGE: u64 = 25;
/// Decisions on a page of the log.
const LOG_PAGE: u64 = 50;
/// The most reports that are shown on a page.
const REPORTS: u64 = 200;
/// Matches are counted up to this.
pub const COUNTED: u64 = 100_000;

/// A page of the queue.
#[derive(Clone, Debug)]
pub struct QueuePage {
    /// What it shows, each with why it was held.
    pub entries: Vec<Entry>,
    /// Their posts.
    pub posts: HashMap<PostId, PostLine>,
    /// What they answer.
    pub parents: HashMap<ResponseId, Response>,
    /// What became of what their senders sent before.
    pub records: HashMap<ResponseId, Record>,
    /// Who else looks at which just now.
    pub claims: Vec<Claim>,
    /// How many responses stand in each state.
    pub counts: HashMap<ResponseState, u64>,
    /// How many readers reported, and of how many the writer appealed.
    pub reported: u64,
    /// Of how many the writer appealed.
    pub appealed: u64,
    /// How many match the filter; None where nothing but the state is asked for.
    pub matching: Option<u64>,
    /// The response behind which the next page begins, with its risk.
    pub next: Option<(ResponseId, i64)>,
    /// Bursts that last.
    pub shields: Vec<Shield>,
}

/// A decision in the log.
#[derive(Clone, Debug)]
pub struct Logged {
    /// The decision.
    pub decision: Decision,
    /// Whether it has been taken back.
    pub undone: bool,
    /// How many decisions the same press made, with this one.
    pub together: u64,
}

/// A page of the log.
#[derive(Clone, Debug)]
pub struct LogPage {
    /// The newest first.
    pub decisions: Vec<Logged>,
    /// The decision behind which the next page begins.
    pub next: Option<DecisionId>,
}

/// A page of the responses that match.
pub async fn page_queue(
    app: &App,
    actor: &Actor,
    filter: &Filter,
    order: Order,
    from: From,
) -> Result<QueuePage> {
    let mut filter = filter.clone();
    let reach = actor.reach()?;
    if let Reach::PostsOf(author) = reach {
        filter.posts_of = Some(author);
    }
    privacy::must_be_allowed(actor, &filter)?;
    let db = app.store.read();
    // One more than is shown tells whether there is a next page.
    let mut found = rows::page(db, &filter, order, from, PAGE + 1).await?;
    let next = (found.len() as u64 > PAGE).then(|| {
        found.truncate(PAGE as usize);
        found.last().map(|response| (response.id, response.risk))
    });
    let now = app.clock.now();
    let ids: Vec<ResponseId> = found.iter().map(|response| response.id).collect();
    let parents: Vec<ResponseId> = found.iter().filter_map(|row| row.parent_id).collect();
    let mut parents = rows::list(db, &parents).await?;
    for parent in &mut parents {
        privacy::hide_in_response(actor, parent);
    }
    let mut records = HashMap::new();
    // A record counts what somebody sent to all posts, by their address.
    let is_seen = actor.may(Action::Moderate) && actor.may(Action::SeeAddresses);
    for response in found.iter().filter(|_| is_seen) {
        if let Some(record) = people::record_of(app, response).await? {
            records.insert(response.id, record);
        }
    }
    let whole = |state| Filter {
        posts_of: filter.posts_of,
        ..Filter::of(state)
    };
    let (mut counts, mut matching) = (HashMap::new(), None);
    if filter.posts_of.is_some() {
        for state in [
            ResponseState::Pending,
            ResponseState::Approved,
            ResponseState::Spam,
            ResponseState::Trash,
        ] {
            counts.insert(state, rows::count(db, &whole(state), COUNTED).await?);
        }
    } else {
        counts = responses::count_by_state(db).await?;
    }
    if filter != whole(filter.state) {
        matching = Some(rows::count(db, &filter, COUNTED).await?);
    }
    let reported = Filter {
        reported: true,
        ..whole(ResponseState::Approved)
    };
    let appealed = Filter {
        appealed: true,
        ..whole(ResponseState::Trash)
    };
    let posts = list_posts(app, found.iter().map(|row| row.post_id).collect()).await?;
    Ok(QueuePage {
        posts,
        parents: parents.into_iter().map(|row| (row.id, row)).collect(),
        records,
        claims: claims::list_others(db, &ids, actor.id, now).await?,
        counts,
        reported: rows::count(db, &reported, COUNTED).await?,
        appealed: rows::count(db, &appealed, COUNTED).await?,
        matching,
        next: next.flatten(),
        shields: shields::list_lasting(db, None, now).await?,
        entries: with_words(app, actor, found).await?,
    })
}

async fn list_posts(app: &App, mut ids: Vec<PostId>) -> Result<HashMap<PostId, PostLine>> {
    ids.sort_unstable();
    ids.dedup();
    let posts = posts::list_by_ids(app.store.read(), &ids).await?;
    Ok(posts.into_iter().map(|post| (post.id, post)).collect())
}

/// Entries with what readers and writers say of them.
async fn with_words(app: &App, actor: &Actor, found: Vec<Response>) -> Result<Vec<Entry>> {
    let db = app.store.read();
    let reported: Vec<ResponseId> = found
        .iter()
        .filter(|row| row.reported > 0)
        .map(|row| row.id)
        .collect();
    let appealed: Vec<ResponseId> = found
        .iter()
        .filter(|row| row.appealed_at.is_some())
        .map(|row| row.id)
        .collect();
    let reports = reports::list(db, &reported, REPORTS).await?;
    let appeals = appeals::list(db, &appealed).await?;
    Ok(found
        .into_iter()
        .map(|response| {
            let entry = entry(actor, response);
            let id = entry.response.id;
            let reports = reports.iter().filter(|r| r.response_id == id);
            let appeal = appeals.iter().find(|a| a.response_id == id);
            entry.with_words(actor, reports.cloned().collect(), appeal.cloned())
        })
        .collect())
}

/// One response with its post and all that was decided on it.
pub async fn find_entry(
    app: &App,
    actor: &Actor,
    id: ResponseId,
) -> Result<(Entry, PostLine, Vec<Logged>)> {
    let reach = actor.reach()?;
    let db = app.store.read();
    let response = responses::find(db, id)
        .await?
        .ok_or(Error::NotFound("response"))?;
    let posts = posts::list_by_ids(db, &[response.post_id]).await?;
    let post = posts
        .into_iter()
        .next()
        .filter(|post| match reach {
            Reach::Everything => true,
            Reach::PostsOf(author) => post.author_id == author,
        })
        .ok_or(Error::NotFound("response"))?;
    let mut decisions = decisions::list_for_response(db, id).await?;
    for decision in &mut decisions {
        privacy::hide_in_note(actor, &mut decision.note);
    }
    let reports = reports::list(db, &[id], REPORTS).await?;
    let appeal = appeals::list(db, &[id]).await?.into_iter().next();
    let entry = entry(actor, response).with_words(actor, reports, appeal);
    Ok((entry, post, with_undone(app, decisions).await?))
}

async fn with_undone(app: &App, decisions: Vec<Decision>) -> Result<Vec<Logged>> {
    let ids: Vec<DecisionId> = decisions.iter().map(|decision| decision.id).collect();
    let mut batches: Vec<String> = decisions.iter().map(|one| one.batch.clone()).collect();
    batches.sort_unstable();
    batches.dedup();
    let sizes = decisions::count_batches(app.store.read(), &batches).await?;
    let undone = decisions::list_undone(app.store.read(), &ids).await?;
    Ok(decisions
        .into_iter()
        .map(|decision| Logged {
            undone: undone.contains(&decision.id),
            together: sizes.get(&decision.batch).copied().unwrap_or(1),
            decision,
        })
        .collect())
}

/// A page of the log, behind `before` where it is given.
pub async fn page_log(app: &App, actor: &Actor, before: Option<DecisionId>) -> Result<LogPage> {
    actor.must(Action::Moderate)?;
    page_decisions(app, before).await
}

/// The same for everybody, where the site has it so; names and texts are left out by the page.
pub async fn page_public_log(app: &App, before: Option<DecisionId>) -> Result<LogPage> {
    if !app.config.moderation.public_log {
        return Err(Error::NotFound("page"));
    }
    page_decisions(app, before).await
}

async fn page_decisions(app: &App, before: Option<DecisionId>) -> Result<LogPage> {
    let mut found = decisions::page(app.store.read(), before, LOG_PAGE + 1).await?;
    let next = (found.len() as u64 > LOG_PAGE).then(|| {
        found.truncate(LOG_PAGE as usize);
        found.last().map(|decision| decision.id)
    });
    Ok(LogPage {
        decisions: with_undone(app, found).await?,
        next: next.flatten(),
    })
}

/// Whether a decision can still be taken back.
pub fn is_undoable(logged: &Logged, now: Moment) -> bool {
    !logged.undone
        && logged.decision.undoes.is_none()
        && now.since(logged.decision.decided_at) <= crate::moderation::decide::UNDO
}
