//! html5ever's tokenizer with a limit on the attributes of one tag, so that its cost grows with the page
//! alone: it compares each attribute with all before it. Knows no element but those whose content is not
//! markup.

use std::cell::Cell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

/// More attributes than this on one tag are an attack.
const MAX_ATTRIBUTES: usize = 1000;
/// Text is tokenized in pieces of at most this many bytes.
const MAX_PIECE: usize = 2048;

/// Runs the tokenizer with a sink over a text; None where one tag has too many attributes.
pub fn tokenize<S: TokenSink<Handle = ()>>(text: &str, sink: S) -> Option<S> {
    tokenize_within(text, sink, MAX_ATTRIBUTES, MAX_PIECE)
}

fn tokenize_within<S: TokenSink<Handle = ()>>(
    text: &str,
    sink: S,
    max_attributes: usize,
    max_piece: usize,
) -> Option<S> {
    let observed = ObservedSink {
        sink,
        has_output: Cell::new(false),
    };
    let tokenizer = Tokenizer::new(observed, TokenizerOpts::default());
    let input = BufferQueue::default();
    let mut open = OpenTag::default();
    let mut rest = text;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(open.piece_end(rest, max_piece));
        input.push_back(StrTendril::from(piece));
        // A sink that runs no scripts lets the tokenizer run to the end.
        let _ = tokenizer.feed(&input);
        open.follow(piece.as_bytes(), tokenizer.sink.has_output.take());
        if open.is_open && open.attributes.found > max_attributes {
            return None;
        }
        rest = after;
    }
    tokenizer.end();
    Some(tokenizer.sink.sink)
}

/// Follows the tokenizer into tags, by what goes in and by whether anything comes out.
///
/// Every `<` begins a piece, and what ends the word after it is a piece of its own: text comes out of
/// the tokenizer at that piece, and nothing comes out from inside of a tag or a comment.
#[derive(Default)]
struct OpenTag {
    /// A `<` and the word after it are being read.
    in_word: bool,
    /// A tag or a comment is open.
    is_open: bool,
    attributes: AttributeCounter,
}

impl OpenTag {
    /// Where the next piece ends: before the next `<`, around the end of a word, and at the limit.
    fn piece_end(&self, rest: &str, max_piece: usize) -> usize {
        let near = &rest.as_bytes()[..rest.len().min(max_piece)];
        let first = near.first().copied().unwrap_or_default();
        if self.ends_word(first) {
            return 1;
        }
        let in_word = self.in_word || (first == b'<' && !self.is_open);
        let slash_of_end_tag = usize::from(first == b'<' && !self.is_in_name());
        let found = near.iter().enumerate().skip(1).find(|(at, byte)| {
            **byte == b'<'
                || (in_word && is_word_end(**byte) && (**byte != b'/' || *at != slash_of_end_tag))
        });
        if let Some((end, _)) = found {
            return end;
        }
        match rest.floor_char_boundary(near.len()) {
            0 => rest.ceil_char_boundary(1),
            end => end,
        }
    }

    /// In a tag's name, which may hold a `<` of its own.
    fn is_in_name(&self) -> bool {
        self.in_word && matches!(self.attributes.position, TagPosition::TagName)
    }

    fn ends_word(&self, byte: u8) -> bool {
        let is_end_tag = byte == b'/' && matches!(self.attributes.position, TagPosition::Opened);
        self.in_word && is_word_end(byte) && !is_end_tag
    }

    fn follow(&mut self, piece: &[u8], has_output: bool) {
        let first = piece.first().copied().unwrap_or_default();
        if self.ends_word(first) {
            let is_nothing = !self.is_open
                && first == b'>'
                && matches!(self.attributes.position, TagPosition::EndOpened);
            self.in_word = false;
            self.is_open = !has_output && !is_nothing;
        } else if self.is_open {
            self.is_open = !has_output;
        } else if first == b'<' {
            if !self.is_in_name() {
                self.attributes = AttributeCounter::default();
            }
            self.in_word = true;
        }
        self.attributes.count(piece);
    }
}

