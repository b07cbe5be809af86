//! Which page is above which. A page has its whole path in its row, so that addresses are made without
//! looking anything up; it is changed only here, under the lock on slugs, and so no page is ever above
//! itself.

use crate::error::{Error, Field, Problem, Result};
use crate::posts::draft::PostDraft;
use crate::store::changes::CacheTag;
use crate::store::db::Tx;
use crate::store::entity::ids::PostId;
use crate::store::entity::post::{Model as Post, PostKind, PostState};
use crate::store::{pages, posts, slugs};
use crate::texts::Message;
use crate::urls::MAX_PAGE_LEVELS;

/// The most levels of pages: `/A/B/C/`.
pub const MAX_LEVELS: usize = MAX_PAGE_LEVELS;

/// Where a page is. A post is nowhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PagePlace {
    pub parent_id: Option<PostId>,
    /// The slugs from the top page down to this one.
    pub path: Option<String>,
}

/// The place of a page that is saved as `draft` with `slug`; `current` is the page as it is stored.
pub async fn place(
    tx: &Tx,
    current: Option<&Post>,
    slug: &str,
    draft: &PostDraft,
) -> Result<PagePlace> {
    if draft.kind == PostKind::Post {
        return Ok(PagePlace::default());
    }
    let Some(parent) = &draft.parent else {
        return Ok(PagePlace {
            parent_id: None,
            path: Some(slug.to_owned()),
        });
    };
    let found = match posts::find_by_slug(tx, parent).await? {
        Some(page) => Some(page),
        None => slugs::find_by_former_slug(tx, parent).await?,
    };
    let parent = found
        .filter(|page| page.kind == PostKind::Page)
        .ok_or_else(|| refused(Message::new("page-parent-unknown")))?;
    if parent.state == PostState::Trash {
        return Err(refused(Message::new("page-parent-in-trash")));
    }
    let above = parent.page_path.as_deref().unwrap_or(&parent.slug);
    let mut levels = 1;
    if let Some(current) = current {
        let own = current.page_path.as_deref().unwrap_or(&current.slug);
        if parent.id == current.id || is_below(above, own) {
            return Err(refused(Message::new("page-parent-below")));
        }
        let below = pages::list_below(tx, own).await?;
        let deepest = below
            .iter()
            .filter_map(|page| page.page_path.as_deref())
            .map(depth)
            .max();
        levels = deepest.map_or(1, |deepest| deepest - depth(own) + 1);
    }
    if depth(above) + levels > MAX_LEVELS {
        let message = Message::new("page-too-deep").with("max", MAX_LEVELS);
        return Err(refused(message));
    }
    Ok(PagePlace {
        parent_id: Some(parent.id),
        path: Some(format!("{above}/{slug}")),
    })
}

/// Moves the pages below one along with it, after it was saved.
pub async fn move_below(tx: &Tx, was: &Post, is: &Post) -> Result<()> {
    match (&was.page_path, &is.page_path) {
        (Some(from), Some(to)) if from != to => rename_below(tx, from, to).await,
        _ => Ok(()),
    }
}

/// Takes a page that is about to be deleted out of the hierarchy: the pages right below it move up. The
/// caller holds the lock on slugs since before it read the page.
pub async fn leave(tx: &Tx, page: &Post) -> Result<()> {
    let Some(path) = &page.page_path else {
        return Ok(());
    };
    pages::set_parent_of_children(tx, page.id, page.parent_id).await?;
    let above = path.rsplit_once('/').map_or("", |(above, _)| above);
    rename_below(tx, path, above).await
}

async fn rename_below(tx: &Tx, from: &str, to: &str) -> Result<()> {
    for page in pages::list_below(tx, from).await? {
        let rest = page
            .page_path
            .as_deref()
            .and_then(|path| path.get(from.len() + 1..));
        let Some(rest) = rest else { continue };
        let path = match to {
            "" => rest.to_owned(),
            to => format!("{to}/{rest}"),
        };
        pages::set_path(tx, page.id, path).await?;
        tx.invalidate(CacheTag::Post(page.id));
    }
    Ok(())
}

/// Whether the page at `path` is below the one at `above`.
fn is_below(path: &str, above: &str) -> bool {
    path.strip_prefix(above)
        .is_some_and(|rest| rest.starts_with('/'))
}

fn depth(path: &str) -> usize {
    path.split('/').count()
}

fn refused(message: Message) -> Error {
    Error::field(Field::PageParent, Problem::Unusable(message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_below_another_by_whole_slugs() {
        assert!(is_below("about/team", "about"));
        assert!(is_below("about/team/ada", "about"));
        assert!(!is_below("about", "about"));
        assert!(!is_below("about-us/team", "about"));
        assert_eq!((depth("about"), depth("about/team/ada")), (1, 3));
    }
}
