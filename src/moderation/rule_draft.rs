//! A rule as somebody writes it: the form's fields, and the checked draft they become. Stores nothing.

use crate::error::{Error, Field, FieldError, Problem, Result};
use crate::judge::rule::SiteRule;
use crate::judge::rule_conditions::{MAX_ENTRY_CHARS, RuleConditions, RuleError};
use crate::responses::person::parse_network;
use crate::store::entity::ids::RuleId;
use crate::store::entity::response::ResponseKind;
use crate::store::entity::rule::RuleAction;
use crate::texts::Message;
use serde::{Deserialize, Serialize};

const MAX_NAME_CHARS: usize = 100;
const DEFAULT_PRIORITY: i64 = 100;

/// A rule that is not saved yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleDraft {
    /// The rule that it changes; None for a new one.
    pub id: Option<RuleId>,
    pub name: String,
    /// Lower priorities are tried first.
    pub priority: i64,
    pub action: RuleAction,
    /// The message for a refused sender; may be empty.
    pub message: String,
    pub conditions: RuleConditions,
}

impl RuleDraft {
    /// The compiled rule, or the problem with its conditions.
    pub fn compile(&self) -> Result<SiteRule> {
        SiteRule::new(
            self.id.unwrap_or(RuleId(0)),
            &self.name,
            self.priority,
            self.action,
            &self.message,
            self.conditions.clone(),
        )
        .map_err(|error| {
            let field = match error {
                RuleError::Empty | RuleError::TooLong => Field::Conditions,
                RuleError::TooComplex(_) | RuleError::TooLarge | RuleError::Pattern(_) => {
                    Field::RulePattern
                }
            };
            Error::field(field, Problem::Unusable(error.message()))
        })
    }
}

/// The fields of the form as they were entered. Lists have one entry per line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleInput {
    pub name: String,
    /// A number; empty for the default.
    pub priority: String,
    pub action: Option<RuleAction>,
    pub message: String,
    pub words: String,
    pub pattern: String,
    /// A number; may be empty.
    pub min_links: String,
    pub hosts: String,
    pub emails: String,
    pub names: String,
    pub networks: String,
    pub languages: String,
    /// A number of days; may be empty.
    pub post_age: String,
    pub first_time: bool,
    pub kinds: Vec<ResponseKind>,
}

fn lines(text: &str) -> Vec<String> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The number in a field; None where it is empty.
fn parse_number(typed: &str) -> Result<Option<u32>, Message> {
    match typed.trim() {
        "" => Ok(None),
        typed => typed
            .parse()
            .map(Some)
            .map_err(|_| Message::new("rule-not-a-number").with("typed", typed)),
    }
}

impl RuleInput {
    /// The fields that show a draft.
    pub fn from_draft(draft: &RuleDraft) -> Self {
        let conditions = &draft.conditions;
        let number = |number: Option<String>| number.unwrap_or_default();
        let networks: Vec<String> = conditions
            .networks
            .iter()
            .map(ToString::to_string)
            .collect();
        Self {
            name: draft.name.clone(),
            priority: draft.priority.to_string(),
            action: Some(draft.action),
            message: draft.message.clone(),
            words: conditions.words.join("\n"),
            pattern: conditions.pattern.clone(),
            min_links: number(conditions.min_links.map(|count| count.to_string())),
            hosts: conditions.hosts.join("\n"),
            emails: conditions.emails.join("\n"),
            names: conditions.names.join("\n"),
            networks: networks.join("\n"),
            languages: conditions.languages.join("\n"),
            post_age: number(conditions.post_age.map(|days| days.to_string())),
            first_time: conditions.first_time,
            kinds: conditions.kinds.clone(),
        }
    }

    /// The draft, or all problems at once. `id` names the rule that it changes.
    pub fn parse(&self, id: Option<RuleId>) -> Result<RuleDraft> {
        let mut errors = Vec::new();
        let mut add = |field, problem| errors.push(FieldError { field, problem });
        let name = self.name.trim().to_owned();
        if name.is_empty() {
            add(Field::RuleName, Problem::Missing);
        } else if name.chars().count() > MAX_NAME_CHARS {
            let max = MAX_NAME_CHARS;
            add(Field::RuleName, Problem::TooLong { max });
        }
        let message = self.message.trim().to_owned();
        if message.chars().count() > MAX_ENTRY_CHARS {
            let max = MAX_ENTRY_CHARS;
            add(Field::Message, Problem::TooLong { max });
        }
        let mut add_unusable = |field, message| add(field, Problem::Unusable(message));
        let mut number = |field, typed: &str| {
            parse_number(typed).unwrap_or_else(|message| {
                add_unusable(field, message);
                None
            })
        };
        let min_links = number(Field::RuleMinLinks, &self.min_links);
        let post_age = number(Field::RulePostAge, &self.post_age);
        let priority = match self.priority.trim() {
            "" => DEFAULT_PRIORITY,
            typed => typed.parse().unwrap_or_else(|_| {
                let message = Message::new("rule-not-a-priority").with("typed", typed);
                add_unusable(Field::RulePriority, message);
                DEFAULT_PRIORITY
            }),
        };
        let mut networks = Vec::new();
        for line in lines(&self.networks) {
            match parse_network(&line).map(|network| network.parse()) {
                Some(Ok(network)) => networks.push(network),
                _ => {
                    let message = Message::new("rule-not-a-network").with("typed", line);
                    add_unusable(Field::RuleNetworks, message);
                }
            }
        }
        let action = self.action.unwrap_or_else(|| {
            add_unusable(Field::RuleAction, Message::new("rule-no-action"));
            RuleAction::Hold
        });
        let draft = RuleDraft {
            id,
            name,
            priority,
            action,
            message,
            conditions: RuleConditions {
                words: lines(&self.words),
                pattern: self.pattern.trim().to_owned(),
                min_links: min_links.map(|count| count as usize),
                hosts: lines(&self.hosts),
                emails: lines(&self.emails),
                names: lines(&self.names),
                networks,
                languages: lines(&self.languages),
                post_age,
                first_time: self.first_time,
                kinds: self.kinds.clone(),
            },
        };
        match draft.compile() {
            Ok(_) if errors.is_empty() => Ok(draft),
            // Without the field that cannot be read, a rule may have no condition left.
            Err(Error::Invalid(more)) if errors.is_empty() || !draft.conditions.is_empty() => {
                errors.extend(more);
                Err(Error::Invalid(errors))
            }
            Ok(_) | Err(Error::Invalid(_)) => Err(Error::Invalid(errors)),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_shows_the_fields_that_it_was_made_from() {
        let input = RuleInput {
            name: "Shops".into(),
            priority: "10".into(),
            action: Some(RuleAction::Refuse),
            message: "No shops, please.".into(),
            words: "cheap pills\nfree money".into(),
            pattern: r"\bv.agra".into(),
            min_links: "2".into(),
            hosts: "shop.example".into(),
            emails: "@mail.example".into(),
            names: "Best Shop".into(),
            networks: "192.0.2.0/24".into(),
            languages: "Russian".into(),
            post_age: "30".into(),
            first_time: true,
            kinds: vec![ResponseKind::Comment],
        };
        assert_eq!(RuleInput::from_draft(&input.parse(None).unwrap()), input);
    }

    #[test]
    fn all_problems_are_named_at_once() {
        let input = RuleInput {
            min_links: "many".into(),
            networks: "people".into(),
            ..RuleInput::default()
        };
        let Err(Error::Invalid(errors)) = input.parse(None) else {
            panic!("it was accepted");
        };
        assert_eq!(errors.len(), 4, "{errors:?}");
    }
}
