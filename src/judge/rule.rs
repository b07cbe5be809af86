//! Rules that moderators write: conditions that must all hold, tried in a stated order.
//!
//! Rules of a lower rank are tried first, and the first rank in which a rule matches decides. Among
//! rules of one rank the strictest action counts, so that no verdict depends on their order.

use std::collections::HashSet;

use ipnet::IpNet;
use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

use crate::judge::cost;
use crate::judge::prepared::{EmailKeys, Prepared, name_keys};
use crate::judge::reason::{Place, Reason, Rule};
use crate::judge::submission::Submission;
use crate::markup::{fold, mailbox};
use crate::store::entity::ids::RuleId;
use crate::store::entity::response::ResponseKind;
use crate::store::entity::rule::RuleOutcome;

/// The most entries in one list of a rule.
pub const MAX_ENTRIES: usize = 5_000;
/// The longest entry or pattern, in characters.
pub const MAX_ENTRY: usize = 500;
/// The most characters in one list.
pub const MAX_LIST: usize = 200_000;
/// The most memory that a compiled pattern, or a list of words, may take, in bytes.
const MAX_PATTERN: usize = 2 << 20;
const MAX_WORDS: usize = 16 << 20;
/// The shortest text whose language is told, in characters.
const ENOUGH: usize = 60;

/// When a rule matches: where all that is set here holds. In a list any entry is enough.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Conditions {
    /// Words or phrases, whole, in the name, the text or the address of the writer's site.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<String>,
    /// A regular expression on the name, the text and the writer's site.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub pattern: String,
    /// At least so many links in the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_links: Option<usize>,
    /// Hosts of links or of the writer's site, with all below them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
    /// E-mail addresses, or `@domain` for all of a domain.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<String>,
    /// Writers' names, whole.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// Networks that it came from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub networks: Vec<IpNet>,
    /// Languages of the text, by their English names, where the text is long enough to tell.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<String>,
    /// On posts that are at least so many days old.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post_age: Option<u32>,
    /// Only from writers of whom nothing was approved yet.
    #[serde(skip_serializing_if = "is_false")]
    pub first_time: bool,
    /// Only these kinds; empty for every kind.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<ResponseKind>,
}

fn is_false(value: &bool) -> bool {
    !*value
}

impl Conditions {
    /// Whether nothing is set: such a rule would match everything.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Why conditions cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// Nothing is set.
    #[error("say at least one thing by which the rule knows what it is for")]
    Empty,
    /// A list is too long, or an entry in it.
    #[error("a list has at most {MAX_ENTRIES} entries of at most {MAX_ENTRY} characters")]
    TooLong,
    /// The pattern would take too long on some texts.
    #[error(
        "the pattern costs too much: with all its repetitions it has {0} places, and {max} are allowed. Use smaller numbers in braces, or + and * in their place",
        max = cost::MAX_PLACES
    )]
    Costly(usize),
    /// The pattern is no regular expression.
    #[error("the pattern cannot be read: {0}")]
    Pattern(String),
}

/// A rule that is ready to be tried.
#[derive(Clone, Debug)]
pub struct SiteRule {
    /// Its key.
    pub id: RuleId,
    /// What moderators call it.
    pub name: String,
    /// Rules of a lower rank are tried first.
    pub rank: i64,
    /// What it does.
    pub outcome: RuleOutcome,
    /// What a refused writer is told.
    pub message: String,
    conditions: Conditions,
    words: Option<Regex>,
    pattern: Option<Regex>,
    keys: Keys,
}

/// What a rule's lists are compared by.
#[derive(Clone, Debug)]
struct Keys {
    names: HashSet<String>,
    mailboxes: HashSet<String>,
    domains: HashSet<String>,
    hosts: Vec<String>,
}

