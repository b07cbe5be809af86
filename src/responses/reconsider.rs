//! Applies a new verdict to a response whose source was read again. It can remove a published
//! response, unless a person decided about the same content. It never publishes anything: a
//! moderator does.

use crate::app::App;
use crate::clock::Moment;
use crate::error::{Error, Result};
use crate::judge::{Check, Reason};
use crate::markup::plain;
use crate::responses::judging::{JudgedResponse, SubmittedContent, judge_response, write_reasons};
use crate::responses::receive;
use crate::store::db::Tx;
use crate::store::decisions;
use crate::store::entity::ids::ResponseId;
use crate::store::entity::response::{Model as Response, ResponseState};
use crate::store::posts;
use crate::store::responses::{self, NewResponse};

/// The actor in the log where the source no longer links here or is gone. Stored in `decisions.actor_name`,
/// and compared with it: it must never change.
pub const WITHDRAWN: &str = "Automatic (source gone or link removed)";
/// The other actors in the log.
const CHANGED: &str = "Automatic (source changed)";
const CAME_BACK: &str = "Automatic (source came back)";
const OWN_CONTENT: &str = "Automatic (source read)";
const RULES_CHANGED: &str = "Automatic (rules changed)";

/// What changed on the source since it was last read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SourceRecheck {
    /// Its content differs from what is stored.
    pub is_changed: bool,
    /// It had withdrawn its response before.
    pub came_back: bool,
    /// A trackback, whose text its sender chose, is replaced by what the page itself says.
    pub replaces_trackback: bool,
}

/// Moves a response as the new verdict on its source says.
pub async fn apply_verdict(
    tx: &Tx,
    before: &Response,
    judged: &JudgedResponse,
    recheck: SourceRecheck,
    now: Moment,
) -> Result<()> {
    // The lock keeps others from moving it in the meantime.
    let locked = responses::lock_states(tx, &[before.id]).await?;
    let Some(state) = locked.first().map(|row| row.state) else {
        return Ok(());
    };
    let last = decisions::find_last(tx, before.id).await?;
    let by_person = last.as_ref().is_some_and(decisions::is_by_person);
    let was_withdrawn = last
        .as_ref()
        .is_some_and(|last| last.actor_name == WITHDRAWN);
    let verdict = judged.state();
    let (to, reason) = match state {
        ResponseState::Approved if verdict == ResponseState::Approved => return Ok(()),
        ResponseState::Approved if recheck.is_changed => (verdict, CHANGED),
        ResponseState::Approved => {
            // Its content is the same: a person's decision about it wins, and a burst or what the
            // filter has learned since is no reason to remove it.
            let unchanged_since = before.content_changed_at.unwrap_or(before.created_at);
            let is_decided =
                by_person && last.is_some_and(|last| last.decided_at >= unchanged_since);
            if is_decided || !judged.is_decided_by_rules() {
                return Ok(());
            }
            (verdict, RULES_CHANGED)
        }
        ResponseState::Pending => match verdict {
            ResponseState::Spam | ResponseState::Trash if recheck.is_changed => (verdict, CHANGED),
            // A moderator decides about it, or whatever holds it.
            _ => return Ok(()),
        },
        // What a person moved to the trash stays there; what only its source withdrew is judged
        // again.
        ResponseState::Trash if !by_person && (recheck.came_back || was_withdrawn) => match verdict
        {
            ResponseState::Spam | ResponseState::Trash => (verdict, CAME_BACK),
            ResponseState::Pending | ResponseState::Approved => (ResponseState::Pending, CAME_BACK),
        },
        // The text that somebody else sent for the page was refused, which is not the page's fault.
        ResponseState::Trash | ResponseState::Spam if recheck.replaces_trackback => match verdict {
            ResponseState::Spam | ResponseState::Trash => (verdict, OWN_CONTENT),
            ResponseState::Pending | ResponseState::Approved => {
                (ResponseState::Pending, OWN_CONTENT)
            }
        },
        ResponseState::Trash | ResponseState::Spam => return Ok(()),
    };
    if state != ResponseState::Approved && to != ResponseState::Trash {
        // The queue shows why it is pending, also where its content is the same.
        let reasons = if was_withdrawn && !recheck.came_back {
            // It was withdrawn after it was judged.
            write_reasons(&[Reason::new(Check::RemovedBefore)])?
        } else {
            judged.response().reasons.clone()
        };
        responses::set_reasons(tx, before.id, &reasons).await?;
    }
    let before = Response {
        state,
        ..before.clone()
    };
    receive::move_for_source(tx, &before, to, reason, now).await
}

/// Whether a response is in the trash because its source withdrew it.
pub async fn is_withdrawn(app: &App, response: &Response) -> Result<bool> {
    if response.state != ResponseState::Trash {
        return Ok(false);
    }
    let last = decisions::find_last(app.store.read(), response.id).await?;
    Ok(last.is_some_and(|last| last.actor_name == WITHDRAWN))
}

/// Judges a published response again from what is stored: its source has not changed, but rules and
/// sender policies may have.
pub async fn reconsider(app: &App, id: ResponseId) -> Result<()> {
    let db = app.store.read();
    let Some(response) = responses::find(db, id).await? else {
        return Ok(());
    };
    if response.state != ResponseState::Approved {
        return Ok(());
    }
    let post = posts::find(db, response.post_id)
        .await?
        .ok_or(Error::NotFound("post"))?;
    let content = SubmittedContent {
        text: plain::text_of(&response.body_html),
        source: None,
    };
    let judged = judge_response(app, &post, resubmitted(&response), content).await?;
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            let (response, judged) = (response.clone(), judged.clone());
            Box::pin(async move {
                let recheck = SourceRecheck::default();
                apply_verdict(tx, &response, &judged, recheck, now).await
            })
        })
        .await
}

fn resubmitted(response: &Response) -> NewResponse {
    NewResponse {
        post_id: response.post_id,
        parent: None,
        kind: response.kind,
        mention: response.mention,
        state: response.state,
        author_name: response.author_name.clone(),
        author_email: response.author_email.clone(),
        author_url: response.author_url.clone(),
        author_photo: response.author_photo.clone(),
        author_id: response.author_id,
        body_markdown: response.body_markdown.clone(),
        body_html: response.body_html.clone(),
        source_url: response.source_url.clone(),
        reasons: String::new(),
        ip: response.ip.clone(),
        user_agent: response.user_agent.clone(),
        receipt_hash: None,
        sender_policy_id: None,
        risk: 0,
        network: None,
        name_key: None,
        proof_key: response.proof_key.clone(),
        dedupe_key: response.dedupe_key.clone(),
        created_at: response.created_at,
    }
}