fn is_word_end(byte: u8) -> bool {
    matches!(byte, b'>' | b'/') || is_space(byte)
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ')
}

/// Notes whether the tokenizer has put anything out.
struct ObservedSink<S> {
    sink: S,
    has_output: Cell<bool>,
}

impl<S: TokenSink<Handle = ()>> TokenSink for ObservedSink<S> {
    type Handle = ();

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<()> {
        if matches!(token, Token::ParseError(_)) {
            return TokenSinkResult::Continue;
        }
        self.has_output.set(true);
        self.sink.process_token(token, line)
    }
}

/// Counts the attributes of the tag that a piece of text begins, by the tokenizer's own states (HTML,
/// sections 13.2.5.6 to 13.2.5.40).
#[derive(Default)]
struct AttributeCounter {
    position: TagPosition,
    found: usize,
}

/// Where in a tag the tokenizer is.
#[derive(Clone, Copy, Default)]
enum TagPosition {
    #[default]
    Before,
    Opened,
    EndOpened,
    TagName,
    BeforeName,
    Name,
    AfterName,
    BeforeValue,
    Quoted(u8),
    Unquoted,
    /// After the tag, or in text that is not a tag.
    Outside,
}

impl AttributeCounter {
    fn count(&mut self, text: &[u8]) {
        for byte in text {
            self.step(*byte);
        }
    }

    fn step(&mut self, byte: u8) {
        let space = is_space(byte);
        self.position = match (self.position, byte) {
            (TagPosition::Outside, _) => TagPosition::Outside,
            (TagPosition::Before, b'<') => TagPosition::Opened,
            (TagPosition::Opened, b'/') => TagPosition::EndOpened,
            (TagPosition::Opened | TagPosition::EndOpened, _) if byte.is_ascii_alphabetic() => {
                TagPosition::TagName
            }
            (TagPosition::Before | TagPosition::Opened | TagPosition::EndOpened, _) => {
                TagPosition::Outside
            }
            (TagPosition::Quoted(quote), _) if byte == quote => TagPosition::BeforeName,
            (TagPosition::Quoted(quote), _) => TagPosition::Quoted(quote),
            (TagPosition::BeforeValue, b'"' | b'\'') => TagPosition::Quoted(byte),
            (TagPosition::BeforeValue, _) if space => TagPosition::BeforeValue,
            (_, b'>') => TagPosition::Outside,
            (TagPosition::BeforeValue, _) => TagPosition::Unquoted,
            (TagPosition::Unquoted, _) if !space => TagPosition::Unquoted,
            (TagPosition::Name | TagPosition::AfterName, b'=') => TagPosition::BeforeValue,
            (TagPosition::Name | TagPosition::AfterName, _) if space => TagPosition::AfterName,
            (_, b'/') => TagPosition::BeforeName,
            (_, _) if space => TagPosition::BeforeName,
            (TagPosition::TagName, _) => TagPosition::TagName,
            (TagPosition::Name, _) => TagPosition::Name,
            (TagPosition::BeforeName | TagPosition::AfterName | TagPosition::Unquoted, _) => {
                self.found += 1;
                TagPosition::Name
            }
        };
    }
}

/// How the tokenizer must read the content of an element (HTML, section 13.2.6).
pub fn content_of(name: &str) -> TokenSinkResult<()> {
    match name {
        "script" => TokenSinkResult::RawData(RawKind::ScriptData),
        "style" | "xmp" | "iframe" | "noembed" | "noframes" => {
            TokenSinkResult::RawData(RawKind::Rawtext)
        }
        "title" | "textarea" => TokenSinkResult::RawData(RawKind::Rcdata),
        "plaintext" => TokenSinkResult::Plaintext,
        _ => TokenSinkResult::Continue,
    }
}

#[cfg(test)]
mod tests;
