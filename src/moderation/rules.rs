//! The rules that moderators write: listed, saved, switched on and off, deleted; and ending a burst. Matching
//! is in `judge`, the form in `rule_draft`, testing in `dry_run`.

use std::time::{Duration, Instant};

use crate::accounts::permissions::{Action, Actor};
use crate::app::App;
use crate::error::{Error, Field, Problem, Result};
use crate::judge::Submission;
use crate::moderation::rule_draft::RuleDraft;
use crate::store::bursts;
use crate::store::changes::CacheTag;
use crate::store::db::Tx;
use crate::store::entity::ids::{PostId, RuleId};
use crate::store::entity::rule::Model as StoredRule;
use crate::store::rules::{self as rows, MAX_RULES, NewRule};
use crate::texts::Message;

/// A rule may take this long on one text. Debug builds are far slower.
const MAX_MATCH_TIME: Duration =
    Duration::from_millis(if cfg!(debug_assertions) { 2000 } else { 100 });

/// Refuses a rule that is too slow on a worst-case text: rules run on every response, and strangers choose
/// the texts.
pub async fn check_speed(app: &App, draft: &RuleDraft) -> Result<()> {
    let (draft, length) = (draft.clone(), app.settings().discussion.max_length);
    let is_fast = app.cpu.run("measure a rule", move || {
        let rule = draft.compile()?;
        // A single slow run may have waited for the processor; three in a row have not.
        let is_slow = |text: &String| {
            let submission = Submission::of_text(text);
            (0..3).all(|_| {
                let begun = Instant::now();
                let _ = rule.find_match(&submission);
                begun.elapsed() > MAX_MATCH_TIME
            })
        };
        Ok::<_, Error>(!rule.worst_case_texts(length).iter().any(is_slow))
    });
    if is_fast.await?? {
        return Ok(());
    }
    Err(Error::field(
        Field::Conditions,
        Problem::Unusable(Message::new("rule-too-slow")),
    ))
}

/// All rules, in the order in which they are tried.
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<StoredRule>> {
    actor.must(Action::SetRules)?;
    rows::list(app.store.read()).await
}

/// A rule as a draft, to change it.
pub async fn load(app: &App, actor: &Actor, id: RuleId) -> Result<RuleDraft> {
    actor.must(Action::SetRules)?;
    let row = rows::find(app.store.read(), id)
        .await?
        .ok_or(Error::NotFound("rule"))?;
    Ok(RuleDraft {
        id: Some(row.id),
        name: row.name,
        priority: row.priority,
        action: row.action,
        message: row.message,
        conditions: serde_json::from_str(&row.conditions)
            .map_err(|error| Error::internal("read a rule", error))?,
    })
}

/// Saves a rule and switches it on.
pub async fn save(app: &App, actor: &Actor, draft: &RuleDraft) -> Result<()> {
    actor.must(Action::SetRules)?;
    check_speed(app, draft).await?;
    if let Some(id) = draft.id {
        load(app, actor, id).await?;
    } else if rows::list(app.store.read()).await?.len() as u64 >= MAX_RULES {
        return Err(Error::Conflict(
            Message::new("rule-too-many").with("max", MAX_RULES),
        ));
    }
    let row = NewRule {
        name: draft.name.clone(),
        priority: draft.priority,
        conditions: serde_json::to_string(&draft.conditions)
            .map_err(|error| Error::internal("write a rule", error))?,
        action: draft.action,
        message: draft.message.clone(),
        is_on: true,
    };
    let (id, by, now) = (draft.id, actor.name.clone(), app.clock.now());
    app.store
        .write(move |tx| {
            let (row, by) = (row.clone(), by.clone());
            Box::pin(async move {
                invalidate(tx);
                rows::set(tx, id, row, &by, now).await
            })
        })
        .await
}

/// Switches a rule on or off.
pub async fn set_enabled(app: &App, actor: &Actor, id: RuleId, is_on: bool) -> Result<()> {
    load(app, actor, id).await?;
    app.store
        .write(move |tx| {
            Box::pin(async move {
                invalidate(tx);
                rows::set_on(tx, id, is_on).await
            })
        })
        .await
}

pub async fn delete(app: &App, actor: &Actor, id: RuleId) -> Result<()> {
    load(app, actor, id).await?;
    app.store
        .write(move |tx| {
            Box::pin(async move {
                invalidate(tx);
                rows::delete(tx, id).await
            })
        })
        .await
}

/// Ends a burst at once: responses are judged as usual again, unless a new burst begins.
pub async fn end_burst(app: &App, actor: &Actor, post: PostId) -> Result<()> {
    actor.must(Action::SetRules)?;
    app.store
        .write(move |tx| Box::pin(async move { bursts::delete(tx, post).await }))
        .await
}

fn invalidate(tx: &Tx) {
    tx.invalidate(CacheTag::Rules);
}
