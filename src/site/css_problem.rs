//! Why custom CSS is refused, as a value and as a message for the person who wrote it. Pure.

use crate::texts::Message;

/// The longest text, in bytes.
pub const MAX_BYTES: usize = 20 * 1024;
/// The most selectors and declarations together: what is written for each has a bound.
pub const MAX_ITEMS: usize = 2_000;

/// Why a text is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CssError {
    /// The first line is 1.
    pub line: u32,
    pub problem: CssProblem,
}

/// What is wrong with a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CssProblem {
    TooLong,
    /// More selectors and declarations than the limit.
    TooMany,
    /// Something is not closed.
    Unbalanced,
    TooDeep,
    /// `</style>`, `<!--` and the like.
    Html,
    /// No rule: `selector { property: value }`.
    NotARule,
    AtRule(String),
    Selector(String),
    Property(String),
    Function(String),
    /// An address outside `/media/`.
    Address(String),
    /// A negative margin, or one that a function computes.
    Margin,
    /// A value that cannot be read.
    Value(String),
}

impl CssError {
    /// What the person who wrote the text reads.
    pub fn message(&self) -> Message {
        let with = |message: Message, name: &str| {
            let short: String = name.chars().take(60).collect();
            message
                .with("line", u64::from(self.line))
                .with("name", short)
        };
        let plain = |message: Message| message.with("line", u64::from(self.line));
        match &self.problem {
            CssProblem::TooLong => {
                Message::new("custom-css-too-long").with("max", MAX_BYTES / 1024)
            }
            CssProblem::TooMany => Message::new("custom-css-too-many").with("max", MAX_ITEMS),
            CssProblem::Unbalanced => plain(Message::new("custom-css-unbalanced")),
            CssProblem::TooDeep => plain(Message::new("custom-css-too-deep")),
            CssProblem::Html => plain(Message::new("custom-css-html")),
            CssProblem::NotARule => plain(Message::new("custom-css-not-a-rule")),
            CssProblem::Margin => plain(Message::new("custom-css-margin")),
            CssProblem::AtRule(name) => with(Message::new("custom-css-at-rule"), name),
            CssProblem::Selector(name) => with(Message::new("custom-css-selector"), name),
            CssProblem::Property(name) => with(Message::new("custom-css-property"), name),
            CssProblem::Function(name) => with(Message::new("custom-css-function"), name),
            CssProblem::Address(name) => with(Message::new("custom-css-address"), name),
            CssProblem::Value(name) => with(Message::new("custom-css-value"), name),
        }
    }
}
