//! Queries on tags.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Set};

use crate::error::Result;
use crate::store::entity::ids::PostId;
use crate::store::entity::{post_tag, tag};

/// The tag with this slug.
pub async fn find_by_slug(db: &impl ConnectionTrait, slug: &str) -> Result<Option<tag::Model>> {
    Ok(tag::Entity::find()
        .filter(tag::Column::Slug.eq(slug))
        .one(db)
        .await?)
}

/// The tags of these posts, by name.
pub async fn list_for_posts(
    db: &impl ConnectionTrait,
    posts: &[PostId],
) -> Result<Vec<(PostId, tag::Model)>> {
    if posts.is_empty() {
        return Ok(Vec::new());
    }
    let rows = post_tag::Entity::find()
        .filter(post_tag::Column::PostId.is_in(posts.iter().copied()))
        .find_also_related(tag::Entity)
        .order_by_asc(tag::Column::Name)
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .filter_map(|(link, tag)| Some((link.post_id, tag?)))
        .collect())
}

/// Gives a post exactly these tags, as (slug, name); makes those that are new.
pub async fn set_for_post(
    db: &impl ConnectionTrait,
    post: PostId,
    tags: &[(String, String)],
) -> Result<()> {
    post_tag::Entity::delete_many()
        .filter(post_tag::Column::PostId.eq(post))
        .exec(db)
        .await?;
    if tags.is_empty() {
        return Ok(());
    }
    let new = tags.iter().map(|(slug, name)| tag::ActiveModel {
        slug: Set(slug.clone()),
        name: Set(name.clone()),
        ..Default::default()
    });
    tag::Entity::insert_many(new)
        .on_conflict(
            OnConflict::column(tag::Column::Slug)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(db)
        .await?;
    let slugs = tags.iter().map(|(slug, _)| slug.clone());
    let rows = tag::Entity::find()
        .filter(tag::Column::Slug.is_in(slugs))
        .all(db)
        .await?;
    let links = rows.into_iter().map(|row| post_tag::ActiveModel {
        post_id: Set(post),
        tag_id: Set(row.id),
    });
    post_tag::Entity::insert_many(links)
        .exec_without_returning(db)
        .await?;
    Ok(())
}
