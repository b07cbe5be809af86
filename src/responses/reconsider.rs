//! What a new look at a source makes of its response. The new verdict can take a shown response away;
//! only a person's own decision on the same content stands against that. It shows nothing that waits or
//! was taken away: a moderator does.

use crate::app::App;
use crate::error::{Error, Result};
use crate::judge::{Reason, Rule};
use crate::markup::plain;
use crate::responses::receive::{self, Judged, Shown};
use crate::store::db::Tx;
use crate::store::entity::ids::ResponseId;
use crate::store::entity::response::{Model as Response, ResponseState};
use crate::store::known;
use crate::store::posts;
use crate::store::responses::{self, NewResponse};

/// Why a response is in the trash whose source was read and does not stand for it, in the log.
pub const TAKEN_BACK: &str = "Its source took it back";
/// Why a response moves, in the log.
const CHANGED: &str = "Its source changed";
const CAME_BACK: &str = "Its source came back";
const SPEAKS: &str = "Its page sent its own words";
const RULED: &str = "The rules have changed";

/// What a new look found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// The source says something else than before.
    pub is_changed: bool,
    /// It had taken its response back before.
    pub came_back: bool,
    /// What was here of it was a trackback, in the words of whoever sent that; these are its own.
    pub speaks_for_itself: bool,
}

/// Moves a response where the new verdict on its source wants it.
pub async fn settle(
    tx: &Tx,
    before: &Response,
    judged: &Judged,
    look: Look,
    now: crate::clock::Moment,
) -> Result<()> {
    // Nobody else moves it meanwhile.
    let locked = responses::lock_states(&**tx, &[before.id]).await?;
    let Some(state) = locked.first().map(|row| row.state) else {
        return Ok(());
    };
    let last = known::find_last_decision(&**tx, before.id).await?;
    let by_person = last.as_ref().is_some_and(known::is_by_person);
    let was_taken_back = last
        .as_ref()
        .is_some_and(|last| last.actor_name == TAKEN_BACK);
    let verdict = judged.state();
    let (to, why) = match state {
        ResponseState::Approved if verdict == ResponseState::Approved => return Ok(()),
        ResponseState::Approved if look.is_changed => (verdict, CHANGED),
        ResponseState::Approved => {
            // It says what it said: what a person decided of just that stands, and a burst or the
            // filter's new lessons are no reason to take it away.
            let said_since = before.content_changed_at.unwrap_or(before.created_at);
            let is_decided = by_person && last.is_some_and(|last| last.decided_at >= said_since);
            if is_decided || !judged.is_ruled() {
                return Ok(());
            }
            (verdict, RULED)
        }
        ResponseState::Pending => match verdict {
            ResponseState::Spam | ResponseState::Trash if look.is_changed => (verdict, CHANGED),
            // Only a person, or what held it, lets it go.
            _ => return Ok(()),
        },
        // What a person threw away stays there; what only its source took back is looked at.
        ResponseState::Trash if !by_person && (look.came_back || was_taken_back) => match verdict {
            ResponseState::Spam | ResponseState::Trash => (verdict, CAME_BACK),
            ResponseState::Pending | ResponseState::Approved => (ResponseState::Pending, CAME_BACK),
        },
        // What somebody else said of the page was refused, by whomever, which is not the page's fault.
        ResponseState::Trash | ResponseState::Spam if look.speaks_for_itself => match verdict {
            ResponseState::Spam | ResponseState::Trash => (verdict, SPEAKS),
            ResponseState::Pending | ResponseState::Approved => (ResponseState::Pending, SPEAKS),
        },
        ResponseState::Trash | ResponseState::Spam => return Ok(()),
    };
    if state != ResponseState::Approved && to != ResponseState::Trash {
        // Also where it says what it said, the queue tells why it waits.
        let reasons = if was_taken_back && !look.came_back {
            // It was taken back after it was judged.
            receive::write_reasons(&[Reason::new(Rule::CameBack)])?
        } else {
            judged.response().reasons.clone()
        };
        responses::set_reasons(&**tx, before.id, &reasons).await?;
    }
    let before = Response {
        state,
        ..before.clone()
    };
    receive::move_for_source(tx, &before, to, why, now).await
}

/// Whether a response is in the trash because its source took it back.
pub async fn is_taken_back(app: &App, response: &Response) -> Result<bool> {
    if response.state != ResponseState::Trash {
        return Ok(false);
    }
    let last = known::find_last_decision(app.store.read(), response.id).await?;
    Ok(last.is_some_and(|last| last.actor_name == TAKEN_BACK))
}

/// Judges a shown response again by what is stored of it: its source has not changed, but rules and
/// blocks may have.
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
    let shown = Shown {
        text: plain::text_of(&response.body_html),
        source: None,
    };
    let judged = receive::judge_response(app, &post, again(&response), shown).await?;
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            let (response, judged) = (response.clone(), judged.clone());
            Box::pin(async move {
                let look = Look {
                    is_changed: false,
                    came_back: false,
                    speaks_for_itself: false,
                };
                settle(tx, &response, &judged, look, now).await
            })
        })
        .await
}

fn again(response: &Response) -> NewResponse {
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
        standing_id: None,
        risk: 0,
        network: None,
        name_key: None,
        proof_key: response.proof_key.clone(),
        dedupe_key: response.dedupe_key.clone(),
    }
}
