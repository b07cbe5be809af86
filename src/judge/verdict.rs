//! The rules, each of which may give a reason; the gravest reason decides.

use serde::{Deserialize, Serialize};

use crate::config::Moderation;
use crate::store::entity::response::ResponseKind;

/// More links than this in one response make it wait, as WordPress has it.
const MANY_LINKS: usize = 2;
/// More outbound links than this on a linkback's source make it wait: dozens, and more than the
/// longest of ordinary blogrolls.
const MANY_OUTBOUND_LINKS: usize = 72;

/// What came in, as rules see it.
#[derive(Clone, Debug)]
pub struct Submission<'a> {
    /// How it came in.
    pub kind: ResponseKind,
    /// The writer's name, or the source's title.
    pub author_name: &'a str,
    /// The text, without marks.
    pub text: &'a str,
    /// How many links the text holds.
    pub links: usize,
    /// For a linkback, what its source looks like.
    pub source: Option<SourceSigns>,
}

/// Signs of spam on a linkback's source.
#[derive(Clone, Debug, Default)]
pub struct SourceSigns {
    /// Links from the source to other sites.
    pub outbound_links: usize,
    /// The link stands without words around it in a list of links.
    pub bare_link: bool,
    /// The title that the sender gave is the name of its blog.
    pub title_is_blog_name: bool,
    /// The excerpt that the sender gave is nowhere on the page.
    pub excerpt_elsewhere: bool,
    /// The language of the page, where it is surely another one than the post's.
    pub other_language: Option<&'static str>,
    /// The source had taken its response back before.
    pub came_back: bool,
}

/// What is known around a submission.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    /// The site's setting.
    pub moderation: Moderation,
    /// Written by signed-in staff.
    pub by_staff: bool,
    /// The writer has an approved response here.
    pub known_writer: bool,
    /// A moderator trusts the writer or the host of the source.
    pub trusted: bool,
}

/// What becomes of a submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Shown at once.
    Approve,
    /// Waits for a moderator.
    Hold,
}

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
}

/// Where a rule found what it found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The writer's name.
    Author,
    /// The text.
    Text,
    /// The page that links here.
    Source,
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
}

/// What becomes of a submission, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What becomes of it.
    pub outcome: Outcome,
    /// Why; empty where nothing spoke against it.
    pub reasons: Vec<Reason>,
}

/// Judges `submission`. Every rule that applies gives its reason, so that a moderator sees all of
/// them at once.
pub fn judge(submission: &Submission<'_>, context: &Context) -> Verdict {
    let signs = submission.source.as_ref();
    let came_back = signs.is_some_and(|signs| signs.came_back);
    if context.by_staff || (context.trusted && !came_back) {
        return Verdict {
            outcome: Outcome::Approve,
            reasons: Vec::new(),
        };
    }
    let mut reasons = Vec::new();
    let mut because = |rule, place, count| {
        reasons.push(Reason {
            rule,
            place,
            count,
            found: None,
        });
    };
    match context.moderation {
        Moderation::All => because(Rule::HoldAll, None, None),
        Moderation::First if !context.known_writer => because(Rule::FirstResponse, None, None),
        Moderation::First | Moderation::None => {}
    }
    if submission.links > MANY_LINKS {
        because(Rule::ManyLinks, Some(Place::Text), Some(submission.links));
    }
    if let Some(signs) = signs {
        let count = signs.outbound_links;
        if count > MANY_OUTBOUND_LINKS {
            because(Rule::ManyOutboundLinks, Some(Place::Source), Some(count));
        }
        for (rule, place, applies) in [
            (Rule::BareLink, Place::Source, signs.bare_link),
            (
                Rule::TitleIsBlogName,
                Place::Author,
                signs.title_is_blog_name,
            ),
            (Rule::ExcerptElsewhere, Place::Text, signs.excerpt_elsewhere),
            (Rule::CameBack, Place::Source, signs.came_back),
        ] {
            if applies {
                because(rule, Some(place), None);
            }
        }
        if let Some(language) = signs.other_language {
            reasons.push(Reason {
                rule: Rule::OtherLanguage,
                place: Some(Place::Source),
                count: None,
                found: Some(language.to_owned()),
            });
        }
    }
    Verdict {
        outcome: if reasons.is_empty() {
            Outcome::Approve
        } else {
            Outcome::Hold
        },
        reasons,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comment(links: usize) -> Submission<'static> {
        Submission {
            kind: ResponseKind::Comment,
            author_name: "Ben",
            text: "Hello",
            links,
            source: None,
        }
    }

    fn context(moderation: Moderation, known_writer: bool) -> Context {
        Context {
            moderation,
            by_staff: false,
            known_writer,
            trusted: false,
        }
    }

    fn rules(verdict: &Verdict) -> Vec<Rule> {
        verdict.reasons.iter().map(|reason| reason.rule).collect()
    }

    #[test]
    fn a_first_comment_waits_and_the_next_one_does_not() {
        let first = judge(&comment(0), &context(Moderation::First, false));
        assert_eq!(first.outcome, Outcome::Hold);
        assert_eq!(rules(&first), [Rule::FirstResponse]);
        let next = judge(&comment(0), &context(Moderation::First, true));
        assert_eq!(next.outcome, Outcome::Approve);
    }

    #[test]
    fn every_rule_that_applies_gives_its_reason() {
        let verdict = judge(&comment(5), &context(Moderation::All, true));
        assert_eq!(rules(&verdict), [Rule::HoldAll, Rule::ManyLinks]);
        assert_eq!(verdict.reasons[1].count, Some(5));
    }

    #[test]
    fn staff_never_wait() {
        let mut by_staff = context(Moderation::All, false);
        by_staff.by_staff = true;
        assert_eq!(judge(&comment(9), &by_staff).outcome, Outcome::Approve);
    }

    #[test]
    fn a_source_that_links_everywhere_makes_a_linkback_wait() {
        let mut pingback = comment(0);
        pingback.source = Some(SourceSigns {
            outbound_links: 400,
            ..SourceSigns::default()
        });
        let verdict = judge(&pingback, &context(Moderation::None, false));
        assert_eq!(rules(&verdict), [Rule::ManyOutboundLinks]);
    }

    #[test]
    fn every_sign_of_spam_on_a_source_has_its_reason() {
        let mut trackback = comment(0);
        trackback.source = Some(SourceSigns {
            outbound_links: 73,
            bare_link: true,
            title_is_blog_name: true,
            excerpt_elsewhere: true,
            other_language: Some("Cmn"),
            came_back: true,
        });
        let verdict = judge(&trackback, &context(Moderation::None, true));
        assert_eq!(verdict.outcome, Outcome::Hold);
        assert_eq!(
            rules(&verdict),
            [
                Rule::ManyOutboundLinks,
                Rule::BareLink,
                Rule::TitleIsBlogName,
                Rule::ExcerptElsewhere,
                Rule::CameBack,
                Rule::OtherLanguage,
            ]
        );
    }

    #[test]
    fn whom_a_moderator_trusts_does_not_wait_but_for_what_was_taken_back() {
        let mut trusted = context(Moderation::All, false);
        trusted.trusted = true;
        let mut pingback = comment(9);
        pingback.source = Some(SourceSigns {
            bare_link: true,
            ..SourceSigns::default()
        });
        assert_eq!(judge(&pingback, &trusted).outcome, Outcome::Approve);
        pingback.source = Some(SourceSigns {
            came_back: true,
            ..SourceSigns::default()
        });
        assert_eq!(judge(&pingback, &trusted).outcome, Outcome::Hold);
    }
}
