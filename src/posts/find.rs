//! Finding posts for readers: by slug, by day, by tag, by author.

use std::collections::HashMap;

use jiff::tz::TimeZone;

use crate::app::App;
use crate::error::Result;
use crate::markup::pictures::OwnPicture;
use crate::media::uses;
use crate::posts::reserved;
use crate::store::entity::ids::{PostId, ResponseId, UserId};
use crate::store::entity::post::{Model as Post, PostKind, PostState};
use crate::store::entity::response::ResponseState;
use crate::store::entity::tag;
use crate::store::posts::{self as rows, PostLine, Published};
use crate::store::response_counts;
use crate::store::slugs as slug_rows;
use crate::store::{responses, tags, users};
use crate::urls::{SitePage, Urls, permalink_day};

/// The post at an address.
#[derive(Clone, Debug)]
pub enum PostLookup {
    Current(Box<Post>),
    /// A published post, which has another address now.
    Moved(Box<Post>),
    /// A post that was published there and is not any more.
    Gone,
    NotFound,
}

/// A page of a list of posts, with what its lines need.
#[derive(Clone, Debug)]
pub struct PostPage {
    pub posts: Vec<PostLine>,
    /// Names by author.
    pub authors: HashMap<UserId, String>,
    /// How many published responses each post has.
    pub responses: HashMap<PostId, u64>,
    /// The pictures above posts.
    pub pictures: HashMap<PostId, OwnPicture>,
    /// The number of this page, from 1.
    pub page: u64,
    /// How many pages there are, at least 1.
    pub pages: u64,
}

/// The published post that has this slug or had it before.
pub async fn find_by_slug(app: &App, slug: &str) -> Result<PostLookup> {
    let db = app.store.read();
    if let Some(post) = rows::find_by_slug(db, slug).await? {
        return Ok(match post.state {
            PostState::Published => PostLookup::Current(Box::new(post)),
            PostState::Trash if post.published_at.is_some() => PostLookup::Gone,
            _ => PostLookup::NotFound,
        });
    }
    Ok(match slug_rows::find_by_former_slug(db, slug).await? {
        Some(post) if post.state == PostState::Published => PostLookup::Moved(Box::new(post)),
        Some(post) if post.state == PostState::Trash => PostLookup::Gone,
        None if slug_rows::slug_is_gone(db, slug).await? => PostLookup::Gone,
        _ => PostLookup::NotFound,
    })
}

/// The post that an address of this site names, whatever the form of the address.
pub async fn find_by_page(app: &App, page: &SitePage) -> Result<PostLookup> {
    match page {
        SitePage::Post { slug } => find_by_slug(app, slug).await,
        SitePage::PostId(id) => {
            let db = app.store.read();
            let post = rows::find(db, PostId(*id)).await?;
            Ok(match post {
                Some(post) if post.state == PostState::Published => {
                    PostLookup::Current(Box::new(post))
                }
                Some(post) if post.state == PostState::Trash && post.published_at.is_some() => {
                    PostLookup::Gone
                }
                None if slug_rows::is_gone(db, PostId(*id)).await? => PostLookup::Gone,
                _ => PostLookup::NotFound,
            })
        }
        SitePage::Comment(id) => {
            let db = app.store.read();
            let response = responses::find(db, ResponseId(*id)).await?;
            let shown = response.filter(|row| row.state == ResponseState::Approved);
            let post = match shown {
                Some(row) => rows::find(db, row.post_id).await?,
                None => None,
            };
            Ok(match post {
                Some(post) if post.state == PostState::Published => {
                    PostLookup::Current(Box::new(post))
                }
                _ => PostLookup::NotFound,
            })
        }
        SitePage::Page { slugs } => {
            let slugs: Vec<&str> = slugs.iter().map(String::as_str).collect();
            find_page(app, &slugs).await
        }
        SitePage::Other => Ok(PostLookup::NotFound),
    }
}

