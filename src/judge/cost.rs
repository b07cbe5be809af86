//! What a regular expression costs at worst. The engine takes time that grows with the length of the
//! text and with how many places of the expression it may stand at once; what is written in a few
//! characters can have tens of thousands of those.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

/// The most places of an expression.
pub const MAX_PLACES: usize = 2_000;
/// The most different characters in a text that an expression is tried on.
const MAX_CHARS: usize = 8;

/// What an expression is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// How many characters it can look for, each as often as it is repeated by number.
    pub places: usize,
    /// Some of those.
    chars: Vec<char>,
}

/// Counts the places of `pattern`; None where it cannot be read.
pub fn of(pattern: &str) -> Option<Cost> {
    let hir = ParserBuilder::new()
        .case_insensitive(true)
        .build()
        .parse(pattern)
        .ok()?;
    let mut cost = Cost::default();
    cost.places = count(&hir, &mut cost.chars);
    Some(cost)
}

fn count(hir: &Hir, chars: &mut Vec<char>) -> usize {
    let mut note = |c: char| {
        if chars.len() < MAX_CHARS && !chars.contains(&c) {
            chars.push(c);
        }
    };
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 0,
        HirKind::Literal(literal) => {
            String::from_utf8_lossy(&literal.0).chars().for_each(note);
            literal.0.len()
        }
        HirKind::Class(class) => {
            let one = match class {
                Class::Unicode(class) => class.ranges().last().map(|range| range.start()),
                Class::Bytes(class) => class.ranges().last().map(|range| range.start().into()),
            };
            one.into_iter().for_each(&mut note);
            // A class of many characters stands for its letters too, which come first in it.
            if let Class::Unicode(class) = class {
                let letter = ['a', ' ', '0'];
                let has = |c: &char| {
                    let ranges = class.ranges().iter();
                    ranges
                        .clone()
                        .any(|range| (range.start()..=range.end()).contains(c))
                };
                letter.iter().filter(|c| has(c)).copied().for_each(note);
            }
            1
        }
        HirKind::Repetition(repetition) => {
            let times = repetition.max.unwrap_or(repetition.min.max(1));
            count(&repetition.sub, chars)
                .saturating_mul(usize::try_from(times).unwrap_or(usize::MAX))
        }
        HirKind::Capture(capture) => count(&capture.sub, chars),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().fold(0, |sum, part| {
                usize::saturating_add(sum, count(part, chars))
            })
        }
    }
}

impl Cost {
    /// Texts of `length` characters that keep the engine busy: each of the characters that the
    /// expression looks for, again and again, and all of them in turn.
    pub fn hard_texts(&self, length: usize) -> Vec<String> {
        let again = |chars: &[char]| chars.iter().cycle().take(length).collect::<String>();
        let mut texts: Vec<String> = self.chars.iter().map(|c| again(&[*c])).collect();
        texts.push(again(&['a', 'b', ' ', 'c', ' ']));
        if self.chars.len() > 1 {
            texts.push(again(&self.chars));
        }
        // An order that comes again only after a long while.
        let mut state = 1_u32;
        let pool = if self.chars.is_empty() {
            &['a', ' '][..]
        } else {
            &self.chars
        };
        texts.push(
            (0..length)
                .filter_map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    pool.get((state >> 16) as usize % pool.len()).copied()
                })
                .collect(),
        );
        texts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(pattern: &str) -> usize {
        of(pattern).map_or(0, |cost| cost.places)
    }

    #[test]
    fn numbers_multiply() {
        assert_eq!(places("(?:[ab ]{0,900}){0,20}zz"), 900 * 20 + 2);
        assert_eq!(places(r"\bv\w{1,20}gra\b"), 24);
        assert_eq!(places("(a|bc)*d+"), 3 + 1 - 1 + 1);
        assert_eq!(
            places("((((a{1000}){1000}){1000}){1000}){1000}"),
            1000_usize.pow(5)
        );
        assert_eq!(of("("), None);
    }

    #[test]
    fn hard_texts_are_made_of_what_is_looked_for() {
        let texts = of("(?:[ab ]{0,9}){0,2}zz").map(|cost| cost.hard_texts(100));
        let texts = texts.unwrap_or_default();
        assert!(texts.iter().any(|text| text.contains("aaaa")), "{texts:?}");
        assert!(texts.iter().all(|text| text.chars().count() == 100));
    }

    #[test]
    fn one_of_the_hard_texts_has_all_characters_in_no_order() {
        let cost = of("[-+*/]!").unwrap();
        let text = cost.hard_texts(4000).pop().unwrap();
        for c in &cost.chars {
            let count = text.matches(*c).count();
            assert!(count > 2000 / cost.chars.len(), "{c:?}: {count}");
        }
        assert!(!text[32..].contains(&text[..32]));
    }
}
