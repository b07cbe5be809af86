//! Queries on sender policies.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Set,
};

use crate::clock::Moment;
use crate::error::Result;
use crate::store::entity::ids::{SenderPolicyId, UserId};
use crate::store::entity::sender_policy::{
    ActiveModel, Column, Entity, Model, Scope, SenderPolicy,
};

/// The values of a new row.
#[derive(Clone, Debug)]
pub struct NewSenderPolicy {
    /// By what they are known.
    pub scope: Scope,
    /// The address, host, domain or network.
    pub subject: String,
    /// For blocks: the subject so that every spelling of it is the same.
    pub match_key: String,
    pub policy: SenderPolicy,
    pub until: Option<Moment>,
    pub note: String,
}

/// The policy with this key.
pub async fn find(db: &impl ConnectionTrait, id: SenderPolicyId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// The policy for exactly this subject.
pub async fn find_subject(
    db: &impl ConnectionTrait,
    scope: Scope,
    subject: &str,
) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::Scope.eq(scope))
        .filter(Column::Subject.eq(subject))
        .one(db)
        .await?)
}

/// The policies for any of these subjects at `now`, matched by name or, for blocks, by key.
pub async fn list_for(
    db: &impl ConnectionTrait,
    subjects: &[(Scope, String)],
    now: Moment,
) -> Result<Vec<Model>> {
    if subjects.is_empty() {
        return Ok(Vec::new());
    }
    let mut any = Condition::any();
    for scope in [
        Scope::Author,
        Scope::Host,
        Scope::Email,
        Scope::Domain,
        Scope::Network,
    ] {
        let of_scope: Vec<&str> = subjects
            .iter()
            .filter(|(other, _)| *other == scope)
            .map(|(_, subject)| subject.as_str())
            .collect();
        if !of_scope.is_empty() {
            any = any.add(
                Condition::all().add(Column::Scope.eq(scope)).add(
                    Condition::any()
                        .add(Column::Subject.is_in(of_scope.iter().copied()))
                        .add(Column::MatchKey.is_in(of_scope)),
                ),
            );
        }
    }
    Ok(Entity::find()
        .filter(any)
        .filter(
            Condition::any()
                .add(Column::Until.is_null())
                .add(Column::Until.gt(now)),
        )
        .order_by_asc(Column::Id)
        .all(db)
        .await?)
}

/// Gives a policy, in the place of the one that the subject had.
pub async fn set(
    db: &impl ConnectionTrait,
    new: NewSenderPolicy,
    by: (Option<UserId>, &str),
    now: Moment,
) -> Result<()> {
    let row = ActiveModel {
        scope: Set(new.scope),
        subject: Set(new.subject),
        match_key: Set(new.match_key),
        policy: Set(new.policy),
        until: Set(new.until),
        note: Set(new.note),
        set_by: Set(by.0),
        set_by_name: Set(by.1.to_owned()),
        set_at: Set(now),
        ..Default::default()
    };
    Entity::insert(row)
        .on_conflict(
            OnConflict::columns([Column::Scope, Column::Subject])
                .update_columns([
                    Column::MatchKey,
                    Column::Policy,
                    Column::Until,
                    Column::Note,
                    Column::SetBy,
                    Column::SetByName,
                    Column::SetAt,
                ])
                .to_owned(),
        )
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// All of them, the newest first.
pub async fn list(db: &impl ConnectionTrait, limit: u64) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}

/// The policy with this key where it is still there; nobody takes it away until the transaction
/// ends.
pub async fn lock(tx: &impl ConnectionTrait, id: SenderPolicyId) -> Result<Option<Model>> {
    let mut query = Entity::find_by_id(id);
    // SQLite needs no lock: it has one writer.
    if tx.get_database_backend() == DbBackend::Postgres {
        query = query.lock_shared();
    }
    Ok(query.one(tx).await?)
}

/// Takes a policy away.
pub async fn delete(db: &impl ConnectionTrait, id: SenderPolicyId) -> Result<()> {
    Entity::delete_by_id(id).exec(db).await?;
    Ok(())
}
