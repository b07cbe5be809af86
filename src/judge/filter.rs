//! The filter that moderators train: how often each feature occurred in spam and in ham (wanted
//! responses), combined as in naive Bayes over feature counts. It gives a risk and the signals behind it; it
//! never refuses a response, and stores nothing.
//!
//! Only the difference between the two classes counts: a feature weighs nothing until both classes were
//! learned, and more as more is learned of the smaller one. The model is plain counts, so that the order
//! of learning does not matter and what was learned from a response can be unlearned exactly.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::judge::features::{self, Bucket, FeatureKind, Features};

/// Counts that the filter starts with.
const PRIOR: &str = include_str!("../../config/filter_prior.txt");
/// The number of responses of each class in which the prior was counted.
const PRIOR_RESPONSES_PER_CLASS: f64 = 60.0;
/// The prior's largest effect alone: a risk of about 690 in a thousand. It sorts the queue, but holds
/// nothing on a site that holds from 700.
const MAX_PRIOR_LOG_ODDS: f64 = 0.8;
/// A feature seen this often weighs half of what it would with unlimited evidence.
const SHRINKAGE: f64 = 2.0;
/// With this many responses of the smaller class, weights are half of their full size.
const HALF_CONFIDENCE_RESPONSES: f64 = 1.0;
/// A feature's share of a class counts as if this many more responses had its share of both classes: a
/// few responses say little about rare features.
const SMOOTHING: f64 = 3.0;
/// N-grams overlap with their words, so that each weighs less.
const NGRAM_WEIGHT: f64 = 0.3;
/// Most responses share shapes, so that each weighs less.
const SHAPE_WEIGHT: f64 = 0.5;
/// Features of one response are not independent, so that their sum counts for less.
const DAMPING: f64 = 0.45;
/// The number of signals that explain a score.
const MAX_SIGNALS: usize = 6;

/// How often something was counted in each class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClassCounts {
    pub spam: i64,
    /// In wanted responses.
    pub ham: i64,
}

/// The class of a response by a moderator's decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrainingLabel {
    Spam,
    /// A wanted response.
    Ham,
}

/// The learned counts that are needed to score a response: the totals, and the buckets of its features.
#[derive(Clone, Debug, Default)]
pub struct FilterModel {
    /// Features of all learned responses together. Long texts have more of them, which must not make
    /// common words look typical of their class.
    pub features: ClassCounts,
    /// Learned responses.
    pub responses: ClassCounts,
    /// The number of learned responses that have each bucket.
    pub buckets: HashMap<Bucket, ClassCounts>,
}

impl FilterModel {
    /// Learns from a response with `times` 1; unlearns it with -1.
    pub fn learn(&mut self, features: &Features, label: TrainingLabel, times: i64) {
        add(&mut self.responses, label, times);
        for bucket in features.keys() {
            add(&mut self.features, label, times);
            add(self.buckets.entry(*bucket).or_default(), label, times);
        }
    }
}

fn add(count: &mut ClassCounts, label: TrainingLabel, times: i64) {
    match label {
        TrainingLabel::Spam => count.spam += times,
        TrainingLabel::Ham => count.ham += times,
    }
}

/// The filter's estimate for a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterScore {
    /// How likely spam it is, in thousandths.
    pub risk: i64,
    /// The features with the strongest effect, with their weights in thousandths; positive for spam.
    pub signals: Vec<(String, i64)>,
}

static PRIOR_COUNTS: LazyLock<HashMap<Bucket, ClassCounts>> = LazyLock::new(|| {
    PRIOR
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let mut parts = line.split(' ');
            let word = parts.next()?;
            let spam = parts.next()?.parse().ok()?;
            let ham = parts.next()?.parse().ok()?;
            Some((
                features::bucket(FeatureKind::Word, word),
                ClassCounts { spam, ham },
            ))
        })
        .collect()
});

/// Estimates how likely a response is spam.
pub fn score(features: &Features, model: &FilterModel) -> FilterScore {
    let confidence = Confidence::of(model);
    let (mut prior, mut learned) = (0.0, 0.0);
    let mut signals: Vec<(f64, FeatureKind, &str)> = features
        .iter()
        .filter_map(|(bucket, (kind, name))| {
            let from_prior = PRIOR_COUNTS.get(bucket).map_or(0.0, prior_weight);
            let count = model.buckets.get(bucket).copied().unwrap_or_default();
            let share = match kind {
                FeatureKind::NGram => NGRAM_WEIGHT,
                FeatureKind::Shape => SHAPE_WEIGHT,
                FeatureKind::Word | FeatureKind::Pair | FeatureKind::Name | FeatureKind::Host => {
                    1.0
                }
            };
            let from_model = share * confidence.weight_of(count);
            prior += from_prior;
            learned += from_model;
            let weight = from_prior + from_model;
            (weight != 0.0).then_some((weight, *kind, name.as_str()))
        })
        .collect();
    signals.sort_by(|one, other| {
        let strength = other.0.abs().total_cmp(&one.0.abs());
        strength.then((one.1, one.2).cmp(&(other.1, other.2)))
    });
    let sum = (prior * DAMPING).clamp(-MAX_PRIOR_LOG_ODDS, MAX_PRIOR_LOG_ODDS) + learned * DAMPING;
    let risk = 1.0 / (1.0 + (-sum).exp());
    let signals = signals
        .iter()
        .filter(|(_, kind, _)| *kind != FeatureKind::NGram)
        .take(MAX_SIGNALS)
        .map(|(weight, _, name)| ((*name).to_owned(), thousandths(*weight)))
        .collect();
    FilterScore {
        risk: thousandths(risk),
        signals,
    }
}

