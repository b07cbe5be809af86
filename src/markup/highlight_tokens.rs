//! Reads code as pieces of one kind each, in one pass: no piece is read twice, whatever the code is. What it
//! cannot tell is plain.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::markup::highlight_languages::{Form, Keys, Language, Lines, Quote};

/// What a piece of code is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// Anything that is not highlighted, such as operators.
    Plain,
    Comment,
    Text,
    /// A number or another fixed value.
    Value,
    Keyword,
    Type,
    Function,
    /// A name of something, such as an attribute, a key or a variable.
    Attribute,
    Inserted,
    Deleted,
}

/// The longest escape of one character, such as `\u{10ffff}`, in bytes.
const MAX_ESCAPE: usize = 10;
/// How far behind a text its colon may be, in bytes.
const MAX_GAP: usize = 4;

/// The pieces of `code`; together they are the code.
pub fn read<'a>(code: &'a str, language: &'a Language) -> Vec<(&'a str, Token)> {
    let mut reader = Reader {
        code,
        language,
        keywords: language.keywords.split(' ').collect(),
        values: language.values.split(' ').collect(),
        at: 0,
        is_line_start: true,
        in_tag: false,
        pieces: Vec::new(),
    };
    match language.form {
        Form::Words => reader.words(),
        Form::Markup => reader.markup(),
        Form::Diff => reader.diff(),
    }
    reader.pieces
}

struct Reader<'a> {
    code: &'a str,
    language: &'a Language,
    keywords: HashSet<&'a str>,
    values: HashSet<&'a str>,
    at: usize,
    /// Whether only white space and hyphens were read of this line.
    is_line_start: bool,
    in_tag: bool,
    pieces: Vec<(&'a str, Token)>,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.code[self.at..]
    }

    /// Takes the next `length` bytes.
    fn take(&mut self, length: usize, token: Token) {
        let piece = &self.rest()[..length];
        match piece.rfind('\n') {
            Some(end) => self.is_line_start = piece[end..].trim().is_empty(),
            None if token == Token::Plain && piece.trim_matches([' ', '\t', '-']).is_empty() => {}
            None => self.is_line_start = false,
        }
        if !piece.is_empty() {
            self.pieces.push((piece, token));
        }
        self.at += length;
    }

    fn diff(&mut self) {
        for line in self.code.split_inclusive('\n') {
            let heads = ["+++", "---", "@@", "diff ", "index "];
            let token = match line.chars().next() {
                _ if heads.iter().any(|head| line.starts_with(head)) => Token::Comment,
                Some('+') => Token::Inserted,
                Some('-') => Token::Deleted,
                _ => Token::Plain,
            };
            self.pieces.push((line, token));
        }
    }

    fn words(&mut self) {
        while let Some(c) = self.rest().chars().next() {
            if self.comment() || self.quoted() {
                continue;
            }
            if c.is_ascii_digit() {
                self.number();
            } else if self.language.sigils.contains(&c) {
                self.variable(c);
            } else if self.begins_word(c) {
                self.word();
            } else if c == '#' && self.language.keys == Keys::Words {
                let length = 1 + self.length_of(1, |c| c.is_ascii_alphanumeric() || c == '-');
                self.take(length, Token::Value);
            } else {
                self.take(c.len_utf8(), Token::Plain);
            }
        }
    }

    /// How long the run of characters that fit is, `from` bytes ahead.
    fn length_of(&self, from: usize, fits: impl Fn(char) -> bool) -> usize {
        let rest = &self.rest()[from..];
        rest.find(|c| !fits(c)).unwrap_or(rest.len())
    }

    fn begins_word(&self, c: char) -> bool {
        c.is_alphanumeric()
            || c == '_'
            || matches!(c, '@' | '!') && self.language.word_extra.contains(&c)
    }

    fn is_word(&self, c: char) -> bool {
        c.is_alphanumeric() || c == '_' || self.language.word_extra.contains(&c)
    }

    /// Whether a comment was read.
    fn comment(&mut self) -> bool {
        let rest = self.rest();
        if let Some((open, close)) = self.language.block_comment
            && let Some(inner) = rest.strip_prefix(open)
        {
            let end = inner.find(close).map(|end| open.len() + end + close.len());
            self.take(end.unwrap_or(rest.len()), Token::Comment);
            return true;
        }
        let begins = |mark: &&&str| rest.starts_with(**mark);
        let Some(mark) = self.language.line_comments.iter().find(begins) else {
            return false;
        };
        // A number sign within a word does not start a comment: `$#`, `a#b`.
        let before = self.code[..self.at].chars().next_back();
        let is_apart = before.is_none_or(|c| c.is_whitespace() || c == ';');
        if matches!(*mark, "#" | ";") && !is_apart || *mark == "%" && before == Some('\\') {
            return false;
        }
        let end = rest.find('\n').unwrap_or(rest.len());
        self.take(end, Token::Comment);
        true
    }

    /// Whether a text was read.
    fn quoted(&mut self) -> bool {
        let rest = self.rest();
        let begins = |quote: &&Quote| rest.starts_with(quote.open);
        let Some(quote) = self.language.quotes.iter().find(begins) else {
            return false;
        };
        let Some(length) = length_of_text(rest, quote) else {
            return false;
        };
        let is_key = self.language.keys == Keys::Texts && {
            let behind = &rest.as_bytes()[length..];
            let gap = behind.iter().take(MAX_GAP).take_while(|c| **c == b' ');
            behind.get(gap.count()) == Some(&b':')
        };
        let token = if is_key {
            Token::Attribute
        } else {
            Token::Text
        };
        self.take(length, token);
        true
    }

    fn number(&mut self) {
        let bytes = self.rest().as_bytes();
        let is_part = |at: usize| match bytes.get(at) {
            Some(b'.') => bytes.get(at + 1).is_some_and(u8::is_ascii_digit),
            Some(b'%') => self.language.keys == Keys::Words,
            Some(byte) => byte.is_ascii_alphanumeric() || *byte == b'_',
            None => false,
        };
        let mut length = 1;
        while is_part(length) {
            length += 1;
        }
        self.take(length, Token::Value);
    }

    fn variable(&mut self, sigil: char) {
        let mut length = sigil.len_utf8();
        if self.rest()[length..].starts_with(['{', '(']) {
            self.take(length, Token::Plain);
            return;
        }
        length += self.length_of(length, |c| c.is_alphanumeric() || c == '_');
        let token = match (sigil, length) {
            (_, 1) => Token::Plain,
            ('\\', _) => Token::Keyword,
            _ => Token::Attribute,
        };
        self.take(length, token);
    }

    fn word(&mut self) {
        let (rest, language) = (self.rest(), self.language);
        let length = self.length_of(0, |c| self.is_word(c));
        let word = &rest[..length];
        let next = rest[length..].chars().next();
        let known = match language.ignores_case {
            true => Cow::Owned(word.to_ascii_lowercase()),
            false => Cow::Borrowed(word),
        };
        let is_key = match language.keys {
            Keys::Lines => self.is_line_start && self.is_key_of_line(length),
            Keys::Words => next == Some(':'),
            Keys::None | Keys::Texts => false,
        };
        let token = if is_key {
            Token::Attribute
        } else if self.keywords.contains(known.as_ref()) {
            Token::Keyword
        } else if self.values.contains(known.as_ref()) {
            Token::Value
        } else if next == Some('(') || language.has_macros && rest[length..].starts_with("!(") {
            Token::Function
        } else if language.capital_types
            && word.starts_with(char::is_uppercase)
            && word.contains(char::is_lowercase)
        {
            Token::Type
        } else {
            Token::Plain
        };
        self.take(length, token);
    }

    /// Whether the word of this length, which begins a line, is before a colon or an equals sign.
    fn is_key_of_line(&self, length: usize) -> bool {
        let behind = &self.rest().as_bytes()[length..];
        let gap = behind.iter().take(MAX_GAP).take_while(|c| **c == b' ');
        let mark = behind.get(gap.count());
        matches!(mark, Some(b':' | b'='))
    }

    fn markup(&mut self) {
        while let Some(c) = self.rest().chars().next() {
            if !self.in_tag && self.comment() {
                continue;
            }
            let rest = self.rest();
            match c {
                '<' => {
                    let marks = 1 + usize::from(rest[1..].starts_with(['/', '?', '!']));
                    let name = self.length_of(marks, is_name);
                    self.in_tag = name > 0;
                    let token = if name > 0 {
                        Token::Keyword
                    } else {
                        Token::Plain
                    };
                    self.take(marks + name, token);
                }
                '>' if self.in_tag => {
                    self.in_tag = false;
                    let token = Token::Keyword;
                    self.take(1, token);
                }
                '"' | '\'' if self.in_tag => {
                    let end = rest[1..].find(c).map_or(rest.len(), |end| end + 2);
                    self.take(end, Token::Text);
                }
                '&' => {
                    let name = self.length_of(1, |c| c.is_ascii_alphanumeric() || c == '#');
                    let is_entity = name > 0 && rest[1 + name..].starts_with(';');
                    match is_entity {
                        true => self.take(name + 2, Token::Value),
                        false => self.take(1 + name, Token::Plain),
                    }
                }
                c if self.in_tag && is_name(c) => {
                    let length = self.length_of(0, is_name);
                    self.take(length, Token::Attribute);
                }
                c => {
                    let others = self.length_of(0, |c| !matches!(c, '<' | '&' | '>' | '"' | '\''));
                    let length = if self.in_tag || others == 0 {
                        c.len_utf8()
                    } else {
                        others
                    };
                    self.take(length, Token::Plain);
                }
            }
        }
    }
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_' | ':' | '.')
}

