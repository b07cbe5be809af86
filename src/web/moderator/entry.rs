//! A response as moderators see it in lists and on its own page. Decides nothing: its buttons are sent by
//! the form around it.

use maud::{Markup, html};

use crate::judge::{Check, Quote, Reason};
use crate::moderation::entry::QueueEntry;
use crate::moderation::profile::SenderRecord;
use crate::moderation::sender_policy;
use crate::posts::find;
use crate::store::entity::response::{Model as Response, ResponseKind, ResponseState};
use crate::store::posts::PostLine;
use crate::texts::Texts;
use crate::ui::text_block::stored_text;
use crate::ui::{avatar, when};
use crate::urls::comment_link;
use crate::web::moderator::labels::{
    kind_label, mention_label, move_key, move_label, reason_text, record_text, report_reason_label,
};
use crate::web::moderator::names::{STATES, scope_name, state_name};
use crate::web::state::Web;

/// A quote with what was found marked in it.
pub fn marked_quote(quote: &Quote) -> Markup {
    html! {
        q.found dir="auto" { "… " (quote.before) mark { (quote.text) } (quote.after) " …" }
    }
}

/// A reason with what was found, and the signs that the filter went by.
fn reason_item(texts: &Texts, reason: &Reason) -> Markup {
    html! {
        li {
            (reason_text(texts, reason))
            @if let Some(quote) = &reason.quote { " " (marked_quote(quote)) }
            @if !reason.signals.is_empty() {
                details {
                    summary { (texts.text("entry-why")) }
                    p.signs {
                        @for (sign, weight) in &reason.signals {
                            span class=(if *weight > 0 { "sign for-spam" } else { "sign against-spam" }) {
                                (if *weight > 0 { "+" } else { "−" }) (weight.abs() / 10) " “" bdi { (sign) } "”"
                            }
                            " "
                        }
                    }
                }
            }
        }
    }
}

/// A response with the reasons it was held. `parent` is the response that it replies to, `record` counts
/// what its sender sent.
pub fn entry_item(
    web: &Web,
    entry: &QueueEntry,
    post: Option<&PostLine>,
    parent: Option<&Response>,
    record: Option<&SenderRecord>,
) -> Markup {
    let (texts, response) = (&web.texts, &entry.response);
    let id = response.id;
    html! {
        article.entry id={ "response-" (id) } data-id=(id) tabindex="-1" aria-labelledby={ "who-" (id) } {
            header {
                @if post.is_some() {
                    input type="checkbox" name="id" value=(id) id={ "select-" (id) } aria-labelledby={ "who-" (id) };
                }
                @if response.kind == ResponseKind::Comment { (avatar::avatar(&response.author_name)) }
                @else { (avatar::link_sign()) }
                div {
                    p.who id={ "who-" (id) } {
                        strong dir="auto" { (response.author_name) }
                        " " span.kind { (kind_label(texts, response.kind)) }
                        @if let Some(mention) = response.mention { " " span.kind { (mention_label(texts, mention)) } }
                    }
                    (sender_line(texts, entry, record))
                    p.claimed hidden {}
                }
            }
            @if !entry.reasons.is_empty() && response.state != ResponseState::Approved {
                // That somebody is new is no warning.
                @let is_calm = entry.reasons.iter().all(|reason| reason.check == Check::FirstResponse);
                ul.reasons.calm[is_calm] aria-label=(texts.text("entry-reasons")) {
                    @for reason in &entry.reasons { (reason_item(texts, reason)) }
                }
            }
            (reports_and_appeal(texts, entry))
            @if let Some(parent) = parent {
                details.parent {
                    summary { (texts.around("entry-reply-to", ("name", &parent.author_name), &[])) }
                    div.text dir="auto" { (stored_text(texts, &parent.body_html)) }
                }
            }
            div.text dir="auto" { (stored_text(texts, &response.body_html)) }
            (place_line(web, response, post, parent.is_some()))
        }
    }
}

