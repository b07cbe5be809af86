//! Changing the rules of the site.

use std::time::{Duration, Instant};

use crate::accounts::permissions::{Action, Actor};
use crate::app::App;
use crate::error::{Error, Field, FieldError, Problem, Result};
use crate::judge::Submission;
use crate::judge::rule::{Conditions, MAX_ENTRY};
use crate::moderation::time_machine::Draft;
use crate::store::changes::Part;
use crate::store::db::Tx;
use crate::store::entity::ids::{PostId, RuleId};
use crate::store::entity::response::ResponseKind;
use crate::store::entity::rule::{Model as RuleRow, RuleOutcome};
use crate::store::rules as rows;
use crate::store::shields;

/// The longest that a rule may take on one text. What is built for debugging is slower by far.
const MAX_TIME: Duration = Duration::from_millis(if cfg!(debug_assertions) { 2000 } else { 100 });
/// The longest name, in characters.
const MAX_NAME: usize = 100;

/// A rule as it is typed: lists have an entry a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleInput {
    /// What moderators call it.
    pub name: String,
    /// A number.
    pub rank: String,
    /// What it does.
    pub outcome: Option<RuleOutcome>,
    /// What a refused writer is told.
    pub message: String,
    /// Words and phrases.
    pub words: String,
    /// A regular expression.
    pub pattern: String,
    /// A number.
    pub min_links: String,
    /// Hosts.
    pub hosts: String,
    /// E-mail addresses.
    pub emails: String,
    /// Names.
    pub names: String,
    /// Networks.
    pub networks: String,
    /// Languages.
    pub languages: String,
    /// A number of days.
    pub post_age: String,
    /// Whether the writer must be new.
    pub first_time: bool,
    /// Kinds.
    pub kinds: Vec<ResponseKind>,
}

fn lines(text: &str) -> Vec<String> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

/// What somebody typed, as a rule; or what to fix.
pub fn read(input: &RuleInput, id: Option<RuleId>) -> Result<Draft> {
    let mut wrong = Vec::new();
    let mut refuse = |field, problem| wrong.push(FieldError { field, problem });
    let mut unusable = |words: String| {
        refuse(Field::Conditions, Problem::Unusable { words });
    };
    let number = |typed: &str| -> std::result::Result<Option<u32>, String> {
        match typed.trim() {
            "" => Ok(None),
            typed => typed.parse().map(Some).map_err(|_| {
                format!("“{typed}” is no number: write digits alone, or leave it empty")
            }),
        }
    };
    let min_links = number(&input.min_links).unwrap_or_else(|words| {
        unusable(words);
        None
    });
    let post_age = number(&input.post_age).unwrap_or_else(|words| {
        unusable(words);
        None
    });
    let rank = match input.rank.trim() {
        "" => 100,
        typed => typed.parse().unwrap_or_else(|_| {
            unusable(format!("“{typed}” is no rank: write a number, such as 100"));
            100
        }),
    };
    let mut networks = Vec::new();
    for line in lines(&input.networks) {
        match crate::responses::person::read_network(&line).map(|network| network.parse()) {
            Some(Ok(network)) => networks.push(network),
            _ => unusable(format!(
                "“{line}” is no network: write an address, or a network such as 192.0.2.0/24"
            )),
        }
    }
    let outcome = input.outcome.unwrap_or_else(|| {
        unusable("choose what the rule does".to_owned());
        RuleOutcome::Hold
    });
    let name = input.name.trim().to_owned();
    if name.is_empty() {
        refuse(Field::RuleName, Problem::Missing);
    } else if name.chars().count() > MAX_NAME {
        refuse(Field::RuleName, Problem::TooLong { max: MAX_NAME });
    }
    let message = input.message.trim().to_owned();
    if message.chars().count() > MAX_ENTRY {
        refuse(Field::Message, Problem::TooLong { max: MAX_ENTRY });
    }
    let draft = Draft {
        id,
        name,
        rank,
        outcome,
        message,
        conditions: Conditions {
            words: lines(&input.words),
            pattern: input.pattern.trim().to_owned(),
            min_links: min_links.map(|count| count as usize),
            hosts: lines(&input.hosts),
            emails: lines(&input.emails),
            names: lines(&input.names),
            networks,
            languages: lines(&input.languages),
            post_age,
            first_time: input.first_time,
            kinds: input.kinds.clone(),
        },
    };
    if wrong.is_empty() {
        draft.make()?;
        Ok(draft)
    } else {
        Err(Error::Invalid(wrong))
    }
}

