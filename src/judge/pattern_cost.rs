//! The worst-case cost of a regular expression. The engine's time grows with the length of the text times
//! the number of positions in the expression at which it can be at once, and a few characters can have tens
//! of thousands of those. Runs no expression.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

/// Expressions with more positions are refused.
pub const MAX_POSITIONS: usize = 2_000;
/// Different characters in a worst-case text.
const MAX_CHARS: usize = 8;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PatternCost {
    /// The characters that it matches, each as often as counted repetitions repeat it.
    pub positions: usize,
    /// Some of these characters.
    chars: Vec<char>,
}

/// The cost of `pattern`; None where it is not a valid expression.
pub fn pattern_cost(pattern: &str) -> Option<PatternCost> {
    let hir = ParserBuilder::new()
        .case_insensitive(true)
        .build()
        .parse(pattern)
        .ok()?;
    let mut cost = PatternCost::default();
    cost.positions = count(&hir, &mut cost.chars);
    Some(cost)
}

fn count(hir: &Hir, chars: &mut Vec<char>) -> usize {
    let mut add = |c: char| {
        if chars.len() < MAX_CHARS && !chars.contains(&c) {
            chars.push(c);
        }
    };
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 0,
        HirKind::Literal(literal) => {
            String::from_utf8_lossy(&literal.0).chars().for_each(add);
            literal.0.len()
        }
        HirKind::Class(class) => {
            let one = match class {
                Class::Unicode(class) => class.ranges().last().map(|range| range.start()),
                Class::Bytes(class) => class.ranges().last().map(|range| range.start().into()),
            };
            one.into_iter().for_each(&mut add);
            // Typical characters that the class has as well.
            if let Class::Unicode(class) = class {
                let typical = ['a', ' ', '0'];
                let has = |c: &char| {
                    let ranges = class.ranges().iter();
                    ranges
                        .clone()
                        .any(|range| (range.start()..=range.end()).contains(c))
                };
                typical.iter().filter(|c| has(c)).copied().for_each(add);
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

impl PatternCost {
    /// Texts of `length` characters that are slow to match: each character of the expression repeated, all
    /// of them in turn, and all of them at random.
    pub fn worst_case_texts(&self, length: usize) -> Vec<String> {
        let repeat = |chars: &[char]| chars.iter().cycle().take(length).collect::<String>();
        let mut texts: Vec<String> = self.chars.iter().map(|c| repeat(&[*c])).collect();
        texts.push(repeat(&['a', 'b', ' ', 'c', ' ']));
        if self.chars.len() > 1 {
            texts.push(repeat(&self.chars));
        }
        // Pseudo-random, so that no short period helps the engine.
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

    fn positions(pattern: &str) -> usize {
        pattern_cost(pattern).map_or(0, |cost| cost.positions)
    }

    #[test]
    fn counted_repetitions_multiply() {
        assert_eq!(positions("(?:[ab ]{0,900}){0,20}zz"), 900 * 20 + 2);
        assert_eq!(positions(r"\bv\w{1,20}gra\b"), 24);
        assert_eq!(positions("(a|bc)*d+"), 3 + 1 - 1 + 1);
        assert_eq!(
            positions("((((a{1000}){1000}){1000}){1000}){1000}"),
            1000_usize.pow(5)
        );
        assert_eq!(pattern_cost("("), None);
    }

    #[test]
    fn worst_case_texts_consist_of_characters_of_the_expression() {
        let texts = pattern_cost("(?:[ab ]{0,9}){0,2}zz").map(|cost| cost.worst_case_texts(100));
        let texts = texts.unwrap_or_default();
        assert!(texts.iter().any(|text| text.contains("aaaa")), "{texts:?}");
        assert!(texts.iter().all(|text| text.chars().count() == 100));
    }

    #[test]
    fn one_worst_case_text_has_all_characters_at_random() {
        let cost = pattern_cost("[-+*/]!").unwrap();
        let text = cost.worst_case_texts(4000).pop().unwrap();
        for c in &cost.chars {
            let count = text.matches(*c).count();
            assert!(count > 2000 / cost.chars.len(), "{c:?}: {count}");
        }
        assert!(!text[32..].contains(&text[..32]));
    }
}
