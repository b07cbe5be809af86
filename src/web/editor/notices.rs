//! What the sites that posts link to were told, and what they said.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect};
use maud::{Markup, html};

use crate::accounts::permissions::Action;
use crate::app::Sending;
use crate::error::Error;
use crate::linkbacks::send;
use crate::store::entity::ids::{NoticeId, UserId};
use crate::store::entity::linkback::Protocol;
use crate::store::entity::outgoing_notice::{Model as Notice, NoticeState};
use crate::store::outgoing;
use crate::web::respond::PageResult;
use crate::web::session::SignedIn;
use crate::web::state::Web;
use crate::web::views::staff::{Room, staff_page};
use crate::web::views::when;

/// The most notices on the page.
const MOST: u64 = 100;

/// `GET /desk/notices`
pub async fn index(State(web): State<Web>, who: SignedIn) -> PageResult {
    who.actor.must(Action::WriteOwnPosts)?;
    let own: Option<UserId> = (!who.actor.may(Action::WriteAnyPost)).then_some(who.user.id);
    let notices = outgoing::list_newest(web.app.store.read(), own, MOST).await?;
    let main = html! {
        div.title-row { h1 { "Outgoing linkbacks" } a href="/desk/" { "Back to the posts" } }
        (sending_note(&web))
        @if notices.is_empty() {
            div.empty { p { "No post has told anybody yet. When you publish a post with links, the sites that it links to are told, and their answers appear here." } }
        } @else { (notice_list(&web, &notices, true)) }
    };
    let site = web.site_name().await?;
    Ok(staff_page(&site, &who, Room::Desk, "Outgoing linkbacks", &main).into_response())
}

/// `POST /desk/notices/ID/retry`
pub async fn retry(State(web): State<Web>, who: SignedIn, Path(id): Path<String>) -> PageResult {
    who.actor.must(Action::WriteOwnPosts)?;
    let id: NoticeId = id.parse().map_err(|_| Error::NotFound("notice"))?;
    let notice = send::retry_notice(&web.app, &who.actor, id).await?;
    let post = notice.post_id;
    Ok(Redirect::to(&format!("/desk/posts/{post}/edit#notices")).into_response())
}

/// Why nobody is told, where that is so.
pub fn sending_note(web: &Web) -> Markup {
    let words = match web.app.sending {
        Sending::On => return Markup::default(),
        Sending::AllowedOnly => {
            "This site’s address is one for tests, so only networks in linkbacks.fetch_allow are told."
        }
        Sending::OffForTests => {
            "This site’s address is one for tests, so nobody is told. Set site.url to the address that readers use."
        }
        Sending::Off => "Telling other sites is switched off: linkbacks.send in the settings file.",
    };
    html! { p.note { (words) } }
}

/// Notices, each with what came of it.
pub fn notice_list(web: &Web, notices: &[Notice], with_post: bool) -> Markup {
    html! {
        ul.rows.notices {
            @for notice in notices { (row(web, notice, with_post)) }
        }
    }
}

fn row(web: &Web, notice: &Notice, with_post: bool) -> Markup {
    let zone = web.app.urls.zone();
    let can_retry = !matches!(notice.state, NoticeState::Waiting) && web.app.sending.is_on();
    html! {
        li.row {
            div {
                a href=(notice.target_url) rel="noopener noreferrer" { (notice.target_url) }
                @if !notice.is_linked { " " span.kind { "no longer linked" } }
                p.meta {
                    span class={ "state notice-" (state_name(notice.state)) } { (state_words(notice)) }
                    @if let Some(protocol) = notice.protocol { " by " (protocol_name(protocol)) }
                    ", " (when::time_of_minute(notice.updated_at, zone))
                    @if let (NoticeState::Waiting, Some(at)) = (notice.state, notice.next_try) {
                        @if notice.tries > 0 { ", next try " (when::time_of_minute(at, zone)) }
                    }
                    @if with_post {
                        ", from " a href={ "/desk/posts/" (notice.post_id) "/edit#notices" } { (notice.title) }
                    }
                }
                @if !notice.answer.is_empty() { p.answer { "“" (notice.answer) "”" } }
                @if let Some(url) = &notice.status_url {
                    p.meta { a href=(url) rel="noopener noreferrer" { "Status on their site" } }
                }
            }
            @if can_retry {
                form method="post" action={ "/desk/notices/" (notice.id) "/retry" } {
                    button type="submit" aria-label={ "Tell again: " (notice.target_url) } { "Tell again" }
                }
            }
        }
    }
}

fn state_name(state: NoticeState) -> &'static str {
    match state {
        NoticeState::Waiting => "waiting",
        NoticeState::Told => "told",
        NoticeState::Refused => "refused",
        NoticeState::NoWay => "no-way",
        NoticeState::Unreachable => "unreachable",
        NoticeState::Gone => "gone",
        NoticeState::Unknown => "unknown",
    }
}

fn state_words(notice: &Notice) -> &'static str {
    match notice.state {
        NoticeState::Waiting if notice.tries > 0 => "waiting to be tried again",
        NoticeState::Waiting => "waiting",
        NoticeState::Told if !notice.is_linked => "told that the link is gone",
        NoticeState::Told => "told",
        NoticeState::Refused => "refused",
        NoticeState::NoWay => "takes no linkbacks",
        NoticeState::Unreachable => "not reached",
        NoticeState::Gone => "gone permanently",
        NoticeState::Unknown => "may have been told",
    }
}

fn protocol_name(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Pingback => "pingback",
        Protocol::Trackback => "trackback",
        Protocol::Webmention => "webmention",
    }
}
