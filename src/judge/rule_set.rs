//! All rules of a site together: which of them decides on a submission.
//!
//! Rules of a lower priority are tried first, and the first priority in which a rule matches decides. Among
//! rules of one priority the strictest action counts, so that no decision depends on their order. Loads no
//! rules.

use crate::judge::prepared::PreparedSubmission;
use crate::judge::reason::Reason;
use crate::judge::rule::SiteRule;
use crate::judge::submission::Submission;
use crate::store::entity::rule::RuleAction;

/// What the site's rules decide on a submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleDecision {
    /// The strictest action of the rules that matched in the deciding priority.
    pub action: RuleAction,
    /// The message for a refused sender; may be empty.
    pub message: String,
    /// One for each rule that matched in that priority.
    pub reasons: Vec<Reason>,
}

/// The active rules of a site, compiled.
#[derive(Clone, Debug, Default)]
pub struct RuleSet(Vec<SiteRule>);

impl RuleSet {
    pub fn new(mut rules: Vec<SiteRule>) -> Self {
        rules.sort_by_key(|rule| (rule.priority, rule.id));
        Self(rules)
    }

    /// The decision of the first priority in which a rule matches; None where none does.
    pub fn evaluate(&self, submission: &Submission) -> Option<RuleDecision> {
        let prepared = PreparedSubmission::of(submission);
        self.0
            .chunk_by(|one, other| one.priority == other.priority)
            .find_map(|priority| {
                let matches: Vec<(&SiteRule, Reason)> = priority
                    .iter()
                    .filter_map(|rule| Some((rule, rule.find_match_in(&prepared)?)))
                    .collect();
                let action = matches.iter().map(|(rule, _)| rule.action).max()?;
                let message = matches
                    .iter()
                    .filter(|(rule, _)| rule.action == action)
                    .map(|(rule, _)| rule.message.clone())
                    .find(|message| !message.is_empty())
                    .unwrap_or_default();
                Some(RuleDecision {
                    action,
                    message,
                    reasons: matches.into_iter().map(|(_, reason)| reason).collect(),
                })
            })
    }
}
