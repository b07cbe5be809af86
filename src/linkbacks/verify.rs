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
use crate::linkbacks::reading::{Evidence, Source, read_source};
use crate::linkbacks::receive::{Told, share_of, source_key};
use crate::markup::markdown;
use crate::markup::sanitise::SafeHtml;
use crate::net::fetch::{Conditions, FetchError, Fetched};
use crate::responses::openness::takes_linkbacks;
use crate::responses::receive::{self, Judged, Shown};
use crate::responses::reconsider::{self, Look};
use crate::store::changes::Part;
use crate::store::db::Tx;
use crate::store::entity::ids::{LinkbackId, ResponseId};
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

/// A source that cannot be read so many looks in a row is taken for dead.
pub const DEAD_AFTER: i64 = 3;
/// How often in a row a source is put off because its host's budget is used up, before that counts as
/// a source that cannot be read.
pub const MOST_PUT_OFFS: i64 = 20;

/// What a look at a source found.
pub enum Looked {
    /// It links here.
    Links(Box<Evidence>, Version),
    /// It is as it was.
    Unchanged,
    /// It was read and does not link here.
    NoLink,
    /// As much of it as is read does not link here.
    NoLinkSoFar,
    /// It leads to a page of this site.
    OwnPage,
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
    // A check that was given up may be tried again by hand, also where there is a response.
    let is_refused = linkback.state == LinkbackState::Refused;
    if is_refused && linkback.refusal != Some(Refusal::Failed) {
        return Ok(());
    }
    let is_new = linkback.response_id.is_none();
    if is_new && !is_open(app, &linkback).await? {
        return note(app, &linkback, Outcome::Refused(Refusal::Closed)).await;
    }
    let next = (app.clock.now().plus(FIRST_LOOK), 1);
    let (looked, page) = look(app, &linkback, Conditions::default()).await?;
    let page = page.as_deref();
    match looked {
        Looked::Links(evidence, version) => accept(app, linkback, *evidence, version, next).await,
        Looked::NoLink => end(app, linkback, page, Refusal::NoLink).await,
        Looked::OwnPage => end(app, linkback, page, Refusal::OwnPage).await,
        Looked::Gone => end(app, linkback, page, Refusal::Gone).await,
        Looked::NoLinkSoFar if is_new => {
            note(app, &linkback, Outcome::Refused(Refusal::TooLong)).await
        }
        // It may well link here as before.
        Looked::NoLinkSoFar => {
            if linkback.refusal.is_some() {
                return note(app, &linkback, Outcome::Withdrawn(Refusal::TooLong)).await;
            }
            if let Some(response) = linkback.response_id {
                reconsider::reconsider(app, response).await?;
            }
            let (look_at, looked_days) = next;
            let outcome = Outcome::Unchanged {
                look_at,
                looked_days,
            };
            note(app, &linkback, outcome).await
        }
        Looked::Missing => put_off_or(app, linkback, page, Some(Refusal::Gone)).await,
        // Nobody asked whether it is unchanged.
        Looked::Unreadable | Looked::Unchanged => put_off_or(app, linkback, page, None).await,
        Looked::TooSoon(wait) if linkback.put_offs < MOST_PUT_OFFS => {
            let (tries, put_offs) = (linkback.tries, linkback.put_offs + 1);
            again(app, linkback, tries, put_offs, wait).await
        }
        Looked::TooSoon(_) => put_off_or(app, linkback, page, None).await,
    }
}

