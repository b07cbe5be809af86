//! The linkbacks that this site sent to the pages that its posts link to, and their answers. Sending is
//! left to `linkbacks::send`.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect};
use maud::{Markup, html};

use crate::accounts::permissions::Action;
use crate::app::SendingMode;
use crate::error::Error;
use crate::linkbacks::send;
use crate::store::entity::ids::{OutgoingLinkbackId, UserId};
use crate::store::entity::linkback::Protocol;
use crate::store::entity::outgoing_linkback::{Model as OutgoingLinkback, OutgoingState};
use crate::store::outgoing_linkbacks;
use crate::texts::Texts;
use crate::ui::badges::{Tone, badge};
use crate::ui::sections::{empty, title_row};
use crate::ui::staff_page::NavSection;
use crate::ui::{buttons, notices, when};
use crate::web::respond::PageResult;
use crate::web::session::SignedIn;
use crate::web::state::Web;
use crate::web::views::staff::staff_page;

/// The most linkbacks on the page.
const MAX_SHOWN: u64 = 100;

/// `GET /desk/outgoing-linkbacks`
pub async fn index(State(web): State<Web>, who: SignedIn) -> PageResult {
    who.actor.must(Action::WriteOwnPosts)?;
    let own: Option<UserId> = (!who.actor.may(Action::WriteAnyPost)).then_some(who.user.id);
    let linkbacks = outgoing_linkbacks::list_newest(web.app.store.read(), own, MAX_SHOWN).await?;
    let texts = &web.texts;
    let title = texts.text("outgoing-title");
    let main = html! {
        (title_row(&title, html! { a href="/desk/" { (texts.text("posts-back")) } }))
        (sending_note(&web))
        @if linkbacks.is_empty() { (empty(texts.text("outgoing-empty"), None)) }
        @else { (outgoing_linkback_list(&web, &linkbacks, true)) }
    };
    let page = staff_page(&web, &who, NavSection::Desk, &title, &main).await?;
    Ok(page.into_response())
}

/// `POST /desk/outgoing-linkbacks/ID/retry`
pub async fn retry(State(web): State<Web>, who: SignedIn, Path(id): Path<String>) -> PageResult {
    who.actor.must(Action::WriteOwnPosts)?;
    let id: OutgoingLinkbackId = id
        .parse()
        .map_err(|_| Error::NotFound("outgoing linkback"))?;
    let linkback = send::retry_linkback(&web.app, &who.actor, id).await?;
    Ok(Redirect::to(&post_address(&linkback)).into_response())
}

fn post_address(linkback: &OutgoingLinkback) -> String {
    format!("/desk/posts/{}/edit#outgoing-linkbacks", linkback.post_id)
}

/// Why the site sends no linkbacks, or not all of them; nothing where it does.
pub fn sending_note(web: &Web) -> Markup {
    let id = match web.app.sending() {
        SendingMode::On => return Markup::default(),
        SendingMode::AllowedOnly => "outgoing-allowed-only",
        SendingMode::OffForTests => "outgoing-off-for-tests",
        SendingMode::Off => "outgoing-off",
    };
    notices::note(web.texts.text(id))
}

/// The linkbacks, each with its state and the answer; `with_post` names the post too.
pub fn outgoing_linkback_list(
    web: &Web,
    linkbacks: &[OutgoingLinkback],
    with_post: bool,
) -> Markup {
    html! {
        ul.rows.outgoing-linkbacks {
            @for linkback in linkbacks { (row(web, linkback, with_post)) }
        }
    }
}

fn row(web: &Web, linkback: &OutgoingLinkback, with_post: bool) -> Markup {
    let texts = &web.texts;
    let is_waiting = linkback.state == OutgoingState::Waiting;
    let target = linkback.target_url.as_str();
    html! {
        li.row {
            div {
                a href=(target) rel="noopener noreferrer" { (target) }
                @if !linkback.is_linked { " " span.kind { (texts.text("outgoing-unlinked")) } }
                p.meta {
                    (badge(tone(linkback.state), &state_label(texts, linkback))) " "
                    (when::time_of_minute(linkback.updated_at, &web.app.zone()))
                    @if with_post {
                        " " a href=(post_address(linkback)) {
                            (texts.around("outgoing-from", ("title", &linkback.title), &[]))
                        }
                    }
                }
                @if let Some(next_try) = next_try(web, linkback) { p.meta { (next_try) } }
                @if !linkback.answer.is_empty() { p.answer { "“" bdi { (linkback.answer) } "”" } }
                @if let Some(url) = &linkback.status_url {
                    p.meta { a href=(url) rel="noopener noreferrer" { (texts.text("outgoing-status")) } }
                }
            }
            @if !is_waiting && web.app.sending().is_on() {
                (buttons::action(
                    &format!("/desk/outgoing-linkbacks/{}/retry", linkback.id),
                    &texts.text("outgoing-retry"),
                    Some(&texts.with("outgoing-retry-one", &[("address", target.into())])),
                ))
            }
        }
    }
}

fn next_try(web: &Web, linkback: &OutgoingLinkback) -> Option<String> {
    let at = linkback
        .next_try
        .filter(|_| linkback.state == OutgoingState::Waiting && linkback.tries > 0)?;
    let at = when::minute(at, &web.app.zone());
    Some(web.texts.with("outgoing-next-try", &[("date", at.into())]))
}

fn tone(state: OutgoingState) -> Tone {
    match state {
        OutgoingState::Sent => Tone::Good,
        OutgoingState::Refused | OutgoingState::Unreachable => Tone::Attention,
        OutgoingState::Waiting
        | OutgoingState::NoEndpoint
        | OutgoingState::Gone
        | OutgoingState::Unknown => Tone::Neutral,
    }
}

/// The state, with the protocol where one was used.
fn state_label(texts: &Texts, linkback: &OutgoingLinkback) -> String {
    let state = texts.text(state_id(linkback));
    let protocol = match linkback.protocol {
        None => return state,
        Some(Protocol::Pingback) => "protocol-pingback",
        Some(Protocol::Trackback) => "protocol-trackback",
        Some(Protocol::Webmention) => "protocol-webmention",
    };
    let protocol = texts.text(protocol);
    let values = [("state", state.into()), ("protocol", protocol.into())];
    texts.with("outgoing-state-by", &values)
}

fn state_id(linkback: &OutgoingLinkback) -> &'static str {
    match linkback.state {
        OutgoingState::Waiting if linkback.tries > 0 => "outgoing-waiting-again",
        OutgoingState::Waiting => "outgoing-waiting",
        OutgoingState::Sent if !linkback.is_linked => "outgoing-sent-removal",
        OutgoingState::Sent => "outgoing-sent",
        OutgoingState::Refused => "outgoing-refused",
        OutgoingState::NoEndpoint => "outgoing-no-endpoint",
        OutgoingState::Unreachable => "outgoing-unreachable",
        OutgoingState::Gone => "outgoing-gone",
        OutgoingState::Unknown => "outgoing-unknown",
    }
}
