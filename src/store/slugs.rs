//! Queries on the slugs of posts: those they have, those they had, and those of posts that are gone.

use std::collections::HashSet;

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QuerySelect, Set,
    Statement,
};

use crate::error::Result;
use crate::store::entity::ids::PostId;
use crate::store::entity::post::{Column, Entity, Model, PostState};
use crate::store::entity::{former_slug, gone_slug};

/// The advisory lock under which slugs are chosen: "slug" in ASCII.
const SLUG_LOCK: i64 = 0x73_6c_75_67;

/// The post that once had this slug.
pub async fn find_by_former_slug(db: &impl ConnectionTrait, slug: &str) -> Result<Option<Model>> {
    let Some(former) = former_slug::Entity::find_by_id(slug.to_owned())
        .one(db)
        .await?
    else {
        return Ok(None);
    };
    Ok(Entity::find_by_id(former.post_id).one(db).await?)
}

/// The slugs that a post has and had.
pub async fn list_slugs(db: &impl ConnectionTrait, id: PostId) -> Result<Vec<String>> {
    let mut slugs: Vec<String> = former_slug::Entity::find()
        .select_only()
        .column(former_slug::Column::Slug)
        .filter(former_slug::Column::PostId.eq(id))
        .into_tuple()
        .all(db)
        .await?;
    slugs.extend(Entity::find_by_id(id).one(db).await?.map(|post| post.slug));
    Ok(slugs)
}

/// The posts that have or had one of these slugs or have one of these keys.
pub async fn list_ids_at(
    db: &impl ConnectionTrait,
    slugs: &[String],
    ids: &[PostId],
) -> Result<Vec<PostId>> {
    if slugs.is_empty() && ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut found: Vec<PostId> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(
            Condition::any()
                .add(Column::Slug.is_in(slugs.iter().cloned()))
                .add(Column::Id.is_in(ids.iter().copied())),
        )
        .into_tuple()
        .all(db)
        .await?;
    let former: Vec<PostId> = former_slug::Entity::find()
        .select_only()
        .column(former_slug::Column::PostId)
        .filter(former_slug::Column::Slug.is_in(slugs.iter().cloned()))
        .into_tuple()
        .all(db)
        .await?;
    found.extend(former);
    Ok(found)
}

/// Why a slug is not free.
#[derive(Clone, Debug)]
pub enum SlugHolder {
    /// A post has it now.
    Post(PostState),
    /// A post had it once, and its readers are still led on from there to this slug.
    Former(String),
}

/// Takes the lock under which slugs are chosen, until the transaction ends: a slug that is free when it is
/// checked is still free when it is stored. SQLite needs none: it has one writer.
pub async fn lock_slugs(tx: &impl ConnectionTrait) -> Result<()> {
    if tx.get_database_backend() == DbBackend::Postgres {
        let lock = Statement::from_sql_and_values(
            DbBackend::Postgres,
            "SELECT pg_advisory_xact_lock($1)",
            [SLUG_LOCK.into()],
        );
        tx.execute_raw(lock).await?;
    }
    Ok(())
}

/// What keeps `slug` from being given to a post other than `except`; None where it is free.
pub async fn find_holder(
    db: &impl ConnectionTrait,
    slug: &str,
    except: Option<PostId>,
) -> Result<Option<SlugHolder>> {
    let now: Option<(PostId, PostState)> = Entity::find()
        .select_only()
        .columns([Column::Id, Column::State])
        .filter(Column::Slug.eq(slug))
        .into_tuple()
        .one(db)
        .await?;
    if let Some((id, state)) = now {
        return Ok((Some(id) != except).then_some(SlugHolder::Post(state)));
    }
    Ok(match find_by_former_slug(db, slug).await? {
        Some(post) if Some(post.id) != except => Some(SlugHolder::Former(post.slug)),
        _ => None,
    })
}

/// The slugs of posts other than `except`, now and once, that begin as `slug` does.
pub async fn list_slugs_like(
    db: &impl ConnectionTrait,
    slug: &str,
    except: Option<PostId>,
) -> Result<HashSet<String>> {
    // Numbered, a long slug is cut: what it begins with is compared.
    let start: String = slug.chars().take(90).collect();
    let mut now = Entity::find()
        .select_only()
        .column(Column::Slug)
        .filter(Column::Slug.starts_with(start.clone()));
    let mut once = former_slug::Entity::find()
        .select_only()
        .column(former_slug::Column::Slug)
        .filter(former_slug::Column::Slug.starts_with(start));
    if let Some(id) = except {
        now = now.filter(Column::Id.ne(id));
        once = once.filter(former_slug::Column::PostId.ne(id));
    }
    let mut slugs: HashSet<String> = now
        .into_tuple::<String>()
        .all(db)
        .await?
        .into_iter()
        .collect();
    slugs.extend(once.into_tuple::<String>().all(db).await?);
    Ok(slugs)
}

/// Remembers that a post once had `slug`, and forgets it of the slug it has now.
pub async fn insert_former_slug(
    db: &impl ConnectionTrait,
    id: PostId,
    former: &str,
    current: &str,
) -> Result<()> {
    former_slug::Entity::delete_many()
        .filter(Expr::col(former_slug::Column::Slug).is_in([former.to_owned(), current.to_owned()]))
        .exec(db)
        .await?;
    let row = former_slug::ActiveModel {
        slug: Set(former.to_owned()),
        post_id: Set(id),
    };
    former_slug::Entity::insert(row)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// What `gone_slugs` has for the slug of a page, so that it is not taken for that of a post.
pub fn gone_page(slug: &str) -> String {
    format!("/{slug}/")
}

/// Whether a post that readers had was at this slug and is deleted.
pub async fn slug_is_gone(db: &impl ConnectionTrait, slug: &str) -> Result<bool> {
    let found = gone_slug::Entity::find_by_id(slug.to_owned())
        .one(db)
        .await?;
    Ok(found.is_some())
}

/// Whether a post that readers had was this one and is deleted.
pub async fn is_gone(db: &impl ConnectionTrait, id: PostId) -> Result<bool> {
    let found = gone_slug::Entity::find()
        .filter(gone_slug::Column::PostId.eq(id))
        .limit(1)
        .one(db)
        .await?;
    Ok(found.is_some())
}
