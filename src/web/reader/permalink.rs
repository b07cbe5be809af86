//! The post or page at an address, and the addresses below it. Never renders a page.

use axum::response::{IntoResponse, Redirect, Response};

use crate::error::{Error, Result};
use crate::posts::find::{self, PostLookup};
use crate::responses::thread;
use crate::store::entity::post::{Model as Post, PostKind};
use crate::store::thread::ThreadRow;
use crate::web::respond::Failure;
use crate::web::state::Web;

/// The segments of an address: year, month, day and slug of a post, or the slugs of a page from the top one
/// down. Their number tells which: no page is on a fourth level.
pub type Address = Vec<String>;

const POST_SEGMENTS: usize = 4;

/// The address without its last segment, and that segment.
pub fn split_child(mut address: Address) -> Option<(Address, String)> {
    let child = address.pop()?;
    Some((address, child))
}

/// The address of the status page of a comment, for whoever has its receipt.
pub fn comment_status_path(permalink: &str, receipt: &str) -> String {
    format!("{permalink}receipt/{receipt}")
}

/// The post or page at an address, or a redirect to where it is now, which keeps `rest` behind the
/// permalink.
pub async fn find_post(
    web: &Web,
    address: &[String],
    rest: &str,
) -> std::result::Result<std::result::Result<Post, Response>, Failure> {
    let post = match look_up(web, address).await? {
        PostLookup::Current(post) | PostLookup::Moved(post) => *post,
        PostLookup::Gone => return Err(Failure::gone()),
        PostLookup::NotFound => return Err(Error::NotFound("post").into()),
    };
    let permalink = find::permalink(&web.app, &post);
    if permalink == format!("/{}/", address.join("/")) {
        Ok(Ok(post))
    } else {
        Ok(Err(
            Redirect::permanent(&format!("{permalink}{rest}")).into_response()
        ))
    }
}

async fn look_up(web: &Web, address: &[String]) -> Result<PostLookup> {
    if let Some(slug) = address.get(POST_SEGMENTS - 1) {
        return find::find_by_slug(&web.app, slug).await;
    }
    let slugs: Vec<&str> = address.iter().map(String::as_str).collect();
    find::find_page(&web.app, &slugs).await
}

/// The page of its thread on which a published response is.
pub async fn page_of(web: &Web, row: &ThreadRow) -> Result<u64> {
    thread::page_number_of(&web.app, row.post_id, &row.path, true).await
}

/// The post or page that a form was sent to, also by an old slug, date or place: a redirect would lose the
/// text.
pub async fn find_post_of_form(
    web: &Web,
    address: &[String],
) -> std::result::Result<Post, Failure> {
    let of_page = address.len() < POST_SEGMENTS;
    match look_up(web, address).await? {
        PostLookup::Current(post) | PostLookup::Moved(post)
            if (post.kind == PostKind::Page) == of_page =>
        {
            Ok(*post)
        }
        PostLookup::Gone => Err(Failure::gone()),
        PostLookup::Current(_) | PostLookup::Moved(_) | PostLookup::NotFound => {
            Err(Error::NotFound("post").into())
        }
    }
}
