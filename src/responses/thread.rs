//! A post's thread as a page shows it: a page of rows, read as nested items.

use crate::app::App;
use crate::error::Result;
use crate::store::entity::ids::{PostId, ResponseId};
use crate::store::entity::response::ResponseState;
use crate::store::responses;
use crate::store::thread::{self as rows, ThreadRow};

/// The most faces on a page.
const MOST_FACES: u64 = 60;

/// A page of a thread.
#[derive(Clone, Debug)]
pub struct ThreadPage {
    /// In reading order.
    pub rows: Vec<ThreadRow>,
    /// How many responses the post shows.
    pub total: u64,
    /// This page, from 1.
    pub page: u64,
    /// How many pages there are, at least 1.
    pub pages: u64,
}

/// A response and the replies under it, as they are nested on a page.
#[derive(Debug)]
pub struct Item<'a> {
    /// The response.
    pub row: &'a ThreadRow,
    /// From 1.
    pub depth: usize,
    /// Replies to it.
    pub children: Vec<Item<'a>>,
}

/// The likes, reposts and bookmarks of a post.
#[derive(Clone, Debug)]
pub struct Faces {
    /// The first of them.
    pub rows: Vec<ThreadRow>,
    /// How many there are.
    pub total: u64,
}

/// The likes, reposts and bookmarks of `post`; not more than a page can show.
pub async fn list_faces(app: &App, post: PostId) -> Result<Faces> {
    let db = app.store.read();
    let total = responses::count_faces(db, post).await?;
    let rows = match total {
        0 => Vec::new(),
        _ => rows::list_faces(db, post, MOST_FACES).await?,
    };
    Ok(Faces { rows, total })
}

/// A response under `post`, if readers see it.
pub async fn find_shown(app: &App, post: PostId, id: ResponseId) -> Result<Option<ThreadRow>> {
    let row = rows::find(app.store.read(), id).await?;
    Ok(row.filter(|row| row.post_id == post && row.state == ResponseState::Approved))
}

/// A page of what `post` shows, with `own` put in its place where its writer may see it; None
/// behind the last page.
pub async fn page_thread(
    app: &App,
    post: PostId,
    page: u64,
    own: Option<ResponseId>,
) -> Result<Option<ThreadPage>> {
    let db = app.store.read();
    let size = app.config.comments.per_page;
    let counts = responses::count_approved(db, &[post]).await?;
    let total = counts.get(&post).copied().unwrap_or(0);
    let pages = total.div_ceil(size).max(1);
    if page == 0 || page > pages {
        return Ok(None);
    }
    let mut found = if total == 0 {
        Vec::new()
    } else {
        rows::page(db, post, page, size).await?
    };
    if let Some(own) = own
        && let Some(row) = rows::find(db, own).await?
        && row.state == ResponseState::Pending
    {
        let place = found.partition_point(|other| other.path < row.path);
        found.insert(place, row);
    }
    Ok(Some(ThreadPage {
        rows: found,
        total,
        page,
        pages,
    }))
}

/// The page of its post's thread on which a response stands, from 1. Most are new and stand on the
/// last page, which is found without a walk through the thread.
pub async fn find_page_of(app: &App, post: PostId, path: &[u8], shown: bool) -> Result<u64> {
    let db = app.store.read();
    let size = app.config.comments.per_page;
    let counts = responses::count_approved(db, &[post]).await?;
    let total = counts.get(&post).copied().unwrap_or(0);
    if total <= size {
        return Ok(1);
    }
    let after = rows::count_after(db, post, path, size).await?;
    let before = if after < size {
        total.saturating_sub(after + u64::from(shown))
    } else {
        rows::count_before(db, post, path).await?
    };
    // A response that waits is no row of its page: it stands behind the last one.
    let last = total.div_ceil(size);
    Ok((before / size + 1).min(last))
}

/// Nests `rows`, which are in reading order, by their paths: a row whose ancestors are not on the
/// page hangs under the nearest that is.
pub fn nest(rows: &[ThreadRow]) -> Vec<Item<'_>> {
    let mut rows = rows.iter().peekable();
    children_of(&[], 1, &mut rows)
}

fn children_of<'a>(
    parent: &[u8],
    depth: usize,
    rows: &mut std::iter::Peekable<std::slice::Iter<'a, ThreadRow>>,
) -> Vec<Item<'a>> {
    let mut items = Vec::new();
    while let Some(row) = rows.next_if(|row| row.path.starts_with(parent)) {
        items.push(Item {
            row,
            depth,
            children: children_of(&row.path, depth + 1, rows),
        });
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Moment;
    use crate::store::entity::response::ResponseKind;

    fn row(path: &[i64]) -> ThreadRow {
        ThreadRow {
            id: ResponseId(*path.last().unwrap()),
            post_id: PostId(1),
            parent_id: None,
            path: path.iter().flat_map(|id| id.to_be_bytes()).collect(),
            kind: ResponseKind::Comment,
            mention: None,
            state: ResponseState::Approved,
            author_name: String::new(),
            author_url: None,
            author_id: None,
            body_html: String::new(),
            source_url: None,
            gone_since: None,
            reported: 0,
            guid: None,
            created_at: Moment(0),
        }
    }

    fn shape(items: &[Item<'_>]) -> String {
        items
            .iter()
            .map(|item| format!("{}({})", item.row.id, shape(&item.children)))
            .collect()
    }

    #[test]
    fn replies_stand_under_what_they_answer() {
        let rows = [
            row(&[1]),
            row(&[1, 3]),
            row(&[1, 3, 4]),
            row(&[1, 5]),
            row(&[2]),
        ];
        assert_eq!(shape(&nest(&rows)), "1(3(4())5())2()");
    }

    #[test]
    fn a_reply_whose_parent_is_hidden_hangs_under_the_nearest_that_is_shown() {
        let rows = [row(&[1]), row(&[1, 3, 4]), row(&[2, 6])];
        assert_eq!(shape(&nest(&rows)), "1(4())6()");
    }
}
