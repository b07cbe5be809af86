//! A page, such as About, as the home page. What people say about it stays at its own address.

use axum::response::IntoResponse;
use maud::{Markup, html};

use crate::accounts::permissions::Actor;
use crate::error::Error;
use crate::posts::publish::publishing;
use crate::store::changes::CacheTag;
use crate::store::entity::ids::PostId;
use crate::store::entity::post::{Model as Post, PostKind, PostState};
use crate::store::entity::user;
use crate::store::posts;
use crate::ui::frame::{PageFrame, SiteName};
use crate::ui::reader_page::reader_page;
use crate::ui::text_block::stored_text;
use crate::web::cacheable::Cacheable;
use crate::web::respond::PageResult;
use crate::web::state::Web;

/// Where the newest posts are, if the home page is a page.
pub const POSTS: &str = "/page/1/";

/// The page that was chosen; None where it is not published any longer, or none was chosen.
pub async fn find(web: &Web, chosen: Option<PostId>) -> Result<Option<Post>, Error> {
    let Some(id) = chosen else {
        return Ok(None);
    };
    let found = posts::find(web.app.store.read(), id).await?;
    Ok(found.filter(|page| page.kind == PostKind::Page && page.state == PostState::Published))
}

/// The home page with this page on it.
pub fn show(web: &Web, site: &SiteName, visitor: Option<&user::Model>, page: &Post) -> PageResult {
    let edit = visitor
        .filter(|user| {
            let actor = Actor::from(*user);
            actor.may(publishing(page.kind)) && actor.must_write_post_of(page.author_id).is_ok()
        })
        .map(|_| format!("/desk/posts/{}/edit", page.id));
    let frame = PageFrame {
        title: None,
        description: Some(&page.summary),
        canonical: Some("/"),
        visitor,
        edit,
        edit_label: "edit-page",
        ..web.frame(site)
    };
    let mut response = reader_page(&frame, &article(web, page)).into_response();
    response.extensions_mut().insert(Cacheable {
        tags: vec![CacheTag::Identity, CacheTag::Posts, CacheTag::Post(page.id)],
        until: None,
    });
    Ok(response)
}

fn article(web: &Web, page: &Post) -> Markup {
    let texts = &web.texts;
    html! {
        article.post.page.h-entry {
            header { h1.p-name dir="auto" { (page.title) } }
            div.e-content.text dir="auto" { (stored_text(texts, &page.body_html)) }
        }
        p.meta { a href=(POSTS) { (texts.text("all-posts")) } }
    }
}
