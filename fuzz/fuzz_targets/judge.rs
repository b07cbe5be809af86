//! Rules of any words or pattern on any text, and the filter's reading of it: no panic, spans within
//! the text, and in time.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rejoinder::judge::Submission;
use rejoinder::judge::features::{BUCKETS, features};
use rejoinder::judge::filter::{Knowledge, read};
use rejoinder::judge::rule::{Conditions, SiteRule};
use rejoinder::markup::links::link_hosts;
use rejoinder::markup::plain::text_of;
use rejoinder::store::entity::ids::RuleId;
use rejoinder::store::entity::rule::RuleOutcome;
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
    let reading = read(&found, &Knowledge::default());
    assert!((0..=1000).contains(&reading.risk));
    for conditions in [
        Conditions {
            words: words.lines().map(str::to_owned).collect(),
            ..Conditions::default()
        },
        Conditions {
            // A pattern may take its time to be made ready: that is done once.
            pattern: pattern.chars().take(20).collect(),
            ..Conditions::default()
        },
    ] {
        let rule = SiteRule::new(RuleId(1), "", 0, RuleOutcome::Hold, "", conditions);
        if let Ok(rule) = rule
            && let Some(reason) = rule.find(&submission)
            && let Some(quote) = reason.quote
        {
            assert!(quote.start + quote.length <= text.chars().count());
        }
    }
}));
