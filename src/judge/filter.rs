//! The filter that a site teaches: how often each feature stood in spam and in what was wanted, put
//! together in the way of naive Bayes with feature counts. It explains itself, and decides
//! nothing: it holds, and it sorts.
//!
//! Only the difference between the classes says anything: a feature is silent until both were learned,
//! and says the more the more was learned of the smaller one. What is learned are plain counts, so that
//! learning is the same in any order and can be taken back exactly.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::judge::features::{self, Bucket, Features, Sign};

/// The built-in beginning.
const PRIOR: &str = include_str!("../../config/filter_prior.txt");
/// In how many responses of each class the words of the built-in beginning were counted.
const PRIOR_EACH: f64 = 60.0;
/// The most that the built-in beginning says alone, as a logarithm of odds: some 690 in a thousand, so
/// that it sorts, and holds nothing by itself where the site holds from 700 on.
const MAX_PRIOR: f64 = 0.8;
/// Features that were seen so often say half of what they would say if seen for ever.
const STRENGTH: f64 = 2.0;
/// With so many responses of the smaller class the filter speaks with half its voice.
const HALF_VOICE: f64 = 1.0;
/// The share of a class that a feature has counts as if so many more responses had shown the share of
/// both: few responses tell little of what is rare.
const SMOOTHING: f64 = 3.0;
/// Pieces of words overlap with the words: each says less.
const PIECES: f64 = 0.3;
/// Shapes are shared by most responses: each says less.
const SHAPES: f64 = 0.5;
/// Signs that stand together are not independent: their sum counts for less.
const DAMPING: f64 = 0.45;
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
    /// How many responses were learned from.
    pub responses: Count,
    /// In how many of them each bucket stood.
    pub buckets: HashMap<Bucket, Count>,
}

impl Knowledge {
    /// Learns from a response, or forgets what was learned from it where `times` is -1.
    pub fn learn(&mut self, features: &Features, label: Label, times: i64) {
        add(&mut self.responses, label, times);
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
        .collect()
});

