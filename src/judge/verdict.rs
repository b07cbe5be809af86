//! Putting it all together: whoever stands in a special place first, then the site's rules, then the
//! built-in ones, the filter and bursts. The gravest reason decides.

use crate::config::Moderation;
use crate::judge::filter::Reading;
use crate::judge::reason::{Place, Reason, Rule};
use crate::judge::rule::Ruling;
use crate::judge::submission::Submission;
use crate::store::entity::response::ResponseKind;
use crate::store::entity::rule::RuleOutcome;
use crate::store::entity::standing::Standing;

/// More outbound links than this on a linkback's source make it wait: dozens, and more than the
/// longest of ordinary blogrolls.
const MANY_OUTBOUND_LINKS: usize = 72;

/// A linkback with more of its page's words than an excerpt is held as a comment would be, in characters.
const LONGEST_EXCERPT: usize = 300;

/// How somebody stands here, by the name under which that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// What is done with what they send.
    pub standing: Standing,
    /// The address, host, domain or network.
    pub subject: String,
}

/// What is known around a submission.
#[derive(Clone, Debug)]
pub struct Context {
    /// The site's setting.
    pub moderation: Moderation,
    /// More links than this in one response make it wait; None for never.
    pub max_links: Option<usize>,
    /// From this risk on the filter holds, in thousandths; None for never.
    pub hold_from: Option<i64>,
    /// Written by signed-in staff.
    pub by_staff: bool,
    /// Sent in the name of somebody of the staff, by somebody who is not signed in.
    pub claims_staff: bool,
    /// How the writer, or the host of the source, stands here.
    pub known: Option<Known>,
    /// What the site's own rules say.
    pub ruling: Option<Ruling>,
    /// What the filter makes of it.
    pub reading: Reading,
    /// There is a burst on the post, or on the site.
    pub burst: bool,
    /// An outside judge is asked about what nothing else speaks against.
    pub asks_outside: bool,
}

/// What becomes of a submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Shown at once.
    Approve,
    /// Waits for a moderator.
    Hold,
    /// Put with the spam.
    Spam,
    /// Not taken; the words for its writer may be empty.
    Refuse(String),
}

/// What becomes of a submission, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What becomes of it.
    pub outcome: Outcome,
    /// Why; empty where nothing spoke against it.
    pub reasons: Vec<Reason>,
    /// How likely spam it is, in thousandths.
    pub risk: i64,
}

/// Judges `submission`. Every built-in rule that applies gives its reason, so that a moderator sees
/// all of them at once.
pub fn judge(submission: &Submission, context: &Context) -> Verdict {
    let risk = context.reading.risk;
    let say = |outcome, reasons| Verdict {
        outcome,
        reasons,
        risk,
    };
    if context.by_staff {
        return say(Outcome::Approve, Vec::new());
    }
    // What a source had taken back waits, and so does who claims to be of the staff, whatever else lets
    // them in.
    let is_doubtful = context.claims_staff
        || submission
            .source
            .as_ref()
            .is_some_and(|signs| signs.came_back);
    if let Some(known) = &context.known {
        let named = |rule| Reason {
            found: Some(known.subject.clone()),
            ..Reason::new(rule)
        };
        match known.standing {
            Standing::Ban => {
                return say(Outcome::Refuse(String::new()), vec![named(Rule::Banned)]);
            }
            Standing::Hold => {
                let mut reasons = vec![named(Rule::AlwaysHeld)];
                reasons.extend(built_in(submission, context));
                return say(Outcome::Hold, reasons);
            }
            Standing::Approve if !is_doubtful => return say(Outcome::Approve, Vec::new()),
            Standing::Approve => {}
        }
    }
    let Some(ruling) = &context.ruling else {
        let mut reasons = built_in(submission, context);
        if reasons.is_empty() && context.asks_outside {
            reasons.push(Reason::new(Rule::Outside));
        }
        let outcome = if reasons.is_empty() {
            Outcome::Approve
        } else {
            Outcome::Hold
        };
        return say(outcome, reasons);
    };
    let mut reasons = ruling.reasons.clone();
    let outcome = match ruling.outcome {
        RuleOutcome::Approve if !is_doubtful => Outcome::Approve,
        RuleOutcome::Approve | RuleOutcome::Hold => {
            reasons.extend(built_in(submission, context));
            Outcome::Hold
        }
        RuleOutcome::Spam => Outcome::Spam,
        RuleOutcome::Refuse => Outcome::Refuse(ruling.message.clone()),
    };
    say(outcome, reasons)
}

