//! What the filter looks at: words, pairs of words, pieces of words, links, the writer, the time.
//!
//! Each feature is a bucket of a fixed number of them, so that what is learned never grows beyond
//! that. A response counts once for each of its buckets.

use std::collections::BTreeMap;
use std::hash::Hasher;

use siphasher::sip::SipHasher13;

use crate::judge::submission::Submission;
use crate::markup::fold::{self, Form};

/// How many buckets there are.
pub const BUCKETS: u32 = 1 << 18;
/// The most words of a text that are looked at.
const MAX_WORDS: usize = 400;
/// The longest word that is looked at, in characters.
const MAX_WORD: usize = 24;
/// How long the pieces of words are, in characters.
const PIECE: usize = 4;

/// A bucket, as a number below [`BUCKETS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bucket(pub u32);

/// What a sign is of, in the order in which signs are preferred to explain a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sign {
    /// A word of the text.
    Word,
    /// Two words, one after the other.
    Pair,
    /// A word of the writer's name.
    Name,
    /// A host, or the domain of an e-mail address.
    Host,
    /// How it looks: links, length, capitals, what is known of the writer.
    Shape,
    /// A piece of a word.
    Piece,
}

/// The features of a submission: for each bucket the clearest name for it.
pub type Features = BTreeMap<Bucket, (Sign, String)>;

/// The bucket of a feature.
pub fn bucket(sign: Sign, name: &str) -> Bucket {
    let mut hasher = SipHasher13::new_with_keys(0, 0);
    hasher.write_u8(sign as u8);
    hasher.write(name.as_bytes());
    Bucket(u32::try_from(hasher.finish() % u64::from(BUCKETS)).unwrap_or(0))
}

/// Everything that the filter looks at in a submission.
pub fn features(submission: &Submission) -> Features {
    let mut found = Features::new();
    let mut add = |sign, name: String| {
        found.entry(bucket(sign, &name)).or_insert((sign, name));
    };
    let words = words(&submission.text);
    for word in &words {
        add(Sign::Word, word.clone());
    }
    for pair in words.windows(2) {
        add(Sign::Pair, format!("{} {}", pair[0], pair[1]));
    }
    for name in self::words(&submission.author_name) {
        add(Sign::Name, name);
    }
    let domain = submission
        .author_email
        .as_deref()
        .and_then(|email| email.rsplit_once('@'))
        .map(|(_, domain)| format!("@{domain}"));
    let hosts = submission.link_hosts.iter().cloned();
    for host in hosts.chain(submission.author_host()).chain(domain) {
        add(Sign::Host, host);
    }
    for shape in shapes(submission, words.len()) {
        add(Sign::Shape, shape);
    }
    for word in &words {
        let padded: Vec<char> = format!("^{word}$").chars().collect();
        for piece in padded.windows(PIECE) {
            add(Sign::Piece, piece.iter().collect());
        }
    }
    found
}

/// The buckets of features, packed into some two bytes each: the distance of each from the one before
/// it, seven bits at a time.
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

/// The buckets that were packed; what is no bucket is left out.
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

/// The words of a text, folded so that no disguise makes new ones.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let text = fold::fold(Form::Looks, text);
    for part in text.split(|c: char| c.is_whitespace() || matches!(c, '/' | '.' | ',' | '?' | '='))
    {
        let word: String = part
            .trim_matches(|c: char| !c.is_alphanumeric())
            .chars()
            .take(MAX_WORD)
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

/// Rough sizes: none, one, two, some, many.
fn size(count: usize) -> &'static str {
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
        format!("links: {}", size(submission.link_hosts.len())),
        format!("words: {}", usize::BITS - words.leading_zeros()),
        format!("exclamation marks: {}", size(text.matches('!').count())),
        (if submission.is_first {
            "first response of the writer"
        } else {
            "known writer"
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
        shapes.push("an address in the text".to_owned());
    }
    if submission.author_url.is_some() {
        shapes.push("has a site".to_owned());
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
            .filter(|(sign, _)| *sign == Sign::Word)
            .map(|(_, name)| name.as_str())
            .collect();
        assert_eq!(words.len(), 2, "{words:?}");
        assert!(words.contains(&"pills") && words.contains(&"and"));
    }

    proptest! {
        #[test]
        fn no_bytes_unpack_to_what_is_no_bucket(packed in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(unpack(&packed).iter().all(|bucket| bucket.0 < BUCKETS));
        }

        #[test]
        fn every_text_has_bounded_features(text in "\\PC{0,3000}") {
            let features = features(&Submission::of_text(&text));
            prop_assert!(features.len() < MAX_WORDS * (2 + MAX_WORD + 2) + 20);
            prop_assert!(features.keys().all(|bucket| bucket.0 < BUCKETS));
            let buckets: Vec<Bucket> = features.keys().copied().collect();
            prop_assert_eq!(unpack(&pack(&features)), buckets);
        }
    }

    #[test]
    fn counts_are_told_apart_roughly() {
        let sizes = [0, 1, 2, 3, 5, 6, 1000].map(size);
        let names = ["none", "one", "two", "some", "some", "many", "many"];
        assert_eq!(sizes, names);
    }
}
