//! The one door for responses of every kind: judged, then stored in one transaction.

use crate::app::App;
use crate::clock::Moment;
use crate::error::{Error, Result};
use crate::judge::{Context, Outcome, Submission, judge};
use crate::store::changes::Part;
use crate::store::db::Tx;
use crate::store::entity::ids::ResponseId;
use crate::store::entity::response::{ResponseKind, ResponseState};
use crate::store::responses::{self as rows, NewResponse};

/// A response that is judged and may be stored.
#[derive(Clone, Debug)]
pub struct Judged(NewResponse);

impl Judged {
    /// Where the verdict put it.
    pub fn state(&self) -> ResponseState {
        self.0.state
    }
}

/// Judges a response. What `new` says of its own state and reasons is overwritten.
pub async fn judge_response(
    app: &App,
    mut new: NewResponse,
    submission: &Submission<'_>,
) -> Result<Judged> {
    let known_writer = match (new.kind, &new.author_email) {
        (ResponseKind::Comment, Some(email)) => rows::has_approved(app.store.read(), email).await?,
        // Who links here has shown a page of their own: the source was fetched and read.
        (ResponseKind::Comment, None) => false,
        _ => true,
    };
    let context = Context {
        moderation: app.config.comments.moderation,
        by_staff: new.author_id.is_some(),
        known_writer,
    };
    let verdict = judge(submission, &context);
    new.state = match verdict.outcome {
        Outcome::Approve => ResponseState::Approved,
        Outcome::Hold => ResponseState::Pending,
    };
    new.reasons = serde_json::to_string(&verdict.reasons)
        .map_err(|error| Error::internal("write down reasons", error))?;
    Ok(Judged(new))
}

/// Stores a judged response; None where its post has it already.
pub async fn store_response(tx: &Tx, judged: Judged, now: Moment) -> Result<Option<ResponseId>> {
    let new = judged.0;
    let (post, state) = (new.post_id, new.state);
    let id = rows::insert(&**tx, new, now).await?;
    if id.is_some() && state == ResponseState::Approved {
        tx.touch(Part::Post(post));
        tx.touch(Part::Responses);
    }
    Ok(id)
}
