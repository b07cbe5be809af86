//! Likes, reposts and bookmarks from other sites: a row of avatars, with a text for screen readers.

use maud::{Markup, html};

use crate::responses::thread::Reactions;
use crate::store::entity::response::MentionKind;
use crate::store::thread::ThreadRow;
use crate::ui::avatar;
use crate::web::state::Web;

/// The kinds, in the order in which they are shown, each with the ids of its heading and of its label.
const KINDS: [(MentionKind, &str, &str); 3] = [
    (MentionKind::Like, "reactions-likes", "reaction-like"),
    (MentionKind::Repost, "reactions-reposts", "reaction-repost"),
    (
        MentionKind::Bookmark,
        "reactions-bookmarks",
        "reaction-bookmark",
    ),
];

/// The reactions of a post.
pub fn facepile(web: &Web, reactions: &Reactions) -> Markup {
    let texts = &web.texts;
    let shown = |kind| {
        reactions
            .rows
            .iter()
            .filter(move |row| row.mention == Some(kind) && row.gone_since.is_none())
    };
    let more = reactions.total.saturating_sub(reactions.rows.len() as u64);
    html! {
        @if !reactions.rows.is_empty() {
            div.reactions {
                @for (kind, heading, verb) in KINDS {
                    @let count = shown(kind).count() as u64;
                    @if count > 0 {
                        div {
                            h3 { (texts.with(heading, &[("count", count.into())])) }
                            ul { @for row in shown(kind) { (reaction(web, row, verb)) } }
                        }
                    }
                }
                @if more > 0 { p.meta { (texts.with("reactions-more", &[("count", more.into())])) } }
            }
        }
    }
}

fn reaction(web: &Web, row: &ThreadRow, verb: &'static str) -> Markup {
    let label = web
        .texts
        .with(verb, &[("name", row.author_name.as_str().into())]);
    let address = row.source_url.as_deref().unwrap_or_default();
    html! {
        li.webmention id={ "comment-" (row.id) } {
            a.author href=(address) rel="nofollow ugc noopener" title=(label) {
                (avatar::avatar(&row.author_name))
                span.visually-hidden dir="auto" { (label) }
            }
        }
    }
}
