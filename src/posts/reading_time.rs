//! How long a post takes to read. Counts what was typed, not what is shown: an estimate needs no
//! more. Never says how fast anybody in particular reads.

/// Words per minute, of adults who read prose silently in English (Brysbaert, 2019: 238).
const WORDS_PER_MINUTE: usize = 230;
/// Characters per minute in scripts without spaces between words.
const CHARACTERS_PER_MINUTE: usize = 450;

/// The minutes that a text takes, at least 1.
pub fn minutes(markdown: &str) -> usize {
    let mut words = 0_usize;
    let mut characters = 0_usize;
    for word in markdown.split_whitespace() {
        let unspaced = word.chars().filter(|c| is_unspaced(*c)).count();
        characters += unspaced;
        if unspaced == 0 && word.contains(char::is_alphanumeric) {
            words += 1;
        }
    }
    let parts = words * CHARACTERS_PER_MINUTE + characters * WORDS_PER_MINUTE;
    parts
        .div_ceil(WORDS_PER_MINUTE * CHARACTERS_PER_MINUTE)
        .max(1)
}

/// Whether `c` is of a script that is written without spaces: Chinese, Japanese, Thai, Lao, Khmer,
/// Burmese.
fn is_unspaced(c: char) -> bool {
    matches!(
        c,
        '\u{0e00}'..='\u{0eff}'
            | '\u{1000}'..='\u{109f}'
            | '\u{1780}'..='\u{17ff}'
            | '\u{3040}'..='\u{30ff}'
            | '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{9fff}'
            | '\u{20000}'..='\u{3ffff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_takes_as_long_as_its_words() {
        for (text, expected) in [
            (String::new(), 1),
            ("word ".repeat(230), 1),
            ("word ".repeat(231), 2),
            ("word — ".repeat(920), 4),
            ("水".repeat(900), 2),
            ("word ".repeat(115) + &"水".repeat(225), 1),
        ] {
            assert_eq!(minutes(&text), expected, "{} bytes", text.len());
        }
    }
}