/// The published page at an address, given as its slugs from the top page down. A page that is
/// somewhere else now has moved, whatever was above it.
pub async fn find_page(app: &App, slugs: &[&str]) -> Result<PostLookup> {
    let may_be_pages = slugs.iter().all(|slug| reserved::may_be_page(slug));
    let Some(slug) = slugs.last().filter(|_| may_be_pages) else {
        return Ok(PostLookup::NotFound);
    };
    let db = app.store.read();
    let page = |post: &Post| post.kind == PostKind::Page;
    if let Some(post) = rows::find_by_slug(db, slug).await? {
        let is_there = post.page_path == Some(slugs.join("/"));
        return Ok(match post.state {
            PostState::Published if page(&post) && is_there => PostLookup::Current(Box::new(post)),
            PostState::Published if page(&post) => PostLookup::Moved(Box::new(post)),
            PostState::Trash if page(&post) && post.published_at.is_some() => PostLookup::Gone,
            _ => PostLookup::NotFound,
        });
    }
    Ok(match slug_rows::find_by_former_slug(db, slug).await? {
        Some(post) if !page(&post) => PostLookup::NotFound,
        Some(post) if post.state == PostState::Published => PostLookup::Moved(Box::new(post)),
        Some(post) if post.state == PostState::Trash => PostLookup::Gone,
        None if slug_rows::slug_is_gone(db, &slug_rows::gone_page(slug)).await? => PostLookup::Gone,
        _ => PostLookup::NotFound,
    })
}

/// The permalink of a published post, or the address of a published page.
pub fn permalink(app: &App, post: &Post) -> String {
    permalink_in(&app.zone(), post)
}

/// The same where only the site's time zone is at hand, which posts without a date need.
pub fn permalink_in(zone: &TimeZone, post: &Post) -> String {
    match (&post.page_path, &post.permalink_day) {
        (Some(path), _) => Urls::page(path),
        (None, Some(day)) => Urls::permalink(day, &post.slug),
        (None, None) => {
            let at = post.published_at.unwrap_or(post.created_at);
            Urls::permalink(&permalink_day(at, zone), &post.slug)
        }
    }
}

/// The same for a line of a list.
pub fn permalink_of_line(app: &App, post: &PostLine) -> String {
    match (&post.page_path, &post.permalink_day) {
        (Some(path), _) => Urls::page(path),
        (None, Some(day)) => Urls::permalink(day, &post.slug),
        (None, None) => {
            let at = post.published_at.unwrap_or(post.updated_at);
            let day = permalink_day(at, &app.zone());
            Urls::permalink(&day, &post.slug)
        }
    }
}

/// A page of published posts; None behind the last page.
pub async fn page_published(app: &App, which: Published, page: u64) -> Result<Option<PostPage>> {
    let db = app.store.read();
    let size = app.settings().general.posts_per_page;
    let count = rows::count_published(db, which).await?;
    let pages = count.div_ceil(size).max(1);
    if page == 0 || page > pages {
        return Ok(None);
    }
    let posts = rows::page_published(db, which, page, size).await?;
    let ids: Vec<PostId> = posts.iter().map(|post| post.id).collect();
    Ok(Some(PostPage {
        authors: author_names(app, posts.iter().map(|post| post.author_id)).await?,
        responses: response_counts::count_approved(db, &ids).await?,
        pictures: uses::list_featured(app, &ids).await?,
        posts,
        page,
        pages,
    }))
}

pub async fn author_names(
    app: &App,
    ids: impl Iterator<Item = UserId>,
) -> Result<HashMap<UserId, String>> {
    let mut ids: Vec<UserId> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    let users = users::list_by_ids(app.store.read(), &ids).await?;
    Ok(users.into_iter().map(|user| (user.id, user.name)).collect())
}

/// The tags of a post, by name.
pub async fn tags_of(app: &App, post: PostId) -> Result<Vec<tag::Model>> {
    let rows = tags::list_for_posts(app.store.read(), &[post]).await?;
    Ok(rows.into_iter().map(|(_, tag)| tag).collect())
}