/// How long the text is that begins with the quote; None where the quote begins none.
fn length_of_text(rest: &str, quote: &Quote) -> Option<usize> {
    if quote.lines == Lines::Character {
        return length_of_character(rest, quote);
    }
    let mut at = quote.open.len();
    loop {
        let inner = &rest[at..];
        if inner.starts_with(quote.close) {
            return Some(at + quote.close.len());
        }
        let Some(c) = inner.chars().next() else {
            // One that never ends goes on to the end.
            return Some(rest.len());
        };
        if c == '\n' && quote.lines == Lines::One {
            return Some(at);
        }
        at += c.len_utf8();
        if c == '\\' && quote.escapes {
            let escaped = rest[at..].chars().next().filter(|c| *c != '\n');
            at += escaped.map_or(0, char::len_utf8);
        }
    }
}

/// The same for one character, or an escape of one.
fn length_of_character(rest: &str, quote: &Quote) -> Option<usize> {
    let inner = &rest[quote.open.len()..];
    let first = inner.chars().next()?;
    let mut at = first.len_utf8();
    if first == '\\' {
        at += inner[at..].chars().next()?.len_utf8();
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'{' | b'}');
        let behind = inner.as_bytes()[at..].iter().take(MAX_ESCAPE);
        at += behind.take_while(|byte| is_part(byte)).count();
    }
    let closes = inner[at..].starts_with(quote.close);
    closes.then_some(quote.open.len() + at + quote.close.len())
}
