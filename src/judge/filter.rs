//! The filter that a site teaches: how often each feature stood in spam and in what was wanted, put
//! together in the way of naive Bayes with feature counts. It explains itself, and decides
//! nothing: it holds, and it sorts.
//!
//! What is learned are plain counts, so that learning is the same in any order and can be taken
//! back exactly.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::judge::features::{self, Bucket, Features, Sign};

/// The built-in beginning.
const PRIOR: &str = include_str!("../../config/filter_prior.txt");
/// How many features of each kind the built-in beginning stands for.
const PRIOR_EACH: i64 = 3_000;
/// Features that were seen so often say half of what they would say if seen for ever.
const STRENGTH: f64 = 2.0;
/// Pieces of words overlap with the words: each says less.
const PIECES: f64 = 0.3;
/// Signs that stand together are not independent: their sum counts for less.
const DAMPING: f64 = 0.35;
/// How many signs explain a verdict.
const EXPLAINING: usize = 6;

/// How often something stood in spam, and in what was wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// In spam.
    pub spam: i64,
    /// In what was wanted.
    pub ham: i64,
}

impl Count {
    fn plus(self, other: Self) -> Self {
        Self {
            spam: self.spam + other.spam,
            ham: self.ham + other.ham,
        }
    }
}

/// What a response was, by a moderator's decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// Unwanted.
    Spam,
    /// Wanted.
    Ham,
}

/// What was learned, as far as it is needed: all features, and some of the buckets.
#[derive(Clone, Debug, Default)]
pub struct Knowledge {
    /// How many features were learned, each as often as it stood in a response: long texts have
    /// more, and must not make common words look like theirs.
    pub all: Count,
    /// In how many of them each bucket stood.
    pub buckets: HashMap<Bucket, Count>,
}

impl Knowledge {
    /// Learns from a response, or forgets what was learned from it where `times` is -1.
    pub fn learn(&mut self, features: &Features, label: Label, times: i64) {
        for bucket in features.keys() {
            add(&mut self.all, label, times);
            add(self.buckets.entry(*bucket).or_default(), label, times);
        }
    }
}

fn add(count: &mut Count, label: Label, times: i64) {
    match label {
        Label::Spam => count.spam += times,
        Label::Ham => count.ham += times,
    }
}

/// What the filter makes of a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// How likely spam it is, in thousandths.
    pub risk: i64,
    /// The strongest signs either way, with their weights in thousandths; positive for spam.
    pub signs: Vec<(String, i64)>,
}

static PRIOR_COUNTS: LazyLock<HashMap<Bucket, Count>> = LazyLock::new(|| {
    PRIOR
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let mut parts = line.split(' ');
            let word = parts.next()?;
            let spam = parts.next()?.parse().ok()?;
            let ham = parts.next()?.parse().ok()?;
            Some((features::bucket(Sign::Word, word), Count { spam, ham }))
        })
        .chain([
            shape("links: none", 24, 50),
            shape("links: one", 12, 8),
            shape("links: some", 10, 1),
            shape("links: many", 10, 0),
            shape("known writer", 2, 30),
            shape("mostly capitals", 5, 1),
        ])
        .collect()
});

fn shape(name: &str, spam: i64, ham: i64) -> (Bucket, Count) {
    (features::bucket(Sign::Shape, name), Count { spam, ham })
}

