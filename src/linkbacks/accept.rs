//! Storing what a verified source says: as a new response, or in place of what it said before. Several
//! sources that lead to one page have one response.

use crate::app::App;
use crate::clock::Moment;
use crate::error::{Error, Result};
use crate::linkbacks::check_source::NextCheck;
use crate::linkbacks::evidence::Evidence;
use crate::linkbacks::protocol::address::page_key;
use crate::markup::sanitise::SafeHtml;
use crate::responses::judging::{JudgedResponse, SubmittedContent, judge_response};
use crate::responses::receive;
use crate::responses::reconsider::{self, SourceRecheck};
use crate::store::changes::CacheTag;
use crate::store::db::Tx;
use crate::store::entity::ids::ResponseId;
use crate::store::entity::linkback::{Model as Linkback, Protocol};
use crate::store::entity::response::{Model as Response, ResponseKind, ResponseState};
use crate::store::linkbacks::{self as rows, CheckOutcome, SourceVersion};
use crate::store::posts;
use crate::store::responses::{self, NewResponse, SourceContent};

/// A source is dead after so many failed checks in a row.
pub const DEAD_AFTER: i64 = 3;

/// Stores the response of a source that links here, and when it is checked again.
pub async fn accept(
    app: &App,
    linkback: Linkback,
    evidence: Evidence,
    version: SourceVersion,
    next: NextCheck,
) -> Result<()> {
    let came_back = has_come_back(app, &linkback, &evidence).await?;
    let judged = judge(app, &linkback, &evidence, came_back).await?;
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            let (judged, linkback, version) = (judged.clone(), linkback.clone(), version.clone());
            Box::pin(async move {
                if !rows::claim_outcome(tx, &linkback).await? {
                    return Ok(());
                }
                let response = store_for_page(tx, &linkback, judged, came_back, now).await?;
                let outcome = CheckOutcome::Verified {
                    response,
                    version,
                    recheck_at: next.at,
                    recheck_interval_days: next.days,
                };
                rows::set_outcome(tx, linkback.id, outcome, now).await?;
                tx.invalidate(CacheTag::Linkbacks);
                Ok(())
            })
        })
        .await
}

/// Whether the response of the page that the source leads to was withdrawn before. A response of another
/// page, to which the source led before, does not matter.
async fn has_come_back(app: &App, linkback: &Linkback, evidence: &Evidence) -> Result<bool> {
    let own_was_withdrawn = linkback.response_id.is_some() && linkback.refusal.is_some();
    let (db, key) = (app.store.read(), page_key(&evidence.source));
    let Some(of_page) = responses::find_by_dedupe_key(db, linkback.post_id, &key).await? else {
        return Ok(own_was_withdrawn);
    };
    let is_own = linkback.response_id == Some(of_page.id)
        && rows::speaks_for(db, linkback, &of_page).await?;
    Ok((is_own && own_was_withdrawn) || reconsider::is_withdrawn(app, &of_page).await?)
}

