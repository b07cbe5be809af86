//! The names of states, kinds and the like in addresses, forms and JSON. Saved links hold them, so they
//! never change with the language; what people read is in `labels`.

use crate::store::entity::response::{ResponseKind, ResponseState};
use crate::store::entity::rule::RuleAction;
use crate::store::entity::sender_policy::{Scope, SenderPolicy};

/// The states, in the order of their buttons.
pub const STATES: [ResponseState; 4] = [
    ResponseState::Approved,
    ResponseState::Spam,
    ResponseState::Trash,
    ResponseState::Pending,
];

/// The kinds, in the order of their choices.
pub const KINDS: [ResponseKind; 4] = [
    ResponseKind::Comment,
    ResponseKind::Pingback,
    ResponseKind::Trackback,
    ResponseKind::Webmention,
];

/// What a rule can do, in the order of its choices.
pub const RULE_ACTIONS: [RuleAction; 4] = [
    RuleAction::Hold,
    RuleAction::Approve,
    RuleAction::Spam,
    RuleAction::Refuse,
];

/// What a sender policy can apply to, in the order of its choices.
pub const SCOPES: [Scope; 5] = [
    Scope::Email,
    Scope::Domain,
    Scope::Network,
    Scope::Host,
    Scope::Author,
];

/// The sender policies, in the order of their choices.
pub const SENDER_POLICIES: [SenderPolicy; 3] = [
    SenderPolicy::Approve,
    SenderPolicy::Hold,
    SenderPolicy::Block,
];

pub fn state_name(state: ResponseState) -> &'static str {
    match state {
        ResponseState::Approved => "approved",
        ResponseState::Spam => "spam",
        ResponseState::Trash => "trash",
        ResponseState::Pending => "pending",
    }
}

pub fn find_state(name: &str) -> Option<ResponseState> {
    STATES.into_iter().find(|state| state_name(*state) == name)
}

pub fn kind_name(kind: ResponseKind) -> &'static str {
    match kind {
        ResponseKind::Comment => "comment",
        ResponseKind::Pingback => "pingback",
        ResponseKind::Trackback => "trackback",
        ResponseKind::Webmention => "webmention",
    }
}

pub fn find_kind(name: &str) -> Option<ResponseKind> {
    KINDS.into_iter().find(|kind| kind_name(*kind) == name)
}

pub fn rule_action_name(action: RuleAction) -> &'static str {
    match action {
        RuleAction::Hold => "hold",
        RuleAction::Approve => "approve",
        RuleAction::Spam => "spam",
        RuleAction::Refuse => "refuse",
    }
}

pub fn find_rule_action(name: &str) -> Option<RuleAction> {
    RULE_ACTIONS
        .into_iter()
        .find(|action| rule_action_name(*action) == name)
}

pub fn scope_name(scope: Scope) -> &'static str {
    match scope {
        Scope::Email => "email",
        Scope::Domain => "domain",
        Scope::Network => "network",
        Scope::Host => "host",
        Scope::Author => "author",
    }
}

pub fn find_scope(name: &str) -> Option<Scope> {
    SCOPES.into_iter().find(|scope| scope_name(*scope) == name)
}

pub fn sender_policy_name(policy: SenderPolicy) -> &'static str {
    match policy {
        SenderPolicy::Approve => "approve",
        SenderPolicy::Hold => "hold",
        SenderPolicy::Block => "block",
    }
}

pub fn find_sender_policy(name: &str) -> Option<SenderPolicy> {
    SENDER_POLICIES
        .into_iter()
        .find(|policy| sender_policy_name(*policy) == name)
}
