//! A response as one moderator may see it, with its reports and its appeal. Loads nothing.

use crate::accounts::permissions::{Action, Actor};
use crate::judge::Reason;
use crate::moderation::privacy;
use crate::store::entity::appeal::Model as Appeal;
use crate::store::entity::report::Model as Report;
use crate::store::entity::response::Model as Response;

#[derive(Clone, Debug)]
pub struct QueueEntry {
    pub response: Response,
    pub reasons: Vec<Reason>,
    pub reports: Vec<Report>,
    pub appeal: Option<Appeal>,
    /// The viewer may open the profile of its sender.
    pub can_open_profile: bool,
    /// The viewer may set a policy for its sender.
    pub can_set_policy: bool,
}

impl QueueEntry {
    /// Without reports and appeal; what the actor may not see is hidden.
    pub fn new(actor: &Actor, mut response: Response) -> Self {
        // Reasons that this version cannot read are left out.
        let mut reasons: Vec<Reason> = serde_json::from_str(&response.reasons).unwrap_or_default();
        privacy::hide_in_reasons(actor, &mut reasons);
        privacy::hide_in_response(actor, &mut response);
        Self {
            reasons,
            reports: Vec::new(),
            appeal: None,
            can_open_profile: actor.may(Action::Moderate),
            can_set_policy: actor.may(Action::SetRules),
            response,
        }
    }

    /// Adds reports and appeal; what the actor may not see is hidden.
    pub fn with_reports_and_appeal(
        mut self,
        actor: &Actor,
        mut reports: Vec<Report>,
        mut appeal: Option<Appeal>,
    ) -> Self {
        for report in &mut reports {
            privacy::hide_in_note(actor, &mut report.note);
        }
        if let Some(appeal) = &mut appeal {
            privacy::hide_in_note(actor, &mut appeal.message);
            privacy::hide_in_note(actor, &mut appeal.answer);
        }
        (self.reports, self.appeal) = (reports, appeal);
        self
    }
}
