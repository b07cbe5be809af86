//! The permanent address of a response, which redirects to the page of its thread that it is on
//! now. Never cached: that page changes when responses come and go.

use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Redirect};

use crate::error::Error;
use crate::posts::find;
use crate::responses::thread;
use crate::store::entity::ids::ResponseId;
use crate::store::entity::post::PostState;
use crate::store::entity::response::{MentionKind, ResponseState};
use crate::store::{posts, thread as rows};
use crate::urls::comment_on_page;
use crate::web::respond::PageResult;
use crate::web::state::Web;

/// `GET /comment/N/`
pub async fn show(State(web): State<Web>, Path(id): Path<String>) -> PageResult {
    let missing = || Error::NotFound("comment");
    let id: ResponseId = id.parse().map_err(|_| missing())?;
    let db = web.app.store.read();
    let row = rows::find(db, id)
        .await?
        .filter(|row| row.state == ResponseState::Approved)
        .ok_or_else(missing)?;
    let post = posts::find(db, row.post_id)
        .await?
        .filter(|post| post.state == PostState::Published)
        .ok_or_else(missing)?;
    let page = if row.mention.is_some_and(MentionKind::is_reaction) {
        // Likes and reposts are above the thread, on each of its pages.
        1
    } else {
        thread::page_number_of(&web.app, post.id, &row.path, true).await?
    };
    let to = comment_on_page(&find::permalink(&web.app, &post), page, id);
    let mut answer = Redirect::to(&to).into_response();
    let never = HeaderValue::from_static("no-store");
    answer.headers_mut().insert(header::CACHE_CONTROL, never);
    Ok(answer)
}
