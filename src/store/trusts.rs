//! Queries on whose linkbacks are let in without a look.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
};

use crate::clock::Moment;
use crate::error::Result;
use crate::store::entity::ids::{TrustId, UserId};
use crate::store::entity::trust::{ActiveModel, Column, Entity, Model, TrustScope};

/// The trust with this key.
pub async fn find(db: &impl ConnectionTrait, id: TrustId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// The trust in exactly this subject.
pub async fn find_subject(
    db: &impl ConnectionTrait,
    scope: TrustScope,
    subject: &str,
) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::Scope.eq(scope))
        .filter(Column::Subject.eq(subject))
        .one(db)
        .await?)
}

/// The trust in an author or in a host, if there is one.
pub async fn find_for(
    db: &impl ConnectionTrait,
    author: Option<&str>,
    host: &str,
) -> Result<Option<Model>> {
    let mut either = Condition::any().add(
        Condition::all()
            .add(Column::Scope.eq(TrustScope::Host))
            .add(Column::Subject.eq(host)),
    );
    if let Some(author) = author {
        either = either.add(
            Condition::all()
                .add(Column::Scope.eq(TrustScope::Author))
                .add(Column::Subject.eq(author)),
        );
    }
    Ok(Entity::find()
        .filter(either)
        .order_by_asc(Column::Id)
        .one(db)
        .await?)
}

/// Trusts a subject; one that is trusted already stays as it is.
pub async fn insert(
    db: &impl ConnectionTrait,
    scope: TrustScope,
    subject: &str,
    by: (Option<UserId>, &str),
    now: Moment,
) -> Result<()> {
    let row = ActiveModel {
        scope: Set(scope),
        subject: Set(subject.to_owned()),
        given_by: Set(by.0),
        given_by_name: Set(by.1.to_owned()),
        given_at: Set(now),
        ..Default::default()
    };
    Entity::insert(row)
        .on_conflict(
            OnConflict::columns([Column::Scope, Column::Subject])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Whom the site trusts, the newest first.
pub async fn list(db: &impl ConnectionTrait, limit: u64) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}

/// Takes a trust back.
pub async fn delete(db: &impl ConnectionTrait, id: TrustId) -> Result<()> {
    Entity::delete_by_id(id).exec(db).await?;
    Ok(())
}
