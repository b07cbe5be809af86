//! Lists of posts by tag, by author and by month.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect};
use jiff::civil::Date;
use maud::{Markup, html};

use crate::error::Error;
use crate::posts::{find, reserved};
use crate::store::changes::CacheTag;
use crate::store::posts::Published;
use crate::store::{tags, users};
use crate::ui::frame::PageFrame;
use crate::ui::pager::{self, pager};
use crate::ui::reader_page::reader_page;
use crate::urls::day_range;
use crate::web::cacheable::Cacheable;
use crate::web::page_request::{PageRequest, parse_number};
use crate::web::reader::home::page_address;
use crate::web::reader::page;
use crate::web::respond::PageResult;
use crate::web::session::Visitor;
use crate::web::state::Web;
use crate::web::views::post_list::{PostListStyle, post_list};

/// `GET /tag/SLUG/`
pub async fn by_tag(web: State<Web>, visitor: Visitor, Path(slug): Path<String>) -> PageResult {
    tag_page(web, visitor, slug, None).await
}

/// `GET /tag/SLUG/page/N/`
pub async fn by_tag_page(
    web: State<Web>,
    visitor: Visitor,
    Path((slug, page)): Path<(String, String)>,
) -> PageResult {
    tag_page(web, visitor, slug, Some(&page)).await
}

/// `GET /author/SLUG/`
pub async fn by_author(web: State<Web>, visitor: Visitor, Path(slug): Path<String>) -> PageResult {
    author_page(web, visitor, slug, None).await
}

/// `GET /author/SLUG/page/N/`
pub async fn by_author_page(
    web: State<Web>,
    visitor: Visitor,
    Path((slug, page)): Path<(String, String)>,
) -> PageResult {
    author_page(web, visitor, slug, Some(&page)).await
}

/// `GET /YYYY/MM/`, and `GET /PARENT/PAGE/`, which has the same form
pub async fn by_month(
    web: State<Web>,
    visitor: Visitor,
    Path((year, month)): Path<(String, String)>,
    request: PageRequest,
) -> PageResult {
    if !reserved::is_reserved(&year) {
        return page::show_at(&web, visitor, &[year, month], &request).await;
    }
    month_page(web, visitor, &year, &month, None).await
}

/// `GET /YYYY/MM/page/N/`
pub async fn by_month_page(
    web: State<Web>,
    visitor: Visitor,
    Path((year, month, page)): Path<(String, String, String)>,
) -> PageResult {
    month_page(web, visitor, &year, &month, Some(&page)).await
}

async fn tag_page(
    State(web): State<Web>,
    visitor: Visitor,
    slug: String,
    page: Option<&str>,
) -> PageResult {
    let tag = tags::find_by_slug(web.app.store.read(), &slug)
        .await?
        .ok_or(Error::NotFound("tag"))?;
    let title = web
        .texts
        .with("posts-tagged", &[("name", tag.name.as_str().into())]);
    let heading = web.texts.around("posts-tagged", ("name", &tag.name), &[]);
    let archive = Archive {
        title: &title,
        heading,
        intro: "",
        base: &format!("/tag/{slug}/"),
        which: Published::Tagged(tag.id),
    };
    archive_page(web, visitor, archive, page).await
}

async fn author_page(
    State(web): State<Web>,
    visitor: Visitor,
    slug: String,
    page: Option<&str>,
) -> PageResult {
    let user = users::find_by_slug(web.app.store.read(), &slug)
        .await?
        .ok_or(Error::NotFound("author"))?;
    let title = web
        .texts
        .with("posts-by", &[("name", user.name.as_str().into())]);
    let heading = web.texts.around("posts-by", ("name", &user.name), &[]);
    let archive = Archive {
        title: &title,
        heading,
        intro: &user.bio,
        base: &format!("/author/{slug}/"),
        which: Published::By(user.id),
    };
    archive_page(web, visitor, archive, page).await
}

async fn month_page(
    State(web): State<Web>,
    visitor: Visitor,
    year: &str,
    month: &str,
    page: Option<&str>,
) -> PageResult {
    let unknown = || Error::NotFound("month");
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let first = match (year.len(), month.len()) {
        (4, 2) if is_number(year) && is_number(month) => format!("{year}-{month}-01")
            .parse::<Date>()
            .map_err(|_| unknown())?,
        _ => return Err(unknown().into()),
    };
    let end = first.last_of_month().tomorrow().map_err(|_| unknown())?;
    let (from, to) = day_range(first, end, &web.app.zone()).ok_or_else(unknown)?;
    let title = web.texts.with(
        "posts-of-month",
        &[("month", first.strftime("%B %Y").to_string().into())],
    );
    let base = format!("/{year}/{month}/");
    let heading = html! { (title) };
    let archive = Archive {
        title: &title,
        heading,
        intro: "",
        base: &base,
        which: Published::Between(from, to),
    };
    archive_page(web, visitor, archive, page).await
}

/// A list of posts that have something in common.
struct Archive<'a> {
    title: &'a str,
    /// The title, with what a person wrote in its own direction.
    heading: Markup,
    /// A line under the heading; may be empty.
    intro: &'a str,
    /// The path of its first page.
    base: &'a str,
    which: Published,
}

async fn archive_page(
    web: Web,
    Visitor(visitor): Visitor,
    archive: Archive<'_>,
    page: Option<&str>,
) -> PageResult {
    let Archive {
        title,
        heading,
        intro,
        base,
        which,
    } = archive;
    let has_own_address = page.is_some();
    let page = match page {
        Some(page) => parse_number(page).ok_or(Error::NotFound("page"))?,
        None => 1,
    };
    let site = web.site_name().await?;
    let posts = find::page_published(&web.app, which, page)
        .await?
        .ok_or(Error::NotFound("page"))?;
    if posts.posts.is_empty() && !matches!(which, Published::By(_)) {
        return Err(Error::NotFound("posts").into());
    }
    if has_own_address && page == 1 {
        return Ok(Redirect::permanent(base).into_response());
    }
    let address = page_address(base);
    let main = html! {
        div.list-title {
            h1 { (heading) }
            @if !intro.is_empty() { p dir="auto" { (intro) } }
            @if posts.posts.is_empty() { p { (web.texts.text("no-posts-found")) } }
        }
        @if !posts.posts.is_empty() { (post_list(&web, &posts, PostListStyle::Lines, false)) }
        (pager(&web.texts, page, posts.pages, &address, &pager::POSTS))
    };
    let path = address(page);
    let frame = PageFrame {
        canonical: Some(&path),
        visitor: visitor.as_ref(),
        ..web.frame(&site).titled(title)
    };
    let mut response = reader_page(&frame, &main).into_response();
    response.extensions_mut().insert(Cacheable {
        tags: vec![CacheTag::Identity, CacheTag::Posts, CacheTag::Responses],
        until: None,
    });
    Ok(response)
}