impl Keys {
    /// Somebody is let in by their very address alone, and met by a block whatever its spelling.
    fn of(conditions: &Conditions, outcome: RuleOutcome) -> Self {
        let is_exact = outcome == RuleOutcome::Approve;
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

    fn has_email(&self, email: &EmailKeys, outcome: RuleOutcome) -> bool {
        let (mailbox, domain) = match outcome {
            RuleOutcome::Approve => &email.exact,
            _ => &email.block,
        };
        self.mailboxes.contains(mailbox) || self.domains.contains(domain)
    }
}

impl SiteRule {
    /// Makes a rule ready.
    pub fn new(
        id: RuleId,
        name: &str,
        rank: i64,
        outcome: RuleOutcome,
        message: &str,
        conditions: Conditions,
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
                && list.iter().map(String::len).sum::<usize>() <= MAX_LIST
                && list
                    .iter()
                    .all(|entry| entry.chars().count() <= MAX_ENTRY && !entry.trim().is_empty())
        };
        if !lists.into_iter().all(fits)
            || conditions.networks.len() > MAX_ENTRIES
            || conditions.pattern.chars().count() > MAX_ENTRY
        {
            return Err(RuleError::TooLong);
        }
        let pattern = match conditions.pattern.as_str() {
            "" => None,
            pattern => {
                let places = cost::of(pattern).map_or(0, |cost| cost.places);
                if places > cost::MAX_PLACES {
                    return Err(RuleError::Costly(places));
                }
                Some(compile(pattern, MAX_PATTERN)?)
            }
        };
        Ok(Self {
            id,
            name: name.to_owned(),
            rank,
            outcome,
            message: message.to_owned(),
            words: whole_words(&conditions.words)?,
            pattern,
            keys: Keys::of(&conditions, outcome),
            conditions,
        })
    }

    /// Texts of `length` characters on which the rule takes as long as it can.
    pub fn hard_texts(&self, length: usize) -> Vec<String> {
        let cost = cost::of(&self.conditions.pattern).unwrap_or_default();
        let mut texts = cost.hard_texts(length);
        if let Some(word) = self.conditions.words.first() {
            // A word that goes on where it ought to end.
            texts.push(format!("{word}x").chars().cycle().take(length).collect());
        }
        texts
    }

    /// What it found; None where it does not match.
    pub fn find(&self, submission: &Submission) -> Option<Reason> {
        self.find_in(&Prepared::of(submission))
    }

    /// What it found in a submission that is made ready for many rules.
    pub fn find_in(&self, prepared: &Prepared<'_>) -> Option<Reason> {
        let submission = prepared.submission;
        let wants = &self.conditions;
        // Anybody can type the name, the address or the site of somebody who is let in.
        let believes = self.outcome != RuleOutcome::Approve || submission.is_proven;
        let mut reason = Reason::new(Rule::Site);
        reason.site_rule = Some((self.id, self.name.clone()));
        if !wants.kinds.is_empty() && !wants.kinds.contains(&submission.kind) {
            return None;
        }
        if wants.first_time && !submission.is_first {
            return None;
        }
        if let Some(days) = wants.post_age {
            if submission.post_age < days {
                return None;
            }
            note(
                &mut reason,
                Place::Post,
                Some(submission.post_age as usize),
                None,
            );
        }
        if let Some(least) = wants.min_links {
            let count = submission.link_hosts.len();
            if count < least {
                return None;
            }
            note(&mut reason, Place::Text, Some(count), None);
        }
        if !wants.networks.is_empty() {
            let ip = submission.ip?.to_canonical();
            let network = wants
                .networks
                .iter()
                .find(|network| network.contains(&ip))?;
            note(&mut reason, Place::Network, None, Some(network.to_string()));
        }
        if !wants.languages.is_empty() {
            let language = language_of(&submission.text)?;
            wants
                .languages
                .iter()
                .find(|wanted| wanted.eq_ignore_ascii_case(language))?;
            note(&mut reason, Place::Text, None, Some(language.to_owned()));
        }
        if !wants.names.is_empty() {
            let is_named = prepared
                .name_keys()
                .iter()
                .any(|key| self.keys.names.contains(key));
            if !believes || !is_named {
                return None;
            }
            note(
                &mut reason,
                Place::Author,
                None,
                Some(submission.author_name.clone()),
            );
        }
        if !wants.emails.is_empty() {
            let keys = prepared.email_keys()?;
            if !believes || !self.keys.has_email(keys, self.outcome) {
                return None;
            }
            note(
                &mut reason,
                Place::Email,
                None,
                submission.author_email.clone(),
            );
        }
        if !wants.hosts.is_empty() {
            let (place, host) = find_host(&self.keys.hosts, submission, self.outcome, believes)?;
            note(&mut reason, place, None, Some(host));
        }
        if let Some(words) = &self.words {
            let (place, quote) = prepared.find_words(words, !believes)?;
            note(&mut reason, place, None, None);
            reason.quote = Some(quote);
        }
        if let Some(pattern) = &self.pattern {
            let (place, quote) = prepared.find_pattern(pattern, !believes)?;
            note(&mut reason, place, None, None);
            reason.quote = Some(quote);
        }
        Some(reason)
    }
}