/// The addresses that the sender gave, and the link to their profile.
fn sender_line(texts: &Texts, entry: &QueueEntry, record: Option<&SenderRecord>) -> Markup {
    let response = &entry.response;
    let profile = format!("/queue/responses/{}/person", response.id);
    let source = response
        .source_url
        .as_ref()
        .filter(|url| Some(*url) != response.author_url.as_ref());
    html! {
        p.meta {
            @if let Some(email) = &response.author_email { bdi { (email) } " " }
            @if let Some(ip) = &response.ip { span.ip { (ip) } " " }
            @if let Some(url) = &response.author_url {
                a href=(url) rel="nofollow noopener noreferrer" { (url) } " "
            }
            @if let Some(url) = source {
                a href=(url) rel="nofollow noopener noreferrer" { (texts.around("entry-source", ("url", url), &[])) } " "
            }
            @if !entry.can_open_profile {}
            @else if let Some(record) = record.filter(|record| record.total() > 1) {
                a href=(profile) { (texts.with("entry-profile-record", &[("record", record_text(texts, record).into())])) }
            } @else {
                a href=(profile) aria-label=(texts.with("entry-profile-of", &[("name", response.author_name.as_str().into())])) {
                    (texts.text("entry-profile"))
                }
            }
        }
    }
}

/// The post, the time and the risk.
fn place_line(web: &Web, response: &Response, post: Option<&PostLine>, has_parent: bool) -> Markup {
    let (texts, id) = (&web.texts, response.id);
    html! {
        p.meta {
            @if let Some(post) = post {
                a href=(find::permalink_of_line(&web.app, post)) { (texts.around("entry-post", ("title", &post.title), &[])) } " · "
                @if response.state == ResponseState::Approved { a href=(comment_link(id)) { (texts.text("entry-view")) } " · " }
            }
            @if let Some(parent) = response.parent_id.filter(|_| !has_parent) {
                a href={ "/queue/responses/" (parent) } { (texts.with("entry-parent", &[("id", parent.to_string().into())])) } " · "
            }
            a.history href={ "/queue/responses/" (id) } { (when::time_of_minute(response.created_at, &web.app.zone())) }
            @if response.risk > 0 { " · " (texts.with("entry-risk", &[("percent", (response.risk / 10).into())])) }
        }
    }
}

fn reports_and_appeal(texts: &Texts, entry: &QueueEntry) -> Markup {
    html! {
        @if !entry.reports.is_empty() {
            ul.reasons aria-label=(texts.text("entry-reports")) {
                @for report in &entry.reports {
                    li {
                        (texts.with("entry-report", &[("reason", report_reason_label(texts, report.reason).into())]))
                        @if !report.note.is_empty() { " " q dir="auto" { (report.note) } }
                        @match report.upheld {
                            Some(true) => { " " (texts.text("entry-report-upheld")) },
                            Some(false) => { " " (texts.text("entry-report-rejected")) },
                            None => {},
                        }
                    }
                }
            }
        }
        @if let Some(appeal) = &entry.appeal {
            div.reasons {
                p { (texts.text("entry-appeal")) " " q dir="auto" { (appeal.message) } }
                @if !appeal.answer.is_empty() { p { (texts.text("entry-appeal-answer")) " " q dir="auto" { (appeal.answer) } } }
            }
        }
    }
}

/// The buttons that move one response; `focus` puts the keyboard on the first of them.
pub fn move_buttons(texts: &Texts, entry: &QueueEntry, focus: bool) -> Markup {
    let response = &entry.response;
    let name = || response.author_name.as_str().into();
    // A reported or appealed response is decided on by leaving it where it is, too.
    let may_stay = response.reported > 0 || response.appealed_at.is_some();
    let states = STATES
        .into_iter()
        .filter(|state| *state != response.state || may_stay);
    html! {
        @for (nth, state) in states.enumerate() {
            @let label = match state == response.state {
                true => texts.text("queue-keep"),
                false => move_label(texts, state),
            };
            button type="submit" name="move" value={ (state_name(state)) ":" (response.id) }
                class=[(state == ResponseState::Approved).then_some("primary")]
                autofocus[focus && nth == 0] data-key=(move_key(state))
                aria-label=(texts.with("queue-move-of", &[("move", label.as_str().into()), ("name", name())])) {
                (label)
            }
            " "
        }
        @if response.state == ResponseState::Pending && entry.can_set_policy {
            @for (scope, subject) in sender_policy::policy_subjects(response) {
                button type="submit" name="trust" value={ (scope_name(scope)) ":" (response.id) }
                    formaction="/queue/senders" { (texts.around("queue-trust", ("subject", &subject), &[])) }
                " "
            }
        }
    }
}
