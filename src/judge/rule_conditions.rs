//! The conditions of a rule that moderators write, their limits, and why some cannot be used. Matches
//! nothing.

use std::fmt;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::judge::pattern_cost::MAX_POSITIONS;
use crate::store::entity::response::ResponseKind;
use crate::texts::Message;

/// Entries in one list of a rule.
pub const MAX_ENTRIES: usize = 5_000;
/// The length of an entry, a pattern or a message.
pub const MAX_ENTRY_CHARS: usize = 500;
/// All entries of one list together.
pub const MAX_LIST_BYTES: usize = 200_000;

/// When a rule matches: all conditions that are set must hold; in a list, any entry is enough.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RuleConditions {
    /// Whole words or phrases in the text, the name or the address of the sender's website.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<String>,
    /// A regular expression on the text, the name and the address of the sender's website.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub pattern: String,
    /// At least this many links in the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_links: Option<usize>,
    /// Hosts of links, of the sender's website or of the source, with their subdomains.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
    /// Email addresses, or `@domain` for a whole domain.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<String>,
    /// Whole names of senders.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// Networks of the address that sent it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub networks: Vec<IpNet>,
    /// English names of languages, matched where the text is long enough to recognise one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<String>,
    /// The post is at least this many days old.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post_age: Option<u32>,
    /// Nothing by the sender was approved yet.
    #[serde(skip_serializing_if = "is_false")]
    pub first_time: bool,
    /// Empty for every kind.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<ResponseKind>,
}

fn is_false(value: &bool) -> bool {
    !*value
}

impl RuleConditions {
    /// Whether no condition is set: such a rule would match everything.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Why conditions cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleError {
    /// No condition is set, or a word has nothing in it that can be found.
    Empty,
    /// A list is too long, or an entry in it.
    TooLong,
    /// The pattern has this many positions with all its repetitions, and would be slow on some texts.
    TooComplex(usize),
    /// The pattern needs too much memory.
    TooLarge,
    /// The pattern is not a regular expression, for this reason.
    Pattern(String),
}

impl RuleError {
    /// What the moderator who wrote the rule reads.
    pub fn message(&self) -> Message {
        match self {
            Self::Empty => Message::new("rule-empty"),
            Self::TooLong => Message::new("rule-list-too-long")
                .with("entries", MAX_ENTRIES)
                .with("characters", MAX_ENTRY_CHARS),
            Self::TooComplex(count) => Message::new("rule-pattern-too-complex")
                .with("count", *count)
                .with("max", MAX_POSITIONS),
            Self::TooLarge => Message::new("rule-pattern-too-large"),
            Self::Pattern(error) => {
                Message::new("rule-pattern-invalid").with("error", error.as_str())
            }
        }
    }
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.message().fmt(f)
    }
}

impl std::error::Error for RuleError {}