fn note(reason: &mut Reason, place: Place, count: Option<usize>, found: Option<String>) {
    reason.place = Some(place);
    reason.count = count.or(reason.count);
    reason.found = found.or(reason.found.take());
}

fn compile(pattern: &str, max_bytes: usize) -> Result<Regex, RuleError> {
    RegexBuilder::new(pattern)
        .case_insensitive(true)
        .size_limit(max_bytes)
        .dfa_size_limit(max_bytes)
        .build()
        .map_err(|error| {
            RuleError::Pattern(match error {
                regex::Error::CompiledTooBig(_) => {
                    "it takes too much memory: use smaller numbers in braces".to_owned()
                }
                error => error.to_string(),
            })
        })
}

/// One expression for a list of words and phrases, each whole, in each of its folded forms; runs of
/// white space fit any other.
fn whole_words(words: &[String]) -> Result<Option<Regex>, RuleError> {
    if words.is_empty() {
        return Ok(None);
    }
    let mut any = Vec::with_capacity(words.len());
    for words in words {
        let forms = fold::all_forms(words);
        let forms = forms.iter().map(|form| {
            let words: Vec<_> = form.split_whitespace().map(regex::escape).collect();
            words.join(r"\s+")
        });
        let before = any.len();
        any.extend(forms.filter(|form| !form.is_empty()));
        // A word without anything to see would be found everywhere.
        if any.len() == before {
            return Err(RuleError::Empty);
        }
    }
    let any = any.join("|");
    RegexBuilder::new(&format!(r"\b{{start-half}}(?:{any})\b{{end-half}}"))
        .size_limit(MAX_WORDS)
        .build()
        .map(Some)
        .map_err(|error| RuleError::Pattern(error.to_string()))
}

/// The first host that is wanted: of a link, of the writer's site, of the page that links here. The site
/// that a linkback's page names as its author's is not let in by that page's word.
fn find_host(
    wanted: &[String],
    submission: &Submission,
    outcome: RuleOutcome,
    believes: bool,
) -> Option<(Place, String)> {
    let own = submission.author_host().filter(|_| match outcome {
        RuleOutcome::Approve => believes && submission.source_host.is_none(),
        _ => true,
    });
    let links = submission
        .link_hosts
        .iter()
        .cloned()
        .map(|host| (Place::Text, host));
    let source = submission.source_host.clone();
    links
        .chain(own.map(|host| (Place::Url, host)))
        .chain(source.map(|host| (Place::Source, host)))
        .find(|(_, host)| {
            let host = mailbox::ascii_domain(host);
            wanted.iter().any(|wanted| {
                host == *wanted
                    || host
                        .strip_suffix(wanted.as_str())
                        .is_some_and(|rest| rest.ends_with('.'))
            })
        })
}

