//! A selector of custom CSS, to be narrowed by a guard. Pure: knows no forms.

use cssparser::Token;

use crate::site::css_problem::{CssError, CssProblem};
use crate::site::css_tokens::{self, CssToken};

/// A selector without commas.
pub struct Selector {
    /// What comes before a pseudo-element.
    element: String,
    /// `::before` and the like; may be empty.
    pseudo: String,
}

impl Selector {
    /// Reads a selector; `head` is the list that it comes from.
    pub fn read(tokens: &[CssToken<'_>], head: &[CssToken<'_>]) -> Result<Self, CssError> {
        let text_of = |tokens: &[CssToken<'_>]| {
            let mut text = String::new();
            css_tokens::write(tokens, &mut text);
            text
        };
        let line = tokens
            .first()
            .or(head.first())
            .map_or(1, |first| first.line);
        let fail = || CssError {
            line,
            problem: CssProblem::Selector(text_of(tokens)),
        };
        if tokens.is_empty() || !tokens.iter().all(|token| is_of_selector(&token.token)) {
            return Err(fail());
        }
        let at = pseudo_element(tokens).unwrap_or(tokens.len());
        let (element, pseudo) = tokens.split_at(at);
        let mut text = text_of(element);
        let ends_open = match element.last().map(|last| &last.token) {
            None | Some(Token::WhiteSpace(_)) => true,
            Some(Token::Delim(c)) => matches!(c, '>' | '+' | '~'),
            _ => false,
        };
        if ends_open {
            match pseudo.is_empty() {
                true => return Err(fail()),
                false => text.push('*'),
            }
        }
        let is_plain = pseudo
            .iter()
            .all(|token| matches!(token.token, Token::Colon | Token::Ident(_)));
        if !is_plain {
            return Err(fail());
        }
        Ok(Self {
            element: text,
            pseudo: text_of(pseudo),
        })
    }

    /// The selector of those elements for which the guard holds as well.
    pub fn guarded(&self, guard: &str) -> String {
        let Self { element, pseudo } = self;
        format!(":is({element}){guard}{pseudo}")
    }
}

/// Where a pseudo-element begins: `::marker`, or `:before` as of old.
fn pseudo_element(tokens: &[CssToken<'_>]) -> Option<usize> {
    const OLD: [&str; 4] = ["before", "after", "first-line", "first-letter"];
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        if css_tokens::is_opening(&token.token) {
            depth += 1;
        } else if css_tokens::is_closing(&token.token) {
            depth = depth.saturating_sub(1);
        } else if depth == 0 && token.token == Token::Colon {
            match tokens.get(at + 1).map(|next| &next.token) {
                Some(Token::Colon) => return Some(at),
                Some(Token::Ident(name))
                    if OLD.iter().any(|old| name.eq_ignore_ascii_case(old)) =>
                {
                    return Some(at);
                }
                _ => {}
            }
        }
    }
    None
}

fn is_of_selector(token: &Token<'_>) -> bool {
    const FUNCTIONS: [&str; 11] = [
        "is",
        "where",
        "not",
        "has",
        "nth-child",
        "nth-last-child",
        "nth-of-type",
        "nth-last-of-type",
        "lang",
        "dir",
        "matches",
    ];
    match token {
        Token::Function(name) => FUNCTIONS
            .iter()
            .any(|known| name.eq_ignore_ascii_case(known)),
        Token::Delim(c) => matches!(c, '.' | '>' | '+' | '~' | '*' | '=' | '-'),
        Token::Ident(_)
        | Token::IDHash(_)
        | Token::QuotedString(_)
        | Token::Number { .. }
        | Token::Dimension { .. }
        | Token::WhiteSpace(_)
        | Token::Colon
        | Token::Comma
        | Token::IncludeMatch
        | Token::DashMatch
        | Token::PrefixMatch
        | Token::SuffixMatch
        | Token::SubstringMatch
        | Token::SquareBracketBlock
        | Token::CloseSquareBracket
        | Token::CloseParenthesis => true,
        _ => false,
    }
}
