//! Likes, reposts and bookmarks from other sites: faces in a row, with the words for those who do not
//! see them.

use maud::{Markup, html};

use crate::responses::thread::Faces;
use crate::store::entity::response::MentionKind;
use crate::store::thread::ThreadRow;
use crate::web::state::Web;
use crate::web::views::avatar;

/// The kinds, in the order in which they are shown, each with its heading and its verb.
const KINDS: [(MentionKind, &str, &str); 3] = [
    (MentionKind::Like, "faces-likes", "face-like"),
    (MentionKind::Repost, "faces-reposts", "face-repost"),
    (MentionKind::Bookmark, "faces-bookmarks", "face-bookmark"),
];

/// The faces of a post.
pub fn facepile(web: &Web, faces: &Faces) -> Markup {
    let texts = &web.texts;
    let shown = |kind| {
        faces
            .rows
            .iter()
            .filter(move |row| row.mention == Some(kind) && row.gone_since.is_none())
    };
    let more = faces.total.saturating_sub(faces.rows.len() as u64);
    html! {
        @if !faces.rows.is_empty() {
            div.faces {
                @for (kind, heading, verb) in KINDS {
                    @let count = shown(kind).count() as u64;
                    @if count > 0 {
                        div {
                            h3 { (texts.with(heading, &[("count", count.into())])) }
                            ul { @for row in shown(kind) { (face(web, row, verb)) } }
                        }
                    }
                }
                @if more > 0 { p.meta { (texts.with("faces-more", &[("count", more.into())])) } }
            }
        }
    }
}

fn face(web: &Web, row: &ThreadRow, verb: &'static str) -> Markup {
    let words = web
        .texts
        .with(verb, &[("name", row.author_name.as_str().into())]);
    let address = row.source_url.as_deref().unwrap_or_default();
    html! {
        li.webmention id={ "comment-" (row.id) } {
            a.author href=(address) rel="nofollow ugc noopener" title=(words) {
                (avatar::avatar(&row.author_name))
                span.visually-hidden dir="auto" { (words) }
            }
        }
    }
}
