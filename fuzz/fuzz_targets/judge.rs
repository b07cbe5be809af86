//! Rules with any words or pattern, and the filter, on any text: no panic, quotes within the text, in time.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rejoinder::judge::Submission;
use rejoinder::judge::features::{BUCKETS, features};
use rejoinder::judge::filter::{FilterModel, score};
use rejoinder::judge::rule::SiteRule;
use rejoinder::judge::rule_conditions::RuleConditions;
use rejoinder::markup::links::link_hosts;
use rejoinder::markup::plain::text_of;
use rejoinder::store::entity::ids::RuleId;
use rejoinder::store::entity::rule::RuleAction;
use rejoinder_fuzz::in_time;

fuzz_target!(|input: (&str, &str, &str)| in_time(|| {
    let (words, pattern, text) = input;
    let _ = text_of(text);
    let submission = Submission {
        link_hosts: link_hosts(text, text),
        ..Submission::of_text(text)
    };
    let found = features(&submission);
    assert!(found.keys().all(|bucket| bucket.0 < BUCKETS));
    let score = score(&found, &FilterModel::default());
    assert!((0..=1000).contains(&score.risk));
    for conditions in [
        RuleConditions {
            words: words.lines().map(str::to_owned).collect(),
            ..RuleConditions::default()
        },
        RuleConditions {
            // Compiling a pattern may take a while, but happens only once.
            pattern: pattern.chars().take(20).collect(),
            ..RuleConditions::default()
        },
    ] {
        let rule = SiteRule::new(RuleId(1), "", 0, RuleAction::Hold, "", conditions);
        if let Ok(rule) = rule
            && let Some(reason) = rule.find_match(&submission)
            && let Some(quote) = reason.quote
        {
            assert!(quote.start + quote.length <= text.chars().count());
        }
    }
}));
