//! A post as an article, from its title to its author. Knows no database.

use maud::{Markup, html};

use crate::markup::markdown;
use crate::markup::pictures::OwnPicture;
use crate::posts::reading_time;
use crate::store::entity::post::Model as Post;
use crate::store::entity::{tag, user};
use crate::ui::assets;
use crate::ui::author_box::author_box;
use crate::ui::avatar;
use crate::ui::picture;
use crate::ui::text_block::stored_text;
use crate::ui::when;
use crate::web::state::Web;

/// The article; `has_form` says whether the form for comments is on the page, which brings the script.
pub fn article(
    web: &Web,
    post: &Post,
    author: Option<&user::Model>,
    tags: &[tag::Model],
    featured: Option<&OwnPicture>,
    has_form: bool,
) -> Markup {
    let texts = &web.texts;
    let class = if markdown::has_own_summary(&post.body_markdown) {
        "e-content text with-lead"
    } else {
        "e-content text"
    };
    html! {
        article.post.h-entry {
            header {
                h1.p-name dir="auto" { (post.title) }
                (byline(web, post, author))
            }
            @if let Some(picture) = featured { (picture::featured(picture)) }
            div class=(class) dir="auto" { (stored_text(texts, &post.body_html)) }
            footer {
                @if !tags.is_empty() {
                    ul.tags aria-label=(texts.text("tags")) {
                        @for tag in tags {
                            li { a.p-category rel="tag" dir="auto" href={ "/tag/" (tag.slug) "/" } { (tag.name) } }
                        }
                    }
                }
                (share(web, has_form))
            }
            @if let Some(author) = author { (author_box(texts, author)) }
        }
    }
}

/// Who wrote it, when, and how long it takes to read.
fn byline(web: &Web, post: &Post, author: Option<&user::Model>) -> Markup {
    let minutes = reading_time::minutes(&post.body_markdown);
    html! {
        div.byline {
            @if let Some(author) = author {
                (avatar::avatar(&author.name))
                p.byline-author {
                    a.p-author.h-card rel="author" href={ "/author/" (author.slug) "/" } {
                        bdi { (author.name) }
                    }
                }
            }
            p.byline-date {
                @if let Some(at) = post.published_at {
                    time.dt-published datetime=(at.rfc3339()) { (when::day(at, &web.app.zone())) }
                }
                " "
                span.reading-time { (web.texts.with("reading-time", &[("minutes", minutes.into())])) }
            }
        }
    }
}

/// "Copy link", for browsers with scripts; the script shows the button.
fn share(web: &Web, is_script_loaded: bool) -> Markup {
    let texts = &web.texts;
    html! {
        p.share {
            button.copy-link type="button" hidden data-copied=(texts.text("link-copied")) {
                (texts.text("copy-link"))
            }
            " " span role="status" {}
            @if !is_script_loaded { script src=(assets::path("comments.js")) defer {} }
        }
    }
}
