//! A response as a moderator sees it.

use crate::accounts::permissions::{Action, Actor};
use crate::judge::Reason;
use crate::moderation::privacy;
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
    /// Whether whoever looks may open the card of its writer.
    pub may_open_card: bool,
    /// Whether they may let its writer in for good.
    pub may_trust: bool,
}

/// A response as `actor` may see it.
pub fn entry(actor: &Actor, mut response: Response) -> Entry {
    // Reasons of a form that this version does not know are not worth failing for.
    let mut reasons: Vec<Reason> = serde_json::from_str(&response.reasons).unwrap_or_default();
    privacy::hide_in_reasons(actor, &mut reasons);
    privacy::hide_in_response(actor, &mut response);
    Entry {
        reasons,
        reports: Vec::new(),
        appeal: None,
        may_open_card: actor.may(Action::Moderate),
        may_trust: actor.may(Action::SetRules),
        response,
    }
}

impl Entry {
    /// The same with what readers reported and what its writer says.
    pub fn with_words(
        mut self,
        actor: &Actor,
        mut reports: Vec<Report>,
        mut appeal: Option<Appeal>,
    ) -> Self {
        for report in &mut reports {
            privacy::hide_in_note(actor, &mut report.note);
        }
        if let Some(appeal) = &mut appeal {
            privacy::hide_in_note(actor, &mut appeal.words);
            privacy::hide_in_note(actor, &mut appeal.answer);
        }
        (self.reports, self.appeal) = (reports, appeal);
        self
    }
}
