//! Tests of `tokenizer`.

use std::cell::RefCell;
use std::fmt::Write;

use html5ever::tokenizer::TagKind;

use super::*;

#[test]
fn attributes_are_counted_as_the_tokenizer_counts_them() {
    for (tag, count) in [
        ("<a>", 0),
        ("<a b c=d e = f>", 3),
        ("<a b='x y' c=\"x y\"d>", 3),
        ("<a b==\"x y z>", 3),
        ("<a =\"x y>", 2),
        ("<a/b/c=d/e f>", 3),
        ("<a b = >c d", 1),
        ("</a b c>", 2),
        ("<!-- b c", 0),
        ("a b c", 0),
    ] {
        let mut attributes = AttributeCounter::default();
        attributes.count(tag.as_bytes());
        assert_eq!(attributes.found, count, "{tag}");
    }
}

proptest::proptest! {
    #[test]
    fn pieces_make_no_difference(
        html in "(<|</|>|a|script|p|!--|--|=|\"|'|&|amp;| |é){0,60}",
        max_piece in 1usize..20,
    ) {
        let written = |max_piece: usize| {
            tokenize_within(&html, Recorder::default(), usize::MAX, max_piece)
                .map(|sink| sink.0.into_inner())
        };
        proptest::prop_assert_eq!(written(max_piece), written(usize::MAX));
    }

    #[test]
    fn no_disguise_hides_a_tag_with_many_attributes(
        before in "(<|</|>|a|script|title|style|template|textarea|x|!|!--|--|-->|=|\"|'|&|/|\\?| ){0,30}",
        attributes in "(<|</|!|=|\"|'|/|>| b| c){0,3}",
        max_piece in 1usize..20,
    ) {
        let many: String = (0..40).map(|number| format!("x{number} ")).collect();
        let html = format!("{before}{attributes}{many}{attributes}>");
        let count = tokenize_within(&html, Largest::default(), usize::MAX, usize::MAX);
        let count = count.unwrap().0.get();
        if count > 4 + max_piece {
            proptest::prop_assert!(
                tokenize_within(&html, Largest::default(), 4, max_piece).is_none(),
                "{} has {}", html, count
            );
        }
    }
}

/// Writes texts and tags down.
#[derive(Default)]
struct Recorder(RefCell<String>);

impl TokenSink for Recorder {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        let mut written = self.0.borrow_mut();
        match token {
            Token::CharacterTokens(text) => written.push_str(&text),
            Token::TagToken(tag) => {
                let _ = write!(written, "\n{tag:?}\n");
                if tag.kind == TagKind::StartTag {
                    return content_of(&tag.name);
                }
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

/// The highest number of attributes of any tag.
#[derive(Default)]
struct Largest(Cell<usize>);

impl TokenSink for Largest {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        let Token::TagToken(tag) = token else {
            return TokenSinkResult::Continue;
        };
        self.0.set(self.0.get().max(tag.attrs.len()));
        if tag.kind == TagKind::StartTag {
            content_of(&tag.name)
        } else {
            TokenSinkResult::Continue
        }
    }
}
