//! Text folded for matching: what looks or reads the same becomes the same. The one place that knows
//! how rules, blocks and names see through full width, accents, invisible characters and look-alikes.
//!
//! Folded text is for comparing alone: it is never shown, and never stored as somebody's words.

use unicode_normalization::UnicodeNormalization;

/// The longest key of a name, in characters.
const MAX_KEY: usize = 80;

/// How a character is folded. A look-alike resembles a letter in one case only (Cyrillic “В” looks
/// like “B”, “в” like nothing Latin), so that no single form finds everything; the same text folds
/// to the same in each form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Each character as it looks.
    Looks,
    /// In small letters, and then as those look.
    Small,
    /// In capitals, and then as those look; digits beside letters are the letters they look like.
    Capital,
}

/// Every form.
pub const FORMS: [Form; 3] = [Form::Looks, Form::Small, Form::Capital];

/// Folded text that knows where in the original each part of it stands.
#[derive(Clone, Debug)]
pub struct Folded {
    text: String,
    /// For each folded character: where it begins here, and where its original begins and ends.
    places: Vec<(usize, usize, usize)>,
}

impl Folded {
    /// Folds `text`.
    pub fn new(form: Form, text: &str) -> Self {
        let mut folded = Self {
            text: String::with_capacity(text.len()),
            places: Vec::with_capacity(text.len()),
        };
        let mut before = None;
        for (at, c) in text.char_indices() {
            // Between a digit and its neighbours may stand what nobody sees. Only where it matters is it
            // passed over, so that each character is looked at a bounded number of times.
            let beside_letter = looks_like_a_letter(c)
                && [before, text[at..].chars().skip(1).find(|c| !is_unseen(*c))]
                    .into_iter()
                    .flatten()
                    .any(char::is_alphabetic);
            fold_char(form, c, beside_letter, &mut |c| {
                folded
                    .places
                    .push((folded.text.len(), at, at + c_len(text, at)));
                folded.text.push(c);
            });
            if !is_unseen(c) {
                before = Some(c);
            }
        }
        folded
    }

    /// The folded text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where in the original a span of the folded text stands, in bytes at character boundaries.
    pub fn original(&self, start: usize, end: usize) -> (usize, usize) {
        let first = self.places.partition_point(|(at, _, _)| *at < start);
        let behind = self.places.partition_point(|(at, _, _)| *at < end);
        let from = self.places.get(first).map_or(0, |(_, from, _)| *from);
        let to = match behind.checked_sub(1).and_then(|last| self.places.get(last)) {
            Some((_, _, to)) if *to >= from => *to,
            _ => from,
        };
        (from, to)
    }
}

fn c_len(text: &str, at: usize) -> usize {
    text[at..].chars().next().map_or(0, char::len_utf8)
}

/// The folded text alone.
pub fn fold(form: Form, text: &str) -> String {
    Folded::new(form, text).text
}

/// The distinct forms of a text, for what is looked for.
pub fn all_forms(text: &str) -> Vec<String> {
    let mut forms: Vec<String> = FORMS.iter().map(|form| fold(*form, text)).collect();
    forms.sort_unstable();
    forms.dedup();
    forms
}

/// Without invisible characters and in Unicode's compatible form: an address as it is kept.
pub fn visible(text: &str) -> String {
    text.nfkc().filter(|c| !is_invisible(*c)).collect()
}

/// A text as a search compares it: without case, width and signs that nobody sees; full-width letters are
/// those of ASCII, ß is ss. Accents make a difference here.
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
                c => folded.push(c),
            }
        }
    }
    folded
}

