//! One response by itself, whole: for those that are too long for the page of their thread.

use axum::http::StatusCode;
use axum::response::IntoResponse;
use maud::html;

use crate::error::Error;
use crate::posts::find;
use crate::responses::thread;
use crate::store::changes::Part;
use crate::store::entity::ids::ResponseId;
use crate::store::entity::post::Model as Post;
use crate::urls::comment_link;
use crate::web::cacheable::Cacheable;
use crate::web::respond::PageResult;
use crate::web::state::Web;
use crate::web::views::body::body;
use crate::web::views::layout::{Frame, layout};

/// The last part of a response's own address, below its post's.
pub fn part(id: ResponseId) -> String {
    format!("comment-{id}/")
}

/// Which response such a part names.
pub fn read_part(part: &str) -> Option<ResponseId> {
    part.strip_prefix("comment-")?
        .parse()
        .ok()
        .filter(|id: &ResponseId| self::part(*id) == format!("{part}/"))
}

/// `GET /YYYY/MM/DD/SLUG/comment-ID/`
pub async fn show(web: &Web, post: &Post, id: ResponseId) -> PageResult {
    let row = thread::find_shown(&web.app, post.id, id)
        .await?
        .ok_or(Error::NotFound("response"))?;
    let permalink = find::permalink(&web.app, post);
    let title = web
        .texts
        .with("whole-title", &[("name", row.author_name.as_str().into())]);
    let main = html! {
        h1 { (web.texts.around("whole-title", ("name", &row.author_name), &[])) }
        p { a href=(permalink) dir="auto" { (post.title) } }
        div.text dir="auto" { (body(web, &row.body_html)) }
        p { a href=(comment_link(id)) { (web.texts.text("whole-back")) } }
    };
    let site = web.site_name().await?;
    let mut frame = Frame::titled(&title);
    frame.head = html! { meta name="robots" content="noindex"; };
    let mut response = (StatusCode::OK, layout(web, &site, &frame, &main)).into_response();
    response.extensions_mut().insert(Cacheable {
        parts: vec![Part::Identity, Part::Posts, Part::Post(post.id)],
        until: None,
    });
    Ok(response)
}
