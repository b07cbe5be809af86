//! The home page with the newest posts, and the short addresses of posts.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect};
use maud::html;

use crate::error::Error;
use crate::posts::find::{self, PostLookup};
use crate::site::look::HomeStyle;
use crate::store::changes::CacheTag;
use crate::store::posts::Published;
use crate::ui::frame::PageFrame;
use crate::ui::pager::{self, pager};
use crate::ui::reader_page::reader_page;
use crate::urls::SitePage;
use crate::web::cacheable::Cacheable;
use crate::web::page_request::{PageRequest, Param, parse_number};
use crate::web::reader::front_page;
use crate::web::respond::{Failure, PageResult};
use crate::web::session::Visitor;
use crate::web::state::Web;
use crate::web::views::post_list::{PostListStyle, post_list};

/// `GET /` and `GET /?p=ID`
pub async fn index(State(web): State<Web>, visitor: Visitor, request: PageRequest) -> PageResult {
    let id = match request.post_id {
        Param::Missing => return home_page(web, visitor).await,
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
        // Nobody stores the redirect: a page may become the home page, and then the posts are here.
        Some(1) if !has_front_page(&web).await? => Ok(Redirect::permanent("/").into_response()),
        Some(page) => post_pages(web, visitor, page).await,
        None => Err(Error::NotFound("page").into()),
    }
}

async fn has_front_page(web: &Web) -> Result<bool, Error> {
    let chosen = web.site_name().await?.look.home_page;
    Ok(front_page::find(web, chosen).await?.is_some())
}

async fn home_page(web: Web, visitor: Visitor) -> PageResult {
    let site = web.site_name().await?;
    match front_page::find(&web, site.look.home_page).await? {
        Some(page) => front_page::show(&web, &site, visitor.0.as_ref(), &page),
        None => post_pages(web, visitor, 1).await,
    }
}

/// A page of the newest posts.
async fn post_pages(web: Web, Visitor(visitor): Visitor, page: u64) -> PageResult {
    let site = web.site_name().await?;
    let has_front_page = front_page::find(&web, site.look.home_page).await?.is_some();
    let posts = find::page_published(&web.app, Published::All, page)
        .await?
        .ok_or(Error::NotFound("page"))?;
    let address = |page| match page {
        page if page <= 1 && has_front_page => front_page::POSTS.to_owned(),
        page => page_address("/")(page),
    };
    let style = match site.look.home_style {
        HomeStyle::Cards => PostListStyle::Cards,
        HomeStyle::List | HomeStyle::Page => PostListStyle::Lines,
    };
    let main = html! {
        h1.visually-hidden { (site.name) }
        (post_list(&web, &posts, style, page == 1))
        (pager(&web.texts, page, posts.pages, &address, &pager::POSTS))
    };
    let path = address(page);
    let frame = PageFrame {
        title: None,
        description: (!site.tagline.is_empty()).then_some(site.tagline.as_str()),
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
