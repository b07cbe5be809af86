//! Why a response was judged as it was: which rule, where, what it found there, how heavy it is.

use serde::{Deserialize, Serialize};

use crate::store::entity::ids::RuleId;

/// How much of the text stands beside what was found, in characters.
const AROUND: usize = 40;
/// The most of what was found that is quoted, in characters.
const MOST: usize = 120;

/// Which rule spoke.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// The site holds everything.
    HoldAll,
    /// Nothing of this writer was approved yet.
    FirstResponse,
    /// Many links in the text.
    ManyLinks,
    /// A linkback's source links to very many sites.
    ManyOutboundLinks,
    /// A linkback's link stands without words around it in a list of links.
    BareLink,
    /// A trackback's title is the name of its blog.
    TitleIsBlogName,
    /// A trackback's excerpt is nowhere on its page.
    ExcerptElsewhere,
    /// A linkback's source is in another language than the post.
    OtherLanguage,
    /// A linkback that its source had taken back.
    CameBack,
    /// A rule that moderators wrote.
    Site,
    /// Somebody who is banned.
    Banned,
    /// Somebody who is always held.
    AlwaysHeld,
    /// It is sent in the name of somebody of the staff, and nothing proves that.
    Unproven,
    /// What the filter has learned.
    Filter,
    /// A sudden burst of responses.
    Burst,
    /// The outside judge has not let it in.
    Outside,
}

/// Where a rule found what it found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The writer's name.
    Author,
    /// The writer's e-mail address.
    Email,
    /// The writer's own site.
    Url,
    /// The network address that it came from.
    Network,
    /// The text.
    Text,
    /// The page that links here.
    Source,
    /// The post.
    Post,
}

/// A span of a field, with the words around it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// Where it begins in the field, in characters.
    pub start: usize,
    /// How long it is, in characters.
    pub length: usize,
    /// What stands before it.
    pub before: String,
    /// The span.
    pub words: String,
    /// What stands behind it.
    pub after: String,
}

impl Quote {
    /// The span of `text` between two byte offsets at character boundaries.
    pub fn of(text: &str, start: usize, end: usize) -> Self {
        let before: Vec<char> = text[..start].chars().rev().take(AROUND).collect();
        Self {
            start: text[..start].chars().count(),
            length: text[start..end].chars().count(),
            before: before.into_iter().rev().collect(),
            words: text[start..end].chars().take(MOST).collect(),
            after: text[end..].chars().take(AROUND).collect(),
        }
    }
}

/// Why a response was judged as it was; kept with it and shown to moderators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The rule.
    pub rule: Rule,
    /// Where it looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// How much of it there was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<usize>,
    /// What was found there, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
    /// The span that was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<Quote>,
    /// How likely spam it is, in thousandths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<i64>,
    /// The rule of the site's own, with the name that it had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site_rule: Option<(RuleId, String)>,
    /// The strongest signs either way: the sign, and its weight in thousandths, positive for spam.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signs: Vec<(String, i64)>,
}

impl Reason {
    /// A reason that names its rule alone.
    pub fn new(rule: Rule) -> Self {
        Self {
            rule,
            place: None,
            count: None,
            found: None,
            quote: None,
            score: None,
            site_rule: None,
            signs: Vec::new(),
        }
    }

    /// The same, found at `place`.
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
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
        assert_eq!(quote.words, "cialis");
        assert_eq!(quote.before, "Ein größeres Übel: ");
        assert_eq!(quote.after, " hier");
    }
}
