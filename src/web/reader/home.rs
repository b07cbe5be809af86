//! The home page: the newest posts.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect};
use maud::html;

use crate::error::Error;
use crate::posts::find::{self, Found};
use crate::store::changes::Part;
use crate::store::posts::Published;
use crate::urls::SitePage;
use crate::web::cacheable::Cacheable;
use crate::web::page_request::{Asked, PageRequest, number};
use crate::web::respond::{Failure, PageResult};
use crate::web::session::Visitor;
use crate::web::state::Web;
use crate::web::views::layout::{Frame, layout};
use crate::web::views::paging::paging;
use crate::web::views::post_list::post_list;

/// `GET /` and `GET /?p=ID`
pub async fn index(State(web): State<Web>, visitor: Visitor, asked: PageRequest) -> PageResult {
    let id = match asked.post_id {
        Asked::Nothing => return home_page(web, visitor, 1).await,
        Asked::For(id) => id,
        Asked::Unreadable => return Err(Error::NotFound("post").into()),
    };
    match find::find_by_page(&web.app, &SitePage::PostId(id)).await? {
        Found::Here(post) | Found::Moved(post) => {
            Ok(Redirect::permanent(&find::permalink(&web.app, &post)).into_response())
        }
        Found::Gone => Err(Failure::gone()),
        Found::Nothing => Err(Error::NotFound("post").into()),
    }
}

/// `GET /page/N/`
pub async fn index_page(
    State(web): State<Web>,
    visitor: Visitor,
    Path(page): Path<String>,
) -> PageResult {
    match number(&page) {
        Some(1) => Ok(Redirect::permanent("/").into_response()),
        Some(page) => home_page(web, visitor, page).await,
        None => Err(Error::NotFound("page").into()),
    }
}

async fn home_page(web: Web, Visitor(visitor): Visitor, page: u64) -> PageResult {
    let site = web.site_name().await?;
    let posts = find::page_published(&web.app, Published::All, page)
        .await?
        .ok_or(Error::NotFound("page"))?;
    let address = page_address("/");
    let main = html! {
        h1.visually-hidden { (site.name) }
        (post_list(&web, &posts))
        (paging(&web.texts, page, posts.pages, &address, "paging", "newer-posts", "older-posts"))
    };
    let path = address(page);
    let frame = Frame {
        title: None,
        canonical: Some(&path),
        visitor: visitor.as_ref(),
        ..Frame::titled("")
    };
    let mut response = layout(&web, &site, &frame, &main).into_response();
    response.extensions_mut().insert(Cacheable {
        parts: vec![Part::Identity, Part::Posts, Part::Responses],
        until: None,
    });
    Ok(response)
}

/// Makes the paths of a list's pages; the first has none of its own.
pub fn page_address(base: &str) -> impl Fn(u64) -> String {
    move |page| {
        if page <= 1 {
            base.to_owned()
        } else {
            format!("{base}page/{page}/")
        }
    }
}
