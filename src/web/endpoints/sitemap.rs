//! For search engines: which pages there are, and which they should leave out. Keeps nobody from a page.

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;
use maud::html;

use crate::posts::find;
use crate::store::changes::CacheTag;
use crate::store::pages;
use crate::store::posts::{self, Published};
use crate::web::cacheable::Cacheable;
use crate::web::respond::PageResult;
use crate::web::state::Web;

/// Posts beyond this number are left out (sitemaps.org allows 50,000).
const MAX_POSTS: u64 = 10_000;
/// The same for pages.
const MAX_PAGES: u64 = 2_000;

/// `GET /robots.txt`
pub async fn robots(State(web): State<Web>) -> String {
    format!(
        "User-agent: *\nDisallow: /desk/\nDisallow: /queue/\nDisallow: /settings/\nDisallow: /login\nDisallow: /*?replytocom=\nSitemap: {}\n",
        web.app.urls.absolute("/sitemap.xml")
    )
}

/// `GET /sitemap.xml`
pub async fn show(State(web): State<Web>) -> PageResult {
    let posts = posts::page_published(web.app.store.read(), Published::All, 1, MAX_POSTS).await?;
    let pages = pages::list_published(web.app.store.read(), MAX_PAGES).await?;
    let list = html! {
        urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" {
            url { loc { (web.app.urls.absolute("/")) } }
            @for post in pages.iter().chain(&posts) {
                url {
                    loc { (web.app.urls.absolute(&find::permalink_of_line(&web.app, post))) }
                    lastmod { (post.updated_at.rfc3339()) }
                }
            }
        }
    };
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}",
        list.into_string()
    );
    let mut response = body.into_response();
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/xml; charset=utf-8"),
    );
    response.extensions_mut().insert(Cacheable {
        tags: vec![CacheTag::Posts],
        until: None,
    });
    Ok(response)
}
