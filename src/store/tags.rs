//! Queries on tags.

use std::collections::HashSet;

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
};

use crate::error::{Error, Result};
use crate::markup::slug::first_free;
use crate::store::entity::ids::{PostId, TagId};
use crate::store::entity::{post_tag, tag};
use crate::texts::Message;

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

/// A tag by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagName {
    /// As readers see it, where it is new.
    pub name: String,
    /// The same for all spellings of one tag.
    pub key: String,
    /// The slug to use if it is new.
    pub slug: String,
}

/// Gives a post exactly these tags; makes those that are new, each with a slug of its own.
pub async fn set_for_post(db: &impl ConnectionTrait, post: PostId, tags: &[TagName]) -> Result<()> {
    let mut ids: Vec<TagId> = Vec::new();
    // In one order everywhere: two posts with the same new tags wait for each other one way only.
    let mut tags: Vec<&TagName> = tags.iter().collect();
    tags.sort_by(|a, b| a.key.cmp(&b.key));
    for tag in tags {
        let id = find_or_insert(db, tag).await?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    post_tag::Entity::delete_many()
        .filter(post_tag::Column::PostId.eq(post))
        .exec(db)
        .await?;
    if ids.is_empty() {
        return Ok(());
    }
    let links = ids.into_iter().map(|id| post_tag::ActiveModel {
        post_id: Set(post),
        tag_id: Set(id),
    });
    post_tag::Entity::insert_many(links)
        .on_conflict(
            OnConflict::columns([post_tag::Column::PostId, post_tag::Column::TagId])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// How often a new tag tries for a slug that another node has not taken meanwhile.
const TRIES: usize = 20;

async fn find_or_insert(db: &impl ConnectionTrait, tag: &TagName) -> Result<TagId> {
    for _ in 0..TRIES {
        let known = tag::Entity::find()
            .filter(tag::Column::NameKey.eq(&tag.key))
            .one(db)
            .await?;
        if let Some(known) = known {
            return Ok(known.id);
        }
        let taken = list_slugs_like(db, &tag.slug).await?;
        let slug = first_free(&tag.slug, |slug| taken.contains(slug))
            .ok_or_else(|| Error::internal("name a tag", "too many tags make the same slug"))?;
        let new = tag::ActiveModel {
            slug: Set(slug),
            name: Set(tag.name.clone()),
            name_key: Set(tag.key.clone()),
            ..Default::default()
        };
        // Whichever of its two names another node took first, the next look finds it.
        tag::Entity::insert(new)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(db)
            .await?;
    }
    Err(Error::Conflict(
        Message::new("conflict-tag").with("name", tag.name.as_str()),
    ))
}

async fn list_slugs_like(db: &impl ConnectionTrait, slug: &str) -> Result<HashSet<String>> {
    // Numbered, a long slug is cut: what it begins with is compared.
    let start: String = slug.chars().take(90).collect();
    Ok(tag::Entity::find()
        .select_only()
        .column(tag::Column::Slug)
        .filter(tag::Column::Slug.starts_with(start))
        .into_tuple::<String>()
        .all(db)
        .await?
        .into_iter()
        .collect())
}