/// Fetches and reads a source; with the key of the page that it leads to, where that answered.
pub async fn look(
    app: &App,
    linkback: &Linkback,
    conditions: Conditions,
) -> Result<(Looked, Option<String>)> {
    let Ok(url) = Url::parse(&linkback.source_url) else {
        return Ok((Looked::Unreadable, None));
    };
    let errand = format!("linkback {}", linkback.id);
    let fetched = match app.fetcher.on_errand(&errand).get(&url, conditions).await {
        // Nobody asked for a part of it (206).
        Ok(fetched) if (200..300).contains(&fetched.status) && fetched.status != 206 => fetched,
        Ok(fetched) => {
            tracing::info!(linkback = %linkback.id, status = fetched.status, "look at a source");
            let looked = match fetched.status {
                304 => Looked::Unchanged,
                404 => Looked::Missing,
                410 => Looked::Gone,
                _ => Looked::Unreadable,
            };
            return Ok((looked, Some(source_key(&fetched.url))));
        }
        Err(FetchError::OverBudget(wait)) => return Ok((Looked::TooSoon(wait), None)),
        Err(error) => {
            tracing::info!(linkback = %linkback.id, %error, "look at a source");
            return Ok((Looked::Unreadable, None));
        }
    };
    let page = Some(source_key(&fetched.url));
    if app.urls.read(fetched.url.as_str()).is_some() {
        return Ok((Looked::OwnPage, page));
    }
    let version = Version {
        etag: fetched.header("etag").map(str::to_owned),
        last_modified: fetched.header("last-modified").map(str::to_owned),
    };
    let looked = match read(app, linkback, fetched).await? {
        Source::Links(evidence) => Looked::Links(evidence, version),
        Source::NoLink => Looked::NoLink,
        Source::NoLinkSoFar => Looked::NoLinkSoFar,
        Source::Gone => Looked::Gone,
    };
    Ok((looked, page))
}

async fn read(app: &App, linkback: &Linkback, fetched: Fetched) -> Result<Source> {
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
        let named = urls.read(&target);
        let is_target = |address: &str| match urls.read(address) {
            Some(SitePage::Post { slug }) => slugs.contains(&slug),
            Some(SitePage::PostId(id)) => id == post.0,
            // The one that the target names is under the post; others would need a look each.
            page @ Some(SitePage::Comment(_)) => page == named,
            _ => false,
        };
        let post_text = markdown::plain_text(&body);
        read_source(&fetched, protocol, &told, &target, &post_text, &is_target)
    });
    reading.await
}

/// Stores what a source says: as a new response, or in place of what it said before. Several sources
/// that lead to one page have one response. `next` is when to look again, and in how many days that is.
pub async fn accept(
    app: &App,
    linkback: Linkback,
    evidence: Evidence,
    version: Version,
    (look_at, looked_days): (Moment, i64),
) -> Result<()> {
    let came_back = has_come_back(app, &linkback, &evidence).await?;
    let judged = judge(app, &linkback, &evidence, came_back).await?;
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            let (judged, linkback, version) = (judged.clone(), linkback.clone(), version.clone());
            Box::pin(async move {
                if !rows::begin_outcome(&**tx, &linkback).await? {
                    return Ok(());
                }
                let response = settle(tx, &linkback, judged, came_back, now).await?;
                let outcome = Outcome::Verified {
                    response,
                    version,
                    look_at,
                    looked_days,
                };
                rows::set_outcome(&**tx, linkback.id, outcome, now).await?;
                tx.touch(Part::Linkbacks);
                Ok(())
            })
        })
        .await
}

/// Whether the response that a source stands for was taken back before. That is the response of the page
/// that the source leads to: what became of another one, to which it led before, says nothing of this.
async fn has_come_back(app: &App, linkback: &Linkback, evidence: &Evidence) -> Result<bool> {
    let own_was_withdrawn = linkback.response_id.is_some() && linkback.refusal.is_some();
    let (db, key) = (app.store.read(), source_key(&evidence.source));
    let Some(there) = responses::find_by_dedupe_key(db, linkback.post_id, &key).await? else {
        return Ok(own_was_withdrawn);
    };
    let is_own =
        linkback.response_id == Some(there.id) && rows::speaks_for(db, linkback, &there).await?;
    Ok(is_own && own_was_withdrawn || reconsider::is_taken_back(app, &there).await?)
}

