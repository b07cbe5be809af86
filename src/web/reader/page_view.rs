//! The page of a page such as About: the article with what is above it and, where it takes responses, its thread
//! and the form. Reads what the page needs and renders it; never changes anything.

use axum::http::StatusCode;
use axum::response::IntoResponse;
use maud::{Markup, html};

use crate::accounts::permissions::Actor;
use crate::error::Error;
use crate::posts::find;
use crate::posts::publish::publishing;
use crate::responses::discussion::{accepts_comments, accepts_linkbacks, next_closing};
use crate::responses::thread;
use crate::store::changes::CacheTag;
use crate::store::entity::post::{Model as Post, PostState};
use crate::store::entity::user;
use crate::store::pages;
use crate::store::posts::PostLine;
use crate::ui::frame::PageFrame;
use crate::ui::reader_page::reader_page;
use crate::ui::text_block::stored_text;
use crate::urls::Urls;
use crate::web::cacheable::Cacheable;
use crate::web::reader::post_view::{self, PostView};
use crate::web::respond::PageResult;
use crate::web::state::Web;

/// The page, with its thread and the form where it takes responses or has some.
pub async fn page_page(web: &Web, visitor: Option<&user::Model>, view: PostView<'_>) -> PageResult {
    let page = view.post;
    let site = web.site_name().await?;
    let above = list_above(web, page).await?;
    let permalink = find::permalink(&web.app, page);
    let thread = post_view::read_thread(web, &permalink, &view).await?;
    let reactions = thread::list_reactions(&web.app, page.id).await?;
    let accepts_linkbacks = accepts_linkbacks(&web.app, page);
    let has_discussion = accepts_linkbacks
        || accepts_comments(&web.app, page)
        || thread.total > 0
        || view.status != StatusCode::OK;
    let main = html! {
        (article(web, page, &above))
        @if accepts_linkbacks { (post_view::trackback_note(web, page, &permalink)) }
        @if has_discussion {
            (post_view::conversation(web, &permalink, &thread, &reactions, accepts_linkbacks, &view))
        }
    };
    let edit = visitor
        .filter(|user| {
            let actor = Actor::from(*user);
            actor.may(publishing(page.kind)) && actor.must_write_post_of(page.author_id).is_ok()
        })
        .map(|_| format!("/desk/posts/{}/edit", page.id));
    let frame = PageFrame {
        title: Some(&page.title),
        description: Some(&page.summary),
        canonical: Some(&permalink),
        head: head(
            web,
            page,
            &permalink,
            accepts_linkbacks,
            has_discussion,
            &view,
        ),
        visitor,
        edit,
        edit_label: "edit-page",
        ..web.frame(&site)
    };
    let mut response = (view.status, reader_page(&frame, &main)).into_response();
    if accepts_linkbacks {
        post_view::advertise(web, &mut response);
    }
    if view.own.is_none() && view.status == StatusCode::OK {
        response.extensions_mut().insert(Cacheable {
            // Posts: what is above the page, and the titles there.
            tags: vec![CacheTag::Identity, CacheTag::Posts, CacheTag::Post(page.id)],
            until: next_closing(&web.app, page),
        });
    }
    Ok(response)
}

/// The published pages above one, from the top down.
async fn list_above(web: &Web, page: &Post) -> Result<Vec<PostLine>, Error> {
    let path = page.page_path.as_deref().unwrap_or_default();
    let mut slugs: Vec<&str> = path.split('/').collect();
    slugs.pop();
    let mut above = pages::list_by_slugs(web.app.store.read(), &slugs).await?;
    above.retain(|page| page.state == PostState::Published);
    Ok(above)
}

fn head(
    web: &Web,
    page: &Post,
    permalink: &str,
    accepts_linkbacks: bool,
    has_discussion: bool,
    view: &PostView<'_>,
) -> Markup {
    html! {
        @if accepts_linkbacks { (post_view::linkback_links(web, permalink)) }
        @if has_discussion { (post_view::feed_link(web, page, permalink)) }
        link rel="shortlink" href={ (web.app.urls.absolute("/")) "?p=" (page.id) };
        meta property="og:type" content="website";
        meta property="og:title" content=(page.title);
        meta property="og:url" content=(web.app.urls.absolute(permalink));
        @if view.form.parent.is_some() || view.own.is_some() {
            meta name="robots" content="noindex";
        }
    }
}

fn article(web: &Web, page: &Post, above: &[PostLine]) -> Markup {
    let texts = &web.texts;
    html! {
        @if !above.is_empty() {
            nav.breadcrumbs aria-label=(texts.text("breadcrumbs")) {
                ol {
                    @for page in above {
                        @let path = page.page_path.as_deref().unwrap_or(&page.slug);
                        li { a href=(Urls::page(path)) { bdi { (page.title) } } }
                    }
                    li aria-current="page" { bdi { (page.title) } }
                }
            }
        }
        article.post.page.h-entry {
            header { h1.p-name dir="auto" { (page.title) } }
            div.e-content.text dir="auto" { (stored_text(texts, &page.body_html)) }
        }
    }
}
