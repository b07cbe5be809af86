//! The ping passport: what became of a linkback, for the people who sent it. Says nothing of what a
//! source that could not be read looks like from inside.

use crate::app::App;
use crate::clock::Moment;
use crate::error::Result;
use crate::store::entity::linkback::{LinkbackState, Model as Linkback, Refusal};
use crate::store::entity::response::ResponseState;
use crate::store::linkbacks as rows;
use crate::store::responses;
use crate::urls::comment_link;

/// How far a linkback has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It waits for its first check.
    Received,
    /// The source could not be read yet; it is tried again.
    BeingChecked,
    /// It is checked, and waits for a moderator.
    Held,
    /// Everybody sees it.
    Shown,
    /// A moderator decided not to show it.
    NotShown,
    /// It is not accepted.
    Refused(Refusal),
    /// It was shown, and its source took it back.
    Withdrawn,
}

/// A passport.
#[derive(Clone, Debug)]
pub struct Passport {
    /// The linkback.
    pub linkback: Linkback,
    /// How far it has come.
    pub stage: Stage,
    /// Where it is shown, absolute; None where it is not.
    pub shown_at: Option<String>,
    /// Since when its source is gone or links here no more.
    pub gone_since: Option<Moment>,
}

/// The address of a passport, as a path.
pub fn path(passport: &str) -> String {
    format!("/linkbacks/{passport}")
}

/// The passport with this unguessable part of its address.
pub async fn find(app: &App, passport: &str) -> Result<Option<Passport>> {
    let db = app.store.read();
    let Some(linkback) = rows::find_by_passport(db, passport).await? else {
        return Ok(None);
    };
    let response = match linkback.response_id {
        Some(id) => responses::find(db, id).await?,
        None => None,
    };
    let stage = match (linkback.state, response.as_ref().map(|row| row.state)) {
        (LinkbackState::Checking, _) if linkback.tries == 0 => Stage::Received,
        (LinkbackState::Checking, _) => Stage::BeingChecked,
        (LinkbackState::Withdrawn, _) => Stage::Withdrawn,
        (LinkbackState::Refused, _) => {
            Stage::Refused(linkback.refusal.unwrap_or(Refusal::Unreadable))
        }
        (LinkbackState::Verified, Some(ResponseState::Approved)) => Stage::Shown,
        (LinkbackState::Verified, Some(ResponseState::Pending)) => Stage::Held,
        (LinkbackState::Verified, _) => Stage::NotShown,
    };
    let shown_at = match (&response, stage) {
        (Some(response), Stage::Shown) => Some(app.urls.absolute(&comment_link(response.id))),
        _ => None,
    };
    Ok(Some(Passport {
        linkback,
        stage,
        shown_at,
        gone_since: response.and_then(|response| response.gone_since),
    }))
}
