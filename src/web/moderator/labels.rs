//! What moderators read for states, kinds, reasons and the like. The names of the same in addresses and
//! forms are in `names`.

use crate::judge::{Check, MatchedField, Reason};
use crate::moderation::profile::SenderRecord;
use crate::store::entity::report::ReportReason;
use crate::store::entity::response::{MentionKind, ResponseKind, ResponseState};
use crate::store::entity::rule::RuleAction;
use crate::store::entity::sender_policy::{Scope, SenderPolicy};
use crate::texts::{Message, Texts};

pub fn state_label(texts: &Texts, state: ResponseState) -> String {
    texts.text(match state {
        ResponseState::Approved => "queue-state-approved",
        ResponseState::Spam => "queue-state-spam",
        ResponseState::Trash => "queue-state-trash",
        ResponseState::Pending => "queue-state-pending",
    })
}

/// The button that moves a response to `state`.
pub fn move_label(texts: &Texts, state: ResponseState) -> String {
    texts.text(match state {
        ResponseState::Approved => "queue-move-approved",
        ResponseState::Spam => "queue-move-spam",
        ResponseState::Trash => "queue-move-trash",
        ResponseState::Pending => "queue-move-pending",
    })
}

/// The key that moves a response to `state`.
pub fn move_key(state: ResponseState) -> &'static str {
    match state {
        ResponseState::Approved => "a",
        ResponseState::Spam => "s",
        ResponseState::Trash => "d",
        ResponseState::Pending => "h",
    }
}

pub fn kind_label(texts: &Texts, kind: ResponseKind) -> String {
    texts.text(match kind {
        ResponseKind::Comment => "queue-kind-comment",
        ResponseKind::Pingback => "queue-kind-pingback",
        ResponseKind::Trackback => "queue-kind-trackback",
        ResponseKind::Webmention => "queue-kind-webmention",
    })
}

/// What a linking page is to the post.
pub fn mention_label(texts: &Texts, mention: MentionKind) -> String {
    texts.text(match mention {
        MentionKind::Reply => "queue-mention-reply",
        MentionKind::Mention => "queue-mention-mention",
        MentionKind::Like => "queue-mention-like",
        MentionKind::Repost => "queue-mention-repost",
        MentionKind::Bookmark => "queue-mention-bookmark",
    })
}

pub fn rule_action_label(texts: &Texts, action: RuleAction) -> String {
    texts.text(match action {
        RuleAction::Approve => "rule-action-approve",
        RuleAction::Hold => "rule-action-hold",
        RuleAction::Spam => "rule-action-spam",
        RuleAction::Refuse => "rule-action-refuse",
    })
}

pub fn report_reason_label(texts: &Texts, reason: ReportReason) -> String {
    texts.text(match reason {
        ReportReason::Spam => "queue-report-spam",
        ReportReason::Abuse => "queue-report-abuse",
        ReportReason::Private => "queue-report-private",
        ReportReason::OffTopic => "queue-report-off-topic",
        ReportReason::Other => "queue-report-other",
    })
}

/// Where something was found, as in “in the text”.
pub fn place_label(texts: &Texts, place: MatchedField) -> String {
    texts.text(match place {
        MatchedField::Author => "reason-place-author",
        MatchedField::Email => "reason-place-email",
        MatchedField::Url => "reason-place-url",
        MatchedField::Network => "reason-place-network",
        MatchedField::Text => "reason-place-text",
        MatchedField::Source => "reason-place-source",
        MatchedField::Post => "reason-place-post",
    })
}

pub fn scope_label(texts: &Texts, scope: Scope) -> String {
    texts.text(match scope {
        Scope::Email => "sender-scope-email",
        Scope::Domain => "sender-scope-domain",
        Scope::Network => "sender-scope-network",
        Scope::Host => "sender-scope-host",
        Scope::Author => "sender-scope-author",
    })
}

pub fn sender_policy_label(texts: &Texts, policy: SenderPolicy) -> String {
    texts.text(match policy {
        SenderPolicy::Approve => "sender-policy-approve",
        SenderPolicy::Hold => "sender-policy-hold",
        SenderPolicy::Block => "sender-policy-block",
    })
}

/// Why a response was held, in a sentence.
pub fn reason_text(texts: &Texts, reason: &Reason) -> String {
    let found = reason.found.as_deref().unwrap_or_default();
    let count = reason.count.unwrap_or(0);
    let with_found = |without, with| match found {
        "" => Message::new(without),
        found => Message::new(with).with("found", found),
    };
    texts.message(&match reason.check {
        Check::HoldAll => Message::new("reason-hold-all"),
        Check::FirstResponse => Message::new("reason-first-response"),
        Check::ManyLinks => Message::new("reason-many-links").with("count", count),
        Check::ManyOutboundLinks => Message::new("reason-many-outbound-links").with("count", count),
        Check::BareLink => Message::new("reason-bare-link"),
        Check::TitleIsBlogName => Message::new("reason-title-is-blog-name"),
        Check::ExcerptNotOnPage => Message::new("reason-excerpt-elsewhere"),
        Check::RemovedBefore => Message::new("reason-came-back"),
        Check::OtherLanguage => with_found("reason-other-language", "reason-other-language-found"),
        Check::Blocked => with_found("reason-blocked", "reason-blocked-found"),
        Check::AlwaysHeld => with_found("reason-always-held", "reason-always-held-found"),
        Check::UnprovenIdentity => Message::new("reason-unproven"),
        Check::Burst => Message::new("reason-burst"),
        Check::SpamChecker => with_found("reason-spam-checker", "reason-spam-checker-found"),
        Check::Filter => {
            let percent = reason.score.unwrap_or(0) / 10;
            Message::new("reason-filter").with("percent", percent)
        }
        Check::Rule => rule_reason(texts, reason, found),
    })
}

fn rule_reason(texts: &Texts, reason: &Reason, found: &str) -> Message {
    let name = reason.rule.as_ref().map_or("", |(_, name)| name);
    let found = match (reason.quote.is_some(), found, reason.count) {
        // The quote stands beside the sentence.
        (true, _, _) | (false, "", None) => None,
        (false, "", Some(count)) => Some(count.to_string()),
        (false, found, _) => Some(found.to_owned()),
    };
    let place = reason.field.map(|place| place_label(texts, place));
    match (place, found) {
        (None, None) => Message::new("reason-rule"),
        (None, Some(found)) => Message::new("reason-rule-found").with("found", found),
        (Some(place), None) => Message::new("reason-rule-place").with("place", place),
        (Some(place), Some(found)) => Message::new("reason-rule-place-found")
            .with("place", place)
            .with("found", found),
    }
    .with("name", name)
}

/// How many of somebody's responses are in each state, as a list.
pub fn record_text(texts: &Texts, record: &SenderRecord) -> String {
    let counts = [
        (record.approved, "profile-record-approved"),
        (record.pending, "profile-record-pending"),
        (record.spam, "profile-record-spam"),
        (record.trash, "profile-record-trash"),
    ];
    let parts: Vec<_> = counts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, id)| texts.with(id, &[("count", count.into())]))
        .collect();
    match parts.is_empty() {
        true => texts.text("profile-record-none"),
        false => parts.join(", "),
    }
}
