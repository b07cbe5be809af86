//! Tests of `rule`.

use proptest::prelude::*;

use super::*;
use crate::judge::rule_set::RuleSet;
use crate::store::entity::response::ResponseKind;

fn rule(id: i64, priority: i64, action: RuleAction, conditions: RuleConditions) -> SiteRule {
    SiteRule::new(
        RuleId(id),
        &format!("Rule {id}"),
        priority,
        action,
        "",
        conditions,
    )
    .unwrap()
}

fn words(words: &[&str]) -> RuleConditions {
    RuleConditions {
        words: words.iter().map(|&word| word.to_owned()).collect(),
        ..RuleConditions::default()
    }
}

fn hits(conditions: &RuleConditions, submission: &Submission) -> bool {
    rule(1, 0, RuleAction::Hold, conditions.clone())
        .find_match(submission)
        .is_some()
}

#[test]
fn words_match_whole_and_in_any_case() {
    for (word, text, found) in [
        ("cialis", "Buy CIALIS now", true),
        ("cialis", "Ask a specialist", false),
        ("cialis", "cialis", true),
        ("straße", "DIE STRASSE, Die STRAßE", true),
        ("größer", "GRÖSSER ist GRÖßER", true),
        ("viagra", "via gra", false),
        ("free money", "Get  FREE\nMoney here", true),
        ("$$$", "Earn $$$ at home", true),
        ("казино", "Лучшее КАЗИНО здесь", true),
        ("buy", "buyer", false),
        ("a.b", "axb", false),
        ("cialis", "c\u{200b}ia\u{ad}lis", true),
        ("cialis", "сіаlіѕ", true),
        ("cialis", "Ｃｉａｌｉｓ", true),
        ("cialis", "c̶i̷alis and so on", true),
        ("cialis", "c1alis", true),
        ("сіаlіѕ", "cialis", true),
        ("free money", "frее\u{a0}m0ney", true),
    ] {
        let submission = Submission::of_text(text);
        assert_eq!(
            hits(&words(&[word]), &submission),
            found,
            "{word} in {text}"
        );
    }
}

#[test]
fn a_match_is_quoted_with_its_field() {
    let mut submission = Submission::of_text("A fine text");
    submission.author_name = "Cheap Pills Inc".into();
    let found = rule(1, 0, RuleAction::Hold, words(&["pills"]))
        .find_match(&submission)
        .unwrap();
    assert_eq!(found.field, Some(MatchedField::Author));
    let quote = found.quote.unwrap();
    assert_eq!(
        (quote.text.as_str(), quote.before.as_str()),
        ("Pills", "Cheap ")
    );
}

#[test]
fn every_condition_must_hold() {
    let mut submission = Submission::of_text("See https://shop.spam.example/x");
    submission.link_hosts = vec!["shop.spam.example".into()];
    submission.ip = Some("192.0.2.7".parse().unwrap());
    submission.author_email = Some("x@mail.example".into());
    submission.post_age = 40;
    let all = RuleConditions {
        hosts: vec!["spam.example".into()],
        networks: vec!["192.0.2.0/24".parse().unwrap()],
        emails: vec!["@mail.example".into()],
        post_age: Some(30),
        min_links: Some(1),
        first_time: true,
        kinds: vec![ResponseKind::Comment],
        ..RuleConditions::default()
    };
    assert!(hits(&all, &submission));
    let mut known = submission.clone();
    known.is_first = false;
    assert!(!hits(&all, &known));
    let mut elsewhere = submission.clone();
    elsewhere.ip = Some("198.51.100.1".parse().unwrap());
    assert!(!hits(&all, &elsewhere));
    let mut young = submission.clone();
    young.post_age = 3;
    assert!(!hits(&all, &young));
    let mut other = submission;
    other.link_hosts = vec!["notspam.example".into()];
    assert!(!hits(&all, &other));
}

#[test]
fn conditions_that_cannot_be_used_say_why() {
    let new =
        |conditions| SiteRule::new(RuleId(1), "", 0, RuleAction::Hold, "", conditions).map(|_| ());
    assert_eq!(new(RuleConditions::default()), Err(RuleError::Empty));
    let broken = RuleConditions {
        pattern: "(".into(),
        ..RuleConditions::default()
    };
    assert!(matches!(new(broken), Err(RuleError::Pattern(text)) if text == "unclosed group"));
    assert_eq!(new(words(&["\u{200b}\u{301}"])), Err(RuleError::Empty));
    let long = words(&["x"; MAX_ENTRIES + 1]);
    assert_eq!(new(long), Err(RuleError::TooLong));
    let bomb = RuleConditions {
        pattern: r"(\pL{999}){999}".into(),
        ..RuleConditions::default()
    };
    assert_eq!(new(bomb), Err(RuleError::TooComplex(999 * 999)));
    let large = RuleConditions {
        pattern: r"\pL{1999}".into(),
        ..RuleConditions::default()
    };
    assert_eq!(new(large), Err(RuleError::TooLarge));
}