/// The one response of the page that a linkback's source leads to.
async fn settle(
    tx: &Tx,
    linkback: &Linkback,
    judged: Judged,
    came_back: bool,
    now: Moment,
) -> Result<ResponseId> {
    let key = judged.response().dedupe_key.clone();
    let find_there = || responses::find_by_dedupe_key(&**tx, linkback.post_id, &key);
    let own = match linkback.response_id {
        Some(id) => responses::find(&**tx, id).await?,
        None => None,
    };
    let own = match own {
        Some(own) if rows::speaks_for(&**tx, linkback, &own).await? => Some(own),
        // It is another page's, to which this source led before.
        _ => None,
    };
    let there = match (&own, find_there().await?) {
        (Some(own), there) if there.as_ref().is_none_or(|there| there.id == own.id) => {
            let id = own.id;
            // What a trackback says is its sender's word, who may be anybody.
            if linkback.protocol != Protocol::Trackback || own.kind == ResponseKind::Trackback {
                replace(tx, own.clone(), judged, came_back, now).await?;
            }
            return Ok(id);
        }
        (_, Some(there)) => there,
        (_, None) => {
            if let Some(id) = receive::store_response(tx, judged.clone(), now).await? {
                return Ok(id);
            }
            // Another source that leads there was faster.
            let there = find_there().await?;
            there.ok_or_else(|| Error::internal("store a linkback", "its response is not there"))?
        }
    };
    if let Some(own) = own
        && own.state != ResponseState::Spam
        && !is_held_up(tx, own.id, linkback, None).await?
    {
        let why = "Its source leads to a page that is here already";
        receive::move_for_source(tx, &own, ResponseState::Trash, why, now).await?;
    }
    let id = there.id;
    // Only a webmention's words are the page's own: what a pingback or a trackback says of a page
    // does not replace what is here of it. What was taken back may return by a pingback, whose words
    // this site has read from the page; a trackback's are its sender's.
    let is_taken_back = came_back && there.state == ResponseState::Trash;
    let replaces = match linkback.protocol {
        Protocol::Webmention => true,
        Protocol::Pingback => is_taken_back,
        Protocol::Trackback => false,
    };
    if replaces {
        replace(tx, there, judged, came_back, now).await?;
    }
    Ok(id)
}

