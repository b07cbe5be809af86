//! A stylesheet as a flat list of tokens whose blocks are closed. Pure: knows no rules and no properties.

use cssparser::{ParseError, Parser, ToCss, Token, TokenSerializationType};

/// Added after the text: if it is not found at the top level, something before it was left open.
const SENTINEL: &str = "end-of-text";
/// The deepest nesting of blocks.
const MAX_DEPTH: u8 = 16;

/// A token and where it is.
#[derive(Clone, Debug)]
pub struct CssToken<'i> {
    pub token: Token<'i>,
    /// The first line is 1.
    pub line: u32,
}

/// Why a text cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenError {
    /// A bracket, a quotation mark or a comment is not closed, or closed without being opened.
    Unbalanced { line: u32 },
    /// Blocks are nested too deeply.
    TooDeep { line: u32 },
}

/// `text`, to be read by [`read`].
pub fn prepare(text: &str) -> String {
    format!("{text}\n;{SENTINEL}")
}

/// The tokens of a text that [`prepare`] made, without its comments. Every block that is opened is closed.
pub fn read(prepared: &str) -> Result<Vec<CssToken<'_>>, TokenError> {
    let mut parser = Parser::new(prepared);
    parser.set_nested_block_limit(MAX_DEPTH);
    let mut tokens = Vec::new();
    if let Err(error) = collect(&mut parser, &mut tokens) {
        return Err(match error.kind {
            cssparser::ParseErrorKind::Custom(error) => error,
            cssparser::ParseErrorKind::Basic(_) => TokenError::TooDeep {
                line: tokens.last().map_or(1, |last| last.line),
            },
        });
    }
    let is_whole = tokens.len() >= 2
        && matches!(&tokens[tokens.len() - 1].token, Token::Ident(name) if &**name == SENTINEL)
        && tokens[tokens.len() - 2].token == Token::Semicolon;
    if !is_whole {
        let line = innermost_open(&tokens);
        return Err(TokenError::Unbalanced { line });
    }
    tokens.truncate(tokens.len() - 2);
    Ok(tokens)
}

fn collect<'i>(
    parser: &mut Parser<'i>,
    tokens: &mut Vec<CssToken<'i>>,
) -> Result<(), ParseError<TokenError>> {
    loop {
        let token = match parser.next_including_whitespace() {
            Ok(token) => token.clone(),
            Err(_) => return Ok(()),
        };
        let line = parser.current_source_location().line + 1;
        let closing = match &token {
            Token::Function(_) | Token::ParenthesisBlock => Some(Token::CloseParenthesis),
            Token::SquareBracketBlock => Some(Token::CloseSquareBracket),
            Token::CurlyBracketBlock => Some(Token::CloseCurlyBracket),
            Token::BadUrl(_)
            | Token::BadString(_)
            | Token::CloseParenthesis
            | Token::CloseSquareBracket
            | Token::CloseCurlyBracket => {
                return Err(ParseError::custom(TokenError::Unbalanced { line }));
            }
            _ => None,
        };
        tokens.push(CssToken { token, line });
        if let Some(closing) = closing {
            parser.parse_nested_block(|inner| collect(inner, tokens))?;
            let line = parser.current_source_location().line + 1;
            tokens.push(CssToken {
                token: closing,
                line,
            });
        }
    }
}

/// The line of the last block that the end of the text closed.
fn innermost_open(tokens: &[CssToken<'_>]) -> u32 {
    let mut depth = 0_usize;
    for token in tokens.iter().rev() {
        if is_closing(&token.token) {
            depth += 1;
        } else if is_opening(&token.token) {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return token.line;
            }
        }
    }
    tokens.last().map_or(1, |last| last.line)
}

/// Whether a token opens a block or a function.
pub fn is_opening(token: &Token<'_>) -> bool {
    matches!(
        token,
        Token::Function(_)
            | Token::ParenthesisBlock
            | Token::SquareBracketBlock
            | Token::CurlyBracketBlock
    )
}

/// Whether a token closes a block or a function.
pub fn is_closing(token: &Token<'_>) -> bool {
    matches!(
        token,
        Token::CloseParenthesis | Token::CloseSquareBracket | Token::CloseCurlyBracket
    )
}

/// Where the block that opens at `open` closes.
pub fn end_of_block(tokens: &[CssToken<'_>], open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        if is_opening(&token.token) {
            depth += 1;
        } else if is_closing(&token.token) {
            depth -= 1;
            if depth == 0 {
                return at;
            }
        }
    }
    tokens.len().saturating_sub(1)
}

/// The parts of a list between those tokens outside of any block that `separates` finds.
pub fn split<'t, 'i>(
    tokens: &'t [CssToken<'i>],
    separates: impl Fn(&Token<'i>) -> bool,
) -> Vec<&'t [CssToken<'i>]> {
    let mut parts = Vec::new();
    let (mut start, mut depth) = (0, 0_usize);
    for (at, token) in tokens.iter().enumerate() {
        if is_opening(&token.token) {
            depth += 1;
        } else if is_closing(&token.token) {
            depth = depth.saturating_sub(1);
        } else if depth == 0 && separates(&token.token) {
            parts.push(&tokens[start..at]);
            start = at + 1;
        }
    }
    parts.push(&tokens[start..]);
    parts
}

/// A list without the space around it.
pub fn trim<'t, 'i>(mut tokens: &'t [CssToken<'i>]) -> &'t [CssToken<'i>] {
    while let Some((first, rest)) = tokens.split_first()
        && matches!(first.token, Token::WhiteSpace(_))
    {
        tokens = rest;
    }
    while let Some((last, rest)) = tokens.split_last()
        && matches!(last.token, Token::WhiteSpace(_))
    {
        tokens = rest;
    }
    tokens
}

/// Writes tokens so that they are read as the same ones again.
pub fn write(tokens: &[CssToken<'_>], out: &mut String) {
    let mut before = TokenSerializationType::default();
    for CssToken { token, .. } in tokens {
        if let Token::WhiteSpace(_) = token {
            out.push(' ');
        } else {
            let kind = token.serialization_type();
            if before.needs_separator_when_before(kind) {
                out.push_str("/**/");
            }
            // Writing to a string does not fail.
            let _ = token.to_css(out);
        }
        before = token.serialization_type();
    }
}
