//! Where a file in the library is used, as its pages show it. Never shows other people's drafts.

use maud::{Markup, html};

use crate::accounts::permissions::Actor;
use crate::error::Error;
use crate::media::library;
use crate::posts::find;
use crate::store::entity::ids::MediaId;
use crate::store::entity::post::PostState;
use crate::store::posts::{self, PostLine};
use crate::web::editor::posts::state_badge;
use crate::web::state::Web;

/// The posts that use a file.
pub struct Uses {
    /// Those that the person may see.
    pub shown: Vec<PostLine>,
    /// How many drafts of others there are beside them.
    pub hidden: usize,
}

impl Uses {
    /// How many posts use it.
    pub fn count(&self) -> u64 {
        (self.shown.len() + self.hidden) as u64
    }
}

pub async fn list_uses(web: &Web, actor: &Actor, media: MediaId) -> Result<Uses, Error> {
    let ids = library::list_uses(&web.app, media).await?;
    let mut shown = posts::list_by_ids(web.app.store.read(), &ids).await?;
    let all = shown.len();
    shown.retain(|post| {
        post.state == PostState::Published || actor.must_write_post_of(post.author_id).is_ok()
    });
    shown.sort_by_key(|post| std::cmp::Reverse(post.updated_at));
    let hidden = all - shown.len();
    Ok(Uses { shown, hidden })
}

pub fn use_list(web: &Web, actor: &Actor, uses: &Uses) -> Markup {
    let texts = &web.texts;
    html! {
        @if uses.shown.is_empty() && uses.hidden == 0 { p { (texts.text("media-unused")) } }
        @if !uses.shown.is_empty() {
            ul {
                @for post in &uses.shown {
                    li {
                        a href=(use_address(web, actor, post)) {
                            @if post.title.is_empty() { (texts.text("post-untitled")) } @else { bdi { (post.title) } }
                        }
                        " " (state_badge(texts, post.state))
                    }
                }
            }
        }
        @if uses.hidden > 0 {
            p { (texts.with("media-used-by-others", &[("count", (uses.hidden as u64).into())])) }
        }
    }
}

fn use_address(web: &Web, actor: &Actor, post: &PostLine) -> String {
    match actor.must_write_post_of(post.author_id) {
        Ok(()) => format!("/desk/posts/{}/edit", post.id),
        Err(_) => find::permalink_of_line(&web.app, post),
    }
}
