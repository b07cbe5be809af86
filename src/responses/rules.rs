//! The site's rules, compiled once and kept in memory until somebody changes them.

use std::sync::Arc;

use crate::app::App;
use crate::error::Result;
use crate::judge::rule::SiteRule;
use crate::judge::rule_conditions::RuleConditions;
use crate::judge::rule_set::RuleSet;
use crate::store::changes::CacheTag;
use crate::store::entity::rule::Model;
use crate::store::rules as rows;

/// The enabled rules, compiled again if they changed.
pub async fn load(app: &App) -> Result<Arc<RuleSet>> {
    let changes = app.store.changes();
    let kept = app.rules.read().unwrap_or_else(|e| e.into_inner()).clone();
    if let Some((generation, rules)) = kept
        && changes.is_current(generation, &[CacheTag::Rules])
    {
        return Ok(rules);
    }
    let generation = changes.generation();
    let rows = rows::list(app.store.read()).await?;
    // A rule that this version cannot read is skipped and logged: the others still protect.
    let compile_all = move || {
        let rules = rows.iter().filter(|row| row.is_on).filter_map(|row| {
            let rule = compile(row);
            if rule.is_none() {
                tracing::warn!(rule = %row.id, name = row.name, "compile a rule");
            }
            rule
        });
        Arc::new(RuleSet::new(rules.collect()))
    };
    let rules = app.cpu.run("compile the rules", compile_all).await?;
    *app.rules.write().unwrap_or_else(|e| e.into_inner()) = Some((generation, rules.clone()));
    Ok(rules)
}

fn compile(row: &Model) -> Option<SiteRule> {
    let conditions: RuleConditions = serde_json::from_str(&row.conditions).ok()?;
    SiteRule::new(
        row.id,
        &row.name,
        row.priority,
        row.action,
        &row.message,
        conditions,
    )
    .ok()
}
