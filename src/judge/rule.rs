//! A rule that moderators wrote, compiled, and matched against a submission. Decides nothing: `rule_set` and
//! `verdict` do.

use std::collections::HashSet;

use regex::{Regex, RegexBuilder};

use crate::judge::pattern_cost::{MAX_POSITIONS, pattern_cost};
use crate::judge::prepared::{EmailKeys, PreparedSubmission, name_keys};
use crate::judge::reason::{Check, MatchedField, Reason};
use crate::judge::rule_conditions::{
    MAX_ENTRIES, MAX_ENTRY_CHARS, MAX_LIST_BYTES, RuleConditions, RuleError,
};
use crate::judge::submission::Submission;
use crate::markup::{fold, mailbox};
use crate::store::entity::ids::RuleId;
use crate::store::entity::rule::RuleAction;

const MAX_COMPILED_PATTERN_BYTES: usize = 2 << 20;
const MAX_COMPILED_WORDS_BYTES: usize = 16 << 20;
/// The language of shorter texts is not reliable.
const MIN_CHARS_FOR_LANGUAGE: usize = 60;

/// A compiled rule.
#[derive(Clone, Debug)]
pub struct SiteRule {
    pub id: RuleId,
    pub name: String,
    /// Lower priorities are tried first.
    pub priority: i64,
    pub action: RuleAction,
    /// The message for a refused sender; may be empty.
    pub message: String,
    conditions: RuleConditions,
    words: Option<Regex>,
    pattern: Option<Regex>,
    keys: MatchKeys,
}

/// The folded entries of a rule's lists.
#[derive(Clone, Debug)]
struct MatchKeys {
    names: HashSet<String>,
    mailboxes: HashSet<String>,
    domains: HashSet<String>,
    hosts: Vec<String>,
}

impl MatchKeys {
    /// A rule that approves compares exact mailboxes; all others compare keys that every look-alike
    /// spelling shares.
    fn of(conditions: &RuleConditions, action: RuleAction) -> Self {
        let is_exact = action == RuleAction::Approve;
        let mut keys = Self {
            names: conditions
                .names
                .iter()
                .flat_map(|name| name_keys(name))
                .collect(),
            mailboxes: HashSet::new(),
            domains: HashSet::new(),
            hosts: conditions
                .hosts
                .iter()
                .map(|host| mailbox::ascii_domain(host.trim().trim_start_matches("*.")))
                .collect(),
        };
        for email in &conditions.emails {
            match (email.trim().strip_prefix('@'), is_exact) {
                (Some(domain), true) => keys.domains.insert(mailbox::ascii_domain(domain)),
                (Some(domain), false) => keys.domains.insert(mailbox::domain_key(domain)),
                (None, true) => keys.mailboxes.insert(mailbox::mailbox(email)),
                (None, false) => keys.mailboxes.insert(mailbox::block_key(email)),
            };
        }
        keys
    }

    fn has_email(&self, email: &EmailKeys, action: RuleAction) -> bool {
        let (mailbox, domain) = match action {
            RuleAction::Approve => &email.exact,
            _ => &email.block,
        };
        self.mailboxes.contains(mailbox) || self.domains.contains(domain)
    }
}

