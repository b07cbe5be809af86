//! One form for texts that read the same, so that whoever searches need not know how something was
//! written.

use unicode_normalization::UnicodeNormalization;

/// Without case, width and signs that nobody sees: full-width letters are those of ASCII, ß is ss.
pub fn for_search(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.nfkc().filter(|c| !is_invisible(*c)) {
        for c in c.to_lowercase() {
            match c {
                'ß' => folded.push_str("ss"),
                // The sigma at the end of a word.
                'ς' => folded.push('σ'),
                // What is left of İ beside its i.
                '\u{307}' if folded.ends_with('i') => {}
                // PostgreSQL cannot store it.
                '\0' => {}
                c => folded.push(c),
            }
        }
    }
    folded
}

/// The default-ignorable code points that occur in texts: soft hyphen, joiners, marks of direction,
/// variation selectors, fillers, tags.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_reads_the_same_is_the_same() {
        for (one, other) in [
            ("STRASSE", "straße"),
            ("ÜBER", "über"),
            ("u\u{308}ber", "Über"),
            ("ＶＩＡＧＲＡ", "viagra"),
            ("via\u{200b}gr\u{ad}a", "viagra"),
            ("ΟΔΟΣ", "οδος"),
            ("İstanbul", "istanbul"),
            ("ПРИВЕТ", "привет"),
        ] {
            assert_eq!(for_search(one), for_search(other), "{one} {other}");
        }
        assert_ne!(for_search("uber"), for_search("über"));
    }

    proptest! {
        #[test]
        fn folding_is_bounded_and_never_empty_handed(text: String) {
            // NFKC makes at most 18 characters of one.
            prop_assert!(for_search(&text).chars().count() <= text.chars().count() * 19);
        }
    }
}
