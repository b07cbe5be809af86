//! Shortens plain text and cleans text from strangers: one line, cut at characters, nothing hidden.
//! Never escapes for HTML.

use crate::markup::visible::is_visible;

/// The longest text on either side of the link in an excerpt, and the longest link text, in
/// characters.
const MAX_SIDE: usize = 100;

/// One line of clean text of at most `max_chars` characters, the last of which is `…` where it was
/// cut.
///
/// White space is folded. Control characters, bidirectional controls (Unicode UAX #9) and invisible
/// characters are removed, except joiners between letters and emoji and the tags of a flag (Unicode
/// UTS #51). Empty where readers would see nothing.
pub fn clean_line(text: &str, max_chars: usize) -> String {
    let mut line = String::with_capacity(text.len().min(max_chars.saturating_mul(4)));
    let mut length = 0;
    let mut chars = cleaned(text);
    while let Some(c) = chars.next() {
        if length + 1 == max_chars && chars.next().is_some() {
            line.truncate(without_broken_flag(&line).len());
            line.truncate(line.trim_end_matches([' ', '\u{200c}', '\u{200d}']).len());
            line.push('…');
            break;
        }
        if length == max_chars {
            break;
        }
        line.push(c);
        length += 1;
    }
    if is_visible(&line) {
        line
    } else {
        String::new()
    }
}

/// `line` without a flag at its end that was cut in two.
fn without_broken_flag(line: &str) -> &str {
    let rest = line.trim_end_matches(is_tag);
    if rest.len() == line.len() || line.ends_with(LAST_TAG) {
        return line;
    }
    rest.strip_suffix(FLAG).unwrap_or(rest)
}

/// The beginning of `text` as one clean line of at most `max_chars` characters, cut between words,
/// and an ellipsis.
pub fn leading_excerpt(text: &str, max_chars: usize) -> String {
    let line: String = cleaned(text).collect();
    if !is_visible(&line) {
        return String::new();
    }
    match line.char_indices().nth(max_chars) {
        None => line,
        Some((cut, _)) => {
            let words = to_word_end(&line, cut).trim_end_matches(|c: char| !c.is_alphanumeric());
            format!("{words}…")
        }
    }
}

/// The text around a link, as blogs show it: `[…] before link after […]`.
pub fn excerpt_around(before: &str, link_text: &str, after: &str) -> String {
    let before: String = cleaned(&format!("{before}\u{e000}")).collect();
    let after: String = cleaned(&format!("\u{e000}{after}")).collect();
    let (before, after) = (
        before.replace('\u{e000}', ""),
        after.replace('\u{e000}', ""),
    );
    let link = clean_line(link_text, MAX_SIDE);
    let body = format!(
        "{}{link}{}",
        last_words(&before, MAX_SIDE),
        leading_words(&after, MAX_SIDE)
    );
    match body.trim() {
        "" => "[…]".to_owned(),
        words => format!("[…] {words} […]"),
    }
}

/// The end of `line`, from the beginning of a word.
fn last_words(line: &str, max_chars: usize) -> &str {
    let count = line.chars().count();
    if count <= max_chars {
        return line;
    }
    let cut = line
        .char_indices()
        .nth(count - max_chars)
        .map_or(0, |(at, _)| at);
    let tail = &line[cut..];
    if line[..cut].ends_with(' ') {
        return tail;
    }
    match tail.find(' ') {
        Some(space) if space + 1 < tail.len() => &tail[space + 1..],
        _ => tail,
    }
}

/// The beginning of `line`, to the end of a word.
fn leading_words(line: &str, max_chars: usize) -> &str {
    match line.char_indices().nth(max_chars) {
        None => line,
        Some((cut, _)) => to_word_end(line, cut),
    }
}

/// `line` up to `cut`, without a word that continues after it; the whole where it is one word.
fn to_word_end(line: &str, cut: usize) -> &str {
    if line[cut..].starts_with(' ') {
        return &line[..cut];
    }
    let end = line[..cut].rfind(' ').filter(|end| *end > 0).unwrap_or(cut);
    &line[..end]
}

/// The characters of `text` as one line, without hidden ones.
fn cleaned(text: &str) -> impl Iterator<Item = char> + '_ {
    let mut previous: Option<char> = None;
    let mut space = false;
    let mut pending: Option<char> = None;
    // How many of the next characters are the tags of a flag.
    let mut tags = 0_usize;
    let mut chars = text.chars();
    std::iter::from_fn(move || {
        if let Some(c) = pending.take() {
            previous = Some(c);
            return Some(c);
        }
        while let Some(c) = chars.next() {
            if c == FLAG {
                tags = tags_of_flag(chars.clone());
            } else if tags > 0 {
                tags -= 1;
                previous = Some(c);
                return Some(c);
            }
            if c.is_whitespace() {
                space = true;
                continue;
            }
            let joiner = matches!(c, '\u{200c}' | '\u{200d}');
            let joins = joiner
                && !space
                && previous.is_some_and(may_be_joined)
                && chars.clone().next().is_some_and(may_be_joined);
            if (joiner && !joins) || is_hidden(c) {
                continue;
            }
            if std::mem::take(&mut space) && previous.is_some() {
                pending = Some(c);
                previous = Some(' ');
                return Some(' ');
            }
            previous = Some(c);
            return Some(c);
        }
        None
    })
}

