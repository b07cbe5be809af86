//! A response as a moderator sees it.

use crate::accounts::permissions::{Action, Actor};
use crate::judge::Reason;
use crate::store::entity::appeal::Model as Appeal;
use crate::store::entity::report::Model as Report;
use crate::store::entity::response::Model as Response;

/// A response in the queue.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The response.
    pub response: Response,
    /// Why it was held.
    pub reasons: Vec<Reason>,
    /// What readers reported.
    pub reports: Vec<Report>,
    /// What its writer says.
    pub appeal: Option<Appeal>,
}

/// A response as `actor` may see it.
pub fn entry(actor: &Actor, mut response: Response) -> Entry {
    if !actor.may(Action::SeeAddresses) {
        response.author_email = None;
        response.ip = None;
        response.network = None;
    }
    Entry {
        // Reasons of a form that this version does not know are not worth failing for.
        reasons: serde_json::from_str(&response.reasons).unwrap_or_default(),
        reports: Vec::new(),
        appeal: None,
        response,
    }
}
