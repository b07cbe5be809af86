//! Which slug a post gets: the one that a person names, if nothing else has it, or the first free
//! one that its title suggests. No slug is ever taken from another post.

use crate::error::{Error, Field, Problem, Result};
use crate::markup::slug;
use crate::posts::draft::PostDraft;
use crate::store::db::Tx;
use crate::store::entity::post::{Model as Post, PostState};
use crate::store::posts::{self as rows, Holder};

/// The slug for what `current` becomes by `draft`.
pub async fn choose(tx: &Tx, current: Option<&Post>, draft: &PostDraft) -> Result<String> {
    let id = current.map(|post| post.id);
    if let Some(typed) = &draft.slug {
        if current.is_some_and(|post| post.slug == *typed) {
            return Ok(typed.clone());
        }
        rows::lock_slugs(&**tx).await?;
        return match rows::find_holder(&**tx, typed, id).await? {
            None => Ok(typed.clone()),
            Some(holder) => Err(taken(&holder)),
        };
    }
    // A permalink that readers have does not change because its title did.
    if let Some(post) = current.filter(|post| post.published_at.is_some()) {
        return Ok(post.slug.clone());
    }
    rows::lock_slugs(&**tx).await?;
    let wanted = slug::of_title(&draft.title);
    let taken = rows::list_slugs_like(&**tx, &wanted, id).await?;
    // A draft whose title still suggests its slug keeps it, numbered or not.
    if let Some(post) = current.filter(|post| is_of(&post.slug, &wanted)) {
        return Ok(post.slug.clone());
    }
    slug::first_free(&wanted, |slug| taken.contains(slug))
        .ok_or_else(|| Error::field(Field::Slug, Problem::Taken))
}

fn is_of(slug: &str, wanted: &str) -> bool {
    slug == wanted
        || slug
            .rsplit_once('-')
            .and_then(|(_, nth)| nth.parse().ok())
            .is_some_and(|nth| slug::numbered(wanted, nth) == slug)
}

/// Says what has a slug, without the titles of posts that the person may not see.
pub fn taken(holder: &Holder) -> Error {
    let words = match holder {
        Holder::Post(PostState::Trash) => {
            "a post in the trash has this slug: restore that post, delete it permanently, or choose another slug".to_owned()
        }
        Holder::Post(PostState::Draft) => {
            "a draft has this slug already: choose another".to_owned()
        }
        Holder::Post(PostState::Scheduled | PostState::Published) => {
            "another post has this slug already: choose another".to_owned()
        }
        Holder::Former(now) => format!(
            "a post was at this slug once, and its readers are led on to {now}: choose another slug"
        ),
    };
    Error::field(Field::Slug, Problem::Unusable { words })
}
