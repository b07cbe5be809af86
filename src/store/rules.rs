//! Queries on the rules that moderators wrote.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveValue, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    Set,
};

use crate::clock::Moment;
use crate::error::Result;
use crate::store::entity::ids::RuleId;
use crate::store::entity::rule::{ActiveModel, Column, Entity, Model, RuleAction};

/// The most rules of a site.
pub const MAX_RULES: u64 = 500;

/// What a person says of a rule.
#[derive(Clone, Debug)]
pub struct NewRule {
    /// What moderators call it.
    pub name: String,
    /// Rules of a lower priority are tried first.
    pub priority: i64,
    pub conditions: String,
    pub action: RuleAction,
    /// The message to a writer whose response is refused.
    pub message: String,
    /// Whether it is tried.
    pub is_on: bool,
}

/// All rules, in the order in which they are tried.
pub async fn list(db: &impl ConnectionTrait) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .order_by_asc(Column::Priority)
        .order_by_asc(Column::Id)
        .limit(MAX_RULES)
        .all(db)
        .await?)
}

/// The rule with this key.
pub async fn find(db: &impl ConnectionTrait, id: RuleId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// Adds a rule, or changes the one with the key `id`.
pub async fn set(
    db: &impl ConnectionTrait,
    id: Option<RuleId>,
    rule: NewRule,
    by: &str,
    now: Moment,
) -> Result<()> {
    let row = ActiveModel {
        id: id.map_or(ActiveValue::NotSet, ActiveValue::Unchanged),
        name: Set(rule.name),
        priority: Set(rule.priority),
        conditions: Set(rule.conditions),
        action: Set(rule.action),
        message: Set(rule.message),
        is_on: Set(rule.is_on),
        hits: id.map_or(Set(0), |_| ActiveValue::NotSet),
        changed_by: Set(by.to_owned()),
        changed_at: Set(now),
    };
    match id {
        Some(id) => {
            Entity::update_many()
                .set(row)
                .filter(Column::Id.eq(id))
                .exec(db)
                .await?;
        }
        None => {
            Entity::insert(row).exec_without_returning(db).await?;
        }
    }
    Ok(())
}

/// Switches a rule on or off.
pub async fn set_on(db: &impl ConnectionTrait, id: RuleId, is_on: bool) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::IsOn, Expr::value(is_on))
        .filter(Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

/// Counts that these rules matched once more.
pub async fn add_hits(db: &impl ConnectionTrait, ids: &[RuleId]) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    Entity::update_many()
        .col_expr(Column::Hits, Expr::col(Column::Hits).add(1))
        .filter(Column::Id.is_in(ids.iter().copied()))
        .exec(db)
        .await?;
    Ok(())
}

pub async fn delete(db: &impl ConnectionTrait, id: RuleId) -> Result<()> {
    Entity::delete_by_id(id).exec(db).await?;
    Ok(())
}
