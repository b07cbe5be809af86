//! The CSS that administrators write, in a scope that excludes the forms. It is parsed and rewritten: anything
//! that is not known to be harmless is refused, and its line is named. Pure.
//!
//! Together, three things prevent it from hiding or covering a form that readers send, or its text about consent:
//! no rule applies to such a form or to what is in it; of what is *around* a form, rules change colours and
//! backgrounds only; and no property that lifts something above its place is allowed, while the form itself
//! is lifted and has an opaque background, so that it is painted above everything else. It can still
//! push a form down the page, as any long text does.

use cssparser::Token;

use crate::site::css_problem::{CssError, CssProblem, MAX_BYTES, MAX_ITEMS};
use crate::site::css_properties::{is_allowed, is_for_containers, is_function_allowed};
use crate::site::css_selector::Selector;
use crate::site::css_tokens::{self, CssToken, TokenError, end_of_block, split, trim};

/// The deepest nesting of `@media` and `@supports`.
const MAX_CONDITIONS: usize = 3;

/// The forms that readers send, except those in a frame of another one.
const FORMS: &str = "#respond, form[method=\"post\"]:not(#respond *)";
/// Follows a selector whose rule may do all that is allowed.
const OUTSIDE: &str = ":not(#respond, #respond *, form[method=\"post\"], form[method=\"post\"] *, \
    :has(#respond, form[method=\"post\"]))";
/// Follows a selector whose rule changes colours and backgrounds only.
const AROUND: &str = ":not(#respond, #respond *, form[method=\"post\"], form[method=\"post\"] *)";

type Result<T, E = CssError> = std::result::Result<T, E>;

/// The stylesheet to be served; addresses of files are put after `base`, which is empty on the site itself.
pub fn compile(text: &str, base: &str) -> Result<String> {
    let fail = |line, problem| Err(CssError { line, problem });
    if text.len() > MAX_BYTES {
        return fail(1, CssProblem::TooLong);
    }
    if let Some(at) = text.find("</") {
        let line = text[..at].matches('\n').count() + 1;
        return fail(u32::try_from(line).unwrap_or(u32::MAX), CssProblem::Html);
    }
    let prepared = css_tokens::prepare(text);
    let tokens = css_tokens::read(&prepared).map_err(|error| match error {
        TokenError::Unbalanced { line } => CssError {
            line,
            problem: CssProblem::Unbalanced,
        },
        TokenError::TooDeep { line } => CssError {
            line,
            problem: CssProblem::TooDeep,
        },
    })?;
    let mut writer = Writer {
        base,
        out: String::new(),
        items: 0,
    };
    writer.rules(&tokens, 0)?;
    if writer.out.is_empty() {
        return Ok(String::new());
    }
    if writer.out.contains("</") {
        // Written as an escape.
        return fail(1, CssProblem::Html);
    }
    writer.out.push_str(FORMS);
    writer.out.push_str(
        " { position: relative; z-index: 9; isolation: isolate; clear: both; \
         background: var(--paper); color: var(--ink); }\n",
    );
    Ok(writer.out)
}

struct Writer<'b> {
    base: &'b str,
    out: String,
    /// Selectors and declarations so far.
    items: usize,
}