#[test]
fn the_lowest_priority_that_matches_decides() {
    let submission = Submission::of_text("good bad");
    let set = RuleSet::new(vec![
        rule(1, 20, RuleAction::Refuse, words(&["bad"])),
        rule(2, 10, RuleAction::Approve, words(&["good"])),
    ]);
    let decision = set.evaluate(&submission).unwrap();
    assert_eq!(decision.action, RuleAction::Approve);
    assert_eq!(decision.reasons.len(), 1);
}

fn of_ruth(conditions: RuleConditions) -> [bool; 4] {
    let mut claimed = Submission::of_text("Hello");
    claimed.author_name = "Ruth Amsel".into();
    claimed.author_email = Some("r.u.th+1@mail.example".into());
    claimed.author_url = Some("https://ruth.example/".into());
    let mut proven = claimed.clone();
    proven.is_proven = true;
    let find = |action, submission: &Submission| {
        rule(1, 0, action, conditions.clone())
            .find_match(submission)
            .is_some()
    };
    [
        find(RuleAction::Approve, &claimed),
        find(RuleAction::Approve, &proven),
        find(RuleAction::Refuse, &claimed),
        find(RuleAction::Spam, &proven),
    ]
}

#[test]
fn claims_count_against_a_sender_and_never_for_one() {
    let list = |entry: &str| vec![entry.to_owned()];
    let emails = |entry| RuleConditions {
        emails: list(entry),
        ..RuleConditions::default()
    };
    for conditions in [
        emails("r.u.th@mail.example"),
        emails("@mail.example"),
        RuleConditions {
            names: list("Ruth Amsel"),
            ..RuleConditions::default()
        },
        RuleConditions {
            hosts: list("ruth.example"),
            ..RuleConditions::default()
        },
        words(&["amsel"]),
        RuleConditions {
            pattern: "ams[e]l".into(),
            ..RuleConditions::default()
        },
    ] {
        assert_eq!(
            of_ruth(conditions.clone()),
            [false, true, true, true],
            "{conditions:?}"
        );
    }
    // Another spelling may be another mailbox, and is not approved.
    assert_eq!(
        of_ruth(emails("ruth@mail.example")),
        [false, false, true, true]
    );
    assert_eq!(
        of_ruth(words(&["hello"])),
        [true; 4],
        "the text is not a claim"
    );
}

#[test]
fn a_page_is_approved_only_by_the_host_that_it_was_read_from() {
    let mut page = Submission::of_text("Hello");
    page.author_url = Some("https://good.example/ann".into());
    page.source_host = Some("evil.example".into());
    page.is_proven = true;
    let hosts = |host: &str| RuleConditions {
        hosts: vec![host.to_owned()],
        ..RuleConditions::default()
    };
    let find = |action, host| rule(1, 0, action, hosts(host)).find_match(&page).is_some();
    assert!(!find(RuleAction::Approve, "good.example"));
    assert!(find(RuleAction::Approve, "evil.example"));
    assert!(find(RuleAction::Refuse, "good.example"));
    assert!(find(RuleAction::Refuse, "evil.example"));
}

fn any_rule(id: i64) -> impl Strategy<Value = SiteRule> {
    let action = prop::sample::select(vec![
        RuleAction::Approve,
        RuleAction::Hold,
        RuleAction::Spam,
        RuleAction::Refuse,
    ]);
    let word = prop::sample::select(vec!["one", "two", "three", "four"]);
    (0..3_i64, action, word).prop_map(move |(priority, action, word)| {
        let message = format!("{id}");
        let conditions = words(&[word]);
        SiteRule::new(RuleId(id), "", priority, action, &message, conditions).unwrap()
    })
}

proptest! {
    #[test]
    fn a_decision_never_depends_on_the_order_of_the_rules(
        rules in (any_rule(1), any_rule(2), any_rule(3), any_rule(4), any_rule(5)),
        shuffle in Just((0..5).collect::<Vec<usize>>()).prop_shuffle(),
        text in prop::sample::subsequence(vec!["one", "two", "three", "four"], 0..4),
    ) {
        let rules = vec![rules.0, rules.1, rules.2, rules.3, rules.4];
        let shuffled = shuffle.iter().map(|at| rules[*at].clone()).collect();
        let submission = Submission::of_text(&text.join(" "));
        prop_assert_eq!(
            RuleSet::new(rules).evaluate(&submission),
            RuleSet::new(shuffled).evaluate(&submission)
        );
    }

    #[test]
    fn no_text_makes_a_rule_panic(text in ".{0,200}", word in "\\PC{1,20}") {
        if let Ok(rule) = SiteRule::new(
            RuleId(1), "", 0, RuleAction::Hold, "", words(&[&word]),
        ) {
            let _ = rule.find_match(&Submission::of_text(&text));
        }
    }
}
