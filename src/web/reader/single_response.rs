//! One response on a page of its own, for those that are too long for the page of their thread.

use axum::http::StatusCode;
use axum::response::IntoResponse;
use maud::html;

use crate::error::Error;
use crate::posts::find;
use crate::responses::thread;
use crate::store::changes::CacheTag;
use crate::store::entity::ids::ResponseId;
use crate::store::entity::post::Model as Post;
use crate::ui::reader_page::reader_page;
use crate::ui::text_block::stored_text;
use crate::urls::comment_link;
use crate::web::cacheable::Cacheable;
use crate::web::respond::PageResult;
use crate::web::state::Web;

/// The segment below the permalink that is the address of a response.
pub fn segment(id: ResponseId) -> String {
    format!("comment-{id}/")
}

/// The response that such a segment names; None where the segment is no such address.
pub fn read_segment(segment: &str) -> Option<ResponseId> {
    segment
        .strip_prefix("comment-")?
        .parse()
        .ok()
        .filter(|id: &ResponseId| self::segment(*id) == format!("{segment}/"))
}

/// `GET /YYYY/MM/DD/SLUG/comment-ID/`
pub async fn show(web: &Web, post: &Post, id: ResponseId) -> PageResult {
    let row = thread::find_published(&web.app, post.id, id)
        .await?
        .ok_or(Error::NotFound("response"))?;
    let permalink = find::permalink(&web.app, post);
    let title = web.texts.with(
        "single-response-title",
        &[("name", row.author_name.as_str().into())],
    );
    let main = html! {
        h1 { (web.texts.around("single-response-title", ("name", &row.author_name), &[])) }
        p { a href=(permalink) dir="auto" { (post.title) } }
        div.text dir="auto" { (stored_text(&web.texts, &row.body_html)) }
        p { a href=(comment_link(id)) { (web.texts.text("single-response-back")) } }
    };
    let site = web.site_name().await?;
    let mut frame = web.frame(&site).titled(&title);
    frame.head = html! { meta name="robots" content="noindex"; };
    let mut response = (StatusCode::OK, reader_page(&frame, &main)).into_response();
    response.extensions_mut().insert(Cacheable {
        tags: vec![CacheTag::Identity, CacheTag::Posts, CacheTag::Post(post.id)],
        until: None,
    });
    Ok(response)
}
