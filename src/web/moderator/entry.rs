//! A response as moderators see it, and the words for what they see.

use maud::{Markup, html};

use crate::judge::{Quote, Reason};
use crate::moderation::entry::Entry;
use crate::moderation::people::Record;
use crate::moderation::standing;
use crate::posts::find;
use crate::store::entity::response::{Model as Response, ResponseKind, ResponseState};
use crate::store::posts::PostLine;
use crate::urls::comment_link;
use crate::web::moderator::words::{
    MOVES, kind_name, mention_name, reason_words, record_words, report_words, scope_name,
};
use crate::web::state::Web;
use crate::web::views::body::body;
use crate::web::views::{avatar, when};

/// A span with the words around it.
pub fn quote_marked(quote: &Quote) -> Markup {
    html! {
        q.found dir="auto" { "… " (quote.before) mark { (quote.words) } (quote.after) " …" }
    }
}

/// Why a response was held, with what was found marked in its words, and the signs of the filter.
fn reason_item(reason: &Reason) -> Markup {
    html! {
        li {
            (reason_words(reason))
            @if let Some(quote) = &reason.quote { " " (quote_marked(quote)) }
            @if !reason.signs.is_empty() {
                details {
                    summary { "Why?" }
                    p.signs {
                        @for (sign, weight) in &reason.signs {
                            span class=(if *weight > 0 { "sign for-spam" } else { "sign against-spam" }) {
                                (if *weight > 0 { "+" } else { "−" }) (weight.abs() / 10) " “" (sign) "”"
                            }
                            " "
                        }
                    }
                }
            }
        }
    }
}

/// An entry of the queue. `parent` is what it answers, `record` what became of its writer's others.
pub fn queue_entry(
    web: &Web,
    entry: &Entry,
    post: Option<&PostLine>,
    parent: Option<&Response>,
    record: Option<&Record>,
) -> Markup {
    let response = &entry.response;
    let zone = web.app.urls.zone();
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
                        " " span.kind { (kind_name(response.kind)) }
                        @if let Some(mention) = response.mention { " " span.kind { (mention_name(mention)) } }
                    }
                    p.meta {
                        @if let Some(email) = &response.author_email { (email) " " }
                        @if let Some(ip) = &response.ip { span.ip { (ip) } " " }
                        @if let Some(url) = &response.author_url {
                            a href=(url) rel="nofollow noopener noreferrer" { (url) } " "
                        }
                        @if let Some(url) = response.source_url.as_ref().filter(|url| Some(*url) != response.author_url.as_ref()) {
                            "at " a href=(url) rel="nofollow noopener noreferrer" { (url) } " "
                        }
                        @if !entry.may_open_card {}
                        @else if let Some(record) = record.filter(|record| record.total() > 1) {
                            a href={ "/queue/responses/" (id) "/person" } { "record: " (record_words(record)) }
                        } @else {
                            a href={ "/queue/responses/" (id) "/person" } aria-label={ "Profile of " (response.author_name) } { "profile" }
                        }
                    }
                    p.claimed hidden {}
                }
            }
            @if !entry.reasons.is_empty() && response.state != ResponseState::Approved {
                ul.reasons aria-label="Why it is held" {
                    @for reason in &entry.reasons { (reason_item(reason)) }
                }
            }
            (said(entry))
            @if let Some(parent) = parent {
                details.parent {
                    summary { "in reply to " bdi { (parent.author_name) } }
                    div.text dir="auto" { (body(web, &parent.body_html)) }
                }
            }
            div.text dir="auto" { (body(web, &response.body_html)) }
            p.meta {
                @if let Some(post) = post {
                    "on " a href=(find::permalink_of_line(&web.app, post)) { bdi { (post.title) } } ", "
                    @if response.state == ResponseState::Approved { a href=(comment_link(id)) { "shown here" } ", " }
                }
                @if response.parent_id.is_some() && parent.is_none() {
                    "in reply to " a href={ "/queue/responses/" (response.parent_id.map_or(0, |id| id.0)) } { "#" (response.parent_id.map_or(0, |id| id.0)) } ", "
                }
                a.history href={ "/queue/responses/" (id) } { (when::time_of_minute(response.created_at, zone)) }
                @if response.risk > 0 { ", risk " (response.risk / 10) " %" }
            }
        }
    }
}

/// What readers reported and what the writer says against a decision.
fn said(entry: &Entry) -> Markup {
    html! {
        @if !entry.reports.is_empty() {
            ul.reasons aria-label="Reported by readers" {
                @for report in &entry.reports {
                    li {
                        "Reported: " (report_words(report.reason))
                        @if !report.note.is_empty() { " – " q dir="auto" { (report.note) } }
                        @match report.upheld {
                            Some(true) => " (a moderator agreed)",
                            Some(false) => " (a moderator did not agree)",
                            None => "",
                        }
                    }
                }
            }
        }
        @if let Some(appeal) = &entry.appeal {
            div.reasons {
                p { "Its writer asks for a second look: " q dir="auto" { (appeal.words) } }
                @if !appeal.answer.is_empty() { p { "Answered: " q dir="auto" { (appeal.answer) } } }
            }
        }
    }
}

/// The buttons that move one response; `focus` puts the keyboard on the first of them.
pub fn move_buttons(entry: &Entry, focus: bool) -> Markup {
    let response = &entry.response;
    let is_asked = response.reported > 0 || response.appealed_at.is_some();
    let moves: Vec<_> = MOVES
        .into_iter()
        .filter(|(state, ..)| *state != response.state || is_asked)
        .collect();
    html! {
        @for (nth, (state, name, label, key)) in moves.iter().enumerate() {
            button type="submit" name="move" value={ (name) ":" (response.id) }
                class=[(*state == ResponseState::Approved).then_some("primary")]
                autofocus[focus && nth == 0] data-key=[*key]
                aria-label={ (if *state == response.state { "Keep" } else { label }) ": " (response.author_name) } {
                (if *state == response.state { "Keep" } else { label })
            }
            " "
        }
        @if response.state == ResponseState::Pending && entry.may_trust {
            @for (scope, subject) in standing::subjects_of(response) {
                button type="submit" name="trust" value={ (scope_name(scope)) ":" (response.id) }
                    formaction="/queue/standings" { "Trust " (subject) }
                " "
            }
        }
    }
}
