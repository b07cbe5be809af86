//! `GET` of a post and of the pages of its thread: where an address that is not its own redirects to. What
//! they show is [`crate::web::reader::shown`].

use axum::extract::{Path, State};

use crate::error::Error;
use crate::posts::reserved;
use crate::web::page_request::PageRequest;
use crate::web::reader::page;
use crate::web::reader::permalink::{Address, find_post, split_child};
use crate::web::reader::shown::{self, Child};
use crate::web::respond::PageResult;
use crate::web::session::Visitor;
use crate::web::state::Web;

/// `GET /YYYY/MM/DD/SLUG/`, and `GET /PAGE/PAGE/PAGE/comment-page-N/`, which has the same form
pub async fn show(
    State(web): State<Web>,
    visitor: Visitor,
    Path(address): Path<Address>,
    request: PageRequest,
) -> PageResult {
    if address.first().is_some_and(|year| !reserved::is_year(year)) {
        return page::show_at(&web, visitor, &address, &request).await;
    }
    match find_post(&web, &address, &request.post_query()).await? {
        Ok(post) => shown::show(&web, visitor.0.as_ref(), &post, &request).await,
        Err(redirect) => Ok(redirect),
    }
}

/// `GET /YYYY/MM/DD/SLUG/comment-page-N/` and `GET /YYYY/MM/DD/SLUG/comment-N/`
pub async fn show_page(
    State(web): State<Web>,
    Visitor(visitor): Visitor,
    Path(address): Path<Address>,
) -> PageResult {
    let missing = || Error::NotFound("page");
    let (address, segment) = split_child(address).ok_or_else(missing)?;
    let child = Child::read(&segment).ok_or_else(missing)?;
    match find_post(&web, &address, &child.segment()).await? {
        Ok(post) => shown::show_child(&web, visitor.as_ref(), &post, child).await,
        Err(redirect) => Ok(redirect),
    }
}
