//! Checking a linkback: the source is fetched and must really link to the target.
//!
//! Whatever keeps a source from being read looks the same from outside, and takes the same time:
//! refused by the guard, unknown to DNS, closed, slow, missing, broken.

use std::time::Duration;

use url::Url;

use crate::app::App;
use crate::clock::Moment;
use crate::error::{Error, Result};
use crate::jobs::{self, Job};
use crate::linkbacks::reading::{Evidence, read_source};
use crate::linkbacks::receive::{Told, share_of};
use crate::markup::markdown;
use crate::markup::sanitise::SafeHtml;
use crate::net::fetch::{Conditions, FetchError, Fetched};
use crate::responses::openness::takes_linkbacks;
use crate::responses::receive::{self, Judged, Shown};
use crate::responses::reconsider::{self, Look};
use crate::store::changes::Part;
use crate::store::entity::ids::LinkbackId;
use crate::store::entity::linkback::{LinkbackState, Model as Linkback, Protocol, Refusal};
use crate::store::entity::response::{Model as Response, ResponseKind, ResponseState};
use crate::store::linkbacks::{self as rows, Outcome, Version};
use crate::store::posts;
use crate::store::responses::{self, NewResponse, SourceContent};
use crate::urls::SitePage;

/// The waits before a source that could not be read is tried again.
const WAITS: [Duration; 4] = [
    Duration::from_secs(60),
    Duration::from_secs(5 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(2 * 60 * 60),
];
/// How long after it was read a source is looked at again for the first time.
pub const FIRST_LOOK: Duration = Duration::from_secs(24 * 60 * 60);

/// What a look at a source found.
pub enum Looked {
    /// It links here.
    Links(Box<Evidence>, Version),
    /// It is as it was.
    Unchanged,
    /// It was read and does not link here.
    NoLink,
    /// It says that it is gone for good (410).
    Gone,
    /// It is not there (404).
    Missing,
    /// It could not be read, whatever the cause.
    Unreadable,
    /// Its host has had as many requests as this server sends it; how long to wait.
    TooSoon(Duration),
}

/// Looks at the source of a linkback that was told and notes what came of it. Doing it again does no
/// harm.
pub async fn verify_linkback(app: &App, id: LinkbackId) -> Result<()> {
    let Some(linkback) = rows::find(app.store.read(), id).await? else {
        return Ok(());
    };
    if linkback.state != LinkbackState::Checking {
        return Ok(());
    }
    let is_new = linkback.response_id.is_none();
    if is_new && !is_open(app, &linkback).await? {
        return note(app, linkback.id, Outcome::Refused(Refusal::Closed)).await;
    }
    match look(app, &linkback, Conditions::default()).await? {
        Looked::Links(evidence, version) => accept(app, linkback, *evidence, version).await,
        Looked::Unchanged => Ok(()),
        Looked::NoLink => end(app, linkback, Refusal::NoLink).await,
        Looked::Gone => end(app, linkback, Refusal::Gone).await,
        Looked::Missing => put_off_or(app, linkback, Some(Refusal::Gone)).await,
        Looked::Unreadable => put_off_or(app, linkback, None).await,
        Looked::TooSoon(wait) => again(app, &linkback, linkback.tries, wait).await,
    }
}

/// Fetches and reads a source.
pub async fn look(app: &App, linkback: &Linkback, conditions: Conditions) -> Result<Looked> {
    let Ok(url) = Url::parse(&linkback.source_url) else {
        return Ok(Looked::Unreadable);
    };
    let fetched = match app.fetcher.get(&url, conditions).await {
        Ok(fetched) if (200..300).contains(&fetched.status) => fetched,
        Ok(fetched) => {
            tracing::info!(linkback = %linkback.id, status = fetched.status, "look at a source");
            return Ok(match fetched.status {
                304 => Looked::Unchanged,
                404 => Looked::Missing,
                410 => Looked::Gone,
                _ => Looked::Unreadable,
            });
        }
        Err(FetchError::OverBudget(wait)) => return Ok(Looked::TooSoon(wait)),
        Err(error) => {
            tracing::info!(linkback = %linkback.id, %error, "look at a source");
            return Ok(Looked::Unreadable);
        }
    };
    let version = Version {
        etag: fetched.header("etag").map(str::to_owned),
        last_modified: fetched.header("last-modified").map(str::to_owned),
    };
    Ok(match read(app, linkback, fetched).await? {
        Some(evidence) => Looked::Links(Box::new(evidence), version),
        None => Looked::NoLink,
    })
}

async fn read(app: &App, linkback: &Linkback, fetched: Fetched) -> Result<Option<Evidence>> {
    let db = app.store.read();
    let slugs = posts::list_slugs(db, linkback.post_id).await?;
    let body = posts::find(db, linkback.post_id)
        .await?
        .map_or_else(String::new, |post| post.body_markdown);
    let (urls, post, protocol) = (app.urls.clone(), linkback.post_id, linkback.protocol);
    let target = linkback.target_url.clone();
    let told: Told = serde_json::from_str(&linkback.told).unwrap_or_default();
    // Reading a page takes milliseconds of work, which readers' requests should not wait for.
    let reading = app.cpu.run("read a source", move || {
        let is_target = |address: &str| match urls.read(address) {
            Some(SitePage::Post { slug }) => slugs.contains(&slug),
            Some(SitePage::PostId(id)) => id == post.0,
            _ => false,
        };
        let post_text = markdown::plain_text(&body);
        read_source(&fetched, protocol, &told, &target, &post_text, &is_target)
    });
    reading.await
}

/// Stores what a source says: as a new response, or in place of what it said before.
pub async fn accept(
    app: &App,
    linkback: Linkback,
    evidence: Evidence,
    version: Version,
) -> Result<()> {
    let came_back = linkback.response_id.is_some() && linkback.refusal.is_some();
    let judged = judge(app, &linkback, &evidence, came_back).await?;
    let now = app.clock.now();
    let look_at = now.plus(FIRST_LOOK);
    app.store
        .write(move |tx| {
            let (judged, linkback, version) = (judged.clone(), linkback.clone(), version.clone());
            Box::pin(async move {
                let key = &linkback.source_key;
                let before = responses::find_by_dedupe_key(&**tx, linkback.post_id, key).await?;
                let response = match before {
                    Some(before) => {
                        let id = before.id;
                        replace(tx, before, judged, came_back, now).await?;
                        Some(id)
                    }
                    None => receive::store_response(tx, judged, now).await?,
                };
                let Some(response) = response else {
                    return Ok(());
                };
                let outcome = Outcome::Verified {
                    response,
                    version,
                    look_at,
                    looked_days: 1,
                };
                rows::set_outcome(&**tx, linkback.id, outcome, now).await?;
                tx.touch(Part::Linkbacks);
                Ok(())
            })
        })
        .await
}

async fn judge(
    app: &App,
    linkback: &Linkback,
    evidence: &Evidence,
    came_back: bool,
) -> Result<Judged> {
    let kind = match linkback.protocol {
        Protocol::Pingback => ResponseKind::Pingback,
        Protocol::Trackback => ResponseKind::Trackback,
        Protocol::Webmention => ResponseKind::Webmention,
    };
    let parent = match evidence.answers {
        Some(id) => receive::find_parent(app, linkback.post_id, id).await?,
        None => None,
    };
    let words = &evidence.words;
    let source = &linkback.source_url;
    let new = NewResponse {
        post_id: linkback.post_id,
        parent,
        kind,
        mention: evidence.mention,
        state: ResponseState::Pending,
        author_name: evidence.name.clone(),
        author_email: None,
        author_url: Some(evidence.author_url.as_ref().unwrap_or(source).clone()),
        author_photo: evidence.author_photo.clone(),
        author_id: None,
        body_markdown: String::new(),
        body_html: match words.as_str() {
            "" => String::new(),
            words => SafeHtml::of_text(words).into_string(),
        },
        source_url: Some(source.clone()),
        reasons: String::new(),
        ip: linkback.ip.clone(),
        user_agent: None,
        receipt_hash: None,
        standing_id: None,
        risk: 0,
        network: None,
        name_key: None,
        proof_key: None,
        dedupe_key: linkback.source_key.clone(),
    };
    let shown = Shown {
        text: words.clone(),
        source: Some(evidence.signs.for_judge(came_back)),
    };
    let post = posts::find(app.store.read(), linkback.post_id)
        .await?
        .ok_or(Error::NotFound("post"))?;
    receive::judge_response(app, &post, new, shown).await
}

/// Puts new words in the place of old ones, and lets the new verdict decide.
async fn replace(
    tx: &crate::store::db::Tx,
    before: Response,
    judged: Judged,
    came_back: bool,
    now: Moment,
) -> Result<()> {
    let new = judged.response();
    let is_changed = before.body_html != new.body_html
        || before.author_name != new.author_name
        || before.author_url != new.author_url
        || before.mention != new.mention;
    if is_changed || before.gone_since.is_some() || before.kind != new.kind {
        let content = SourceContent {
            kind: new.kind,
            mention: new.mention,
            author_name: new.author_name.clone(),
            author_url: new.author_url.clone(),
            author_photo: new.author_photo.clone(),
            body_html: new.body_html.clone(),
            reasons: new.reasons.clone(),
            proof_key: new.proof_key.clone(),
            changed_at: is_changed.then_some(now),
        };
        responses::set_source(&**tx, &before, content).await?;
        receive::touch(tx, before.post_id);
    }
    let look = Look {
        is_changed,
        came_back,
    };
    reconsider::settle(tx, &before, &judged, look, now).await
}

/// The source does not stand for its response: there is none, or it is taken back.
async fn end(app: &App, linkback: Linkback, refusal: Refusal) -> Result<()> {
    let Some(response) = linkback.response_id else {
        return note(app, linkback.id, Outcome::Refused(refusal)).await;
    };
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            Box::pin(async move {
                tx.touch(Part::Linkbacks);
                if let Some(response) = responses::find(&**tx, response).await? {
                    // What a moderator called spam stays with the spam, to learn from.
                    if response.state != ResponseState::Spam {
                        let (to, why) = (ResponseState::Trash, "Its source took it back");
                        receive::move_for_source(tx, &response, to, why, now).await?;
                    }
                }
                rows::set_outcome(&**tx, linkback.id, Outcome::Withdrawn(refusal), now).await
            })
        })
        .await
}