impl Writer<'_> {
    fn rules(&mut self, mut tokens: &[CssToken<'_>], depth: usize) -> Result<()> {
        loop {
            tokens = trim(tokens);
            let Some(first) = tokens.first() else {
                return Ok(());
            };
            let line = first.line;
            let open = tokens
                .iter()
                .position(|token| token.token == Token::CurlyBracketBlock);
            if let Token::AtKeyword(name) = &first.token {
                let is_condition =
                    name.eq_ignore_ascii_case("media") || name.eq_ignore_ascii_case("supports");
                if !is_condition {
                    let problem = CssProblem::AtRule(name.to_string());
                    return Err(CssError { line, problem });
                }
            }
            let Some(open) = open else {
                let problem = CssProblem::NotARule;
                return Err(CssError { line, problem });
            };
            let close = end_of_block(tokens, open);
            let (head, inside) = (trim(&tokens[..open]), &tokens[open + 1..close]);
            match first.token {
                Token::AtKeyword(_) if depth >= MAX_CONDITIONS => {
                    let problem = CssProblem::TooDeep;
                    return Err(CssError { line, problem });
                }
                Token::AtKeyword(_) => self.condition(head, inside, depth)?,
                _ => self.rule(head, inside)?,
            }
            tokens = &tokens[close + 1..];
        }
    }

    /// `@media (…) { … }`
    fn condition(
        &mut self,
        head: &[CssToken<'_>],
        inside: &[CssToken<'_>],
        depth: usize,
    ) -> Result<()> {
        for token in &head[1..] {
            let is_known = match &token.token {
                Token::Ident(_)
                | Token::Number { .. }
                | Token::Dimension { .. }
                | Token::Percentage { .. }
                | Token::WhiteSpace(_)
                | Token::Colon
                | Token::Comma
                | Token::ParenthesisBlock
                | Token::CloseParenthesis
                | Token::Hash(_)
                | Token::IDHash(_) => true,
                Token::Delim(c) => matches!(c, '<' | '>' | '=' | '/' | '*' | '+' | '-'),
                Token::Function(name) => is_function_allowed(name),
                _ => false,
            };
            if !is_known {
                let problem = CssProblem::NotARule;
                let line = token.line;
                return Err(CssError { line, problem });
            }
        }
        let start = self.out.len();
        css_tokens::write(head, &mut self.out);
        self.out.push_str(" {\n");
        let inner = self.out.len();
        self.rules(inside, depth + 1)?;
        match self.out.len() == inner {
            true => self.out.truncate(start),
            false => self.out.push_str("}\n"),
        }
        Ok(())
    }

    fn rule(&mut self, head: &[CssToken<'_>], inside: &[CssToken<'_>]) -> Result<()> {
        let (mut outside, mut around) = (Vec::new(), Vec::new());
        let selectors = split(head, |token| *token == Token::Comma);
        for selector in selectors {
            self.count(selector.first().or(head.first()))?;
            let selector = Selector::read(trim(selector), head)?;
            outside.push(selector.guarded(OUTSIDE));
            around.push(selector.guarded(AROUND));
        }
        let (mut all, mut colours) = (String::new(), String::new());
        for declaration in split(inside, |token| *token == Token::Semicolon) {
            let declaration = trim(declaration);
            if declaration.is_empty() {
                continue;
            }
            self.count(declaration.first())?;
            let (name, text) = self.declaration(declaration)?;
            if is_for_containers(&name) {
                colours.push_str(&text);
            }
            all.push_str(&text);
        }
        for (selectors, declarations) in [(around, colours), (outside, all)] {
            if !declarations.is_empty() {
                self.out.push_str(&selectors.join(", "));
                self.out.push_str(" { ");
                self.out.push_str(&declarations);
                self.out.push_str("}\n");
            }
        }
        Ok(())
    }

    fn count(&mut self, at: Option<&CssToken<'_>>) -> Result<()> {
        self.items += 1;
        match self.items > MAX_ITEMS {
            true => Err(CssError {
                line: at.map_or(1, |token| token.line),
                problem: CssProblem::TooMany,
            }),
            false => Ok(()),
        }
    }

    /// The name of the property, and `name: value; `.
    fn declaration(&self, tokens: &[CssToken<'_>]) -> Result<(String, String)> {
        let line = tokens[0].line;
        let fail = |line, problem| Err(CssError { line, problem });
        let Token::Ident(name) = &tokens[0].token else {
            return fail(line, CssProblem::NotARule);
        };
        let after = trim(&tokens[1..]);
        let Some((Token::Colon, value)) = after
            .split_first()
            .map(|(first, rest)| (&first.token, trim(rest)))
        else {
            return fail(line, CssProblem::NotARule);
        };
        let name = match name.starts_with("--") {
            true => name.to_string(),
            false => name.to_ascii_lowercase(),
        };
        if !is_allowed(&name) {
            return fail(line, CssProblem::Property(name));
        }
        if value.is_empty() {
            return fail(line, CssProblem::Value(name));
        }
        let value = self.value(&name, value)?;
        let mut text = String::new();
        let _ = cssparser::serialize_identifier(&name, &mut text);
        text.push_str(": ");
        css_tokens::write(&value, &mut text);
        text.push_str("; ");
        Ok((name, text))
    }

    /// The checked value, with addresses after the base.
    fn value<'i>(&self, property: &str, tokens: &[CssToken<'i>]) -> Result<Vec<CssToken<'i>>> {
        let is_margin = property.starts_with("margin") || property.starts_with("--");
        let mut value = Vec::with_capacity(tokens.len());
        let mut nth = 0;
        while let Some(at) = tokens.get(nth) {
            let line = at.line;
            let fail = |problem| Err(CssError { line, problem });
            let mut written = at.clone();
            match &at.token {
                Token::Number { value, .. } | Token::Dimension { value, .. }
                    if is_margin && *value < 0.0 =>
                {
                    return fail(CssProblem::Margin);
                }
                Token::Percentage { unit_value, .. } if is_margin && *unit_value < 0.0 => {
                    return fail(CssProblem::Margin);
                }
                Token::Function(name) if !is_function_allowed(name) => {
                    return fail(CssProblem::Function(name.to_string()));
                }
                Token::Function(_) if property.starts_with("margin") => {
                    return fail(CssProblem::Margin);
                }
                Token::Function(name) if name.eq_ignore_ascii_case("url") => {
                    let close = end_of_block(tokens, nth);
                    let [inside] = trim(&tokens[nth + 1..close]) else {
                        return fail(CssProblem::Address(String::new()));
                    };
                    let Token::QuotedString(address) = &inside.token else {
                        return fail(CssProblem::Address(String::new()));
                    };
                    written.token = self.address(address, line)?;
                    nth = close;
                }
                Token::UnquotedUrl(address) => written.token = self.address(address, line)?,
                Token::Delim('!') => {
                    let rest = trim(&tokens[nth + 1..]);
                    let is_important = matches!(rest, [only]
                        if matches!(&only.token, Token::Ident(word) if word.eq_ignore_ascii_case("important")));
                    if !is_important {
                        return fail(CssProblem::Value(property.to_owned()));
                    }
                }
                Token::Delim(c) if !matches!(c, '/' | '*' | '+' | '-') => {
                    return fail(CssProblem::Value(property.to_owned()));
                }
                Token::CDO | Token::CDC => return fail(CssProblem::Html),
                Token::CurlyBracketBlock
                | Token::CloseCurlyBracket
                | Token::AtKeyword(_)
                | Token::Colon
                | Token::BadUrl(_)
                | Token::BadString(_) => {
                    return fail(CssProblem::Value(property.to_owned()));
                }
                _ => {}
            }
            value.push(written);
            nth += 1;
        }
        Ok(value)
    }

    /// The address of a file of the library.
    fn address<'i>(&self, address: &str, line: u32) -> Result<Token<'i>> {
        let is_own = address.starts_with("/media/")
            && !address.contains("..")
            && !address.contains(|c: char| c == '\\' || c == '%' || c.is_control());
        match is_own {
            true => Ok(Token::UnquotedUrl(format!("{}{address}", self.base).into())),
            false => Err(CssError {
                line,
                problem: CssProblem::Address(address.to_owned()),
            }),
        }
    }
}

#[cfg(test)]
mod tests;
