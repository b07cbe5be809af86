//! The status of a linkback, for the people who sent it. Does not say what kept a source from being read.

use crate::app::App;
use crate::clock::Moment;
use crate::error::Result;
use crate::store::entity::linkback::{LinkbackState, Model as Linkback, Refusal};
use crate::store::entity::response::ResponseState;
use crate::store::linkbacks as rows;
use crate::store::responses;
use crate::texts::Message;
use crate::urls::comment_link;

/// How far a linkback has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkbackStage {
    /// It waits for its first check.
    Received,
    /// The source could not be read yet; it is tried again.
    Checking,
    /// It waits for a moderator.
    Held,
    Shown,
    /// A moderator decided not to show it.
    NotShown,
    Refused(Refusal),
    /// It was shown, and its source no longer links here.
    Withdrawn,
}

#[derive(Clone, Debug)]
pub struct LinkbackStatus {
    pub linkback: Linkback,
    pub stage: LinkbackStage,
    /// The absolute address of its response; None unless it is shown.
    pub shown_at: Option<String>,
    /// Since when its source is gone or no longer links here.
    pub gone_since: Option<Moment>,
}

/// The path of a status page.
pub fn path(status_token: &str) -> String {
    format!("/linkbacks/{status_token}")
}

/// The absolute address of a status page.
pub fn url(app: &App, status_token: &str) -> String {
    app.urls.absolute(&path(status_token))
}

/// The status of the linkback with this token.
pub async fn find_status(app: &App, status_token: &str) -> Result<Option<LinkbackStatus>> {
    let db = app.store.read();
    let Some(linkback) = rows::find_by_status_token(db, status_token).await? else {
        return Ok(None);
    };
    let response = match linkback.response_id {
        Some(id) => responses::find(db, id).await?,
        None => None,
    };
    let stage = match (linkback.state, response.as_ref().map(|row| row.state)) {
        (LinkbackState::Checking, _) if linkback.tries == 0 => LinkbackStage::Received,
        (LinkbackState::Checking, _) => LinkbackStage::Checking,
        (LinkbackState::Withdrawn, _) => LinkbackStage::Withdrawn,
        (LinkbackState::Refused, _) => {
            LinkbackStage::Refused(linkback.refusal.unwrap_or(Refusal::Unreadable))
        }
        (LinkbackState::Verified, Some(ResponseState::Approved)) => LinkbackStage::Shown,
        (LinkbackState::Verified, Some(ResponseState::Pending)) => LinkbackStage::Held,
        (LinkbackState::Verified, _) => LinkbackStage::NotShown,
    };
    let shown_at = match (&response, stage) {
        (Some(response), LinkbackStage::Shown) => {
            Some(app.urls.absolute(&comment_link(response.id)))
        }
        _ => None,
    };
    Ok(Some(LinkbackStatus {
        linkback,
        stage,
        shown_at,
        gone_since: response.and_then(|response| response.gone_since),
    }))
}

/// Why a linkback was refused after its source was checked, for its sender. One text for whatever kept a
/// source from being read.
pub fn refusal_message(refusal: Refusal) -> Message {
    Message::new(match refusal {
        Refusal::NoLink => "linkback-error-no-link",
        Refusal::Closed => "linkback-error-target-closed",
        Refusal::TooLong => "linkback-error-too-long",
        Refusal::OwnPage => "linkback-error-own-page",
        Refusal::Failed => "linkback-error-failed",
        Refusal::Unreadable | Refusal::Gone => "linkback-error-source-unreadable",
    })
}
