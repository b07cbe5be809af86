//! Which characters of a text readers can see, and removing control characters from what people
//! typed.

use std::sync::LazyLock;

use regex::Regex;

/// A visible character: not a space, control or combining mark, and not a letter that fonts leave
/// blank.
static VISIBLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"[^\s\p{Z}\p{Cc}\p{Cf}\p{Co}\p{M}\p{Default_Ignorable_Code_Point}\x{2800}\x{1D159}\x{FDD0}-\x{FDEF}]",
    )
    .unwrap_or_else(|_| unreachable!("the expression is fixed"))
});

/// Whether `text` has any visible character.
pub fn is_visible(text: &str) -> bool {
    VISIBLE.is_match(text)
}

/// A text of several lines with line feeds for every kind of line break, and without control
/// characters and bidirectional controls (Unicode UAX #9). A NUL stays: callers refuse it.
pub fn without_controls(typed: &str) -> String {
    typed
        .replace("\r\n", "\n")
        .chars()
        .map(|c| if c == '\r' { '\n' } else { c })
        .filter(|c| matches!(c, '\n' | '\t' | '\0') || !c.is_control() && !changes_direction(*c))
        .collect()
}

/// The same without empty lines around it. The indent of the first line stays: it may mean code.
pub fn clean_text(typed: &str) -> String {
    trim_lines(&without_controls(typed)).to_owned()
}

/// `text` without empty lines at its beginning and space at its end.
pub fn trim_lines(text: &str) -> &str {
    let text = text.trim_end();
    let blank = text.len() - text.trim_start().len();
    let start = text[..blank].rfind('\n').map_or(0, |at| at + 1);
    &text[start..]
}

/// Embeddings, overrides and isolates.
fn changes_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_characters_are_not_visible() {
        for text in [
            "",
            " \t\n",
            "\u{a0}\u{3000}",
            "\u{200b}\u{feff}\u{2060}",
            "\u{3164}",
            "\u{115f}\u{1160}",
            "\u{ffa0}",
            "\u{2800}\u{2800}",
            "\u{300}\u{301}",
            "\u{e0041}\u{e007f}",
            "\u{fe0f}",
            "\u{202e}\u{202c}",
            "\u{17b4}",
            "\u{34f}",
            "\u{ad}",
            "\u{180e}\u{180b}",
            "\u{e000}",
        ] {
            assert!(!is_visible(text), "{text:?}");
        }
        for text in [
            "a",
            ".",
            "中",
            "\u{200b}x",
            "👩\u{200d}🔬",
            "🏴",
            "ก็",
            "🫩",
            "*",
        ] {
            assert!(is_visible(text), "{text:?}");
        }
    }

    #[test]
    fn a_text_keeps_the_indent_of_its_first_line() {
        assert_eq!(
            clean_text("\r\n \r\n    code\r\n\r\ntext \n\n"),
            "    code\n\ntext"
        );
        assert_eq!(clean_text("a\rb\u{7}\u{202e}c\u{2066}"), "a\nbc");
        let flag = "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f} 👩\u{200d}🔬";
        assert_eq!(clean_text(flag), flag);
        assert_eq!(clean_text(" \n\t\n"), "");
    }
}