fn built_in(submission: &Submission, context: &Context) -> Vec<Reason> {
    let mut reasons = Vec::new();
    match context.moderation {
        Moderation::All => reasons.push(Reason::new(Rule::HoldAll)),
        Moderation::First if submission.is_first && says_more_than_an_excerpt(submission) => {
            reasons.push(Reason::new(Rule::FirstResponse));
        }
        Moderation::First | Moderation::None => {}
    }
    if context.claims_staff {
        reasons.push(Reason::new(Rule::Unproven));
    }
    if context.burst {
        reasons.push(Reason::new(Rule::Burst));
    }
    let links = submission.link_hosts.len();
    if context.max_links.is_some_and(|most| links > most) {
        reasons.push(Reason {
            count: Some(links),
            ..Reason::new(Rule::ManyLinks).at(Place::Text)
        });
    }
    reasons.extend(signs_of_source(submission));
    if context
        .hold_from
        .is_some_and(|from| context.reading.risk >= from)
    {
        reasons.push(Reason {
            score: Some(context.reading.risk),
            signs: context.reading.signs.clone(),
            ..Reason::new(Rule::Filter)
        });
    }
    reasons
}

/// A comment always does. A short excerpt of a page that was read is shown at once.
fn says_more_than_an_excerpt(submission: &Submission) -> bool {
    submission.kind == ResponseKind::Comment || submission.text.chars().count() > LONGEST_EXCERPT
}

