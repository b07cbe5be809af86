//! A writer may ask once for a second look at a response that is not shown; the receipt proves that
//! it is theirs.

use crate::app::App;
use crate::error::{Error, Field, Problem, Result};
use crate::responses::comment::find_by_receipt;
use crate::store::appeals as rows;
use crate::store::decisions;
use crate::store::entity::appeal::Model as Appeal;
use crate::store::entity::decision::Model as Decision;
use crate::store::entity::ids::{PostId, ResponseId};
use crate::store::entity::response::{Model as Response, ResponseState};

/// The longest appeal, in characters.
pub const MAX_WORDS: usize = 1000;

/// What a writer is told of their response.
#[derive(Clone, Debug)]
pub struct Statement {
    /// The response.
    pub response: Response,
    /// The decision that put it where it stands; None where no moderator has decided.
    pub decision: Option<Decision>,
    /// What they said against it.
    pub appeal: Option<Appeal>,
}

impl Statement {
    /// Whether they may ask for a second look: a moderator took it away, and they did not ask yet.
    pub fn may_appeal(&self) -> bool {
        let is_refused = matches!(
            self.response.state,
            ResponseState::Spam | ResponseState::Trash
        );
        is_refused && self.appeal.is_none()
    }
}

/// What the holder of a receipt is told.
pub async fn find_statement(
    app: &App,
    post: PostId,
    id: ResponseId,
    receipt: &str,
) -> Result<Option<Statement>> {
    let Some(response) = find_by_receipt(app, post, id, receipt).await? else {
        return Ok(None);
    };
    let db = app.store.read();
    let decisions = decisions::list_for_response(db, id).await?;
    let appeal = rows::list(db, &[id]).await?.into_iter().next();
    Ok(Some(Statement {
        decision: decisions
            .into_iter()
            .rev()
            .find(|decision| decision.to_state == response.state),
        appeal,
        response,
    }))
}

/// Asks for a second look.
pub async fn receive_appeal(
    app: &App,
    post: PostId,
    id: ResponseId,
    receipt: &str,
    words: &str,
) -> Result<()> {
    let statement = find_statement(app, post, id, receipt)
        .await?
        .ok_or(Error::NotFound("response"))?;
    let is_second = |appeal: &Appeal| appeal.words == words.trim().replace('\0', "");
    if statement.appeal.as_ref().is_some_and(is_second) {
        // A double click: it was asked, once.
        return Ok(());
    }
    if !statement.may_appeal() {
        return Err(Error::Conflict(
            "a second look can be asked for once, while the comment is not shown".to_owned(),
        ));
    }
    let words = words.trim().replace('\0', "");
    if words.is_empty() {
        return Err(Error::field(Field::Note, Problem::Missing));
    }
    if words.chars().count() > MAX_WORDS {
        return Err(Error::field(
            Field::Note,
            Problem::TooLong { max: MAX_WORDS },
        ));
    }
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            let words = words.clone();
            Box::pin(async move {
                rows::insert(&**tx, id, words, now).await?;
                Ok(())
            })
        })
        .await
}
