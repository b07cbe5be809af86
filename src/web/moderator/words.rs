//! The words for what moderators see and do.

use crate::judge::{Place, Reason, Rule};
use crate::moderation::people::Record;
use crate::store::entity::report::ReportReason;
use crate::store::entity::response::{MentionKind, ResponseKind, ResponseState};
use crate::store::entity::rule::RuleOutcome;
use crate::store::entity::standing::{Scope, Standing};

/// Where a response can go, with the words for it and the key that does it.
pub const MOVES: [(ResponseState, &str, &str, Option<&str>); 4] = [
    (ResponseState::Approved, "approved", "Approve", Some("a")),
    (ResponseState::Spam, "spam", "Spam", Some("s")),
    (ResponseState::Trash, "trash", "Trash", Some("d")),
    (ResponseState::Pending, "pending", "Hold", Some("h")),
];

/// The word for a state, in addresses and on pages.
pub fn state_name(state: ResponseState) -> &'static str {
    MOVES
        .iter()
        .find(|(other, ..)| *other == state)
        .map_or("pending", |(_, name, ..)| name)
}

/// The state that a word names.
pub fn state_named(name: &str) -> Option<ResponseState> {
    MOVES
        .iter()
        .find(|(_, other, ..)| *other == name)
        .map(|(state, ..)| *state)
}

/// The word for a kind.
pub fn kind_name(kind: ResponseKind) -> &'static str {
    match kind {
        ResponseKind::Comment => "comment",
        ResponseKind::Pingback => "pingback",
        ResponseKind::Trackback => "trackback",
        ResponseKind::Webmention => "webmention",
    }
}

/// The word for what a linking page is to the post.
pub fn mention_name(mention: MentionKind) -> &'static str {
    match mention {
        MentionKind::Reply => "reply",
        MentionKind::Mention => "mention",
        MentionKind::Like => "like",
        MentionKind::Repost => "repost",
        MentionKind::Bookmark => "bookmark",
    }
}

/// The words for what a rule does.
pub fn outcome_words(outcome: RuleOutcome) -> &'static str {
    match outcome {
        RuleOutcome::Approve => "approve",
        RuleOutcome::Hold => "hold",
        RuleOutcome::Spam => "mark as spam",
        RuleOutcome::Refuse => "refuse",
    }
}

/// The words for what a reader says is wrong.
pub fn report_words(reason: ReportReason) -> &'static str {
    match reason {
        ReportReason::Spam => "advertising",
        ReportReason::Abuse => "harassment",
        ReportReason::Private => "private information",
        ReportReason::OffTopic => "off topic",
        ReportReason::Other => "something else",
    }
}

/// Where something was found, in words.
pub fn place_words(place: Place) -> &'static str {
    match place {
        Place::Author => "in the name",
        Place::Email => "in the e-mail address",
        Place::Url => "in the address of their site",
        Place::Network => "in the network address",
        Place::Text => "in the text",
        Place::Source => "on its page",
        Place::Post => "by the age of the post",
    }
}

/// Why a response was held, in a sentence.
pub fn reason_words(reason: &Reason) -> String {
    let place = reason
        .place
        .map_or_else(String::new, |place| format!(" {}", place_words(place)));
    let count = reason
        .count
        .map_or_else(String::new, |count| format!("{count} "));
    let found = reason.found.as_deref().unwrap_or_default();
    match reason.rule {
        Rule::HoldAll => "The site holds every response.".to_owned(),
        Rule::FirstResponse => "Nothing by this writer has been approved yet.".to_owned(),
        Rule::ManyLinks => format!("{count}links{place}."),
        Rule::ManyOutboundLinks => format!("{count}links to other sites{place}."),
        Rule::BareLink => "The link stands without words in a list of links.".to_owned(),
        Rule::TitleIsBlogName => "Its title is the name of its blog.".to_owned(),
        Rule::ExcerptElsewhere => "Its excerpt is nowhere on its page.".to_owned(),
        Rule::CameBack => "Its source had taken it back before.".to_owned(),
        Rule::OtherLanguage if found.is_empty() => "Its page is in another language.".to_owned(),
        Rule::OtherLanguage => format!("Its page is in another language: {found}."),
        Rule::Banned if found.is_empty() => "Banned.".to_owned(),
        Rule::AlwaysHeld if found.is_empty() => "Always held.".to_owned(),
        Rule::Banned => format!("Banned: {found}."),
        Rule::AlwaysHeld => format!("Always held: {found}."),
        Rule::Unproven => {
            "It uses the name or address of a member of staff, or of someone who is always approved, without proof that it is theirs."
                .to_owned()
        }
        Rule::Burst => "There is a burst of responses just now.".to_owned(),
        Rule::Outside if found.is_empty() => "The outside judge has not answered.".to_owned(),
        Rule::Outside => format!("The outside judge says: {found}."),
        Rule::Filter => format!(
            "The filter takes it for spam: {} %.",
            reason.score.unwrap_or(0) / 10
        ),
        Rule::Site => {
            let name = reason
                .site_rule
                .as_ref()
                .map_or("", |(_, name)| name.as_str());
            let what = match (reason.quote.is_some(), found, reason.count) {
                (true, _, _) | (false, "", None) => String::new(),
                (false, "", Some(count)) => format!(": {count}"),
                (false, found, _) => format!(": {found}"),
            };
            format!("Rule “{name}”{place}{what}.")
        }
    }
}

/// By what somebody can stand in some way, with the words for it.
pub const SCOPES: [(Scope, &str, &str); 5] = [
    (Scope::Email, "email", "e-mail address"),
    (
        Scope::Domain,
        "domain",
        "everybody with an e-mail address at",
    ),
    (Scope::Network, "network", "network address or network"),
    (Scope::Host, "host", "site"),
    (Scope::Author, "author", "author of linkbacks"),
];
/// The ways of standing, with the words for them.
pub const STANDINGS: [(Standing, &str, &str); 3] = [
    (Standing::Approve, "approve", "always approved"),
    (Standing::Hold, "hold", "always held"),
    (Standing::Ban, "ban", "banned"),
];
/// The word for a scope, in forms.
pub fn scope_name(scope: Scope) -> &'static str {
    SCOPES
        .iter()
        .find(|(other, _, _)| *other == scope)
        .map_or("", |(_, name, _)| name)
}

/// The words for a scope.
pub fn scope_words(scope: Scope) -> &'static str {
    SCOPES
        .iter()
        .find(|(other, _, _)| *other == scope)
        .map_or("", |(_, _, words)| words)
}

/// The scope that a word names.
pub fn scope_named(name: &str) -> Option<Scope> {
    SCOPES
        .iter()
        .find(|(_, other, _)| *other == name)
        .map(|(scope, _, _)| *scope)
}

/// The words for a standing.
pub fn standing_words(standing: Standing) -> &'static str {
    STANDINGS
        .iter()
        .find(|(other, _, _)| *other == standing)
        .map_or("", |(_, _, words)| words)
}

/// The word for a standing, in forms.
pub fn standing_name(standing: Standing) -> &'static str {
    STANDINGS
        .iter()
        .find(|(other, _, _)| *other == standing)
        .map_or("", |(_, name, _)| name)
}

/// A record in a few words.
pub fn record_words(record: &Record) -> String {
    let mut words = Vec::new();
    for (count, name) in [
        (record.approved, "approved"),
        (record.pending, "pending"),
        (record.spam, "spam"),
        (record.trash, "trash"),
    ] {
        if count > 0 {
            words.push(format!("{count} {name}"));
        }
    }
    if words.is_empty() {
        "nothing yet".to_owned()
    } else {
        words.join(", ")
    }
}
