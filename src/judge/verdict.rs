//! The verdict on a submission: staff first, then sender policies, the site's rules, the built-in checks,
//! the filter and bursts, and the external spam checker last. Finds out nothing itself: the context brings
//! what is known.

use crate::config::CommentModeration;
use crate::judge::filter::FilterScore;
use crate::judge::reason::{Check, MatchedField, Reason};
use crate::judge::rule_set::RuleDecision;
use crate::judge::submission::Submission;
use crate::store::entity::response::ResponseKind;
use crate::store::entity::rule::RuleAction;
use crate::store::entity::sender_policy::SenderPolicy;

/// A linkback whose source has more outbound links is held: more than the longest ordinary blogrolls have.
const MAX_OUTBOUND_LINKS: usize = 72;

/// A linkback with a longer text is held as a comment would be.
const MAX_EXCERPT_CHARS: usize = 300;

/// A sender policy that applies to the sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatchedPolicy {
    pub policy: SenderPolicy,
    /// The email address, domain, network, host or author that the policy names.
    pub subject: String,
}

/// What is known beside the submission itself.
#[derive(Clone, Debug)]
pub struct JudgeContext {
    pub moderation: CommentModeration,
    /// A response with more links is held; None for no limit.
    pub max_links: Option<usize>,
    /// The filter holds responses from this risk on, in thousandths; None for never.
    pub hold_at_risk: Option<i64>,
    /// Written by signed-in staff.
    pub by_staff: bool,
    /// Sent under the name or address of a member of staff by someone who is not signed in.
    pub claims_staff: bool,
    /// The strictest policy for the sender or the host of the source.
    pub sender_policy: Option<MatchedPolicy>,
    /// What the rules that moderators wrote decide.
    pub rule_decision: Option<RuleDecision>,
    pub filter_score: FilterScore,
    /// There is a burst on the post or on the site.
    pub in_burst: bool,
    /// An external spam checker is asked about responses that nothing else holds.
    pub asks_spam_checker: bool,
}

/// What happens to a submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VerdictAction {
    /// Show it at once.
    Approve,
    /// Let it wait for a moderator.
    Hold,
    /// Mark it as spam.
    Spam,
    /// Do not accept it, with a message for the sender, which may be empty.
    Refuse(String),
}

/// What happens to a submission, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub action: VerdictAction,
    /// Empty where nothing held it.
    pub reasons: Vec<Reason>,
    /// How likely it is spam, in thousandths.
    pub risk: i64,
}

/// Judges `submission`. Every built-in check that applies gives its reason, so that a moderator sees all of
/// them at once.
pub fn judge(submission: &Submission, context: &JudgeContext) -> Verdict {
    let risk = context.filter_score.risk;
    let verdict = |action, reasons| Verdict {
        action,
        reasons,
        risk,
    };
    if context.by_staff {
        return verdict(VerdictAction::Approve, Vec::new());
    }
    // No policy and no rule approves what a source removed before, or what claims to be by staff.
    let is_doubtful = context.claims_staff
        || submission
            .source
            .as_ref()
            .is_some_and(|source| source.was_removed_before);
    if let Some(matched) = &context.sender_policy {
        let named = |rule| Reason {
            found: Some(matched.subject.clone()),
            ..Reason::new(rule)
        };
        match matched.policy {
            SenderPolicy::Block => {
                return verdict(
                    VerdictAction::Refuse(String::new()),
                    vec![named(Check::Blocked)],
                );
            }
            SenderPolicy::Hold => {
                let mut reasons = vec![named(Check::AlwaysHeld)];
                reasons.extend(built_in_reasons(submission, context));
                return verdict(VerdictAction::Hold, reasons);
            }
            SenderPolicy::Approve if !is_doubtful => {
                return verdict(VerdictAction::Approve, Vec::new());
            }
            SenderPolicy::Approve => {}
        }
    }
    let Some(decision) = &context.rule_decision else {
        let mut reasons = built_in_reasons(submission, context);
        if reasons.is_empty() && context.asks_spam_checker {
            reasons.push(Reason::new(Check::SpamChecker));
        }
        let action = if reasons.is_empty() {
            VerdictAction::Approve
        } else {
            VerdictAction::Hold
        };
        return verdict(action, reasons);
    };
    let mut reasons = decision.reasons.clone();
    let action = match decision.action {
        RuleAction::Approve if !is_doubtful => VerdictAction::Approve,
        RuleAction::Approve | RuleAction::Hold => {
            reasons.extend(built_in_reasons(submission, context));
            VerdictAction::Hold
        }
        RuleAction::Spam => VerdictAction::Spam,
        RuleAction::Refuse => VerdictAction::Refuse(decision.message.clone()),
    };
    verdict(action, reasons)
}

fn built_in_reasons(submission: &Submission, context: &JudgeContext) -> Vec<Reason> {
    let mut reasons = Vec::new();
    match context.moderation {
        CommentModeration::All => reasons.push(Reason::new(Check::HoldAll)),
        CommentModeration::First
            if submission.is_first && is_longer_than_an_excerpt(submission) =>
        {
            reasons.push(Reason::new(Check::FirstResponse));
        }
        CommentModeration::First | CommentModeration::None => {}
    }
    if context.claims_staff {
        reasons.push(Reason::new(Check::UnprovenIdentity));
    }
    if context.in_burst {
        reasons.push(Reason::new(Check::Burst));
    }
    let links = submission.link_hosts.len();
    if context.max_links.is_some_and(|max| links > max) {
        reasons.push(Reason {
            count: Some(links),
            ..Reason::new(Check::ManyLinks).in_field(MatchedField::Text)
        });
    }
    reasons.extend(source_reasons(submission));
    if context
        .hold_at_risk
        .is_some_and(|from| context.filter_score.risk >= from)
    {
        reasons.push(Reason {
            score: Some(context.filter_score.risk),
            signals: context.filter_score.signals.clone(),
            ..Reason::new(Check::Filter)
        });
    }
    reasons
}

/// A comment always counts as longer. A short excerpt of a page that was read is shown at once.
fn is_longer_than_an_excerpt(submission: &Submission) -> bool {
    submission.kind == ResponseKind::Comment || submission.text.chars().count() > MAX_EXCERPT_CHARS
}

fn source_reasons(submission: &Submission) -> Vec<Reason> {
    let Some(source) = &submission.source else {
        return Vec::new();
    };
    let mut reasons = Vec::new();
    if source.outbound_links > MAX_OUTBOUND_LINKS {
        reasons.push(Reason {
            count: Some(source.outbound_links),
            ..Reason::new(Check::ManyOutboundLinks).in_field(MatchedField::Source)
        });
    }
    let simple = [
        (Check::BareLink, MatchedField::Source, source.bare_link),
        (
            Check::TitleIsBlogName,
            MatchedField::Author,
            source.title_is_blog_name,
        ),
        (
            Check::ExcerptNotOnPage,
            MatchedField::Text,
            source.excerpt_not_on_page,
        ),
        (
            Check::RemovedBefore,
            MatchedField::Source,
            source.was_removed_before,
        ),
    ];
    let simple = simple.into_iter().filter(|(_, _, applies)| *applies);
    reasons.extend(simple.map(|(rule, field, _)| Reason::new(rule).in_field(field)));
    if let Some(language) = source.other_language {
        reasons.push(Reason {
            found: Some(language.to_owned()),
            ..Reason::new(Check::OtherLanguage).in_field(MatchedField::Source)
        });
    }
    reasons
}

#[cfg(test)]
mod tests;