/// The log odds for spam of a word of the prior.
fn prior_weight(count: &ClassCounts) -> f64 {
    let (spam, ham) = (count.spam as f64, count.ham as f64);
    log_odds(
        spam / PRIOR_RESPONSES_PER_CLASS,
        ham / PRIOR_RESPONSES_PER_CLASS,
        spam + ham,
    )
}

/// How much was learned of both classes, and so how much weight the model has.
struct Confidence {
    /// Responses of spam and ham.
    responses: (f64, f64),
    /// Features of spam and ham.
    features: (f64, f64),
    /// Approaches 1 with the size of the smaller class; 0 while only one class was learned.
    strength: f64,
    /// 1 where the classes have the same size, towards 0 where one outweighs the other.
    balance: f64,
}

impl Confidence {
    fn of(model: &FilterModel) -> Self {
        let pair = |count: ClassCounts| (count.spam.max(0) as f64, count.ham.max(0) as f64);
        let responses = pair(model.responses);
        let smaller = responses.0.min(responses.1);
        Self {
            responses,
            features: pair(model.features),
            strength: smaller / (smaller + HALF_CONFIDENCE_RESPONSES),
            balance: 2.0 * smaller / (responses.0 + responses.1).max(1.0),
        }
    }

    /// The log odds for spam of a feature with this count.
    fn weight_of(&self, count: ClassCounts) -> f64 {
        if self.strength <= 0.0 {
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
        self.strength * log_odds(spam, ham, seen)
    }
}

/// The log odds for spam of a feature with these shares of the two classes, smaller the less often it was
/// seen.
fn log_odds(spam: f64, ham: f64, seen: f64) -> f64 {
    if spam + ham <= 0.0 {
        return 0.0;
    }
    let likely = (SHRINKAGE * 0.5 + seen * (spam / (spam + ham))) / (SHRINKAGE + seen);
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

    fn risk(text: &str, model: &FilterModel) -> i64 {
        score(&features(&Submission::of_text(text)), model).risk
    }

    #[test]
    fn without_training_it_sorts_and_holds_nothing() {
        let fresh = FilterModel::default();
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
    fn only_the_difference_between_the_classes_counts() {
        let honest = "I read this twice and I do not see how the council will pay for it.";
        let spam = "Cheap watches, order your cheap watches at our shop today";
        let alone = |label, times| {
            let mut model = FilterModel::default();
            for nth in 0..times {
                let text = format!(
                    "{} {nth}",
                    if label == TrainingLabel::Spam {
                        spam
                    } else {
                        honest
                    }
                );
                model.learn(&features(&Submission::of_text(&text)), label, 1);
            }
            model
        };
        for times in [1, 3, 10, 500] {
            for label in [TrainingLabel::Spam, TrainingLabel::Ham] {
                let model = alone(label, times);
                for text in [honest, spam, "Something else"] {
                    assert_eq!(risk(text, &model), risk(text, &FilterModel::default()));
                }
            }
        }
        // Ten of each are enough; many more of one class do not make every text look like it.
        let mut model = alone(TrainingLabel::Spam, 10);
        for nth in 0..10 {
            let ham = features(&Submission::of_text(&format!("{honest} {nth}")));
            model.learn(&ham, TrainingLabel::Ham, 1);
        }
        let (unwanted, wanted) = (risk(spam, &model), risk(honest, &model));
        assert!(unwanted > 800 && wanted < 200, "{unwanted} {wanted}");
        for nth in 0..200 {
            let more = features(&Submission::of_text(&format!("{spam} {nth}")));
            model.learn(&more, TrainingLabel::Spam, 1);
        }
        let other = risk("Snow again, and schools stay closed", &model);
        assert!(other < 600, "{other}");
    }

    #[test]
    fn it_learns_what_a_site_does_not_want() {
        let mut model = FilterModel::default();
        let text = "Ask about fluffy kittens today";
        let before = risk(text, &model);
        for _ in 0..5 {
            let spam = features(&Submission::of_text(
                "Fluffy kittens for everyone, ask today",
            ));
            model.learn(&spam, TrainingLabel::Spam, 1);
            let ham = features(&Submission::of_text("The minutes of the board are online"));
            model.learn(&ham, TrainingLabel::Ham, 1);
        }
        let after = score(&features(&Submission::of_text(text)), &model);
        assert!(after.risk > before + 200, "{before} {after:?}");
        assert!(
            after
                .signals
                .iter()
                .any(|(name, weight)| name == "kittens" && *weight > 0)
        );
    }

    proptest! {
        #[test]
        fn the_order_of_learning_does_not_matter_and_it_can_be_undone(
            texts in prop::collection::vec(("[a-e ]{1,20}", any::<bool>()), 1..8),
        ) {
            let label = |spam| if spam { TrainingLabel::Spam } else { TrainingLabel::Ham };
            let (mut forth, mut back) = (FilterModel::default(), FilterModel::default());
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
            prop_assert!(forth.buckets.values().all(|count| *count == ClassCounts::default()));
            prop_assert_eq!(forth.features, ClassCounts::default());
            prop_assert_eq!(forth.responses, ClassCounts::default());
        }
    }
}
