//! Pages of the queue: responses with what a moderator needs to decide on them, and the numbers of each
//! state. Changes nothing.

use std::collections::HashMap;

use crate::accounts::permissions::{Action, Actor, ModerationScope};
use crate::app::App;
use crate::error::{Error, Result};
use crate::moderation::entry::QueueEntry;
use crate::moderation::log::{self, LogEntry};
use crate::moderation::privacy;
use crate::moderation::profile::{self, SenderRecord};
use crate::store::entity::burst::Model as Burst;
use crate::store::entity::claim::Model as Claim;
use crate::store::entity::ids::{PostId, ResponseId};
use crate::store::entity::response::{Model as Response, ResponseState};
use crate::store::posts::{self, PostLine};
use crate::store::queue::{self as rows, Cursor, Filter, Order};
use crate::store::response_counts;
use crate::store::{appeals, bursts, claims, decisions, reports, responses};

pub const PAGE_SIZE: u64 = 25;
/// Reports that are shown on one page.
const MAX_REPORTS: u64 = 200;
/// More matches than this are not counted.
pub const MAX_COUNTED: u64 = 100_000;

/// A page of the queue.
#[derive(Clone, Debug)]
pub struct QueuePage {
    pub entries: Vec<QueueEntry>,
    /// The posts of the entries.
    pub posts: HashMap<PostId, PostLine>,
    /// The responses that entries reply to.
    pub parents: HashMap<ResponseId, Response>,
    /// What happened to earlier responses of the senders, by the id of the entry.
    pub records: HashMap<ResponseId, SenderRecord>,
    /// Entries that other moderators are looking at.
    pub claims: Vec<Claim>,
    pub counts: HashMap<ResponseState, u64>,
    /// Responses with open reports.
    pub reported: u64,
    /// Responses with an open appeal.
    pub appealed: u64,
    /// How many match the filter; None where it names only a state.
    pub matching: Option<u64>,
    /// Where the next page begins.
    pub next: Option<Cursor>,
    /// Bursts that are not over.
    pub bursts: Vec<Burst>,
}

/// A page of the responses that match and that the actor may moderate.
pub async fn page_queue(
    app: &App,
    actor: &Actor,
    filter: &Filter,
    order: Order,
    after: Option<Cursor>,
) -> Result<QueuePage> {
    let mut filter = filter.clone();
    let scope = actor.moderation_scope()?;
    if let ModerationScope::PostsOf(author) = scope {
        filter.posts_of = Some(author);
    }
    privacy::check_filter(actor, &filter)?;
    let db = app.store.read();
    // One more than is shown, to know whether there is a next page.
    let mut found = rows::page(db, &filter, order, after, PAGE_SIZE + 1).await?;
    let next = (found.len() as u64 > PAGE_SIZE).then(|| {
        found.truncate(PAGE_SIZE as usize);
        found.last().map(Cursor::from)
    });
    let now = app.clock.now();
    let ids: Vec<ResponseId> = found.iter().map(|response| response.id).collect();
    let parents: Vec<ResponseId> = found.iter().filter_map(|row| row.parent_id).collect();
    let mut parents = rows::list(db, &parents).await?;
    for parent in &mut parents {
        privacy::hide_in_response(actor, parent);
    }
    let mut records = HashMap::new();
    // Records count responses to all posts and depend on addresses.
    let sees_records = actor.may(Action::Moderate) && actor.may(Action::SeeAddresses);
    for response in found.iter().filter(|_| sees_records) {
        if let Some(record) = profile::find_record(app, response).await? {
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
            counts.insert(state, rows::count(db, &whole(state), MAX_COUNTED).await?);
        }
    } else {
        counts = response_counts::count_by_state(db).await?;
    }
    if filter != whole(filter.state) {
        matching = Some(rows::count(db, &filter, MAX_COUNTED).await?);
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
        reported: rows::count(db, &reported, MAX_COUNTED).await?,
        appealed: rows::count(db, &appealed, MAX_COUNTED).await?,
        matching,
        next: next.flatten(),
        bursts: bursts::list_lasting(db, None, now).await?,
        entries: list_entries(app, actor, found).await?,
    })
}

async fn list_posts(app: &App, mut ids: Vec<PostId>) -> Result<HashMap<PostId, PostLine>> {
    ids.sort_unstable();
    ids.dedup();
    let posts = posts::list_by_ids(app.store.read(), &ids).await?;
    Ok(posts.into_iter().map(|post| (post.id, post)).collect())
}

/// Entries with their reports and appeals.
async fn list_entries(app: &App, actor: &Actor, found: Vec<Response>) -> Result<Vec<QueueEntry>> {
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
    let reports = reports::list(db, &reported, MAX_REPORTS).await?;
    let appeals = appeals::list(db, &appealed).await?;
    Ok(found
        .into_iter()
        .map(|response| {
            let entry = QueueEntry::new(actor, response);
            let id = entry.response.id;
            let reports = reports.iter().filter(|r| r.response_id == id);
            let appeal = appeals.iter().find(|a| a.response_id == id);
            entry.with_reports_and_appeal(actor, reports.cloned().collect(), appeal.cloned())
        })
        .collect())
}

/// One response with its post and all decisions on it; not found where the actor may not moderate it.
pub async fn load_entry(
    app: &App,
    actor: &Actor,
    id: ResponseId,
) -> Result<(QueueEntry, PostLine, Vec<LogEntry>)> {
    let scope = actor.moderation_scope()?;
    let db = app.store.read();
    let response = responses::find(db, id)
        .await?
        .ok_or(Error::NotFound("response"))?;
    let posts = posts::list_by_ids(db, &[response.post_id]).await?;
    let post = posts
        .into_iter()
        .next()
        .filter(|post| match scope {
            ModerationScope::All => true,
            ModerationScope::PostsOf(author) => post.author_id == author,
        })
        .ok_or(Error::NotFound("response"))?;
    let mut decisions = decisions::list_for_response(db, id).await?;
    for decision in &mut decisions {
        privacy::hide_in_note(actor, &mut decision.note);
    }
    let reports = reports::list(db, &[id], MAX_REPORTS).await?;
    let appeal = appeals::list(db, &[id]).await?.into_iter().next();
    let entry = QueueEntry::new(actor, response).with_reports_and_appeal(actor, reports, appeal);
    Ok((entry, post, log::with_undone(app, decisions).await?))
}
