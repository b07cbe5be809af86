//! The post at a permalink, and the addresses below it. Never renders a page.

use axum::response::{IntoResponse, Redirect, Response};

use crate::error::{Error, Result};
use crate::posts::find::{self, PostLookup};
use crate::responses::thread;
use crate::store::entity::post::Model as Post;
use crate::store::thread::ThreadRow;
use crate::web::respond::Failure;
use crate::web::state::Web;

/// Year, month, day and slug.
pub type Permalink = (String, String, String, String);

/// A permalink and the one segment below it.
pub type PermalinkChild = (String, String, String, String, String);

/// The address of the status page of a comment, for whoever has its receipt.
pub fn comment_status_path(permalink: &str, receipt: &str) -> String {
    format!("{permalink}receipt/{receipt}")
}

/// The post at a permalink, or a redirect to where it is now, which keeps `rest` behind the
/// permalink.
pub async fn find_post(
    web: &Web,
    (year, month, day, slug): &Permalink,
    rest: &str,
) -> std::result::Result<std::result::Result<Post, Response>, Failure> {
    let post = match find::find_by_slug(&web.app, slug).await? {
        PostLookup::Current(post) | PostLookup::Moved(post) => *post,
        PostLookup::Gone => return Err(Failure::gone()),
        PostLookup::NotFound => return Err(Error::NotFound("post").into()),
    };
    let permalink = find::permalink(&web.app, &post);
    if permalink == format!("/{year}/{month}/{day}/{slug}/") {
        Ok(Ok(post))
    } else {
        Ok(Err(
            Redirect::permanent(&format!("{permalink}{rest}")).into_response()
        ))
    }
}

/// The page of its thread on which a published response is.
pub async fn page_of(web: &Web, row: &ThreadRow) -> Result<u64> {
    thread::page_number_of(&web.app, row.post_id, &row.path, true).await
}

/// The post that a form was sent to, also by an old slug or date: a redirect would lose the text.
pub async fn find_post_of_form(web: &Web, slug: &str) -> std::result::Result<Post, Failure> {
    match find::find_by_slug(&web.app, slug).await? {
        PostLookup::Current(post) | PostLookup::Moved(post) => Ok(*post),
        PostLookup::Gone => Err(Failure::gone()),
        PostLookup::NotFound => Err(Error::NotFound("post").into()),
    }
}
