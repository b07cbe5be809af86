//! Where a reader goes from the end of a post: others on the same subject, and those before and after it. Knows no
//! database.

use std::collections::HashMap;

use maud::{Markup, html};

use crate::markup::pictures::OwnPicture;
use crate::posts::find::permalink_of_line;
use crate::store::entity::ids::PostId;
use crate::store::posts::PostLine;
use crate::ui::picture::{self, CardSize, Loading};
use crate::ui::when;
use crate::web::state::Web;

/// Posts that share tags with the one that is shown.
pub fn related_posts(
    web: &Web,
    posts: &[PostLine],
    pictures: &HashMap<PostId, OwnPicture>,
) -> Markup {
    html! {
        @if !posts.is_empty() {
            section.related.wide aria-labelledby="related" {
                h2 #related { (web.texts.text("related-posts")) }
                ul {
                    @for post in posts {
                        @let link = permalink_of_line(&web.app, post);
                        li {
                            @if let Some(picture) = pictures.get(&post.id) {
                                (picture::card(picture, &link, CardSize::Card, Loading::InView))
                            }
                            h3 dir="auto" { a href=(link) { (post.title) } }
                            @if let Some(at) = post.published_at {
                                p.meta { (when::time_of_day(at, &web.app.zone())) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The posts before and after, by date.
pub fn neighbour_links(web: &Web, (older, newer): &(Option<PostLine>, Option<PostLine>)) -> Markup {
    let link = |post: &PostLine, rel: &str, message: &str| {
        html! {
            a rel=(rel) href=(permalink_of_line(&web.app, post)) {
                span.direction { (web.texts.text(message)) } " "
                bdi { (post.title) }
            }
        }
    };
    html! {
        @if older.is_some() || newer.is_some() {
            nav.neighbours aria-label=(web.texts.text("neighbours")) {
                @if let Some(post) = older { (link(post, "prev", "previous-post")) }
                @if let Some(post) = newer { (link(post, "next", "next-post")) }
            }
        }
    }
}
