//! A list of posts: on the home page and in the archives. Paging is left to the caller.

use maud::{Markup, html};

use crate::posts::find::{PostPage, permalink_of_line};
use crate::ui::when;
use crate::web::state::Web;

/// A page of posts, or what is shown where there are none.
pub fn post_list(web: &Web, page: &PostPage) -> Markup {
    let texts = &web.texts;
    html! {
        @if page.posts.is_empty() {
            div.empty {
                h2 { (texts.text("no-posts-title")) }
                p { (texts.text("no-posts")) }
            }
        }
        @for post in &page.posts {
            @let link = permalink_of_line(&web.app, post);
            article.post-line {
                h2 dir="auto" { a href=(link) { (post.title) } }
                p.meta {
                    @if let Some(at) = post.published_at { (when::time_of_day(at, web.app.urls.zone())) " " }
                    @if let Some(name) = page.authors.get(&post.author_id) {
                        (texts.around("by-author", ("name", name), &[]))
                    }
                }
                p dir="auto" { (post.summary) }
                @let count = page.responses.get(&post.id).copied().unwrap_or(0);
                @if count > 0 {
                    p.meta {
                        a href={ (link) "#comments" } { (texts.with("responses-count", &[("count", count.into())])) }
                    }
                }
            }
        }
    }
}
