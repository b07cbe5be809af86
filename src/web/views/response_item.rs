//! A response in a thread, with the replies to it.

use maud::{Markup, html};

use crate::responses::thread::ThreadItem;
use crate::store::entity::ids::UserId;
use crate::store::entity::response::{MentionKind, ResponseKind, ResponseState};
use crate::store::thread::ThreadRow;
use crate::ui::text_block::stored_text;
use crate::ui::{avatar, when};
use crate::urls::comment_on_page;
use crate::web::state::Web;

/// What the items of a thread have in common.
pub struct Thread<'a> {
    pub web: &'a Web,
    /// The post's permalink, as a path.
    pub permalink: &'a str,
    /// The page of the thread that is shown.
    pub page: u64,
    pub post_author: UserId,
    /// Whether the post accepts replies.
    pub open: bool,
}

pub fn response_list(thread: &Thread<'_>, items: &[ThreadItem<'_>]) -> Markup {
    html! {
        ol.comment-list {
            @for item in items { (response_item(thread, item)) }
        }
    }
}

/// One item with its replies.
pub fn response_item(thread: &Thread<'_>, item: &ThreadItem<'_>) -> Markup {
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
                    Some(url) => a.author href=(url) rel="nofollow ugc noopener" { bdi { (row.author_name) } },
                    None => bdi.author { (row.author_name) },
                }
                @if row.author_id == Some(thread.post_author) {
                    " " span.badge { (texts.text("by-the-author")) }
                }
            }
            (moment(thread, row))
        }
        @if pending { p.note { (texts.text("pending-note")) } }
        @if is_folded(thread, row) {
            details.gone { summary { (texts.text("folded")) } (text_block(thread, row)) }
        } @else { (text_block(thread, row)) }
        @if !pending { (actions(thread, row, thread.open)) }
    }
}

fn linkback(thread: &Thread<'_>, row: &ThreadRow) -> Markup {
    let texts = &thread.web.texts;
    let label = match (row.kind, row.mention) {
        (_, Some(MentionKind::Reply)) => "reply-from",
        (_, Some(MentionKind::Mention)) => "mention-from",
        (ResponseKind::Trackback, _) => "trackback-from",
        (ResponseKind::Webmention, _) => "webmention-from",
        _ => "pingback-from",
    };
    let is_reply = row.mention == Some(MentionKind::Reply);
    // A name links to the author's own page; the page that answers is linked beside it.
    let source = row.source_url.as_deref();
    let author = row.author_url.as_deref().or(source);
    let page = source.filter(|_| author != source);
    html! {
        header {
            @if is_reply { (avatar::avatar(&row.author_name)) } @else { (avatar::link_sign()) }
            p.who {
                span.kind { (texts.text(label)) } " "
                @match author {
                    Some(url) => a.author href=(url) rel="nofollow ugc noopener" { bdi { (row.author_name) } },
                    None => bdi.author { (row.author_name) },
                }
                @if let Some(page) = page {
                    " " a.source href=(page) rel="nofollow ugc noopener" {
                        (texts.with("source-at", &[("host", host_of(page).into())]))
                    }
                }
            }
            (moment(thread, row))
        }
        @match row.gone_since {
            Some(since) => {
                details.gone {
                    summary {
                        (texts.text("source-gone")) " "
                        (when::day(since, &thread.web.app.zone()))
                    }
                    (text_block(thread, row))
                }
            }
            None if is_folded(thread, row) => {
                details.gone { summary { (texts.text("folded")) } (text_block(thread, row)) }
            }
            None => (text_block(thread, row)),
        }
        @if row.state == ResponseState::Approved {
            (actions(thread, row, thread.open && is_reply))
        }
    }
}

fn text_block(thread: &Thread<'_>, row: &ThreadRow) -> Markup {
    html! { div.text dir="auto" { (stored_text(&thread.web.texts, &row.body_html)) } }
}

fn host_of(address: &str) -> String {
    let url = url::Url::parse(address).ok();
    let host = url.as_ref().and_then(|url| url.host_str());
    host.map_or_else(|| address.to_owned(), str::to_owned)
}

/// Whether readers reported it and no moderator has reviewed it yet.
fn is_folded(thread: &Thread<'_>, row: &ThreadRow) -> bool {
    let from = thread.web.app.config.moderation.fold_at_report_weight;
    from > 0 && row.reported >= from
}

fn actions(thread: &Thread<'_>, row: &ThreadRow, with_reply: bool) -> Markup {
    let texts = &thread.web.texts;
    let name = row.author_name.as_str();
    html! {
        p.actions {
            @if with_reply {
                @let label = texts.with("reply-to", &[("name", name.into())]);
                a.reply.with-scripts rel="nofollow" href={ (thread.permalink) "?replytocom=" (row.id) "#respond" }
                    aria-label=(label) { (texts.text("reply")) }
                // A link would lose what was typed: without scripts a button takes it along.
                button.link.without-scripts type="submit" form="comment-form" formnovalidate
                    name="do" value={ "reply:" (row.id) } aria-label=(label) { (texts.text("reply")) }
                " "
            }
            a.report rel="nofollow" href={ (thread.permalink) "report/" (row.id) }
                aria-label=(texts.with("report-of", &[("name", name.into())])) {
                (texts.text("report"))
            }
        }
    }
}

fn moment(thread: &Thread<'_>, row: &ThreadRow) -> Markup {
    let name = row.author_name.as_str();
    // Whole, so that it can be copied from a page that shows a writer their own receipt.
    let address = match row.state {
        ResponseState::Approved => comment_on_page(thread.permalink, thread.page, row.id),
        _ => format!("#comment-{}", row.id),
    };
    html! {
        p.meta {
            a href=(address) {
                (when::time_of_minute(row.created_at, &thread.web.app.zone()))
                span.visually-hidden {
                    ", " (thread.web.texts.with("permalink-of", &[("name", name.into())]))
                }
            }
        }
    }
}
