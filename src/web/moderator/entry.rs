//! A response as moderators see it, and the words for what they see.

use maud::{Markup, html};

use crate::judge::verdict::Place;
use crate::judge::{Reason, Rule};
use crate::markup::sanitise::SafeHtml;
use crate::moderation::queue::Entry;
use crate::moderation::trust;
use crate::posts::find;
use crate::store::entity::response::{MentionKind, ResponseKind, ResponseState};
use crate::store::posts::PostLine;
use crate::web::moderator::trust::scope_name;
use crate::web::state::Web;
use crate::web::views::{avatar, when};

/// Where a response can go, with the words for it.
pub const MOVES: [(ResponseState, &str, &str); 4] = [
    (ResponseState::Approved, "approved", "Approve"),
    (ResponseState::Spam, "spam", "Spam"),
    (ResponseState::Trash, "trash", "Trash"),
    (ResponseState::Pending, "pending", "Hold"),
];

/// The word for a state, in addresses and on pages.
pub fn state_name(state: ResponseState) -> &'static str {
    MOVES
        .iter()
        .find(|(other, _, _)| *other == state)
        .map_or("pending", |(_, name, _)| name)
}

/// The state that a word names.
pub fn state_named(name: &str) -> Option<ResponseState> {
    MOVES
        .iter()
        .find(|(_, other, _)| *other == name)
        .map(|(state, _, _)| *state)
}

/// The word for a kind.
pub fn kind_name(kind: ResponseKind) -> &'static str {
    match kind {
        ResponseKind::Comment => "comment",
        ResponseKind::Pingback => "pingback",
        ResponseKind::Trackback => "trackback",
        ResponseKind::Webmention => "webmention",
    }
}

/// The word for what a linking page is to the post.
fn mention_name(mention: MentionKind) -> &'static str {
    match mention {
        MentionKind::Reply => "reply",
        MentionKind::Mention => "mention",
        MentionKind::Like => "like",
        MentionKind::Repost => "repost",
        MentionKind::Bookmark => "bookmark",
    }
}

/// Why a response was held, in a sentence.
pub fn reason_words(reason: &Reason) -> String {
    let place = match reason.place {
        Some(Place::Author) => " in the name",
        Some(Place::Text) => " in the text",
        Some(Place::Source) => " on its page",
        None => "",
    };
    let count = reason
        .count
        .map_or_else(String::new, |count| format!("{count} "));
    match reason.rule {
        Rule::HoldAll => "The site holds every response.".to_owned(),
        Rule::FirstResponse => "First response of this writer.".to_owned(),
        Rule::ManyLinks => format!("{count}links{place}."),
        Rule::ManyOutboundLinks => format!("{count}links to other sites{place}."),
        Rule::BareLink => "The link stands without words in a list of links.".to_owned(),
        Rule::TitleIsBlogName => "Its title is the name of its blog.".to_owned(),
        Rule::ExcerptElsewhere => "Its excerpt is nowhere on its page.".to_owned(),
        Rule::CameBack => "Its source had taken it back before.".to_owned(),
        Rule::OtherLanguage => match &reason.found {
            Some(language) => format!("Its page is in another language: {language}."),
            None => "Its page is in another language.".to_owned(),
        },
    }
}

/// An entry of the queue: `selectable` where it stands in the queue's form.
pub fn queue_entry(web: &Web, entry: &Entry, post: Option<&PostLine>, selectable: bool) -> Markup {
    let response = &entry.response;
    let zone = web.app.urls.zone();
    let id = response.id;
    html! {
        article.entry id={ "response-" (id) } aria-labelledby={ "who-" (id) } {
            header {
                @if selectable {
                    input type="checkbox" name="id" value=(id) id={ "select-" (id) } aria-labelledby={ "who-" (id) };
                }
                @if response.kind == ResponseKind::Comment { (avatar::avatar(&response.author_name)) }
                @else { (avatar::link_sign()) }
                div {
                    p.who id={ "who-" (id) } {
                        strong { (response.author_name) }
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
                    }
                }
            }
            @if !entry.reasons.is_empty() && response.state == ResponseState::Pending {
                ul.reasons aria-label="Why it is held" {
                    @for reason in &entry.reasons { li { (reason_words(reason)) } }
                }
            }
            div.text { (SafeHtml::stored(response.body_html.clone())) }
            p.meta {
                @if let Some(post) = post {
                    "on " a href=(find::permalink_of_line(&web.app, post)) { (post.title) } ", "
                }
                @if let Some(parent) = response.parent_id {
                    "in reply to " a href={ "/queue/responses/" (parent) } { "#" (parent) } ", "
                }
                a href={ "/queue/responses/" (id) } { (when::time_of_minute(response.created_at, zone)) }
            }
        }
    }
}

/// The buttons that move one response.
pub fn move_buttons(entry: &Entry) -> Markup {
    let response = &entry.response;
    html! {
        @for (state, name, label) in MOVES {
            @if state != response.state {
                button type="submit" name="move" value={ (name) ":" (response.id) }
                    class=[(state == ResponseState::Approved).then_some("primary")]
                    aria-label={ (label) ": " (response.author_name) } { (label) }
                " "
            }
        }
        @if response.state == ResponseState::Pending {
            @for (scope, subject) in trust::subjects_of(response) {
                button type="submit" name="trust" value={ (scope_name(scope)) ":" (response.id) }
                    formaction="/queue/trusts" { "Trust " (subject) }
                " "
            }
        }
    }
}
