//! Pages such as About, at addresses without a date. They get the requests that no other route
//! takes: two levels come by way of the monthly archives, and the thread of a page on the third level by way of
//! the posts, whose addresses have the same form.

use axum::extract::{Path, State};

use crate::error::Error;
use crate::posts::hierarchy::MAX_LEVELS;
use crate::posts::reserved;
use crate::web::endpoints::{feeds, trackback};
use crate::web::page_request::PageRequest;
use crate::web::reader::permalink::{Address, find_post};
use crate::web::reader::shown::{self, Child};
use crate::web::respond::PageResult;
use crate::web::session::Visitor;
use crate::web::state::Web;

/// `GET /PAGE/` and `GET /PAGE/PAGE/PAGE/`
pub async fn show(
    State(web): State<Web>,
    visitor: Visitor,
    Path(address): Path<Address>,
    request: PageRequest,
) -> PageResult {
    show_at(&web, visitor, &address, &request).await
}

/// `GET /PAGE/PAGE/PAGE/feed/`: the feed of a page's responses, or a post whose slug is "feed".
pub async fn show_feed_or_post(
    State(web): State<Web>,
    visitor: Visitor,
    Path(address): Path<Address>,
    request: PageRequest,
) -> PageResult {
    if is_day(&address) {
        return show_post(&web, visitor, address, "feed", &request).await;
    }
    feeds::post_responses_as_rss(State(web), Path(address)).await
}

/// `GET /PAGE/PAGE/PAGE/trackback/`: leads to the page, or is a post whose slug is "trackback".
pub async fn show_trackback_or_post(
    State(web): State<Web>,
    visitor: Visitor,
    Path(address): Path<Address>,
    request: PageRequest,
) -> PageResult {
    if is_day(&address) {
        return show_post(&web, visitor, address, "trackback", &request).await;
    }
    trackback::show(State(web), Path(address)).await
}

fn is_day(address: &[String]) -> bool {
    address.first().is_some_and(|year| reserved::is_year(year))
}

async fn show_post(
    web: &Web,
    Visitor(visitor): Visitor,
    mut address: Address,
    slug: &str,
    request: &PageRequest,
) -> PageResult {
    address.push(slug.to_owned());
    match find_post(web, &address, &request.post_query()).await? {
        Ok(post) => shown::show(web, visitor.as_ref(), &post, request).await,
        Err(redirect) => Ok(redirect),
    }
}

/// The page whose path has these slugs, what is below it, or a redirect to where it is now.
pub async fn show_at(
    web: &Web,
    Visitor(visitor): Visitor,
    address: &[String],
    request: &PageRequest,
) -> PageResult {
    if let Some((segment, above @ [_, ..])) = address.split_last()
        && let Some(child) = Child::read(segment)
    {
        return match find_post(web, above, &child.segment()).await? {
            Ok(page) => shown::show_child(web, visitor.as_ref(), &page, child).await,
            Err(redirect) => Ok(redirect),
        };
    }
    if address.len() > MAX_LEVELS {
        return Err(Error::NotFound("page").into());
    }
    match find_post(web, address, &request.post_query()).await? {
        Ok(page) => shown::show(web, visitor.as_ref(), &page, request).await,
        Err(redirect) => Ok(redirect),
    }
}
