//! Tests of `verdict`.

use super::*;
use crate::judge::submission::SourceSignals;

fn comment(links: usize) -> Submission {
    Submission {
        author_name: "Ben".into(),
        link_hosts: vec!["a.example".into(); links],
        is_first: false,
        ..Submission::of_text("Hello")
    }
}

fn pingback(source: SourceSignals) -> Submission {
    Submission {
        kind: ResponseKind::Pingback,
        source: Some(source),
        ..comment(0)
    }
}

fn context(moderation: CommentModeration) -> JudgeContext {
    JudgeContext {
        moderation,
        max_links: Some(2),
        hold_at_risk: Some(900),
        by_staff: false,
        claims_staff: false,
        sender_policy: None,
        rule_decision: None,
        filter_score: FilterScore {
            risk: 100,
            signals: Vec::new(),
        },
        in_burst: false,
        asks_spam_checker: false,
    }
}

fn sender_policy(policy: SenderPolicy) -> Option<MatchedPolicy> {
    Some(MatchedPolicy {
        policy,
        subject: "blog.example".into(),
    })
}

fn rules(verdict: &Verdict) -> Vec<Check> {
    verdict.reasons.iter().map(|reason| reason.check).collect()
}

#[test]
fn a_first_comment_waits_and_the_next_one_does_not() {
    let mut first = comment(0);
    first.is_first = true;
    let first = judge(&first, &context(CommentModeration::First));
    assert_eq!(first.action, VerdictAction::Hold);
    assert_eq!(rules(&first), [Check::FirstResponse]);
    let next = judge(&comment(0), &context(CommentModeration::First));
    assert_eq!(next.action, VerdictAction::Approve);
}

#[test]
fn every_check_that_applies_gives_its_reason() {
    let verdict = judge(&comment(5), &context(CommentModeration::All));
    assert_eq!(rules(&verdict), [Check::HoldAll, Check::ManyLinks]);
    assert_eq!(verdict.reasons[1].count, Some(5));
}

#[test]
fn a_long_linkback_from_an_unknown_host_waits_as_a_comment_does() {
    let page = |length: usize, is_first| Submission {
        is_first,
        text: "x".repeat(length),
        ..pingback(SourceSignals::default())
    };
    let action = |page, moderation| judge(&page, &context(moderation)).action;
    assert_eq!(
        action(page(300, true), CommentModeration::First),
        VerdictAction::Approve
    );
    assert_eq!(
        action(page(301, true), CommentModeration::First),
        VerdictAction::Hold
    );
    assert_eq!(
        action(page(301, false), CommentModeration::First),
        VerdictAction::Approve
    );
    assert_eq!(
        action(page(9, false), CommentModeration::All),
        VerdictAction::Hold
    );
    assert_eq!(
        action(page(999, true), CommentModeration::None),
        VerdictAction::Approve
    );
}

#[test]
fn nothing_approves_a_sender_who_claims_to_be_staff() {
    let approving = Some(RuleDecision {
        action: RuleAction::Approve,
        message: String::new(),
        reasons: Vec::new(),
    });
    let claiming = JudgeContext {
        claims_staff: true,
        sender_policy: sender_policy(SenderPolicy::Approve),
        rule_decision: approving,
        ..context(CommentModeration::None)
    };
    let verdict = judge(&comment(0), &claiming);
    assert_eq!(verdict.action, VerdictAction::Hold);
    assert_eq!(rules(&verdict), [Check::UnprovenIdentity]);
}

#[test]
fn staff_never_wait() {
    let by_staff = JudgeContext {
        by_staff: true,
        in_burst: true,
        ..context(CommentModeration::All)
    };
    assert_eq!(judge(&comment(9), &by_staff).action, VerdictAction::Approve);
}

#[test]
fn a_source_with_too_many_links_makes_a_linkback_wait() {
    let verdict = judge(
        &pingback(SourceSignals {
            outbound_links: 400,
            ..SourceSignals::default()
        }),
        &context(CommentModeration::None),
    );
    assert_eq!(rules(&verdict), [Check::ManyOutboundLinks]);
}

