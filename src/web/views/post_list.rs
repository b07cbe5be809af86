//! A list of posts: on the home page and in the archives. Paging is left to the caller.

use maud::{Markup, html};

use crate::posts::find::{PostPage, permalink_of_line};
use crate::store::posts::PostLine;
use crate::ui::picture::{self, CardSize, Loading};
use crate::ui::when;
use crate::web::state::Web;

/// How a list of posts is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PostListStyle {
    /// One under the other.
    Lines,
    /// Side by side, with their pictures above.
    Cards,
}

/// A page of posts, or what is shown where there are none. Where one `leads`, the first is larger.
pub fn post_list(web: &Web, page: &PostPage, style: PostListStyle, leads: bool) -> Markup {
    let texts = &web.texts;
    let first_picture = page
        .posts
        .iter()
        .position(|post| page.pictures.contains_key(&post.id));
    let entry = |place: usize, post: &PostLine| {
        let is_lead = leads && place == 0;
        let loading = if first_picture == Some(place) {
            Loading::First
        } else {
            Loading::InView
        };
        article(web, page, post, style, is_lead, loading)
    };
    let class = match style {
        PostListStyle::Lines => "post-lines wide",
        PostListStyle::Cards => "post-cards wide",
    };
    html! {
        @if page.posts.is_empty() {
            div.empty {
                h2 { (texts.text("no-posts-title")) }
                p { (texts.text("no-posts")) }
            }
        } @else {
            div class=(class) {
                @for (place, post) in page.posts.iter().enumerate() { (entry(place, post)) }
            }
        }
    }
}

fn article(
    web: &Web,
    page: &PostPage,
    post: &PostLine,
    style: PostListStyle,
    is_lead: bool,
    loading: Loading,
) -> Markup {
    let link = permalink_of_line(&web.app, post);
    let picture = page.pictures.get(&post.id);
    let (class, size) = match (style, is_lead) {
        (PostListStyle::Lines, false) => ("post-line", CardSize::Line),
        (PostListStyle::Lines, true) => ("post-line post-lead", CardSize::Lead),
        (PostListStyle::Cards, false) => ("post-card", CardSize::Card),
        (PostListStyle::Cards, true) => ("post-card post-lead", CardSize::Lead),
    };
    html! {
        article class={ (class) @if picture.is_some() { " with-picture" } } {
            @if let Some(picture) = picture { (picture::card(picture, &link, size, loading)) }
            div {
                h2 dir="auto" { a href=(link) { (post.title) } }
                @if !post.summary.is_empty() { p.summary dir="auto" { (post.summary) } }
                (post_meta(web, page, post, &link))
            }
        }
    }
}

/// When it was published, by whom, and how many answered.
fn post_meta(web: &Web, page: &PostPage, post: &PostLine, link: &str) -> Markup {
    let texts = &web.texts;
    let count = page.responses.get(&post.id).copied().unwrap_or(0);
    html! {
        p.meta.post-meta {
            @if let Some(at) = post.published_at { (when::time_of_day(at, &web.app.zone())) " " }
            @if let Some(name) = page.authors.get(&post.author_id) {
                span { (texts.around("by-author", ("name", name), &[])) } " "
            }
            @if count > 0 {
                a href={ (link) "#comments" } { (texts.with("responses-count", &[("count", count.into())])) }
            }
        }
    }
}
