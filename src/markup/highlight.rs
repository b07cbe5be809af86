//! Colours the code blocks of sanitised HTML by their language: spans with classes of our own around what is
//! escaped text. Never changes that text, and never understands more of it than comments, texts, numbers and
//! words.
//!
//! One pass over each block, in linear time: a reader of whole grammars by regular expressions takes a second
//! for each 20 KB, and has no bound on what hostile code costs.

use crate::markup::highlight_languages::{Language, find};
use crate::markup::highlight_tokens::{Token, read};

/// The most bytes of code that are coloured in one text. Blocks beyond that stay as they were.
const MAX_CODE: usize = 50 * 1024;
/// A block that becomes longer than itself times the factor, plus the extra bytes, stays as it was.
const MAX_GROWTH: usize = 6;
const MAX_GROWTH_EXTRA: usize = 256;

const BLOCK: &str = "<pre><code class=\"language-";
const BLOCK_END: &str = "</code></pre>";

/// `html`, which the sanitiser wrote, with its code blocks coloured.
pub fn highlight(html: &str) -> String {
    let mut out = String::with_capacity(html.len() + html.len() / 4);
    let mut left = MAX_CODE;
    let mut rest = html;
    while let Some(at) = rest.find(BLOCK) {
        let (before, block) = rest.split_at(at + BLOCK.len());
        out.push_str(before);
        rest = block;
        let Some((language, code)) = block.split_once("\">") else {
            break;
        };
        let Some(end) = code.find(BLOCK_END) else {
            break;
        };
        let escaped = &code[..end];
        let coloured = find(language).and_then(|language| {
            left = left.checked_sub(escaped.len())?;
            colour(escaped, language)
        });
        if let Some(coloured) = coloured {
            out.push_str(language);
            out.push_str("\">");
            out.push_str(&coloured);
            rest = &code[end..];
        }
    }
    out.push_str(rest);
    out
}

/// The code in colour; None where it exceeds a limit, or has markup in it already.
fn colour(escaped: &str, language: &Language) -> Option<String> {
    let max = escaped.len() * MAX_GROWTH + MAX_GROWTH_EXTRA;
    let code = unescape(escaped)?;
    let mut writer = Writer {
        out: String::with_capacity(escaped.len() * 2),
        open: Token::Plain,
    };
    for (text, token) in read(&code, language) {
        writer.write(text, token);
        if writer.out.len() > max {
            return None;
        }
    }
    writer.turn_to(Token::Plain);
    (writer.out.len() <= max).then_some(writer.out)
}

fn class(token: Token) -> Option<&'static str> {
    Some(match token {
        Token::Plain => return None,
        Token::Comment => "hl-c",
        Token::Text => "hl-s",
        Token::Value => "hl-v",
        Token::Keyword => "hl-k",
        Token::Type => "hl-t",
        Token::Function => "hl-f",
        Token::Attribute => "hl-a",
        Token::Inserted => "hl-i",
        Token::Deleted => "hl-d",
    })
}

/// Writes pieces of code, those of one kind in one span.
struct Writer {
    out: String,
    open: Token,
}

impl Writer {
    fn write(&mut self, text: &str, token: Token) {
        // White space has no colour: it goes on with what is before it.
        if !text.trim().is_empty() {
            self.turn_to(token);
        }
        for c in text.chars() {
            match c {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '\u{a0}' => self.out.push_str("&nbsp;"),
                other => self.out.push(other),
            }
        }
    }

    fn turn_to(&mut self, token: Token) {
        if self.open == token {
            return;
        }
        if class(self.open).is_some() {
            self.out.push_str("</span>");
        }
        if let Some(class) = class(token) {
            self.out.push_str("<span class=\"");
            self.out.push_str(class);
            self.out.push_str("\">");
        }
        self.open = token;
    }
}

/// The text that the sanitiser escaped; None where there is markup in it.
fn unescape(escaped: &str) -> Option<String> {
    let mut text = String::with_capacity(escaped.len());
    let mut rest = escaped;
    while let Some(at) = rest.find(['&', '<', '>']) {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let entities = [
            ("&amp;", '&'),
            ("&lt;", '<'),
            ("&gt;", '>'),
            ("&nbsp;", '\u{a0}'),
        ];
        let (entity, c) = entities
            .into_iter()
            .find(|(entity, _)| rest.starts_with(entity))?;
        text.push(c);
        rest = &rest[entity.len()..];
    }
    text.push_str(rest);
    Some(text)
}

#[cfg(test)]
mod tests;