impl SiteRule {
    /// Compiles a rule, or says why its conditions cannot be used.
    pub fn new(
        id: RuleId,
        name: &str,
        priority: i64,
        action: RuleAction,
        message: &str,
        conditions: RuleConditions,
    ) -> Result<Self, RuleError> {
        if conditions.is_empty() {
            return Err(RuleError::Empty);
        }
        let lists = [
            &conditions.words,
            &conditions.hosts,
            &conditions.emails,
            &conditions.names,
            &conditions.languages,
        ];
        let fits = |list: &Vec<String>| {
            list.len() <= MAX_ENTRIES
                && list.iter().map(String::len).sum::<usize>() <= MAX_LIST_BYTES
                && list.iter().all(|entry| {
                    entry.chars().count() <= MAX_ENTRY_CHARS && !entry.trim().is_empty()
                })
        };
        if !lists.into_iter().all(fits)
            || conditions.networks.len() > MAX_ENTRIES
            || conditions.pattern.chars().count() > MAX_ENTRY_CHARS
        {
            return Err(RuleError::TooLong);
        }
        let pattern = match conditions.pattern.as_str() {
            "" => None,
            pattern => {
                let positions = pattern_cost(pattern).map_or(0, |cost| cost.positions);
                if positions > MAX_POSITIONS {
                    return Err(RuleError::TooComplex(positions));
                }
                Some(compile(pattern)?)
            }
        };
        Ok(Self {
            id,
            name: name.to_owned(),
            priority,
            action,
            message: message.to_owned(),
            words: whole_words(&conditions.words)?,
            pattern,
            keys: MatchKeys::of(&conditions, action),
            conditions,
        })
    }

    /// Texts of `length` characters on which the rule is as slow as it can be.
    pub fn worst_case_texts(&self, length: usize) -> Vec<String> {
        let cost = pattern_cost(&self.conditions.pattern).unwrap_or_default();
        let mut texts = cost.worst_case_texts(length);
        if let Some(word) = self.conditions.words.first() {
            // A word that continues where it should end.
            texts.push(format!("{word}x").chars().cycle().take(length).collect());
        }
        texts
    }

    /// Why it matches; None where it does not.
    pub fn find_match(&self, submission: &Submission) -> Option<Reason> {
        self.find_match_in(&PreparedSubmission::of(submission))
    }

    /// The same for a submission that is prepared for many rules.
    pub fn find_match_in(&self, prepared: &PreparedSubmission<'_>) -> Option<Reason> {
        let submission = prepared.submission;
        let conditions = &self.conditions;
        // Anyone can enter the name, address or website of someone who is approved.
        let trusts_claims = self.action != RuleAction::Approve || submission.is_proven;
        let mut reason = Reason::new(Check::Rule);
        reason.rule = Some((self.id, self.name.clone()));
        if !conditions.kinds.is_empty() && !conditions.kinds.contains(&submission.kind) {
            return None;
        }
        if conditions.first_time && !submission.is_first {
            return None;
        }
        if let Some(days) = conditions.post_age {
            if submission.post_age < days {
                return None;
            }
            record(
                &mut reason,
                MatchedField::Post,
                Some(submission.post_age as usize),
                None,
            );
        }
        if let Some(min) = conditions.min_links {
            let count = submission.link_hosts.len();
            if count < min {
                return None;
            }
            record(&mut reason, MatchedField::Text, Some(count), None);
        }
        if !conditions.networks.is_empty() {
            let ip = submission.ip?.to_canonical();
            let network = conditions
                .networks
                .iter()
                .find(|network| network.contains(&ip))?;
            record(
                &mut reason,
                MatchedField::Network,
                None,
                Some(network.to_string()),
            );
        }
        if !conditions.languages.is_empty() {
            let language = language_of(&submission.text)?;
            conditions
                .languages
                .iter()
                .find(|listed| listed.eq_ignore_ascii_case(language))?;
            record(
                &mut reason,
                MatchedField::Text,
                None,
                Some(language.to_owned()),
            );
        }
        if !conditions.names.is_empty() {
            let is_named = prepared
                .name_keys()
                .iter()
                .any(|key| self.keys.names.contains(key));
            if !trusts_claims || !is_named {
                return None;
            }
            record(
                &mut reason,
                MatchedField::Author,
                None,
                Some(submission.author_name.clone()),
            );
        }
        if !conditions.emails.is_empty() {
            let keys = prepared.email_keys()?;
            if !trusts_claims || !self.keys.has_email(keys, self.action) {
                return None;
            }
            record(
                &mut reason,
                MatchedField::Email,
                None,
                submission.author_email.clone(),
            );
        }
        if !conditions.hosts.is_empty() {
            let (field, host) =
                find_host(&self.keys.hosts, submission, self.action, trusts_claims)?;
            record(&mut reason, field, None, Some(host));
        }
        if let Some(words) = &self.words {
            let (field, quote) = prepared.find_words(words, !trusts_claims)?;
            record(&mut reason, field, None, None);
            reason.quote = Some(quote);
        }
        if let Some(pattern) = &self.pattern {
            let (field, quote) = prepared.find_pattern(pattern, !trusts_claims)?;
            record(&mut reason, field, None, None);
            reason.quote = Some(quote);
        }
        Some(reason)
    }
}