/// Tries later; after the last try there is no response, or what there was is taken back where
/// `missing` says so, or stays.
async fn put_off_or(app: &App, linkback: Linkback, missing: Option<Refusal>) -> Result<()> {
    // Who sends a pingback or a trackback is told at once, and may send it again.
    let may_try = linkback.protocol == Protocol::Webmention || linkback.response_id.is_some();
    let tries = usize::try_from(linkback.tries).unwrap_or(usize::MAX);
    if let Some(wait) = WAITS.get(tries).filter(|_| may_try) {
        return again(app, &linkback, linkback.tries + 1, *wait).await;
    }
    match (linkback.response_id, missing) {
        (Some(_), Some(refusal)) => end(app, linkback, refusal).await,
        (Some(_), None) => {
            let now = app.clock.now();
            let outcome = Outcome::Failing {
                since: linkback.failing_since.unwrap_or(now),
                failures: linkback.failures + 1,
                look_at: now.plus(FIRST_LOOK),
            };
            note(app, linkback.id, outcome).await
        }
        (None, _) => note(app, linkback.id, Outcome::Refused(Refusal::Unreadable)).await,
    }
}

async fn again(app: &App, linkback: &Linkback, tries: i64, wait: Duration) -> Result<()> {
    let now = app.clock.now();
    let (id, share) = (linkback.id, share_of(linkback.ip.as_deref()));
    app.store
        .write(move |tx| {
            let share = share.clone();
            Box::pin(async move {
                rows::set_outcome(&**tx, id, Outcome::NotYet { tries }, now).await?;
                let job = Job::VerifyLinkback { linkback: id };
                jobs::enqueue_for(tx, &job, &share, now.plus(wait), now).await?;
                Ok(())
            })
        })
        .await
}

/// Notes an outcome that moves no response.
pub async fn note(app: &App, id: LinkbackId, outcome: Outcome) -> Result<()> {
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            let outcome = outcome.clone();
            Box::pin(async move {
                tx.touch(Part::Linkbacks);
                rows::set_outcome(&**tx, id, outcome, now).await
            })
        })
        .await
}

async fn is_open(app: &App, linkback: &Linkback) -> Result<bool> {
    let post = posts::find(app.store.read(), linkback.post_id).await?;
    Ok(post.is_some_and(|post| takes_linkbacks(app, &post)))
}