/// A name in each form, letters and digits alone, so that neither case, accents, spaces nor
/// look-alikes make another name of it; empty where nothing is left.
pub fn name_keys(name: &str) -> Vec<String> {
    let mut keys: Vec<String> = FORMS
        .iter()
        .map(|form| letters(&fold(*form, name)))
        .filter(|key| !key.is_empty())
        .collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// Whether two names are the same to a reader's eye, in whatever order their words stand.
pub fn is_same_name(one: &str, other: &str) -> bool {
    let sorted = |name: &str, form| {
        let folded = fold(form, name);
        let mut words: Vec<&str> = folded.split_whitespace().collect();
        words.sort_unstable();
        letters(&words.concat())
    };
    // Text that is turned round by an invisible mark reads backwards.
    let reversed: Option<String> = one
        .contains(['\u{202e}', '\u{2067}', '\u{202b}'])
        .then(|| one.chars().rev().collect());
    FORMS.into_iter().any(|form| {
        let wanted = letters(&fold(form, other));
        let is = |name: &str| {
            letters(&fold(form, name)) == wanted || sorted(name, form) == sorted(other, form)
        };
        !wanted.is_empty() && (is(one) || reversed.as_deref().is_some_and(is))
    })
}

/// Whether `name` has the several words of `other` in it, as they stand.
pub fn has_name(name: &str, other: &str) -> bool {
    FORMS.into_iter().any(|form| {
        let words = |text: &str| -> Vec<String> {
            fold(form, text)
                .split(|c: char| !c.is_alphanumeric())
                .filter(|word| !word.is_empty())
                .map(str::to_owned)
                .collect()
        };
        let (name, other) = (words(name), words(other));
        other.len() > 1 && name.windows(other.len()).any(|some| some == other)
    })
}

fn letters(folded: &str) -> String {
    folded
        .chars()
        .filter(|c| c.is_alphanumeric())
        .take(MAX_KEY)
        .collect()
}

/// Whether a digit or sign is taken for a letter beside letters, in full width and the like too.
fn looks_like_a_letter(c: char) -> bool {
    let mut plain = std::iter::once(c).nfkd();
    plain.any(|c| matches!(c, '0' | '1' | '|'))
}

fn is_unseen(c: char) -> bool {
    is_invisible(c) || is_mark(c)
}

fn fold_char(form: Form, c: char, beside_letter: bool, out: &mut impl FnMut(char)) {
    if c.is_ascii() {
        fold_ascii(form, c, beside_letter, out);
        return;
    }
    if c.is_whitespace() || c == '\u{2800}' {
        out(' ');
        return;
    }
    let is_plain = |c: char| c.is_ascii() || is_mark(c);
    let mut buffer = [0; 4];
    let seen = unicode_security::skeleton(c.encode_utf8(&mut buffer));
    // The compatible form of some look-alikes looks like nothing: that of a lunate sigma, “c”.
    if !std::iter::once(c).nfkd().all(is_plain) && seen.into_iter().all(is_plain) {
        fold_other(form, c, out);
        return;
    }
    for c in std::iter::once(c).nfkd() {
        if c.is_ascii() {
            fold_ascii(form, c, beside_letter, out);
        } else if !is_invisible(c) && !is_mark(c) {
            fold_other(form, c, out);
        }
    }
}

fn fold_ascii(form: Form, c: char, beside_letter: bool, out: &mut impl FnMut(char)) {
    match c {
        '0' if form == Form::Capital && beside_letter => out('o'),
        '1' | '|' if form == Form::Capital && beside_letter => out('i'),
        c if c.is_ascii_whitespace() => out(' '),
        c if c.is_ascii_control() => {}
        c => out(c.to_ascii_lowercase()),
    }
}

fn fold_other(form: Form, c: char, out: &mut impl FnMut(char)) {
    match form {
        Form::Looks => look(c, c.is_uppercase(), out),
        Form::Small => c.to_lowercase().for_each(|c| look(c, false, out)),
        Form::Capital => c.to_uppercase().for_each(|c| look(c, true, out)),
    }
}

/// What a character looks like (Unicode Technical Standard 39, section 4), in small letters. That
/// table takes a capital I for a small l, and an m for an r and an n.
fn look(c: char, is_capital: bool, out: &mut impl FnMut(char)) {
    if c.is_ascii() {
        out(c.to_ascii_lowercase());
        return;
    }
    let mut buffer = [0; 4];
    let mut seen = unicode_security::skeleton(c.encode_utf8(&mut buffer)).peekable();
    while let Some(c) = seen.next() {
        match c {
            'l' if is_capital => out('i'),
            'r' if seen.peek() == Some(&'n') => {
                seen.next();
                out('m');
            }
            c if is_mark(c) || is_invisible(c) => {}
            c => c
                .to_lowercase()
                .filter(|c| !is_mark(*c))
                .for_each(&mut *out),
        }
    }
}

/// Marks that stand over, under and through letters of any script; the signs of one script, such as
/// Devanagari's vowels, are letters of their own.
fn is_mark(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

/// Characters without a look: default-ignorable code points (Unicode, section 5.21), controls but for
/// white space, and the marks of interlinear annotations.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
        || (c.is_control() && !c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is_found(word: &str, text: &str) -> bool {
        let words = all_forms(word);
        FORMS.iter().any(|form| {
            let text = fold(*form, text);
            words.iter().any(|word| text.contains(word.as_str()))
        })
    }

    #[test]
    fn no_disguise_hides_a_word() {
        for disguise in [
            "cialis",
            "CIALIS",
            "c\u{200b}ial\u{ad}is",
            "c\u{fe0f}i\u{e0061}alis",
            "ｃｉａｌｉｓ",
            "сіаlіѕ",
            "СІАLІЅ",
            "Сiаlis",
            "c̶i̷a͛lis",
            "çïàlîš",
            "𝓬𝓲𝓪𝓵𝓲𝓼",
            "ⓒⓘⓐⓛⓘⓢ",
            "c1alis",
            "c\u{2060}\u{feff}\u{200d}ialis",
            "ciaⅼis",
            "c\u{200b}1\u{200b}alis",
            "c\u{301}１\u{fe0f}\u{200d}alis",
            "ϲιаӏіѕ",
        ] {
            assert!(is_found("cialis", disguise), "{disguise}");
        }
        for (word, text) in [
            ("buy", "ВUY"),
            ("hotel", "ΗΟΤΕL"),
            ("poker", "p0ker"),
            ("казино", "Лучшее КАЗИНО здесь"),
            ("straße", "DIE STRASSE"),
            ("größer", "GRÖSSER ist GRÖßER"),
            ("मदद", "यह मदद है"),
            ("mom", "ⅿoⅿ"),
        ] {
            assert!(is_found(word, text), "{word} in {text}");
        }
        for (word, text) in [
            ("10", "io"),
            ("मदद", "मादा"),
            ("lil", "ill"),
            ("corn", "com"),
        ] {
            assert!(!is_found(word, text), "{word} in {text}");
        }
    }

    #[test]
    fn a_span_is_told_by_where_it_stands_in_the_original() {
        let text = "Ü: c\u{200b}iа\u{301}lis!";
        let folded = Folded::new(Form::Looks, text);
        let start = folded.text().find("cialis").unwrap();
        let (from, to) = folded.original(start, start + 6);
        assert_eq!(&text[from..to], "c\u{200b}iа\u{301}lis");
    }

    #[test]
    fn names_are_the_same_to_the_eye_or_not() {
        for name in [
            "ada okoye",
            "ADA  OKOYE",
            "Аda Оkоye",
            "A d a Okoye",
            "Okoye Ada",
            "Ada\u{200b} Okoye",
            "Ádà Ọkọ́yé",
            "Ada 0koye",
            "Ａｄａ Ｏｋｏｙｅ",
            "\u{202e}eyokO adA",
            "Ada-Okoye.",
        ] {
            assert!(is_same_name(name, "Ada Okoye"), "{name}");
        }
        for name in ["Ada", "Ada Okoyo", "", "—", "Okoye"] {
            assert!(!is_same_name(name, "Ada Okoye"), "{name}");
        }
        assert!(!is_same_name("", "") && !is_same_name("—", "…"));
        assert!(has_name("Ada Okoye (editor)", "Ada Okoye"));
        assert!(!has_name("Ben Adams", "Ben") && !has_name("Nada Okoye", "Ada Okoye"));
    }

    #[test]
    fn a_search_finds_what_reads_the_same() {
        for (one, other) in [
            ("STRASSE", "straße"),
            ("ÜBER", "über"),
            ("u\u{308}ber", "Über"),
            ("ＶＩＡＧＲＡ", "viagra"),
            ("via\u{200b}gr\u{ad}a", "viagra"),
            ("ΟΔΟΣ", "οδος"),
            ("İstanbul", "istanbul"),
            ("ПРИВЕТ", "привет"),
            ("a\0b", "ab"),
        ] {
            assert_eq!(for_search(one), for_search(other), "{one} {other}");
        }
        assert_ne!(for_search("uber"), for_search("über"));
    }

    proptest! {
        #[test]
        fn a_text_for_a_search_is_bounded(text: String) {
            // NFKC makes at most 18 characters of one.
            prop_assert!(for_search(&text).chars().count() <= text.chars().count() * 19);
        }

        #[test]
        fn folding_any_text_is_bounded_and_the_same_twice(text in "\\PC{0,200}|.{0,60}") {
            for form in FORMS {
                let folded = Folded::new(form, &text);
                prop_assert!(folded.text().len() <= text.len() * 40 + 8);
                prop_assert_eq!(folded.text(), &fold(form, &text));
                prop_assert!(!folded.text().chars().any(|c| is_invisible(c) || is_mark(c)));
            }
        }

        #[test]
        fn every_span_of_folded_text_is_one_of_the_original(
            text in "\\PC{1,60}", from in 0..200_usize, length in 0..60_usize,
        ) {
            let folded = Folded::new(Form::Capital, &text);
            let (start, end) = folded.original(from, from + length);
            prop_assert!(start <= end && end <= text.len());
            prop_assert!(text.is_char_boundary(start) && text.is_char_boundary(end));
        }

        #[test]
        fn invisible_characters_and_marks_change_nothing(
            word in "[a-z]{2,12}",
            hidden in prop::sample::select(vec![
                '\u{200b}', '\u{ad}', '\u{fe0f}', '\u{e0041}', '\u{301}', '\u{335}', '\u{2063}', '\u{3164}',
            ]),
            at in 0..12_usize,
        ) {
            let mut disguised: Vec<char> = word.chars().collect();
            disguised.insert(at % word.len() + 1, hidden);
            let disguised: String = disguised.into_iter().collect();
            for form in FORMS {
                prop_assert_eq!(fold(form, &disguised), fold(form, &word));
            }
        }
    }
}
