//! Makes text from strangers safe to print in emails and on terminals, where line breaks and
//! control characters have a meaning. Never escapes for HTML.

/// Text as one line: line breaks and white space become spaces; control, bidirectional and
/// invisible characters are written as `\u{…}`.
pub fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.trim().chars() {
        if char.is_whitespace() {
            if !out.ends_with(' ') {
                out.push(' ');
            }
        } else if is_active(char) {
            out.extend(char.escape_unicode());
        } else {
            out.push(char);
        }
    }
    out
}

/// The same for text whose line feeds and tabs stay.
pub fn lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        if is_active(char) && !matches!(char, '\n' | '\t') {
            out.extend(char.escape_unicode());
        } else {
            out.push(char);
        }
    }
    out
}

/// The same as [`line`], cut after `max` characters.
pub fn short_line(text: &str, max: usize) -> String {
    let text = line(text);
    if text.chars().count() <= max {
        return text;
    }
    let mut cut: String = text.chars().take(max).collect();
    cut.push('…');
    cut
}

/// Text as a quotation of at most `max` characters: each line begins with “> ”, whatever ends it,
/// so that none can be mistaken for a line of the email around it.
pub fn quoted(text: &str, max: usize) -> String {
    let cut = text
        .char_indices()
        .nth(max)
        .map_or(text.len(), |(at, _)| at);
    let mut out = String::new();
    let mut is_gap = true;
    for piece in text[..cut].replace("\r\n", "\n").split(breaks_a_line) {
        let piece = line(piece);
        // Several empty lines become one, and none at the beginning.
        if piece.is_empty() && is_gap {
            continue;
        }
        is_gap = piece.is_empty();
        if !out.is_empty() {
            out.push_str("\r\n");
        }
        out.push_str(if piece.is_empty() { ">" } else { "> " });
        out.push_str(&piece);
    }
    if cut < text.len() {
        out.push_str("\r\n> …");
    }
    out
}

/// Every character that a program may treat as the end of a line (Unicode, section 5.8, and the
/// separators of ASCII).
fn breaks_a_line(char: char) -> bool {
    matches!(
        char,
        '\n' | '\u{b}' | '\u{c}' | '\r' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// Control, bidirectional and invisible characters. The two joiners are not among them: several
/// scripts and emoji need them.
fn is_active(char: char) -> bool {
    char.is_control()
        || matches!(
            char,
            '\u{ad}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{180e}'
                | '\u{200b}'
                | '\u{200e}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped() {
        assert_eq!(line("  Zoë\t& “Ben” 👩‍💻 \n"), "Zoë & “Ben” 👩‍💻");
        assert_eq!(line("\u{1b}[2J\u{9b}31m"), "\\u{1b}[2J\\u{9b}31m");
        assert_eq!(line("a\u{202e}b\u{200b}c"), "a\\u{202e}b\\u{200b}c");
        assert_eq!(line("a\r\n\u{2028}\u{85}b\u{7}"), "a b\\u{7}");
        assert_eq!(lines("a\tb\nc\r\u{1b}"), "a\tb\nc\\u{d}\\u{1b}");
        assert_eq!(short_line("abcdef", 3), "abc…");
        assert_eq!(short_line("abc", 3), "abc");
    }

    #[test]
    fn every_line_of_a_quotation_begins_with_its_mark() {
        let breaks = [
            "\n", "\r\n", "\r", "\u{b}", "\u{c}", "\u{1c}", "\u{85}", "\u{2028}", "\u{2029}",
        ];
        for end in breaks {
            let text = quoted(&format!("One{end}Decide: https://evil.example/"), 100);
            assert_eq!(text, "> One\r\n> Decide: https://evil.example/", "{end:?}");
        }
        assert_eq!(quoted("\n\na\n\n\n\nb", 100), "> a\r\n>\r\n> b");
        assert_eq!(quoted("abcdef", 3), "> abc\r\n> …");
        assert_eq!(quoted("ééé", 3), "> ééé");
        assert_eq!(quoted("", 3), "");
    }
}