/// Stores or updates the one response of the page that a linkback's source leads to.
async fn store_for_page(
    tx: &Tx,
    linkback: &Linkback,
    judged: JudgedResponse,
    came_back: bool,
    now: Moment,
) -> Result<ResponseId> {
    let key = judged.response().dedupe_key.clone();
    let find_of_page = || responses::find_by_dedupe_key(tx, linkback.post_id, &key);
    let own = match linkback.response_id {
        Some(id) => responses::find(tx, id).await?,
        None => None,
    };
    let own = match own {
        Some(own) if rows::speaks_for(tx, linkback, &own).await? => Some(own),
        // It belongs to another page, to which this source led before.
        _ => None,
    };
    let of_page = match (&own, find_of_page().await?) {
        (Some(own), of_page) if of_page.as_ref().is_none_or(|row| row.id == own.id) => {
            let id = own.id;
            // Anybody may have written what a trackback says.
            if linkback.protocol != Protocol::Trackback || own.kind == ResponseKind::Trackback {
                replace_content(tx, own.clone(), judged, came_back, now).await?;
            }
            return Ok(id);
        }
        (_, Some(of_page)) => of_page,
        (_, None) => {
            if let Some((id, _)) = receive::store_response(tx, judged.clone(), now).await? {
                return Ok(id);
            }
            // Another source that leads there was faster.
            let of_page = find_of_page().await?;
            of_page
                .ok_or_else(|| Error::internal("store a linkback", "its response is not there"))?
        }
    };
    if let Some(own) = own
        && own.state != ResponseState::Spam
        && !has_other_source(tx, own.id, linkback, None).await?
    {
        let reason = "Automatic (same page as another linkback)";
        receive::move_for_source(tx, &own, ResponseState::Trash, reason, now).await?;
    }
    let id = of_page.id;
    // Only a webmention says what the page itself says: what a pingback or a trackback says of a page does
    // not replace that. What was withdrawn may return by a pingback, whose text this site has read from the
    // page; a trackback's text is its sender's.
    let is_withdrawn = came_back && of_page.state == ResponseState::Trash;
    let replaces = match linkback.protocol {
        Protocol::Webmention => true,
        Protocol::Pingback => is_withdrawn,
        Protocol::Trackback => false,
    };
    if replaces {
        replace_content(tx, of_page, judged, came_back, now).await?;
    }
    Ok(id)
}

/// Whether the response of a linkback that ends has another source that is alive. The page itself decides
/// alone, whatever other addresses lead to it: they are checked more rarely, and may be anybody's.
/// `page` is the key of the page that the source led to just now.
/// Locks the response until the transaction ends, so that of two sources that end at once one sees the
/// other gone.
pub async fn has_other_source(
    tx: &Tx,
    response: ResponseId,
    ending: &Linkback,
    page: Option<&str>,
) -> Result<bool> {
    responses::lock_states(tx, &[response]).await?;
    let row = responses::find(tx, response).await?;
    let is_the_page = |row: &Response| {
        row.dedupe_key == ending.source_key || page == Some(row.dedupe_key.as_str())
    };
    if row.as_ref().is_some_and(is_the_page) {
        return Ok(false);
    }
    rows::has_other(tx, response, ending.id, DEAD_AFTER).await
}

async fn judge(
    app: &App,
    linkback: &Linkback,
    evidence: &Evidence,
    came_back: bool,
) -> Result<JudgedResponse> {
    let kind = match linkback.protocol {
        Protocol::Pingback => ResponseKind::Pingback,
        Protocol::Trackback => ResponseKind::Trackback,
        Protocol::Webmention => ResponseKind::Webmention,
    };
    let parent = match evidence.in_reply_to {
        Some(id) => receive::find_parent(app, linkback.post_id, id).await?,
        None => None,
    };
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
        body_html: match evidence.text.as_str() {
            "" => String::new(),
            text => SafeHtml::of_text(text).into_string(),
        },
        source_url: Some(source.to_owned()),
        reasons: String::new(),
        ip: linkback.ip.clone(),
        user_agent: None,
        receipt_hash: None,
        sender_policy_id: None,
        risk: 0,
        network: None,
        name_key: None,
        proof_key: None,
        dedupe_key: page_key(&evidence.source),
        created_at: app.clock.now(),
    };
    let mut signals = evidence.signals.clone();
    signals.was_removed_before = came_back;
    let content = SubmittedContent {
        text: evidence.text.clone(),
        source: Some(signals),
    };
    let post = posts::find(app.store.read(), linkback.post_id)
        .await?
        .ok_or(Error::NotFound("post"))?;
    judge_response(app, &post, new, content).await
}

/// Replaces what a response says, and applies the new verdict.
async fn replace_content(
    tx: &Tx,
    before: Response,
    judged: JudgedResponse,
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
        responses::set_source(tx, &before, content).await?;
        receive::invalidate(tx, before.post_id);
    }
    let was_trackback = before.kind == ResponseKind::Trackback;
    let recheck = SourceRecheck {
        is_changed,
        came_back,
        replaces_trackback: was_trackback && new.kind == ResponseKind::Webmention,
    };
    reconsider::apply_verdict(tx, &before, &judged, recheck, now).await
}