/// Whether another source stands for a response too, where this one ends. What a page says of itself
/// holds, whatever other addresses lead to it: they are looked at more rarely, and may be anybody's.
/// `page` is the key of the page that the source led to just now.
/// Whoever asks holds the response until the transaction ends, so that of two sources that end at once
/// one sees the other gone.
pub async fn is_held_up(
    tx: &Tx,
    response: ResponseId,
    ending: &Linkback,
    page: Option<&str>,
) -> Result<bool> {
    responses::lock_states(&**tx, &[response]).await?;
    let response_row = responses::find(&**tx, response).await?;
    let is_the_page = |row: &Response| {
        row.dedupe_key == ending.source_key || page == Some(row.dedupe_key.as_str())
    };
    if response_row.as_ref().is_some_and(is_the_page) {
        return Ok(false);
    }
    rows::has_other(&**tx, response, ending.id, DEAD_AFTER).await
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
    let source = evidence.source.as_str();
    let new = NewResponse {
        post_id: linkback.post_id,
        parent,
        kind,
        mention: evidence.mention,
        state: ResponseState::Pending,
        author_name: evidence.name.clone(),
        author_email: None,
        author_url: Some(
            evidence
                .author_url
                .clone()
                .unwrap_or_else(|| source.to_owned()),
        ),
        author_photo: evidence.author_photo.clone(),
        author_id: None,
        body_markdown: String::new(),
        body_html: match words.as_str() {
            "" => String::new(),
            words => SafeHtml::of_text(words).into_string(),
        },
        source_url: Some(source.to_owned()),
        reasons: String::new(),
        ip: linkback.ip.clone(),
        user_agent: None,
        receipt_hash: None,
        standing_id: None,
        risk: 0,
        network: None,
        name_key: None,
        proof_key: None,
        dedupe_key: source_key(&evidence.source),
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
    tx: &Tx,
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
    let has_moved = before.source_url != new.source_url || before.dedupe_key != new.dedupe_key;
    if is_changed || has_moved || before.gone_since.is_some() || before.kind != new.kind {
        let content = SourceContent {
            kind: new.kind,
            mention: new.mention,
            author_name: new.author_name.clone(),
            author_url: new.author_url.clone(),
            author_photo: new.author_photo.clone(),
            body_html: new.body_html.clone(),
            source_url: new.source_url.clone(),
            dedupe_key: new.dedupe_key.clone(),
            reasons: new.reasons.clone(),
            proof_key: new.proof_key.clone(),
            changed_at: is_changed.then_some(now),
        };
        responses::set_source(&**tx, &before, content).await?;
        receive::touch(tx, before.post_id);
    }
    let was_trackback = before.kind == ResponseKind::Trackback;
    let look = Look {
        is_changed,
        came_back,
        speaks_for_itself: was_trackback && new.kind == ResponseKind::Webmention,
    };
    reconsider::settle(tx, &before, &judged, look, now).await
}

/// The source does not stand for its response: there is none, or it is taken back.
async fn end(app: &App, linkback: Linkback, page: Option<&str>, refusal: Refusal) -> Result<()> {
    let Some(response) = linkback.response_id else {
        return note(app, &linkback, Outcome::Refused(refusal)).await;
    };
    let (now, page) = (app.clock.now(), page.map(str::to_owned));
    app.store
        .write(move |tx| {
            let (linkback, page) = (linkback.clone(), page.clone());
            Box::pin(async move {
                if !rows::begin_outcome(&**tx, &linkback).await? {
                    return Ok(());
                }
                tx.touch(Part::Linkbacks);
                let is_held_up = is_held_up(tx, response, &linkback, page.as_deref()).await?;
                if let Some(response) = responses::find(&**tx, response).await?
                    && !is_held_up
                {
                    // What a moderator called spam stays with the spam, to learn from.
                    if response.state != ResponseState::Spam {
                        let (to, why) = (ResponseState::Trash, reconsider::TAKEN_BACK);
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
async fn put_off_or(
    app: &App,
    linkback: Linkback,
    page: Option<&str>,
    missing: Option<Refusal>,
) -> Result<()> {
    // Who sends a pingback or a trackback is told at once, and may send it again.
    let may_try = linkback.protocol == Protocol::Webmention || linkback.response_id.is_some();
    let tries = usize::try_from(linkback.tries).unwrap_or(usize::MAX);
    if let Some(wait) = WAITS.get(tries).filter(|_| may_try) {
        let tries = linkback.tries + 1;
        return again(app, linkback, tries, 0, *wait).await;
    }
    match (linkback.response_id, missing) {
        (Some(_), Some(refusal)) => end(app, linkback, page, refusal).await,
        (Some(_), None) => {
            if let Some(refusal) = linkback.refusal {
                return note(app, &linkback, Outcome::Withdrawn(refusal)).await;
            }
            let now = app.clock.now();
            let outcome = Outcome::Failing {
                since: linkback.failing_since.unwrap_or(now),
                failures: linkback.failures + 1,
                look_at: now.plus(FIRST_LOOK),
                looked_days: linkback.looked_days,
            };
            note(app, &linkback, outcome).await
        }
        (None, _) => note(app, &linkback, Outcome::Refused(Refusal::Unreadable)).await,
    }
}

async fn again(
    app: &App,
    linkback: Linkback,
    tries: i64,
    put_offs: i64,
    wait: Duration,
) -> Result<()> {
    let now = app.clock.now();
    let share = share_of(linkback.ip.as_deref());
    app.store
        .write(move |tx| {
            let (linkback, share) = (linkback.clone(), share.clone());
            Box::pin(async move {
                if !rows::begin_outcome(&**tx, &linkback).await? {
                    return Ok(());
                }
                let outcome = Outcome::NotYet { tries, put_offs };
                rows::set_outcome(&**tx, linkback.id, outcome, now).await?;
                let job = Job::VerifyLinkback {
                    linkback: linkback.id,
                };
                jobs::enqueue_once_for(tx, &job, &share, now.plus(wait), now).await
            })
        })
        .await
}

/// Notes an outcome that moves no response.
pub async fn note(app: &App, linkback: &Linkback, outcome: Outcome) -> Result<()> {
    let now = app.clock.now();
    let linkback = linkback.clone();
    app.store
        .write(move |tx| {
            let (linkback, outcome) = (linkback.clone(), outcome.clone());
            Box::pin(async move {
                if !rows::begin_outcome(&**tx, &linkback).await? {
                    return Ok(());
                }
                tx.touch(Part::Linkbacks);
                rows::set_outcome(&**tx, linkback.id, outcome, now).await
            })
        })
        .await
}

async fn is_open(app: &App, linkback: &Linkback) -> Result<bool> {
    let post = posts::find(app.store.read(), linkback.post_id).await?;
    Ok(post.is_some_and(|post| takes_linkbacks(app, &post)))
}
