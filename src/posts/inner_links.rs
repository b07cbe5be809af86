//! Links from one post of this site to another, which are listed under the post. They are never
//! responses.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;

use crate::app::App;
use crate::error::Result;
use crate::markup::links::TextLink;
use crate::posts::find;
use crate::store::db::Tx;
use crate::store::entity::ids::{PostId, ResponseId};
use crate::store::entity::post::{Model as Post, PostState};
use crate::store::inner_links as rows;
use crate::store::posts::{self, PostLine};
use crate::store::responses;
use crate::store::slugs as slug_rows;
use crate::urls::{SitePage, Urls};

/// The most links of one post that are read.
const MAX_LINKS: usize = 200;
/// The most posts that are listed as linking to a post.
const MAX_MENTIONING_POSTS: u64 = 20;

/// Stores which posts of this site a saved post links to.
pub async fn record(tx: &Tx, urls: &Urls, post: &Post, links: &[TextLink]) -> Result<()> {
    // The day of a draft's address changes none of its links.
    let path = find::permalink_in(&TimeZone::UTC, post);
    let mut pages: Vec<SitePage> = Vec::new();
    for link in links.iter().take(MAX_LINKS) {
        let page = urls
            .resolve(&path, &link.href)
            .and_then(|url| urls.parse(url.as_str()));
        if let Some(page) = page.filter(|page| !pages.contains(page)) {
            pages.push(page);
        }
    }
    let slugs: Vec<String> = pages
        .iter()
        .filter_map(|page| match page {
            SitePage::Post { slug } => Some(slug.clone()),
            _ => None,
        })
        .collect();
    let mut ids: Vec<PostId> = pages
        .iter()
        .filter_map(|page| match page {
            SitePage::PostId(id) => Some(PostId(*id)),
            _ => None,
        })
        .collect();
    let comments: Vec<ResponseId> = pages
        .iter()
        .filter_map(|page| match page {
            SitePage::Comment(id) => Some(ResponseId(*id)),
            _ => None,
        })
        .collect();
    let places = responses::list_with_posts(tx, &comments).await?;
    ids.extend(places.into_iter().map(|(_, post, _)| post));
    let found: BTreeSet<PostId> = slug_rows::list_ids_at(tx, &slugs, &ids)
        .await?
        .into_iter()
        .filter(|id| *id != post.id)
        .collect();
    rows::set_for_post(tx, post.id, &found.into_iter().collect::<Vec<_>>()).await
}

/// The published posts that link to this one, the newest first.
pub async fn list_mentioning(app: &App, post: PostId) -> Result<Vec<PostLine>> {
    let db = app.store.read();
    let ids = rows::list_linking(db, post, MAX_MENTIONING_POSTS).await?;
    let mut lines = posts::list_by_ids(db, &ids).await?;
    lines.retain(|line| line.state == PostState::Published);
    lines.sort_by_key(|line| std::cmp::Reverse(line.published_at));
    Ok(lines)
}
