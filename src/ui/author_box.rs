//! Who wrote a post, at its end. Knows only what readers may know of an account.

use maud::{Markup, html};

use crate::store::entity::user;
use crate::texts::Texts;
use crate::ui::avatar;

/// The author `user`.
pub fn author_box(texts: &Texts, user: &user::Model) -> Markup {
    let address = format!("/author/{}/", user.slug);
    html! {
        div.author-box {
            (avatar::avatar(&user.name))
            div {
                p.author-label { (texts.text("written-by")) }
                p.author-name { bdi { (user.name) } }
                @if !user.bio.is_empty() { p.author-bio dir="auto" { (user.bio) } }
                p.author-more { a href=(address) { (texts.around("all-posts-by", ("name", &user.name), &[])) } }
            }
        }
    }
}
