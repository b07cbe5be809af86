//! Queries on how people and sites stand here.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Set,
};

use crate::clock::Moment;
use crate::error::Result;
use crate::store::entity::ids::{StandingId, UserId};
use crate::store::entity::standing::{ActiveModel, Column, Entity, Model, Scope, Standing};

/// A row to be.
#[derive(Clone, Debug)]
pub struct NewStanding {
    /// By what they are known.
    pub scope: Scope,
    /// The address, host, domain or network.
    pub subject: String,
    /// For blocks: the subject so that every spelling of it is the same.
    pub match_key: String,
    /// What is done.
    pub standing: Standing,
    /// When it ends.
    pub until: Option<Moment>,
    /// Why.
    pub note: String,
}

/// The standing with this key.
pub async fn find(db: &impl ConnectionTrait, id: StandingId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// How exactly this subject stands.
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

/// How any of these subjects stands at `now`, by its name or by its key for blocks.
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

/// Gives a standing, in the place of the one that the subject had.
pub async fn set(
    db: &impl ConnectionTrait,
    new: NewStanding,
    by: (Option<UserId>, &str),
    now: Moment,
) -> Result<()> {
    let row = ActiveModel {
        scope: Set(new.scope),
        subject: Set(new.subject),
        match_key: Set(new.match_key),
        standing: Set(new.standing),
        until: Set(new.until),
        note: Set(new.note),
        given_by: Set(by.0),
        given_by_name: Set(by.1.to_owned()),
        given_at: Set(now),
        ..Default::default()
    };
    Entity::insert(row)
        .on_conflict(
            OnConflict::columns([Column::Scope, Column::Subject])
                .update_columns([
                    Column::MatchKey,
                    Column::Standing,
                    Column::Until,
                    Column::Note,
                    Column::GivenBy,
                    Column::GivenByName,
                    Column::GivenAt,
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

/// The standing with this key where it is still there; nobody takes it away until the transaction
/// ends.
pub async fn lock(tx: &impl ConnectionTrait, id: StandingId) -> Result<Option<Model>> {
    let mut query = Entity::find_by_id(id);
    // On SQLite the one writer is lock enough.
    if tx.get_database_backend() == DbBackend::Postgres {
        query = query.lock_shared();
    }
    Ok(query.one(tx).await?)
}

/// Takes a standing away.
pub async fn delete(db: &impl ConnectionTrait, id: StandingId) -> Result<()> {
    Entity::delete_by_id(id).exec(db).await?;
    Ok(())
}