#[test]
fn every_signal_of_spam_on_a_source_gives_its_reason() {
    let verdict = judge(
        &pingback(SourceSignals {
            outbound_links: 73,
            bare_link: true,
            title_is_blog_name: true,
            excerpt_not_on_page: true,
            other_language: Some("Mandarin"),
            was_removed_before: true,
        }),
        &context(CommentModeration::None),
    );
    assert_eq!(verdict.action, VerdictAction::Hold);
    assert_eq!(
        rules(&verdict),
        [
            Check::ManyOutboundLinks,
            Check::BareLink,
            Check::TitleIsBlogName,
            Check::ExcerptNotOnPage,
            Check::RemovedBefore,
            Check::OtherLanguage,
        ]
    );
}

#[test]
fn an_approved_sender_waits_only_if_the_link_was_removed_before() {
    let trusted = JudgeContext {
        sender_policy: sender_policy(SenderPolicy::Approve),
        ..context(CommentModeration::All)
    };
    let bare = SourceSignals {
        bare_link: true,
        ..SourceSignals::default()
    };
    assert_eq!(
        judge(&pingback(bare), &trusted).action,
        VerdictAction::Approve
    );
    let was_removed_before = SourceSignals {
        was_removed_before: true,
        ..SourceSignals::default()
    };
    assert_eq!(
        judge(&pingback(was_removed_before), &trusted).action,
        VerdictAction::Hold
    );
}

#[test]
fn a_sender_policy_counts_before_any_rule() {
    let approving = Some(RuleDecision {
        action: RuleAction::Approve,
        message: String::new(),
        reasons: Vec::new(),
    });
    for (policy, action) in [
        (SenderPolicy::Block, VerdictAction::Refuse(String::new())),
        (SenderPolicy::Hold, VerdictAction::Hold),
    ] {
        let context = JudgeContext {
            sender_policy: sender_policy(policy),
            rule_decision: approving.clone(),
            ..context(CommentModeration::None)
        };
        assert_eq!(judge(&comment(0), &context).action, action);
    }
}

#[test]
fn the_filter_holds_and_never_refuses() {
    let sure = JudgeContext {
        filter_score: FilterScore {
            risk: 1000,
            signals: vec![("pills".into(), 3000)],
        },
        ..context(CommentModeration::None)
    };
    let verdict = judge(&comment(0), &sure);
    assert_eq!(verdict.action, VerdictAction::Hold);
    assert_eq!(rules(&verdict), [Check::Filter]);
    assert_eq!(verdict.reasons[0].score, Some(1000));
}

#[test]
fn the_spam_checker_is_asked_only_if_nothing_else_holds_a_response() {
    let asking = JudgeContext {
        asks_spam_checker: true,
        ..context(CommentModeration::None)
    };
    assert_eq!(rules(&judge(&comment(0), &asking)), [Check::SpamChecker]);
    assert_eq!(rules(&judge(&comment(9), &asking)), [Check::ManyLinks]);
    let trusted = JudgeContext {
        sender_policy: sender_policy(SenderPolicy::Approve),
        ..asking
    };
    assert_eq!(judge(&comment(9), &trusted).action, VerdictAction::Approve);
}

#[test]
fn a_burst_holds() {
    let burst = JudgeContext {
        in_burst: true,
        ..context(CommentModeration::None)
    };
    assert_eq!(rules(&judge(&comment(0), &burst)), [Check::Burst]);
}

#[test]
fn a_rule_of_the_site_decides_before_the_built_in_checks() {
    for (action, expected) in [
        (RuleAction::Approve, VerdictAction::Approve),
        (RuleAction::Hold, VerdictAction::Hold),
        (RuleAction::Spam, VerdictAction::Spam),
        (RuleAction::Refuse, VerdictAction::Refuse("Not here".into())),
    ] {
        let ruled = JudgeContext {
            rule_decision: Some(RuleDecision {
                action,
                message: "Not here".into(),
                reasons: vec![Reason::new(Check::Rule)],
            }),
            ..context(CommentModeration::All)
        };
        assert_eq!(judge(&comment(9), &ruled).action, expected);
    }
}
