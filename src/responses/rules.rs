//! The site's rules, made ready once and kept until somebody changes them.

use std::sync::Arc;

use crate::app::App;
use crate::error::Result;
use crate::judge::rule::{Conditions, RuleSet, SiteRule};
use crate::store::changes::Part;
use crate::store::entity::rule::Model;
use crate::store::rules as rows;

/// The rules as they are now.
pub async fn current(app: &App) -> Result<Arc<RuleSet>> {
    let changes = app.store.changes();
    let kept = app.rules.read().unwrap_or_else(|e| e.into_inner()).clone();
    if let Some((mark, rules)) = kept
        && changes.is_current(mark, &[Part::Rules])
    {
        return Ok(rules);
    }
    let mark = changes.mark();
    let rows = rows::list(app.store.read()).await?;
    // One that this version cannot read is left out, and said so: the others still protect.
    let make_ready = move || {
        let ready = rows.iter().filter(|row| row.is_on).filter_map(|row| {
            let made = make(row);
            if made.is_none() {
                tracing::warn!(rule = %row.id, name = row.name, "a rule cannot be used");
            }
            made
        });
        Arc::new(RuleSet::new(ready.collect()))
    };
    let rules = app.cpu.run("make the rules ready", make_ready).await?;
    *app.rules.write().unwrap_or_else(|e| e.into_inner()) = Some((mark, rules.clone()));
    Ok(rules)
}

/// A rule from its row; None where it cannot be used.
pub fn make(row: &Model) -> Option<SiteRule> {
    let conditions: Conditions = serde_json::from_str(&row.conditions).ok()?;
    SiteRule::new(
        row.id,
        &row.name,
        row.rank,
        row.outcome,
        &row.message,
        conditions,
    )
    .ok()
}
