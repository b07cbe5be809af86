//! Appeals: the author of a comment may ask once for a second look at a decision. The receipt
//! proves that the comment is theirs. Never decides about the comment; a moderator does.

use crate::app::App;
use crate::error::{Error, Field, Problem, Result};
use crate::responses::comment::find_by_receipt;
use crate::store::appeals as rows;
use crate::store::decisions;
use crate::store::entity::appeal::Model as Appeal;
use crate::store::entity::decision::Model as Decision;
use crate::store::entity::ids::{PostId, ResponseId};
use crate::store::entity::response::{Model as Response, ResponseState};
use crate::texts::Message;

/// The longest appeal, in characters.
pub const MAX_MESSAGE: usize = 1000;

/// What the holder of a receipt may know about their comment.
#[derive(Clone, Debug)]
pub struct CommentStatus {
    pub response: Response,
    /// The decision that gave it its state; None where no moderator has decided.
    pub decision: Option<Decision>,
    pub appeal: Option<Appeal>,
}

impl CommentStatus {
    /// Whether its author may still appeal: it is spam or in the trash, and they have not appealed
    /// yet.
    pub fn may_appeal(&self) -> bool {
        let is_refused = matches!(
            self.response.state,
            ResponseState::Spam | ResponseState::Trash
        );
        is_refused && self.appeal.is_none()
    }
}

/// The status of the comment `id` under `post`; None where `receipt` is not its receipt.
pub async fn find_comment_status(
    app: &App,
    post: PostId,
    id: ResponseId,
    receipt: &str,
) -> Result<Option<CommentStatus>> {
    let Some(response) = find_by_receipt(app, post, id, receipt).await? else {
        return Ok(None);
    };
    let db = app.store.read();
    let decisions = decisions::list_for_response(db, id).await?;
    let appeal = rows::list(db, &[id]).await?.into_iter().next();
    Ok(Some(CommentStatus {
        decision: decisions
            .into_iter()
            .rev()
            .find(|decision| decision.to_state == response.state),
        appeal,
        response,
    }))
}

/// Stores an appeal. The same message again does nothing, so that a double click is one appeal.
pub async fn receive_appeal(
    app: &App,
    post: PostId,
    id: ResponseId,
    receipt: &str,
    message: &str,
) -> Result<()> {
    let status = find_comment_status(app, post, id, receipt)
        .await?
        .ok_or(Error::NotFound("response"))?;
    let message = message.trim().replace('\0', "");
    let is_repeat = |appeal: &Appeal| appeal.message == message;
    if status.appeal.as_ref().is_some_and(is_repeat) {
        return Ok(());
    }
    if !status.may_appeal() {
        return Err(Error::Conflict(Message::new("conflict-appeal")));
    }
    if message.is_empty() {
        return Err(Error::field(Field::Message, Problem::Missing));
    }
    if message.chars().count() > MAX_MESSAGE {
        return Err(Error::field(
            Field::Message,
            Problem::TooLong { max: MAX_MESSAGE },
        ));
    }
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            let message = message.clone();
            Box::pin(async move {
                rows::insert(tx, id, message, now).await?;
                Ok(())
            })
        })
        .await
}