/// Reads a response in the light of what was learned.
pub fn read(features: &Features, knowledge: &Knowledge) -> Reading {
    let voice = Voice::of(knowledge);
    let (mut prior, mut learned) = (0.0, 0.0);
    let mut signs: Vec<(f64, Sign, &str)> = features
        .iter()
        .filter_map(|(bucket, (sign, name))| {
            let built_in = PRIOR_COUNTS.get(bucket).map_or(0.0, built_in);
            let counted = knowledge.buckets.get(bucket).copied().unwrap_or_default();
            let share = match sign {
                Sign::Piece => PIECES,
                Sign::Shape => SHAPES,
                Sign::Word | Sign::Pair | Sign::Name | Sign::Host => 1.0,
            };
            let counted = share * voice.weigh(counted);
            prior += built_in;
            learned += counted;
            let weight = built_in + counted;
            (weight != 0.0).then_some((weight, *sign, name.as_str()))
        })
        .collect();
    signs.sort_by(|one, other| {
        let strength = other.0.abs().total_cmp(&one.0.abs());
        strength.then((one.1, one.2).cmp(&(other.1, other.2)))
    });
    let sum = (prior * DAMPING).clamp(-MAX_PRIOR, MAX_PRIOR) + learned * DAMPING;
    let risk = 1.0 / (1.0 + (-sum).exp());
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

/// What a word of the built-in beginning says.
fn built_in(count: &Count) -> f64 {
    let (spam, ham) = (count.spam as f64, count.ham as f64);
    log_odds(spam / PRIOR_EACH, ham / PRIOR_EACH, spam + ham)
}

/// How much of both classes was learned, and so how loud what was learned may speak.
struct Voice {
    /// Responses of each class.
    responses: (f64, f64),
    /// Features of each class.
    features: (f64, f64),
    /// Towards 1 with the size of the smaller class; 0 where only one was learned.
    loudness: f64,
    /// 1 where the classes are of one size, towards 0 where one outweighs the other.
    balance: f64,
}

impl Voice {
    fn of(knowledge: &Knowledge) -> Self {
        let pair = |count: Count| (count.spam.max(0) as f64, count.ham.max(0) as f64);
        let responses = pair(knowledge.responses);
        let smaller = responses.0.min(responses.1);
        Self {
            responses,
            features: pair(knowledge.all),
            loudness: smaller / (smaller + HALF_VOICE),
            balance: 2.0 * smaller / (responses.0 + responses.1).max(1.0),
        }
    }

    /// What a feature says that was counted so often: the logarithm of its odds for spam.
    fn weigh(&self, count: Count) -> f64 {
        if self.loudness <= 0.0 {
            return 0.0;
        }
        let share = |n: i64, of: f64| n.max(0) as f64 / of.max(1.0);
        let spam = share(count.spam, self.features.0);
        let ham = share(count.ham, self.features.1);
        let both = f64::midpoint(spam, ham);
        let smooth = |share: f64, of: f64| (of * share + SMOOTHING * both) / (of + SMOOTHING);
        let spam = smooth(spam, self.responses.0);
        let ham = smooth(ham, self.responses.1);
        let seen = (count.spam + count.ham).max(0) as f64 * self.balance;
        self.loudness * log_odds(spam, ham, seen)
    }
}

/// The logarithm of the odds for spam of what has these shares of spam and of what was wanted, shrunk
/// where it was seen seldom.
fn log_odds(spam: f64, ham: f64, seen: f64) -> f64 {
    if spam + ham <= 0.0 {
        return 0.0;
    }
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
    fn untaught_it_sorts_and_holds_nothing() {
        let fresh = Knowledge::default();
        let spam = risk("Buy cheap viagra pills, visit our casino website", &fresh);
        let ham = risk(
            "I think the data in this report is wrong, because the source is old",
            &fresh,
        );
        assert!(spam > 600 && ham < 400, "{spam} {ham}");
        let worst = risk(&PRIOR.replace(|c: char| !c.is_alphabetic(), " "), &fresh);
        assert!(worst < 700, "{worst}");
    }

    #[test]
    fn what_is_no_difference_between_the_classes_says_nothing() {
        let honest = "I read this twice and I do not see how the council will pay for it.";
        let spam = "Cheap watches, order your cheap watches at our shop today";
        let alone = |label, times| {
            let mut knowledge = Knowledge::default();
            for nth in 0..times {
                let text = format!("{} {nth}", if label == Label::Spam { spam } else { honest });
                knowledge.learn(&features(&Submission::of_text(&text)), label, 1);
            }
            knowledge
        };
        for times in [1, 3, 10, 500] {
            for label in [Label::Spam, Label::Ham] {
                let knowledge = alone(label, times);
                for text in [honest, spam, "Something else"] {
                    assert_eq!(risk(text, &knowledge), risk(text, &Knowledge::default()));
                }
            }
        }
        // Ten of each, and it knows which is which; far more of one does not make all look like it.
        let mut knowledge = alone(Label::Spam, 10);
        for nth in 0..10 {
            let ham = features(&Submission::of_text(&format!("{honest} {nth}")));
            knowledge.learn(&ham, Label::Ham, 1);
        }
        let (unwanted, wanted) = (risk(spam, &knowledge), risk(honest, &knowledge));
        assert!(unwanted > 800 && wanted < 200, "{unwanted} {wanted}");
        for nth in 0..200 {
            let more = features(&Submission::of_text(&format!("{spam} {nth}")));
            knowledge.learn(&more, Label::Spam, 1);
        }
        let other = risk("Snow again, and schools stay closed", &knowledge);
        assert!(other < 600, "{other}");
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
            prop_assert_eq!(forth.responses, Count::default());
        }
    }
}