/// Reads a response in the light of what was learned.
pub fn read(features: &Features, knowledge: &Knowledge) -> Reading {
    let prior = Count {
        spam: PRIOR_EACH,
        ham: PRIOR_EACH,
    };
    let all = knowledge.all.plus(prior);
    let mut signs: Vec<(f64, Sign, &str)> = features
        .iter()
        .filter_map(|(bucket, (sign, name))| {
            let learned = knowledge.buckets.get(bucket).copied().unwrap_or_default();
            let built_in = PRIOR_COUNTS.get(bucket).copied().unwrap_or_default();
            let all_of_it = weigh(learned.plus(built_in), all);
            let weight = if *sign == Sign::Piece {
                PIECES * all_of_it
            } else {
                all_of_it
            };
            (weight != 0.0).then_some((weight, *sign, name.as_str()))
        })
        .collect();
    signs.sort_by(|one, other| {
        let strength = other.0.abs().total_cmp(&one.0.abs());
        strength.then((one.1, one.2).cmp(&(other.1, other.2)))
    });
    let sum: f64 = signs.iter().map(|(weight, _, _)| weight).sum();
    let risk = 1.0 / (1.0 + (-sum * DAMPING).exp());
    let explaining = signs
        .iter()
        .filter(|(_, sign, _)| *sign != Sign::Piece)
        .take(EXPLAINING)
        .map(|(weight, _, name)| ((*name).to_owned(), thousandths(*weight)))
        .collect();
    Reading {
        risk: thousandths(risk),
        signs: explaining,
    }
}

/// The logarithm of the odds for spam that a feature gives, shrunk where it was seen seldom.
fn weigh(count: Count, all: Count) -> f64 {
    let share = |n: i64, of: i64| n.max(0) as f64 / of.max(1) as f64;
    let (spam, ham) = (share(count.spam, all.spam), share(count.ham, all.ham));
    if spam + ham == 0.0 {
        return 0.0;
    }
    let seen = (count.spam + count.ham).max(0) as f64;
    let likely = (STRENGTH * 0.5 + seen * (spam / (spam + ham))) / (STRENGTH + seen);
    (likely / (1.0 - likely)).ln()
}

fn thousandths(value: f64) -> i64 {
    (value * 1000.0).round() as i64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::judge::features::features;
    use crate::judge::submission::Submission;

    fn risk(text: &str, knowledge: &Knowledge) -> i64 {
        read(&features(&Submission::of_text(text)), knowledge).risk
    }

    #[test]
    fn it_is_of_use_before_it_was_taught() {
        let fresh = Knowledge::default();
        let spam = risk("Buy cheap viagra pills, visit our casino website", &fresh);
        let ham = risk(
            "I think the data in this report is wrong, because the source is old",
            &fresh,
        );
        assert!(spam > 800 && ham < 200, "{spam} {ham}");
    }

    #[test]
    fn it_learns_what_a_site_does_not_want() {
        let mut knowledge = Knowledge::default();
        let text = "Ask about fluffy kittens today";
        let before = risk(text, &knowledge);
        for _ in 0..5 {
            let spam = features(&Submission::of_text(
                "Fluffy kittens for everyone, ask today",
            ));
            knowledge.learn(&spam, Label::Spam, 1);
            let ham = features(&Submission::of_text("The minutes of the board are online"));
            knowledge.learn(&ham, Label::Ham, 1);
        }
        let after = read(&features(&Submission::of_text(text)), &knowledge);
        assert!(after.risk > before + 200, "{before} {after:?}");
        assert!(
            after
                .signs
                .iter()
                .any(|(name, weight)| name == "kittens" && *weight > 0)
        );
    }

    proptest! {
        #[test]
        fn learning_is_the_same_in_any_order_and_can_be_taken_back(
            texts in prop::collection::vec(("[a-e ]{1,20}", any::<bool>()), 1..8),
        ) {
            let label = |spam| if spam { Label::Spam } else { Label::Ham };
            let (mut forth, mut back) = (Knowledge::default(), Knowledge::default());
            for (text, spam) in &texts {
                forth.learn(&features(&Submission::of_text(text)), label(*spam), 1);
            }
            for (text, spam) in texts.iter().rev() {
                back.learn(&features(&Submission::of_text(text)), label(*spam), 1);
            }
            prop_assert_eq!(&forth.buckets, &back.buckets);
            for (text, spam) in &texts {
                forth.learn(&features(&Submission::of_text(text)), label(*spam), -1);
            }
            prop_assert!(forth.buckets.values().all(|count| *count == Count::default()));
            prop_assert_eq!(forth.all, Count::default());
        }
    }
}