fn signs_of_source(submission: &Submission) -> Vec<Reason> {
    let Some(signs) = &submission.source else {
        return Vec::new();
    };
    let mut reasons = Vec::new();
    if signs.outbound_links > MANY_OUTBOUND_LINKS {
        reasons.push(Reason {
            count: Some(signs.outbound_links),
            ..Reason::new(Rule::ManyOutboundLinks).at(Place::Source)
        });
    }
    let plain = [
        (Rule::BareLink, Place::Source, signs.bare_link),
        (
            Rule::TitleIsBlogName,
            Place::Author,
            signs.title_is_blog_name,
        ),
        (Rule::ExcerptElsewhere, Place::Text, signs.excerpt_elsewhere),
        (Rule::CameBack, Place::Source, signs.came_back),
    ];
    let plain = plain.into_iter().filter(|(_, _, applies)| *applies);
    reasons.extend(plain.map(|(rule, place, _)| Reason::new(rule).at(place)));
    if let Some(language) = signs.other_language {
        reasons.push(Reason {
            found: Some(language.to_owned()),
            ..Reason::new(Rule::OtherLanguage).at(Place::Source)
        });
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::submission::SourceSigns;

    fn comment(links: usize) -> Submission {
        Submission {
            author_name: "Ben".into(),
            link_hosts: vec!["a.example".into(); links],
            is_first: false,
            ..Submission::of_text("Hello")
        }
    }

    fn pingback(source: SourceSigns) -> Submission {
        Submission {
            kind: ResponseKind::Pingback,
            source: Some(source),
            ..comment(0)
        }
    }

    fn context(moderation: Moderation) -> Context {
        Context {
            moderation,
            max_links: Some(2),
            hold_from: Some(900),
            by_staff: false,
            claims_staff: false,
            known: None,
            ruling: None,
            reading: Reading {
                risk: 100,
                signs: Vec::new(),
            },
            burst: false,
            asks_outside: false,
        }
    }

    fn known(standing: Standing) -> Option<Known> {
        Some(Known {
            standing,
            subject: "blog.example".into(),
        })
    }

    fn rules(verdict: &Verdict) -> Vec<Rule> {
        verdict.reasons.iter().map(|reason| reason.rule).collect()
    }

    #[test]
    fn a_first_comment_waits_and_the_next_one_does_not() {
        let mut first = comment(0);
        first.is_first = true;
        let first = judge(&first, &context(Moderation::First));
        assert_eq!(first.outcome, Outcome::Hold);
        assert_eq!(rules(&first), [Rule::FirstResponse]);
        let next = judge(&comment(0), &context(Moderation::First));
        assert_eq!(next.outcome, Outcome::Approve);
    }

    #[test]
    fn every_rule_that_applies_gives_its_reason() {
        let verdict = judge(&comment(5), &context(Moderation::All));
        assert_eq!(rules(&verdict), [Rule::HoldAll, Rule::ManyLinks]);
        assert_eq!(verdict.reasons[1].count, Some(5));
    }

    #[test]
    fn a_long_linkback_of_an_unknown_host_waits_as_a_comment_would() {
        let page = |length: usize, is_first| Submission {
            is_first,
            text: "x".repeat(length),
            ..pingback(SourceSigns::default())
        };
        let outcome = |page, moderation| judge(&page, &context(moderation)).outcome;
        assert_eq!(
            outcome(page(300, true), Moderation::First),
            Outcome::Approve
        );
        assert_eq!(outcome(page(301, true), Moderation::First), Outcome::Hold);
        assert_eq!(
            outcome(page(301, false), Moderation::First),
            Outcome::Approve
        );
        assert_eq!(outcome(page(9, false), Moderation::All), Outcome::Hold);
        assert_eq!(outcome(page(999, true), Moderation::None), Outcome::Approve);
    }

    #[test]
    fn nothing_lets_in_who_claims_to_be_of_the_staff() {
        let approving = Some(Ruling {
            outcome: RuleOutcome::Approve,
            message: String::new(),
            reasons: Vec::new(),
        });
        let claiming = Context {
            claims_staff: true,
            known: known(Standing::Approve),
            ruling: approving,
            ..context(Moderation::None)
        };
        let verdict = judge(&comment(0), &claiming);
        assert_eq!(verdict.outcome, Outcome::Hold);
        assert_eq!(rules(&verdict), [Rule::Unproven]);
    }

    #[test]
    fn staff_never_wait() {
        let by_staff = Context {
            by_staff: true,
            burst: true,
            ..context(Moderation::All)
        };
        assert_eq!(judge(&comment(9), &by_staff).outcome, Outcome::Approve);
    }

    #[test]
    fn a_source_that_links_everywhere_makes_a_linkback_wait() {
        let verdict = judge(
            &pingback(SourceSigns {
                outbound_links: 400,
                ..SourceSigns::default()
            }),
            &context(Moderation::None),
        );
        assert_eq!(rules(&verdict), [Rule::ManyOutboundLinks]);
    }

    #[test]
    fn every_sign_of_spam_on_a_source_has_its_reason() {
        let verdict = judge(
            &pingback(SourceSigns {
                outbound_links: 73,
                bare_link: true,
                title_is_blog_name: true,
                excerpt_elsewhere: true,
                other_language: Some("Mandarin"),
                came_back: true,
            }),
            &context(Moderation::None),
        );
        assert_eq!(verdict.outcome, Outcome::Hold);
        assert_eq!(
            rules(&verdict),
            [
                Rule::ManyOutboundLinks,
                Rule::BareLink,
                Rule::TitleIsBlogName,
                Rule::ExcerptElsewhere,
                Rule::CameBack,
                Rule::OtherLanguage,
            ]
        );
    }

    #[test]
    fn who_is_always_let_in_does_not_wait_but_for_what_was_taken_back() {
        let trusted = Context {
            known: known(Standing::Approve),
            ..context(Moderation::All)
        };
        let bare = SourceSigns {
            bare_link: true,
            ..SourceSigns::default()
        };
        assert_eq!(judge(&pingback(bare), &trusted).outcome, Outcome::Approve);
        let came_back = SourceSigns {
            came_back: true,
            ..SourceSigns::default()
        };
        assert_eq!(judge(&pingback(came_back), &trusted).outcome, Outcome::Hold);
    }

    #[test]
    fn how_somebody_stands_counts_before_any_rule() {
        let approving = Some(Ruling {
            outcome: RuleOutcome::Approve,
            message: String::new(),
            reasons: Vec::new(),
        });
        for (standing, outcome) in [
            (Standing::Ban, Outcome::Refuse(String::new())),
            (Standing::Hold, Outcome::Hold),
        ] {
            let context = Context {
                known: known(standing),
                ruling: approving.clone(),
                ..context(Moderation::None)
            };
            assert_eq!(judge(&comment(0), &context).outcome, outcome);
        }
    }

    #[test]
    fn the_filter_holds_and_never_refuses() {
        let sure = Context {
            reading: Reading {
                risk: 1000,
                signs: vec![("pills".into(), 3000)],
            },
            ..context(Moderation::None)
        };
        let verdict = judge(&comment(0), &sure);
        assert_eq!(verdict.outcome, Outcome::Hold);
        assert_eq!(rules(&verdict), [Rule::Filter]);
        assert_eq!(verdict.reasons[0].score, Some(1000));
    }

    #[test]
    fn the_outside_judge_is_asked_only_where_nothing_else_speaks() {
        let asking = Context {
            asks_outside: true,
            ..context(Moderation::None)
        };
        assert_eq!(rules(&judge(&comment(0), &asking)), [Rule::Outside]);
        assert_eq!(rules(&judge(&comment(9), &asking)), [Rule::ManyLinks]);
        let trusted = Context {
            known: known(Standing::Approve),
            ..asking
        };
        assert_eq!(judge(&comment(9), &trusted).outcome, Outcome::Approve);
    }

    #[test]
    fn a_burst_holds() {
        let burst = Context {
            burst: true,
            ..context(Moderation::None)
        };
        assert_eq!(rules(&judge(&comment(0), &burst)), [Rule::Burst]);
    }

    #[test]
    fn a_rule_of_the_site_speaks_before_the_built_in_ones() {
        for (outcome, expected) in [
            (RuleOutcome::Approve, Outcome::Approve),
            (RuleOutcome::Hold, Outcome::Hold),
            (RuleOutcome::Spam, Outcome::Spam),
            (RuleOutcome::Refuse, Outcome::Refuse("Not here".into())),
        ] {
            let ruled = Context {
                ruling: Some(Ruling {
                    outcome,
                    message: "Not here".into(),
                    reasons: vec![Reason::new(Rule::Site)],
                }),
                ..context(Moderation::All)
            };
            assert_eq!(judge(&comment(9), &ruled).outcome, expected);
        }
    }
}
