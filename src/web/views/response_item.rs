//! A response in a thread, with the replies under it.

use maud::{Markup, html};

use crate::markup::sanitise::SafeHtml;
use crate::responses::thread::Item;
use crate::store::entity::ids::UserId;
use crate::store::entity::response::{ResponseKind, ResponseState};
use crate::store::thread::ThreadRow;
use crate::web::state::Web;
use crate::web::views::{avatar, when};

/// What the items of a thread have in common.
pub struct Thread<'a> {
    /// The site.
    pub web: &'a Web,
    /// The post's permalink, as a path.
    pub permalink: &'a str,
    /// The post's author.
    pub post_author: UserId,
    /// Whether replies are taken.
    pub open: bool,
}

/// The list of items.
pub fn response_list(thread: &Thread<'_>, items: &[Item<'_>]) -> Markup {
    html! {
        ol.comment-list {
            @for item in items { (response_item(thread, item)) }
        }
    }
}

/// One item with its replies.
pub fn response_item(thread: &Thread<'_>, item: &Item<'_>) -> Markup {
    let row = item.row;
    let mut class = format!("{} depth-{}", kind_class(row.kind), item.depth);
    if row.author_id == Some(thread.post_author) {
        class.push_str(" bypostauthor");
    }
    if row.state == ResponseState::Pending {
        class.push_str(" pending");
    }
    html! {
        li id={ "comment-" (row.id) } class=(class) {
            article {
                @match row.kind {
                    ResponseKind::Comment => (comment(thread, row)),
                    _ => (linkback(thread, row)),
                }
            }
            @if !item.children.is_empty() {
                ol.children {
                    @for child in &item.children { (response_item(thread, child)) }
                }
            }
        }
    }
}

/// The class that themes know a kind by.
pub fn kind_class(kind: ResponseKind) -> &'static str {
    match kind {
        ResponseKind::Comment => "comment",
        ResponseKind::Pingback => "pingback",
        ResponseKind::Trackback => "trackback",
        ResponseKind::Webmention => "webmention",
    }
}

fn comment(thread: &Thread<'_>, row: &ThreadRow) -> Markup {
    let texts = &thread.web.texts;
    let pending = row.state == ResponseState::Pending;
    html! {
        header {
            (avatar::avatar(&row.author_name))
            p.who {
                @match &row.author_url {
                    Some(url) => a.author href=(url) rel="nofollow ugc noopener" { (row.author_name) },
                    None => span.author { (row.author_name) },
                }
                @if row.author_id == Some(thread.post_author) {
                    " " span.badge { (texts.text("by-the-author")) }
                }
            }
            (moment(thread, row))
        }
        @if pending { p.note { (texts.text("pending-note")) } }
        div.text { (SafeHtml::stored(row.body_html.clone())) }
        @if thread.open && !pending {
            p.actions {
                a rel="nofollow" href={ (thread.permalink) "?replytocom=" (row.id) "#respond" }
                    aria-label=(texts.with("reply-to", &[("name", row.author_name.as_str().into())])) {
                    (texts.text("reply"))
                }
            }
        }
    }
}

fn linkback(thread: &Thread<'_>, row: &ThreadRow) -> Markup {
    let texts = &thread.web.texts;
    let label = match row.kind {
        ResponseKind::Trackback => "trackback-from",
        ResponseKind::Webmention => "webmention-from",
        _ => "pingback-from",
    };
    html! {
        header {
            (avatar::link_sign())
            p.who {
                span.kind { (texts.text(label)) } " "
                @match &row.source_url {
                    Some(url) => a.author href=(url) rel="nofollow ugc noopener" { (row.author_name) },
                    None => span.author { (row.author_name) },
                }
            }
            (moment(thread, row))
        }
        div.text { (SafeHtml::stored(row.body_html.clone())) }
    }
}

fn moment(thread: &Thread<'_>, row: &ThreadRow) -> Markup {
    let name = row.author_name.as_str();
    html! {
        p.meta {
            a href={ "#comment-" (row.id) } {
                (when::time_of_minute(row.created_at, thread.web.app.urls.zone()))
                span.visually-hidden {
                    ", " (thread.web.texts.with("permalink-of", &[("name", name.into())]))
                }
            }
        }
    }
}
