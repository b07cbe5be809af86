//! The features of a response that the filter learns from: words, pairs of words, n-grams, names, hosts
//! and the shape of the text.
//!
//! Each feature is hashed into one of a fixed number of buckets, so that the stored counts never grow
//! beyond that. A response counts once for each of its buckets. This file learns and scores nothing.

use std::collections::BTreeMap;
use std::hash::Hasher;

use siphasher::sip::SipHasher13;

use crate::judge::submission::Submission;
use crate::markup::fold::{self, FoldForm};

pub const BUCKETS: u32 = 1 << 18;
/// Words of a text beyond this many are ignored.
const MAX_WORDS: usize = 400;
/// Longer words are cut.
const MAX_WORD_CHARS: usize = 24;
const NGRAM_CHARS: usize = 4;

/// A bucket, as a number below [`BUCKETS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bucket(pub u32);

/// The kind of a feature, in the order in which kinds are preferred to explain a score. Part of the hash:
/// changing the order makes everything that was learned useless.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FeatureKind {
    Word,
    /// Two adjacent words.
    Pair,
    /// A word of the sender's name.
    Name,
    /// The host of a link or of the sender's website, or the domain of an email address.
    Host,
    /// Numbers of links and words, capitals, the age of the post and the like.
    Shape,
    /// Adjacent characters of a word.
    NGram,
}

/// The features of a submission: for each bucket, its most telling feature.
pub type Features = BTreeMap<Bucket, (FeatureKind, String)>;

pub fn bucket(kind: FeatureKind, name: &str) -> Bucket {
    let mut hasher = SipHasher13::new_with_keys(0, 0);
    hasher.write_u8(kind as u8);
    hasher.write(name.as_bytes());
    Bucket(u32::try_from(hasher.finish() % u64::from(BUCKETS)).unwrap_or(0))
}

pub fn features(submission: &Submission) -> Features {
    let mut found = Features::new();
    let mut add = |kind, name: String| {
        found.entry(bucket(kind, &name)).or_insert((kind, name));
    };
    let words = words(&submission.text);
    for word in &words {
        add(FeatureKind::Word, word.clone());
    }
    for pair in words.windows(2) {
        add(FeatureKind::Pair, format!("{} {}", pair[0], pair[1]));
    }
    for name in self::words(&submission.author_name) {
        add(FeatureKind::Name, name);
    }
    let domain = submission
        .author_email
        .as_deref()
        .and_then(|email| email.rsplit_once('@'))
        .map(|(_, domain)| format!("@{domain}"));
    let hosts = submission.link_hosts.iter().cloned();
    for host in hosts.chain(submission.author_host()).chain(domain) {
        add(FeatureKind::Host, host);
    }
    for shape in shapes(submission, words.len()) {
        add(FeatureKind::Shape, shape);
    }
    for word in &words {
        let padded: Vec<char> = format!("^{word}$").chars().collect();
        for ngram in padded.windows(NGRAM_CHARS) {
            add(FeatureKind::NGram, ngram.iter().collect());
        }
    }
    found
}

/// Packs the buckets into about two bytes each: the distance of each from the one before it, seven bits
/// at a time.
pub fn pack(features: &Features) -> Vec<u8> {
    let mut packed = Vec::with_capacity(features.len() * 2);
    let mut before = 0;
    for bucket in features.keys() {
        let mut distance = bucket.0 - before;
        before = bucket.0;
        while distance > 0x7f {
            packed.push((distance & 0x7f) as u8 | 0x80);
            distance >>= 7;
        }
        packed.push(distance as u8);
    }
    packed
}

/// The buckets of [`pack`]; numbers that are not buckets are left out.
pub fn unpack(packed: &[u8]) -> Vec<Bucket> {
    let mut buckets = Vec::new();
    let (mut before, mut distance, mut shift) = (0_u32, 0_u32, 0_u32);
    for byte in packed {
        distance |= u32::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
        shift += 7;
        if byte & 0x80 == 0 {
            before = before.saturating_add(distance);
            if before < BUCKETS {
                buckets.push(Bucket(before));
            }
            (distance, shift) = (0, 0);
        }
    }
    buckets
}

/// The words of a text, folded so that look-alike characters make no new ones.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let text = fold::fold(FoldForm::Looks, text);
    for part in text.split(|c: char| c.is_whitespace() || matches!(c, '/' | '.' | ',' | '?' | '='))
    {
        let word: String = part
            .trim_matches(|c: char| !c.is_alphanumeric())
            .chars()
            .take(MAX_WORD_CHARS)
            .collect();
        if !word.is_empty() {
            words.push(word);
        }
        if words.len() == MAX_WORDS {
            break;
        }
    }
    words
}

/// A rough size, so that few buckets hold all counts.
fn size_name(count: usize) -> &'static str {
    match count {
        0 => "none",
        1 => "one",
        2 => "two",
        3..=5 => "some",
        _ => "many",
    }
}

fn shapes(submission: &Submission, words: usize) -> Vec<String> {
    let text = submission.text.as_str();
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let capitals = text.chars().filter(|c| c.is_uppercase()).count();
    let mut shapes = vec![
        format!("links: {}", size_name(submission.link_hosts.len())),
        format!("words: {}", usize::BITS - words.leading_zeros()),
        format!(
            "exclamation marks: {}",
            size_name(text.matches('!').count())
        ),
        (if submission.is_first {
            "first response of the sender"
        } else {
            "known sender"
        })
        .to_owned(),
        format!(
            "age of the post: {}",
            match submission.post_age {
                0..=2 => "days",
                3..=30 => "weeks",
                31..=365 => "months",
                _ => "years",
            }
        ),
        format!("kind: {:?}", submission.kind).to_lowercase(),
    ];
    if letters > 8 && capitals * 2 > letters {
        shapes.push("mostly capitals".to_owned());
    }
    if text.contains("http") || text.contains("www.") || text.contains(".com") {
        shapes.push("a web address in the text".to_owned());
    }
    if submission.author_url.is_some() {
        shapes.push("has a website".to_owned());
    }
    if text.chars().any(|c| c.is_ascii_digit()) {
        shapes.push("has digits".to_owned());
    }
    shapes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_response_counts_once_for_each_of_its_words() {
        let features = features(&Submission::of_text("Pills, pills and PILLS"));
        let words: Vec<&str> = features
            .values()
            .filter(|(kind, _)| *kind == FeatureKind::Word)
            .map(|(_, name)| name.as_str())
            .collect();
        assert_eq!(words.len(), 2, "{words:?}");
        assert!(words.contains(&"pills") && words.contains(&"and"));
    }

    proptest! {
        #[test]
        fn any_bytes_unpack_to_valid_buckets(packed in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(unpack(&packed).iter().all(|bucket| bucket.0 < BUCKETS));
        }

        #[test]
        fn every_text_has_a_bounded_number_of_features(text in "\\PC{0,3000}") {
            let features = features(&Submission::of_text(&text));
            prop_assert!(features.len() < MAX_WORDS * (2 + MAX_WORD_CHARS + 2) + 20);
            prop_assert!(features.keys().all(|bucket| bucket.0 < BUCKETS));
            let buckets: Vec<Bucket> = features.keys().copied().collect();
            prop_assert_eq!(unpack(&pack(&features)), buckets);
        }
    }

    #[test]
    fn counts_have_rough_sizes() {
        let sizes = [0, 1, 2, 3, 5, 6, 1000].map(size_name);
        let names = ["none", "one", "two", "some", "some", "many", "many"];
        assert_eq!(sizes, names);
    }
}
