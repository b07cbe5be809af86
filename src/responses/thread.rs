//! A post's thread: a page of rows in reading order, and their nesting. Renders nothing.

use crate::app::App;
use crate::error::Result;
use crate::store::entity::ids::{PostId, ResponseId};
use crate::store::entity::response::ResponseState;
use crate::store::response_counts;
use crate::store::thread::{self as rows, ThreadRow};

/// The most reactions that a page lists.
const MAX_REACTIONS: u64 = 60;

#[derive(Clone, Debug)]
pub struct ThreadPage {
    /// In reading order.
    pub rows: Vec<ThreadRow>,
    /// How many published responses the post has.
    pub total: u64,
    /// The number of this page, from 1.
    pub page: u64,
    /// How many pages there are, at least 1.
    pub pages: u64,
}

/// A response with the replies below it.
#[derive(Debug)]
pub struct ThreadItem<'a> {
    pub row: &'a ThreadRow,
    /// 1 for a response to the post itself.
    pub depth: usize,
    pub children: Vec<ThreadItem<'a>>,
}

/// The likes, reposts and bookmarks of a post.
#[derive(Clone, Debug)]
pub struct Reactions {
    /// The first of them, up to what a page lists.
    pub rows: Vec<ThreadRow>,
    /// How many there are altogether.
    pub total: u64,
}

pub async fn list_reactions(app: &App, post: PostId) -> Result<Reactions> {
    let db = app.store.read();
    let total = response_counts::count_reactions(db, post).await?;
    let rows = match total {
        0 => Vec::new(),
        _ => rows::list_reactions(db, post, MAX_REACTIONS).await?,
    };
    Ok(Reactions { rows, total })
}

/// The response `id`, if it is published under `post`.
pub async fn find_published(app: &App, post: PostId, id: ResponseId) -> Result<Option<ThreadRow>> {
    let row = rows::find(app.store.read(), id).await?;
    Ok(row.filter(|row| row.post_id == post && row.state == ResponseState::Approved))
}

/// A page of the thread of `post`, with the pending response `own` put in its place for its author.
/// None behind the last page.
pub async fn page_thread(
    app: &App,
    post: PostId,
    page: u64,
    own: Option<ResponseId>,
) -> Result<Option<ThreadPage>> {
    let db = app.store.read();
    let size = app.settings().discussion.per_page;
    let counts = response_counts::count_approved(db, &[post]).await?;
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

/// The number of the page of its thread that a response is on, from 1. Most are new and are on the
/// last page, which is found without counting through the thread.
pub async fn page_number_of(
    app: &App,
    post: PostId,
    path: &[u8],
    is_published: bool,
) -> Result<u64> {
    let db = app.store.read();
    let size = app.settings().discussion.per_page;
    let counts = response_counts::count_approved(db, &[post]).await?;
    let total = counts.get(&post).copied().unwrap_or(0);
    if total <= size {
        return Ok(1);
    }
    let after = rows::count_after(db, post, path, size).await?;
    let before = if after < size {
        total.saturating_sub(after + u64::from(is_published))
    } else {
        rows::count_before(db, post, path).await?
    };
    // A pending response is not counted in its page: it may be behind the last one.
    let last = total.div_ceil(size);
    Ok((before / size + 1).min(last))
}

/// Nests `rows`, which are in reading order, by their paths: a row whose parent is not on the page
/// goes below the nearest ancestor that is.
pub fn nest(rows: &[ThreadRow]) -> Vec<ThreadItem<'_>> {
    let mut rows = rows.iter().peekable();
    children_of(&[], 1, &mut rows)
}

fn children_of<'a>(
    parent: &[u8],
    depth: usize,
    rows: &mut std::iter::Peekable<std::slice::Iter<'a, ThreadRow>>,
) -> Vec<ThreadItem<'a>> {
    let mut items = Vec::new();
    while let Some(row) = rows.next_if(|row| row.path.starts_with(parent)) {
        items.push(ThreadItem {
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
            guid: String::new(),
            created_at: Moment(0),
        }
    }

    fn shape(items: &[ThreadItem<'_>]) -> String {
        items
            .iter()
            .map(|item| format!("{}({})", item.row.id, shape(&item.children)))
            .collect()
    }

    #[test]
    fn replies_are_below_what_they_reply_to() {
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
    fn a_reply_to_a_hidden_response_is_below_the_nearest_shown_one() {
        let rows = [row(&[1]), row(&[1, 3, 4]), row(&[2, 6])];
        assert_eq!(shape(&nest(&rows)), "1(4())6()");
    }
}
