//! Chooses the slug of a post: the one that was typed, if it is free, or the first free one made
//! from the title. Never takes a slug away from another post.

use crate::error::{Error, Field, Problem, Result};
use crate::markup::slug;
use crate::posts::draft::PostDraft;
use crate::posts::reserved;
use crate::store::db::Tx;
use crate::store::entity::post::{Model as Post, PostKind, PostState};
use crate::store::slugs::{self as rows, SlugHolder};
use crate::texts::Message;

/// The slug of `current` once it is saved as `draft`.
pub async fn choose(tx: &Tx, current: Option<&Post>, draft: &PostDraft) -> Result<String> {
    let id = current.map(|post| post.id);
    if let Some(typed) = &draft.slug {
        if current.is_some_and(|post| post.slug == *typed) {
            return Ok(typed.clone());
        }
        if draft.kind == PostKind::Page {
            reserved::check(typed)?;
        }
        rows::lock_slugs(tx).await?;
        return match rows::find_holder(tx, typed, id).await? {
            None => Ok(typed.clone()),
            Some(holder) => Err(taken(&holder)),
        };
    }
    // The permalink of a published post does not change with its title.
    if let Some(post) = current.filter(|post| post.published_at.is_some()) {
        return Ok(post.slug.clone());
    }
    rows::lock_slugs(tx).await?;
    let wanted = slug::of_title(&draft.title);
    let taken = rows::list_slugs_like(tx, &wanted, id).await?;
    // A draft keeps a slug that still fits its title, numbered or not.
    if let Some(post) = current.filter(|post| is_of(&post.slug, &wanted)) {
        return Ok(post.slug.clone());
    }
    let is_reserved = |slug: &str| draft.kind == PostKind::Page && !reserved::may_be_page(slug);
    slug::first_free(&wanted, |slug| taken.contains(slug) || is_reserved(slug))
        .ok_or_else(|| Error::field(Field::Slug, Problem::Taken))
}

fn is_of(slug: &str, wanted: &str) -> bool {
    slug == wanted
        || slug
            .rsplit_once('-')
            .and_then(|(_, nth)| nth.parse().ok())
            .is_some_and(|nth| slug::numbered(wanted, nth) == slug)
}

/// The error for a slug that is taken. Names no titles: the person may not be allowed to see the
/// post.
pub fn taken(holder: &SlugHolder) -> Error {
    let message = match holder {
        SlugHolder::Post(PostState::Trash) => Message::new("slug-taken-by-trash"),
        SlugHolder::Post(PostState::Draft) => Message::new("slug-taken-by-draft"),
        SlugHolder::Post(PostState::Scheduled | PostState::Published) => {
            Message::new("slug-taken-by-post")
        }
        SlugHolder::Former(slug) => {
            Message::new("slug-taken-by-redirect").with("slug", slug.as_str())
        }
    };
    Error::field(Field::Slug, Problem::Unusable(message))
}