/// The black flag, which tags turn into the flag of a region.
const FLAG: char = '\u{1f3f4}';
const LAST_TAG: char = '\u{e007f}';
/// The most tags of a flag, including the last.
const MAX_TAGS: usize = 8;

fn is_tag(c: char) -> bool {
    matches!(c, '\u{e0020}'..='\u{e007f}')
}

/// How many tags follow a flag; 0 where they are not terminated.
fn tags_of_flag(rest: std::str::Chars<'_>) -> usize {
    let mut count = 0;
    for c in rest.take(MAX_TAGS) {
        match c {
            LAST_TAG if count > 0 => return count + 1,
            '\u{e0030}'..='\u{e0039}' | '\u{e0061}'..='\u{e007a}' => count += 1,
            _ => return 0,
        }
    }
    0
}

fn may_be_joined(c: char) -> bool {
    c.is_alphanumeric()
        || matches!(c, '\u{fe0f}' | '\u{0300}'..='\u{036f}' | '\u{0900}'..='\u{1cff}')
        || matches!(c, '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}

fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{34f}'
                | '\u{115f}'..='\u{1160}'
                | '\u{3164}'
                | '\u{ffa0}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_folded_and_cut_with_an_ellipsis() {
        assert_eq!(clean_line("  a \n\t b  ", 10), "a b");
        assert_eq!(clean_line("abcdef", 6), "abcdef");
        assert_eq!(clean_line("abcdef", 5), "abcd…");
        assert_eq!(clean_line("äöü ß", 4), "äöü…");
        assert_eq!(clean_line("", 5), "");
    }

    #[test]
    fn nothing_hidden_is_left() {
        assert_eq!(clean_line("pay\u{202e}lap\u{202c}", 20), "paylap");
        assert_eq!(clean_line("ad\u{200b}min\u{feff}\u{e0041}", 20), "admin");
        assert_eq!(clean_line("x\u{200d} y", 20), "x y");
        assert_eq!(clean_line("می\u{200c}خواهم", 20), "می\u{200c}خواهم");
        assert_eq!(clean_line("👩\u{200d}🔬🔬", 3), "👩…");
        assert_eq!(clean_line("👩\u{200d}🔬", 20), "👩\u{200d}🔬");
    }

    #[test]
    fn flags_keep_their_tags_and_nothing_else_does() {
        let flag = |region: &str| {
            let tags = region
                .bytes()
                .filter_map(|byte| char::from_u32(0xe0000 + u32::from(byte)));
            format!("🏴{}\u{e007f}", tags.collect::<String>())
        };
        let flags = [flag("gbeng"), flag("gbsct"), flag("gbwls")].concat();
        assert_eq!(clean_line(&flags, 50), flags);
        assert_eq!(leading_excerpt(&flags, 50), flags);
        assert_eq!(clean_line("🏴\u{e0067}\u{e0062}x", 50), "🏴x");
        assert_eq!(clean_line("x\u{e0067}\u{e007f}", 50), "x");
        assert_eq!(clean_line(&format!("a{}", flag("gbeng")), 5), "a…");
        assert_eq!(
            clean_line(&format!("{}ab", flag("gbsct")), 8),
            format!("{}…", flag("gbsct"))
        );
    }

    #[test]
    fn what_leaves_no_ink_is_no_line() {
        for text in [
            "\u{3164}",
            "\u{2800}",
            "\u{115f}\u{1160}",
            "\u{200b}",
            "\u{301}",
            "\u{ffa0}",
        ] {
            assert_eq!(clean_line(text, 50), "", "{text:?}");
        }
    }

    #[test]
    fn first_words_end_at_a_word() {
        assert_eq!(leading_excerpt("one two three", 9), "one two…");
        assert_eq!(leading_excerpt("one two, three", 9), "one two…");
        assert_eq!(leading_excerpt("one two three", 7), "one two…");
        assert_eq!(leading_excerpt("indivisible", 5), "indiv…");
        assert_eq!(leading_excerpt("one two", 0), "…");
        assert_eq!(leading_excerpt("short", 9), "short");
        assert_eq!(leading_excerpt("short text", usize::MAX), "short text");
    }

    #[test]
    fn the_words_around_a_link_keep_their_spaces() {
        assert_eq!(
            excerpt_around("I read ", "the report", " with care."),
            "[…] I read the report with care. […]"
        );
        assert_eq!(excerpt_around("(", "x", ")"), "[…] (x) […]");
        assert_eq!(excerpt_around(" ", "\u{200b}", "\u{202e}"), "[…]");
        let long = "word ".repeat(60);
        let excerpt = excerpt_around(&long, "link", &format!(" {long}"));
        assert!(excerpt.chars().count() <= 220, "{excerpt}");
        assert!(excerpt.contains("word link word"), "{excerpt}");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_cut_within_bounds(text in "\\PC{0,300}", max in 1usize..50) {
            proptest::prop_assert!(clean_line(&text, max).chars().count() <= max);
            proptest::prop_assert!(leading_excerpt(&text, max).chars().count() <= max + 1);
            proptest::prop_assert!(excerpt_around(&text, &text, &text).chars().count() <= 310);
            proptest::prop_assert_eq!(leading_excerpt(&text, usize::MAX), clean_line(&text, usize::MAX));
            let once = clean_line(&text, max);
            proptest::prop_assert_eq!(clean_line(&once, max), once.clone());
        }
    }
}
