//! The home page with the newest posts, and the short addresses of posts.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect};
use maud::html;

use crate::error::Error;
use crate::posts::find::{self, PostLookup};
use crate::store::changes::CacheTag;
use crate::store::posts::Published;
use crate::ui::frame::PageFrame;
use crate::ui::pager::{self, pager};
use crate::ui::reader_page::reader_page;
use crate::urls::SitePage;
use crate::web::cacheable::Cacheable;
use crate::web::page_request::{PageRequest, Param, parse_number};
use crate::web::respond::{Failure, PageResult};
use crate::web::session::Visitor;
use crate::web::state::Web;
use crate::web::views::post_list::post_list;

/// `GET /` and `GET /?p=ID`
pub async fn index(State(web): State<Web>, visitor: Visitor, request: PageRequest) -> PageResult {
    let id = match request.post_id {
        Param::Missing => return home_page(web, visitor, 1).await,
        Param::Value(id) => id,
        Param::Invalid => return Err(Error::NotFound("post").into()),
    };
    match find::find_by_page(&web.app, &SitePage::PostId(id)).await? {
        PostLookup::Current(post) | PostLookup::Moved(post) => {
            Ok(Redirect::permanent(&find::permalink(&web.app, &post)).into_response())
        }
        PostLookup::Gone => Err(Failure::gone()),
        PostLookup::NotFound => Err(Error::NotFound("post").into()),
    }
}

/// `GET /page/N/`
pub async fn index_page(
    State(web): State<Web>,
    visitor: Visitor,
    Path(page): Path<String>,
) -> PageResult {
    match parse_number(&page) {
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
        (pager(&web.texts, page, posts.pages, &address, &pager::POSTS))
    };
    let path = address(page);
    let frame = PageFrame {
        title: None,
        canonical: Some(&path),
        visitor: visitor.as_ref(),
        ..web.frame(&site)
    };
    let mut response = reader_page(&frame, &main).into_response();
    response.extensions_mut().insert(Cacheable {
        tags: vec![CacheTag::Identity, CacheTag::Posts, CacheTag::Responses],
        until: None,
    });
    Ok(response)
}

/// Makes the paths of the pages of a list; the first page is the list itself.
pub fn page_address(base: &str) -> impl Fn(u64) -> String {
    move |page| {
        if page <= 1 {
            base.to_owned()
        } else {
            format!("{base}page/{page}/")
        }
    }
}