/// Refuses a rule that takes too long on a text that is made to make it slow: it is tried on every
/// response, and strangers choose the texts.
pub async fn measure(app: &App, draft: &Draft) -> Result<()> {
    let (draft, length) = (draft.clone(), app.config.comments.max_length);
    let is_fast = app.cpu.run("measure a rule", move || {
        let rule = draft.make()?;
        // What is slow once may have waited for the processor; what is slow again is slow.
        let takes_long = |text: &String| {
            let submission = Submission::of_text(text);
            (0..3).all(|_| {
                let begun = Instant::now();
                let _ = rule.find(&submission);
                begun.elapsed() > MAX_TIME
            })
        };
        Ok::<_, Error>(!rule.hard_texts(length).iter().any(takes_long))
    });
    if is_fast.await?? {
        return Ok(());
    }
    let words = "this rule takes too long on some texts: use a simpler pattern, with smaller numbers in braces, or fewer words".to_owned();
    Err(Error::field(Field::Conditions, Problem::Unusable { words }))
}

/// A rule as it would be typed.
pub fn typed(draft: &Draft) -> RuleInput {
    let conditions = &draft.conditions;
    let number = |number: Option<String>| number.unwrap_or_default();
    let networks: Vec<String> = conditions
        .networks
        .iter()
        .map(ToString::to_string)
        .collect();
    RuleInput {
        name: draft.name.clone(),
        rank: draft.rank.to_string(),
        outcome: Some(draft.outcome),
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

/// All rules, in the order in which they are tried.
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<RuleRow>> {
    actor.must(Action::SetRules)?;
    rows::list(app.store.read()).await
}

/// A rule, as it was written.
pub async fn find(app: &App, actor: &Actor, id: RuleId) -> Result<Draft> {
    actor.must(Action::SetRules)?;
    let row = rows::find(app.store.read(), id)
        .await?
        .ok_or(Error::NotFound("rule"))?;
    Ok(Draft {
        id: Some(row.id),
        name: row.name,
        rank: row.rank,
        outcome: row.outcome,
        message: row.message,
        conditions: serde_json::from_str(&row.conditions)
            .map_err(|error| Error::internal("read a rule", error))?,
    })
}

/// Keeps a rule, and tries it from now on.
pub async fn save(app: &App, actor: &Actor, draft: &Draft) -> Result<()> {
    actor.must(Action::SetRules)?;
    measure(app, draft).await?;
    if let Some(id) = draft.id {
        find(app, actor, id).await?;
    } else if rows::list(app.store.read()).await?.len() as u64 >= rows::MOST {
        return Err(Error::Conflict(format!(
            "a site has at most {} rules: put several into one list",
            rows::MOST
        )));
    }
    let row = rows::RuleRow {
        name: draft.name.clone(),
        rank: draft.rank,
        conditions: serde_json::to_string(&draft.conditions)
            .map_err(|error| Error::internal("write a rule", error))?,
        outcome: draft.outcome,
        message: draft.message.clone(),
        is_on: true,
    };
    let (id, by, now) = (draft.id, actor.name.clone(), app.clock.now());
    app.store
        .write(move |tx| {
            let (row, by) = (row.clone(), by.clone());
            Box::pin(async move {
                changed(tx);
                rows::set(&**tx, id, row, &by, now).await
            })
        })
        .await
}

/// Switches a rule on or off.
pub async fn switch(app: &App, actor: &Actor, id: RuleId, is_on: bool) -> Result<()> {
    find(app, actor, id).await?;
    app.store
        .write(move |tx| {
            Box::pin(async move {
                changed(tx);
                rows::set_on(&**tx, id, is_on).await
            })
        })
        .await
}

/// Removes a rule.
pub async fn delete(app: &App, actor: &Actor, id: RuleId) -> Result<()> {
    find(app, actor, id).await?;
    app.store
        .write(move |tx| {
            Box::pin(async move {
                changed(tx);
                rows::delete(&**tx, id).await
            })
        })
        .await
}

/// Ends a burst at once: what comes in is judged as usual again, unless it begins anew.
pub async fn end_burst(app: &App, actor: &Actor, post: PostId) -> Result<()> {
    actor.must(Action::SetRules)?;
    app.store
        .write(move |tx| Box::pin(async move { shields::delete(&**tx, post).await }))
        .await
}

fn changed(tx: &Tx) {
    tx.touch(Part::Rules);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_comes_back_as_it_was() {
        let input = RuleInput {
            name: "Shops".into(),
            rank: "10".into(),
            outcome: Some(RuleOutcome::Refuse),
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
        assert_eq!(typed(&read(&input, None).unwrap()), input);
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let input = RuleInput {
            min_links: "many".into(),
            networks: "people".into(),
            ..RuleInput::default()
        };
        let Err(Error::Invalid(wrong)) = read(&input, None) else {
            panic!("it was taken");
        };
        assert_eq!(wrong.len(), 4, "{wrong:?}");
    }
}
