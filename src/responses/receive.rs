//! Storing responses of every kind: judged, then stored in one transaction. Never decides what
//! happens to a response; that is [`crate::responses::judging`].

use crate::accounts::token::Token;
use crate::app::App;
use crate::clock::Moment;
use crate::error::Result;
use crate::jobs::{self, Job};
use crate::judge::{Check, Reason};
use crate::responses::burst::find_burst;
use crate::responses::judging::{JudgedResponse, write_reasons};
use crate::store::changes::CacheTag;
use crate::store::db::Tx;
use crate::store::decisions::{self, NewDecision};
use crate::store::entity::ids::{PostId, ResponseId};
use crate::store::entity::response::{MentionKind, Model as Response, ResponseState};
use crate::store::entity::sender_policy::SenderPolicy;
use crate::store::responses as rows;
use crate::store::{bursts, held_notifications, rules as rule_rows, sender_policies, thread_path};

/// Counts the rules that matched a refused response.
pub async fn record_rule_hits(app: &App, judged: &JudgedResponse) -> Result<()> {
    let matched = judged.matched.clone();
    if matched.is_empty() {
        return Ok(());
    }
    app.store
        .write(move |tx| {
            let matched = matched.clone();
            Box::pin(async move { rule_rows::add_hits(tx, &matched).await })
        })
        .await
}

/// Stores a judged response. Its state may have changed since: a burst, or a sender policy that is
/// gone, holds it. None where its post has it already.
pub async fn store_response(
    tx: &Tx,
    mut judged: JudgedResponse,
    now: Moment,
) -> Result<Option<(ResponseId, ResponseState)>> {
    let age = now.since(judged.new.created_at);
    let burst = match &judged.burst_check {
        // An imported comment was written long ago and is part of no burst now.
        Some(check) if age <= check.within => {
            find_burst(tx, check, judged.new.post_id, now).await?
        }
        _ => None,
    };
    hold_if_policy_is_gone(tx, &mut judged).await?;
    if burst.is_some() {
        hold_in_burst(&mut judged);
    }
    let new = judged.new;
    let (post, state) = (new.post_id, new.state);
    let Some(id) = rows::insert(tx, new).await? else {
        return Ok(None);
    };
    if judged.asks_spam_checker {
        jobs::enqueue(tx, &Job::CheckForSpam { response: id }, now, now).await?;
    }
    if state == ResponseState::Pending
        && let Some(at) = judged.notify_at
    {
        held_notifications::insert(tx, id).await?;
        jobs::enqueue_once(tx, &Job::NotifyModerators, at, now).await?;
    }
    rule_rows::add_hits(tx, &judged.matched).await?;
    if let Some(burst) = burst {
        bursts::set(tx, burst).await?;
    }
    if state == ResponseState::Approved {
        invalidate(tx, post);
    }
    Ok(Some((id, state)))
}

/// Holds a response whose approving policy was changed or removed since it was judged.
async fn hold_if_policy_is_gone(tx: &Tx, judged: &mut JudgedResponse) -> Result<()> {
    let new = &mut judged.new;
    if new.state == ResponseState::Approved
        && let Some(policy) = new.sender_policy_id
    {
        let row = sender_policies::lock(tx, policy).await?;
        if row.is_none_or(|row| row.policy != SenderPolicy::Approve) {
            new.sender_policy_id = None;
            new.state = ResponseState::Pending;
            new.reasons = write_reasons(&[Reason::new(Check::UnprovenIdentity)])?;
        }
    }
    Ok(())
}

fn hold_in_burst(judged: &mut JudgedResponse) {
    let check = judged.burst_check.as_ref();
    let reasons = check.and_then(|check| check.reasons_to_hold.clone());
    let is_open = matches!(
        judged.new.state,
        ResponseState::Approved | ResponseState::Pending
    );
    if let Some(reasons) = reasons.filter(|_| is_open) {
        judged.new.state = ResponseState::Pending;
        judged.new.reasons = reasons;
        judged.asks_spam_checker = false;
    }
}

/// The published response that a reply to `id` belongs under, with the path to put it at: below
/// `comments.max_depth` a reply is placed beside the one it replies to. None where the post's
/// thread shows no such response.
pub async fn find_parent(
    app: &App,
    post: PostId,
    id: ResponseId,
) -> Result<Option<(ResponseId, Vec<u8>)>> {
    let max_path = (app.settings().discussion.max_depth - 1) * thread_path::BYTES_PER_LEVEL;
    let parent = rows::find(app.store.read(), id).await?;
    Ok(parent
        .filter(|parent| {
            parent.post_id == post
                && parent.state == ResponseState::Approved
                && !parent.mention.is_some_and(MentionKind::is_reaction)
        })
        .map(|parent| {
            let mut path = parent.path;
            path.truncate(max_path);
            (id, path)
        }))
}

/// Moves a response because its source changed, and logs that as a decision. Does nothing where a
/// person has moved it since `response` was read.
pub async fn move_for_source(
    tx: &Tx,
    response: &Response,
    to: ResponseState,
    reason: &str,
    now: Moment,
) -> Result<()> {
    // Read again behind the lock: what a person decided in the meantime wins.
    let locked = rows::lock_states(tx, &[response.id]).await?;
    let is_unchanged = locked
        .first()
        .is_some_and(|row| row.state == response.state);
    if response.state == to || !is_unchanged {
        return Ok(());
    }
    rows::set_state(tx, &[response.id], to).await?;
    let decision = NewDecision {
        response_id: response.id,
        from_state: response.state,
        to_state: to,
        undoes: None,
    };
    let batch = Token::random();
    let log = decisions::Batch {
        name: batch.as_str(),
        actor: (None, reason),
        note: "",
    };
    decisions::insert_batch(tx, log, vec![decision], now).await?;
    jobs::enqueue(tx, &Job::Learn, now, now).await?;
    invalidate(tx, response.post_id);
    Ok(())
}

/// Invalidates the cached pages that show responses to `post`.
pub fn invalidate(tx: &Tx, post: PostId) {
    tx.invalidate(CacheTag::Post(post));
    tx.invalidate(CacheTag::Responses);
}