fn record(reason: &mut Reason, field: MatchedField, count: Option<usize>, found: Option<String>) {
    reason.field = Some(field);
    reason.count = count.or(reason.count);
    reason.found = found.or(reason.found.take());
}

fn compile(pattern: &str) -> Result<Regex, RuleError> {
    RegexBuilder::new(pattern)
        .case_insensitive(true)
        .size_limit(MAX_COMPILED_PATTERN_BYTES)
        .dfa_size_limit(MAX_COMPILED_PATTERN_BYTES)
        .build()
        .map_err(pattern_error)
}

/// The engine draws its errors as several lines that point into the pattern; its last line says in words
/// what is wrong.
fn pattern_error(error: regex::Error) -> RuleError {
    if let regex::Error::CompiledTooBig(_) = error {
        return RuleError::TooLarge;
    }
    let text = error.to_string();
    let line = text.lines().last().unwrap_or_default().trim();
    RuleError::Pattern(line.strip_prefix("error: ").unwrap_or(line).to_owned())
}

/// One expression for a list of whole words and phrases in each of their folded forms. Any white space
/// matches any other.
fn whole_words(words: &[String]) -> Result<Option<Regex>, RuleError> {
    if words.is_empty() {
        return Ok(None);
    }
    let mut any = Vec::with_capacity(words.len());
    for phrase in words {
        let forms = fold::all_forms(phrase);
        let forms = forms.iter().map(|form| {
            let words: Vec<_> = form.split_whitespace().map(regex::escape).collect();
            words.join(r"\s+")
        });
        let before = any.len();
        any.extend(forms.filter(|form| !form.is_empty()));
        // A word without visible characters would match everywhere.
        if any.len() == before {
            return Err(RuleError::Empty);
        }
    }
    let any = any.join("|");
    RegexBuilder::new(&format!(r"\b{{start-half}}(?:{any})\b{{end-half}}"))
        .size_limit(MAX_COMPILED_WORDS_BYTES)
        .build()
        .map(Some)
        .map_err(pattern_error)
}

/// The first listed host of a link, of the sender's website or of the page that links here. A rule that
/// approves ignores the website that a linkback's page names as its author's: anyone can name one.
fn find_host(
    listed: &[String],
    submission: &Submission,
    action: RuleAction,
    trusts_claims: bool,
) -> Option<(MatchedField, String)> {
    let own = submission.author_host().filter(|_| match action {
        RuleAction::Approve => trusts_claims && submission.source_host.is_none(),
        _ => true,
    });
    let links = submission
        .link_hosts
        .iter()
        .cloned()
        .map(|host| (MatchedField::Text, host));
    let source = submission.source_host.clone();
    links
        .chain(own.map(|host| (MatchedField::Url, host)))
        .chain(source.map(|host| (MatchedField::Source, host)))
        .find(|(_, host)| {
            let host = mailbox::ascii_domain(host);
            listed.iter().any(|listed| {
                host == *listed
                    || host
                        .strip_suffix(listed.as_str())
                        .is_some_and(|rest| rest.ends_with('.'))
            })
        })
}

fn language_of(text: &str) -> Option<&'static str> {
    if text.chars().count() < MIN_CHARS_FOR_LANGUAGE {
        return None;
    }
    let found = whatlang::detect(text)?;
    found.is_reliable().then(|| found.lang().eng_name())
}

#[cfg(test)]
mod tests;
