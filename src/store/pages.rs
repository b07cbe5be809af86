//! Queries on pages and their hierarchy. Checks nothing about it: `posts::hierarchy` ensures that no page
//! is below itself.

use sea_orm::sea_query::ExprTrait;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Set,
};

use crate::error::Result;
use crate::store::entity::ids::{PostId, UserId};
use crate::store::entity::post::{ActiveModel, Column, Entity, PostKind, PostState};
use crate::store::posts::{PostLine, lines};

/// The pages at all levels below the page at `path`, whatever their state.
pub async fn list_below(db: &impl ConnectionTrait, path: &str) -> Result<Vec<PostLine>> {
    // A slug has none of the characters that mean something in SQL's LIKE.
    Ok(lines(Entity::find())
        .filter(Column::Kind.eq(PostKind::Page))
        .filter(Column::PagePath.starts_with(format!("{path}/")))
        .order_by_asc(Column::PagePath)
        .into_model()
        .all(db)
        .await?)
}

/// The published pages in the order of their addresses, for the sitemap.
pub async fn list_published(db: &impl ConnectionTrait, limit: u64) -> Result<Vec<PostLine>> {
    Ok(lines(Entity::find())
        .filter(Column::Kind.eq(PostKind::Page))
        .filter(Column::State.eq(PostState::Published))
        .order_by_asc(Column::PagePath)
        .limit(limit)
        .into_model()
        .all(db)
        .await?)
}

/// Pages that are not in the trash in the order of their addresses, for choosing a parent; `author` leaves only
/// theirs and published ones.
pub async fn list_for_choice(
    db: &impl ConnectionTrait,
    author: Option<UserId>,
    limit: u64,
) -> Result<Vec<PostLine>> {
    let mut query = lines(Entity::find())
        .filter(Column::Kind.eq(PostKind::Page))
        .filter(Column::State.ne(PostState::Trash));
    if let Some(author) = author {
        query = query.filter(
            Column::AuthorId
                .eq(author)
                .or(Column::State.eq(PostState::Published)),
        );
    }
    Ok(query
        .order_by_asc(Column::PagePath)
        .limit(limit)
        .into_model()
        .all(db)
        .await?)
}

/// How many pages there are, whatever their state.
pub async fn count(db: &impl ConnectionTrait) -> Result<u64> {
    Ok(Entity::find()
        .filter(Column::Kind.eq(PostKind::Page))
        .count(db)
        .await?)
}

/// The pages with these slugs, in the order of their addresses.
pub async fn list_by_slugs(db: &impl ConnectionTrait, slugs: &[&str]) -> Result<Vec<PostLine>> {
    if slugs.is_empty() {
        return Ok(Vec::new());
    }
    Ok(lines(Entity::find())
        .filter(Column::Kind.eq(PostKind::Page))
        .filter(Column::Slug.is_in(slugs.iter().copied()))
        .order_by_asc(Column::PagePath)
        .into_model()
        .all(db)
        .await?)
}

/// Moves the pages right below `from` below `to`, or to the top. Their paths are left to [`set_path`].
pub async fn set_parent_of_children(
    db: &impl ConnectionTrait,
    from: PostId,
    to: Option<PostId>,
) -> Result<()> {
    let row = ActiveModel {
        parent_id: Set(to),
        ..Default::default()
    };
    Entity::update_many()
        .set(row)
        .filter(Column::ParentId.eq(from))
        .exec(db)
        .await?;
    Ok(())
}

/// Sets the path of a page, after its slug or a page above it has changed. Its revision stays.
pub async fn set_path(db: &impl ConnectionTrait, id: PostId, path: String) -> Result<()> {
    let row = ActiveModel {
        page_path: Set(Some(path)),
        ..Default::default()
    };
    Entity::update_many()
        .set(row)
        .filter(Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}
