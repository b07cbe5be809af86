//! Why a response was judged as it was: the check, the field, what it found there, the score. Stored as
//! JSON with the response; never a text for people, which pages make from it.

use serde::{Deserialize, Serialize};

use crate::store::entity::ids::RuleId;

/// Characters that are quoted before and after what was found.
const CONTEXT_CHARS: usize = 40;
const MAX_QUOTE_CHARS: usize = 120;

/// The check that gave a reason. Stored by its name in snake case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// The site holds every response.
    HoldAll,
    /// Nothing by this sender was approved before.
    FirstResponse,
    ManyLinks,
    /// A linkback's source links to many sites.
    ManyOutboundLinks,
    /// A linkback's link stands in a list of links, without text around it.
    BareLink,
    /// A trackback's title is the name of its blog.
    TitleIsBlogName,
    /// A trackback's excerpt is not on its page.
    ExcerptNotOnPage,
    /// A linkback's source is in another language than the post.
    OtherLanguage,
    /// A linkback whose source removed its link before.
    RemovedBefore,
    /// A rule that moderators wrote.
    Rule,
    /// A sender policy blocks the sender.
    Blocked,
    /// A sender policy holds everything by the sender.
    AlwaysHeld,
    /// Sent under the name or address of a member of staff, or of someone who is always approved, without
    /// proof.
    UnprovenIdentity,
    /// The filter, from what it learned.
    Filter,
    /// Many responses arrived in a short time.
    Burst,
    /// The external spam checker has not approved it.
    SpamChecker,
}

/// The field in which a rule found something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchedField {
    /// The sender's name.
    Author,
    /// The sender's email address.
    Email,
    /// The sender's website.
    Url,
    /// The network address that it came from.
    Network,
    Text,
    /// The page that links here.
    Source,
    Post,
}

/// A span of a field with the text around it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// Where the span begins in the field, in characters.
    pub start: usize,
    /// The length of the whole span in characters, also where `text` is shortened.
    pub length: usize,
    pub before: String,
    pub text: String,
    pub after: String,
}

impl Quote {
    /// The span of `text` between two byte offsets, which must be character boundaries.
    pub fn of(text: &str, start: usize, end: usize) -> Self {
        let before: Vec<char> = text[..start].chars().rev().take(CONTEXT_CHARS).collect();
        Self {
            start: text[..start].chars().count(),
            length: text[start..end].chars().count(),
            before: before.into_iter().rev().collect(),
            text: text[start..end].chars().take(MAX_QUOTE_CHARS).collect(),
            after: text[end..].chars().take(CONTEXT_CHARS).collect(),
        }
    }
}

/// Why a response was judged as it was; kept with it and shown to moderators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    pub check: Check,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<MatchedField>,
    /// How many were found, such as links or days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<usize>,
    /// The value that was found, where it is not a span of text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
    /// The span of text that was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<Quote>,
    /// How likely the response is spam, in thousandths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<i64>,
    /// The rule that moderators wrote, with the name that it had then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<(RuleId, String)>,
    /// The strongest signals of the filter with their weights in thousandths, positive for spam.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signals: Vec<(String, i64)>,
}

impl Reason {
    pub fn new(check: Check) -> Self {
        Self {
            check,
            field: None,
            count: None,
            found: None,
            quote: None,
            score: None,
            rule: None,
            signals: Vec::new(),
        }
    }

    /// Sets the field in which it was found.
    pub fn in_field(mut self, field: MatchedField) -> Self {
        self.field = Some(field);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_counts_in_characters() {
        let text = "Ein größeres Übel: cialis hier";
        let start = text.find("cialis").unwrap();
        let quote = Quote::of(text, start, start + 6);
        assert_eq!((quote.start, quote.length), (19, 6));
        assert_eq!(quote.text, "cialis");
        assert_eq!(quote.before, "Ein größeres Übel: ");
        assert_eq!(quote.after, " hier");
    }
}
