//! Folds text for matching, so that what looks or reads the same is equal. The one place that knows
//! about full width, accents, invisible characters and look-alikes in rules, blocks and names.
//!
//! Folded text is only compared: it is never shown, and never stored in place of the original.

use unicode_normalization::UnicodeNormalization;

/// The longest key of a name, in characters.
const MAX_KEY: usize = 80;

/// How characters are folded. A look-alike may resemble a letter in one case only (Cyrillic “В”
/// looks like “B”, but “в” like no Latin letter), so that no single form finds everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoldForm {
    /// By the look of each character.
    Looks,
    /// By the look of the lower-case letters.
    Lower,
    /// By the look of the upper-case letters; digits beside letters are the letters they look like.
    Upper,
}

pub const FORMS: [FoldForm; 3] = [FoldForm::Looks, FoldForm::Lower, FoldForm::Upper];

/// Folded text, with the position of each part in the original.
#[derive(Clone, Debug)]
pub struct Folded {
    text: String,
    /// For each folded character: where it begins here, and where the original begins and ends, in
    /// bytes.
    spans: Vec<(usize, usize, usize)>,
}

impl Folded {
    pub fn new(form: FoldForm, text: &str) -> Self {
        let mut folded = Self {
            text: String::with_capacity(text.len()),
            spans: Vec::with_capacity(text.len()),
        };
        let mut before = None;
        for (at, c) in text.char_indices() {
            // Invisible characters between a digit and its neighbours are skipped, but only where
            // that matters, so that this stays linear.
            let beside_letter = looks_like_a_letter(c)
                && [before, text[at..].chars().skip(1).find(|c| !is_skipped(*c))]
                    .into_iter()
                    .flatten()
                    .any(char::is_alphabetic);
            fold_char(form, c, beside_letter, &mut |c| {
                folded
                    .spans
                    .push((folded.text.len(), at, at + c_len(text, at)));
                folded.text.push(c);
            });
            if !is_skipped(c) {
                before = Some(c);
            }
        }
        folded
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// The span of the original that a span of the folded text is from, in bytes at character
    /// boundaries.
    pub fn original(&self, start: usize, end: usize) -> (usize, usize) {
        let first = self.spans.partition_point(|(at, _, _)| *at < start);
        let behind = self.spans.partition_point(|(at, _, _)| *at < end);
        let from = self.spans.get(first).map_or(0, |(_, from, _)| *from);
        let to = match behind.checked_sub(1).and_then(|last| self.spans.get(last)) {
            Some((_, _, to)) if *to >= from => *to,
            _ => from,
        };
        (from, to)
    }
}

fn c_len(text: &str, at: usize) -> usize {
    text[at..].chars().next().map_or(0, char::len_utf8)
}

/// Only the folded text.
pub fn fold(form: FoldForm, text: &str) -> String {
    Folded::new(form, text).text
}

/// The distinct forms of a text, to search for.
pub fn all_forms(text: &str) -> Vec<String> {
    let mut forms: Vec<String> = FORMS.iter().map(|form| fold(*form, text)).collect();
    forms.sort_unstable();
    forms.dedup();
    forms
}

/// Without invisible characters and in Unicode NFKC.
pub fn visible(text: &str) -> String {
    text.nfkc().filter(|c| !is_invisible(*c)).collect()
}

/// A text as searches compare it: without case, width and invisible characters; ß is ss. Accents
/// count.
pub fn for_search(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.nfkc().filter(|c| !is_invisible(*c)) {
        for c in c.to_lowercase() {
            match c {
                'ß' => folded.push_str("ss"),
                // A final sigma.
                'ς' => folded.push('σ'),
                // The dot of a lower-cased İ.
                '\u{307}' if folded.ends_with('i') => {}
                c => folded.push(c),
            }
        }
    }
    folded
}

/// Keys for a name: letters and digits of each form, so that case, accents, spaces and look-alikes
/// make no difference. Empty where nothing is left.
pub fn name_keys(name: &str) -> Vec<String> {
    let mut keys: Vec<String> = FORMS
        .iter()
        .map(|form| alphanumerics(&fold(*form, name)))
        .filter(|key| !key.is_empty())
        .collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// Whether two names look the same to readers, whatever the order of their words.
pub fn is_same_name(one: &str, other: &str) -> bool {
    let sorted = |name: &str, form| {
        let folded = fold(form, name);
        let mut words: Vec<&str> = folded.split_whitespace().collect();
        words.sort_unstable();
        alphanumerics(&words.concat())
    };
    // A bidirectional control can make text read backwards.
    let reversed: Option<String> = one
        .contains(['\u{202e}', '\u{2067}', '\u{202b}'])
        .then(|| one.chars().rev().collect());
    FORMS.into_iter().any(|form| {
        let wanted = alphanumerics(&fold(form, other));
        let is = |name: &str| {
            alphanumerics(&fold(form, name)) == wanted || sorted(name, form) == sorted(other, form)
        };
        !wanted.is_empty() && (is(one) || reversed.as_deref().is_some_and(is))
    })
}

/// Whether `name` contains the words of `other`, if these are several, in their order.
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

fn alphanumerics(folded: &str) -> String {
    folded
        .chars()
        .filter(|c| c.is_alphanumeric())
        .take(MAX_KEY)
        .collect()
}

/// Whether a digit or sign looks like a letter beside letters, in full width too.
fn looks_like_a_letter(c: char) -> bool {
    let mut plain = std::iter::once(c).nfkd();
    plain.any(|c| matches!(c, '0' | '1' | '|'))
}

fn is_skipped(c: char) -> bool {
    is_invisible(c) || is_mark(c)
}

fn fold_char(form: FoldForm, c: char, beside_letter: bool, out: &mut impl FnMut(char)) {
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
    // NFKD would lose some look-alikes, such as the lunate sigma, which looks like “c”.
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

fn fold_ascii(form: FoldForm, c: char, beside_letter: bool, out: &mut impl FnMut(char)) {
    match c {
        '0' if form == FoldForm::Upper && beside_letter => out('o'),
        '1' | '|' if form == FoldForm::Upper && beside_letter => out('i'),
        c if c.is_ascii_whitespace() => out(' '),
        c if c.is_ascii_control() => {}
        c => out(c.to_ascii_lowercase()),
    }
}

fn fold_other(form: FoldForm, c: char, out: &mut impl FnMut(char)) {
    match form {
        FoldForm::Looks => look(c, c.is_uppercase(), out),
        FoldForm::Lower => c.to_lowercase().for_each(|c| look(c, false, out)),
        FoldForm::Upper => c.to_uppercase().for_each(|c| look(c, true, out)),
    }
}

/// What a character looks like (Unicode UTS #39, section 4), in lower case. That table maps an
/// upper-case I to a lower-case l, and an m to an r and an n.
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

/// Combining marks that go with letters of any script. Those of one script, such as Devanagari's
/// vowel signs, count as letters.
fn is_mark(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

/// Default-ignorable code points (Unicode, section 5.21), controls other than white space, and the
/// marks of interlinear annotations.
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
mod tests;