fn language_of(text: &str) -> Option<&'static str> {
    if text.chars().count() < ENOUGH {
        return None;
    }
    let found = whatlang::detect(text)?;
    found.is_reliable().then(|| found.lang().eng_name())
}

/// What the site's rules say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruling {
    /// The gravest outcome in the rank that decided.
    pub outcome: RuleOutcome,
    /// What a refused writer is told.
    pub message: String,
    /// One for each rule of that rank that matched.
    pub reasons: Vec<Reason>,
}

/// All rules of a site, ready to be tried.
#[derive(Clone, Debug, Default)]
pub struct RuleSet(Vec<SiteRule>);

impl RuleSet {
    /// In the order in which they are tried.
    pub fn new(mut rules: Vec<SiteRule>) -> Self {
        rules.sort_by_key(|rule| (rule.rank, rule.id));
        Self(rules)
    }

    /// What the first rank that has a match says.
    pub fn rule_on(&self, submission: &Submission) -> Option<Ruling> {
        let prepared = Prepared::of(submission);
        self.0
            .chunk_by(|one, other| one.rank == other.rank)
            .find_map(|rank| {
                let matches: Vec<(&SiteRule, Reason)> = rank
                    .iter()
                    .filter_map(|rule| Some((rule, rule.find_in(&prepared)?)))
                    .collect();
                let outcome = matches.iter().map(|(rule, _)| rule.outcome).max()?;
                let message = matches
                    .iter()
                    .filter(|(rule, _)| rule.outcome == outcome)
                    .map(|(rule, _)| rule.message.clone())
                    .find(|message| !message.is_empty())
                    .unwrap_or_default();
                Some(Ruling {
                    outcome,
                    message,
                    reasons: matches.into_iter().map(|(_, reason)| reason).collect(),
                })
            })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rule(id: i64, rank: i64, outcome: RuleOutcome, conditions: Conditions) -> SiteRule {
        SiteRule::new(
            RuleId(id),
            &format!("Rule {id}"),
            rank,
            outcome,
            "",
            conditions,
        )
        .unwrap()
    }

    fn words(words: &[&str]) -> Conditions {
        Conditions {
            words: words.iter().map(|&word| word.to_owned()).collect(),
            ..Conditions::default()
        }
    }

    fn hits(conditions: &Conditions, submission: &Submission) -> bool {
        rule(1, 0, RuleOutcome::Hold, conditions.clone())
            .find(submission)
            .is_some()
    }

    #[test]
    fn words_are_found_whole_and_in_any_case() {
        for (word, text, found) in [
            ("cialis", "Buy CIALIS now", true),
            ("cialis", "Ask a specialist", false),
            ("cialis", "cialis", true),
            ("straße", "DIE STRASSE, Die STRAßE", true),
            ("größer", "GRÖSSER ist GRÖßER", true),
            ("viagra", "via gra", false),
            ("free money", "Get  FREE\nMoney here", true),
            ("$$$", "Earn $$$ at home", true),
            ("казино", "Лучшее КАЗИНО здесь", true),
            ("buy", "buyer", false),
            ("a.b", "axb", false),
            ("cialis", "c\u{200b}ia\u{ad}lis", true),
            ("cialis", "сіаlіѕ", true),
            ("cialis", "Ｃｉａｌｉｓ", true),
            ("cialis", "c̶i̷alis and so on", true),
            ("cialis", "c1alis", true),
            ("сіаlіѕ", "cialis", true),
            ("free money", "frее\u{a0}m0ney", true),
        ] {
            let submission = Submission::of_text(text);
            assert_eq!(
                hits(&words(&[word]), &submission),
                found,
                "{word} in {text}"
            );
        }
    }

    #[test]
    fn what_was_found_is_quoted_with_its_place() {
        let mut submission = Submission::of_text("A fine text");
        submission.author_name = "Cheap Pills Inc".into();
        let found = rule(1, 0, RuleOutcome::Hold, words(&["pills"]))
            .find(&submission)
            .unwrap();
        assert_eq!(found.place, Some(Place::Author));
        let quote = found.quote.unwrap();
        assert_eq!(
            (quote.words.as_str(), quote.before.as_str()),
            ("Pills", "Cheap ")
        );
    }

    #[test]
    fn every_condition_must_hold() {
        let mut submission = Submission::of_text("See https://shop.spam.example/x");
        submission.link_hosts = vec!["shop.spam.example".into()];
        submission.ip = Some("192.0.2.7".parse().unwrap());
        submission.author_email = Some("x@mail.example".into());
        submission.post_age = 40;
        let all = Conditions {
            hosts: vec!["spam.example".into()],
            networks: vec!["192.0.2.0/24".parse().unwrap()],
            emails: vec!["@mail.example".into()],
            post_age: Some(30),
            min_links: Some(1),
            first_time: true,
            kinds: vec![ResponseKind::Comment],
            ..Conditions::default()
        };
        assert!(hits(&all, &submission));
        let mut known = submission.clone();
        known.is_first = false;
        assert!(!hits(&all, &known));
        let mut elsewhere = submission.clone();
        elsewhere.ip = Some("198.51.100.1".parse().unwrap());
        assert!(!hits(&all, &elsewhere));
        let mut young = submission.clone();
        young.post_age = 3;
        assert!(!hits(&all, &young));
        let mut other = submission;
        other.link_hosts = vec!["notspam.example".into()];
        assert!(!hits(&all, &other));
    }

    #[test]
    fn what_cannot_be_used_says_why() {
        let new = |conditions| {
            SiteRule::new(RuleId(1), "", 0, RuleOutcome::Hold, "", conditions).map(|_| ())
        };
        assert_eq!(new(Conditions::default()), Err(RuleError::Empty));
        let broken = Conditions {
            pattern: "(".into(),
            ..Conditions::default()
        };
        assert!(matches!(new(broken), Err(RuleError::Pattern(_))));
        assert_eq!(new(words(&["\u{200b}\u{301}"])), Err(RuleError::Empty));
        let long = words(&["x"; MAX_ENTRIES + 1]);
        assert_eq!(new(long), Err(RuleError::TooLong));
        let bomb = Conditions {
            pattern: r"(\pL{999}){999}".into(),
            ..Conditions::default()
        };
        assert_eq!(new(bomb), Err(RuleError::Costly(999 * 999)));
        let large = Conditions {
            pattern: r"\pL{1999}".into(),
            ..Conditions::default()
        };
        assert!(matches!(new(large), Err(RuleError::Pattern(_))));
    }

    #[test]
    fn the_lowest_rank_that_matches_decides() {
        let submission = Submission::of_text("good bad");
        let set = RuleSet::new(vec![
            rule(1, 20, RuleOutcome::Refuse, words(&["bad"])),
            rule(2, 10, RuleOutcome::Approve, words(&["good"])),
        ]);
        let ruling = set.rule_on(&submission).unwrap();
        assert_eq!(ruling.outcome, RuleOutcome::Approve);
        assert_eq!(ruling.reasons.len(), 1);
    }

    fn of_ruth(conditions: Conditions) -> [bool; 4] {
        let mut claimed = Submission::of_text("Hello");
        claimed.author_name = "Ruth Amsel".into();
        claimed.author_email = Some("r.u.th+1@mail.example".into());
        claimed.author_url = Some("https://ruth.example/".into());
        let mut proven = claimed.clone();
        proven.is_proven = true;
        let find = |outcome, submission: &Submission| {
            rule(1, 0, outcome, conditions.clone())
                .find(submission)
                .is_some()
        };
        [
            find(RuleOutcome::Approve, &claimed),
            find(RuleOutcome::Approve, &proven),
            find(RuleOutcome::Refuse, &claimed),
            find(RuleOutcome::Spam, &proven),
        ]
    }

    #[test]
    fn claims_speak_against_a_writer_and_never_for_one() {
        let list = |entry: &str| vec![entry.to_owned()];
        let emails = |entry| Conditions {
            emails: list(entry),
            ..Conditions::default()
        };
        for conditions in [
            emails("r.u.th@mail.example"),
            emails("@mail.example"),
            Conditions {
                names: list("Ruth Amsel"),
                ..Conditions::default()
            },
            Conditions {
                hosts: list("ruth.example"),
                ..Conditions::default()
            },
            words(&["amsel"]),
            Conditions {
                pattern: "ams[e]l".into(),
                ..Conditions::default()
            },
        ] {
            assert_eq!(
                of_ruth(conditions.clone()),
                [false, true, true, true],
                "{conditions:?}"
            );
        }
        // Another spelling of a mailbox may be another one: no reason to let it in.
        assert_eq!(
            of_ruth(emails("ruth@mail.example")),
            [false, false, true, true]
        );
        assert_eq!(
            of_ruth(words(&["hello"])),
            [true; 4],
            "what it says is no claim"
        );
    }

    #[test]
    fn a_page_is_let_in_by_the_host_that_it_was_read_from_alone() {
        let mut page = Submission::of_text("Hello");
        page.author_url = Some("https://good.example/ann".into());
        page.source_host = Some("evil.example".into());
        page.is_proven = true;
        let hosts = |host: &str| Conditions {
            hosts: vec![host.to_owned()],
            ..Conditions::default()
        };
        let find = |outcome, host| rule(1, 0, outcome, hosts(host)).find(&page).is_some();
        assert!(!find(RuleOutcome::Approve, "good.example"));
        assert!(find(RuleOutcome::Approve, "evil.example"));
        assert!(find(RuleOutcome::Refuse, "good.example"));
        assert!(find(RuleOutcome::Refuse, "evil.example"));
    }

    fn any_rule(id: i64) -> impl Strategy<Value = SiteRule> {
        let outcome = prop::sample::select(vec![
            RuleOutcome::Approve,
            RuleOutcome::Hold,
            RuleOutcome::Spam,
            RuleOutcome::Refuse,
        ]);
        let word = prop::sample::select(vec!["one", "two", "three", "four"]);
        (0..3_i64, outcome, word).prop_map(move |(rank, outcome, word)| {
            let message = format!("{id}");
            let conditions = words(&[word]);
            SiteRule::new(RuleId(id), "", rank, outcome, &message, conditions).unwrap()
        })
    }

    proptest! {
        #[test]
        fn a_verdict_never_depends_on_the_order_of_the_rules(
            rules in (any_rule(1), any_rule(2), any_rule(3), any_rule(4), any_rule(5)),
            shuffle in Just((0..5).collect::<Vec<usize>>()).prop_shuffle(),
            text in prop::sample::subsequence(vec!["one", "two", "three", "four"], 0..4),
        ) {
            let rules = vec![rules.0, rules.1, rules.2, rules.3, rules.4];
            let shuffled = shuffle.iter().map(|at| rules[*at].clone()).collect();
            let submission = Submission::of_text(&text.join(" "));
            prop_assert_eq!(
                RuleSet::new(rules).rule_on(&submission),
                RuleSet::new(shuffled).rule_on(&submission)
            );
        }

        #[test]
        fn no_text_makes_a_rule_panic(text in ".{0,200}", word in "\\PC{1,20}") {
            if let Ok(rule) = SiteRule::new(
                RuleId(1), "", 0, RuleOutcome::Hold, "", words(&[&word]),
            ) {
                let _ = rule.find(&Submission::of_text(&text));
            }
        }
    }
}
