//! Hides email addresses, network addresses and networks from moderators who may not see them: in
//! responses, in reasons and in notes. It also refuses the filters by which they could be guessed. Changes
//! nothing in the database.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::accounts::permissions::{Action, Actor};
use crate::error::Result;
use crate::judge::{Check, MatchedField, Reason};
use crate::store::entity::response::Model as Response;
use crate::store::queue::Filter;

/// Replaces an address.
const HIDDEN: &str = "[hidden]";

/// Removes the addresses from a response, except what its sender shows to everybody.
pub fn hide_in_response(actor: &Actor, response: &mut Response) {
    if actor.may(Action::SeeAddresses) {
        return;
    }
    response.author_email = None;
    response.ip = None;
    response.network = None;
    response.user_agent = None;
    response.receipt_hash = None;
    response.dedupe_key.clear();
    response.reasons.clear();
}

/// Removes the addresses from the reasons of a response.
pub fn hide_in_reasons(actor: &Actor, reasons: &mut [Reason]) {
    if actor.may(Action::SeeAddresses) {
        return;
    }
    for reason in reasons {
        hide_in_reason(reason);
    }
}

fn hide_in_reason(reason: &mut Reason) {
    let is_public = match reason.field {
        Some(
            MatchedField::Author
            | MatchedField::Url
            | MatchedField::Text
            | MatchedField::Source
            | MatchedField::Post,
        ) => true,
        Some(MatchedField::Email | MatchedField::Network) => false,
        // The subject of a policy may be an address.
        None => !matches!(
            reason.check,
            Check::Blocked | Check::AlwaysHeld | Check::Rule
        ),
    };
    if !is_public {
        reason.found = None;
        reason.quote = None;
    }
    reason.signals.retain(|(signal, _)| !signal.contains('@'));
    let masked = reason.found.take().map(|found| mask(&found));
    reason.found = masked;
    if let Some((_, name)) = &mut reason.rule {
        *name = mask(name);
    }
}

/// Removes the addresses from what somebody wrote about a response.
pub fn hide_in_note(actor: &Actor, note: &mut String) {
    if !actor.may(Action::SeeAddresses) {
        *note = mask(note);
    }
}

/// Refuses a filter by addresses to those who may not see them: it would confirm a guess.
pub fn check_filter(actor: &Actor, filter: &Filter) -> Result<()> {
    if filter.email.is_some() || filter.ip.is_some() || filter.network.is_some() {
        actor.must(Action::SeeAddresses)?;
    }
    Ok(())
}

/// A text with its email addresses, network addresses and networks replaced.
fn mask(text: &str) -> String {
    let is_part = |c: char| c.is_alphanumeric() || ".@:/%+-_~!#$&*=?^`{|}".contains(c);
    let mut masked = String::with_capacity(text.len());
    let mut word = String::new();
    for c in text.chars().map(Some).chain([None]) {
        match c {
            Some(c) if is_part(c) => word.push(c),
            other => {
                masked.push_str(if is_address(&word) { HIDDEN } else { &word });
                word.clear();
                masked.extend(other);
            }
        }
    }
    masked
}

fn is_address(word: &str) -> bool {
    let word = word.trim_end_matches(['.', ':', '!', '?', '/']);
    let is_ip = |word: &str| word.parse::<IpAddr>().is_ok() || word.parse::<IpNet>().is_ok();
    let is_mail = word
        .split_once('@')
        .is_some_and(|(_, domain)| !domain.is_empty() && !word.contains("://"));
    let host = word.rsplit_once(':').map_or(word, |(host, _)| host);
    is_mail || is_ip(word) || is_ip(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_in_a_text_are_hidden() {
        for (text, masked) in [
            ("Block ruth@x.example!", "Block [hidden]"),
            ("(from 203.0.113.7, again)", "(from [hidden], again)"),
            ("all of 203.0.113.0/24.", "all of [hidden]"),
            ("2001:db8::/48 and <a@b.example>", "[hidden] and <[hidden]>"),
            ("192.0.2.1:8080", "[hidden]"),
            ("everybody @x.example", "everybody [hidden]"),
            (
                "https://social.example/@ruth",
                "https://social.example/@ruth",
            ),
            ("at 10:30, 1.5 times", "at 10:30, 1.5 times"),
        ] {
            assert_eq!(mask(text), masked);
        }
    }
}
