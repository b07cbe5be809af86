//! The queue's pages: what waits, what was approved, spam and trash.

use axum::extract::{Query, State};
use axum::response::IntoResponse;
use maud::{Markup, html};
use serde::Deserialize;

use crate::error::Error;
use crate::moderation::queue::{self, QueuePage};
use crate::store::decisions;
use crate::store::entity::response::ResponseState;
use crate::store::queue::From;
use crate::web::moderator::entry::{self, MOVES};
use crate::web::respond::PageResult;
use crate::web::session::SignedIn;
use crate::web::state::Web;
use crate::web::views::staff::{Room, staff_page};

/// What the queue shows.
#[derive(Debug, Default, Deserialize)]
pub struct Shown {
    state: Option<String>,
    after: Option<i64>,
    /// The press that led here, to be taken back.
    done: Option<String>,
}

const TABS: [(ResponseState, &str); 4] = [
    (ResponseState::Pending, "Pending"),
    (ResponseState::Approved, "Approved"),
    (ResponseState::Spam, "Spam"),
    (ResponseState::Trash, "Trash"),
];

/// `GET /queue/`
pub async fn index(
    State(web): State<Web>,
    who: SignedIn,
    Query(shown): Query<Shown>,
) -> PageResult {
    let state = match shown.state.as_deref() {
        None => ResponseState::Pending,
        Some(name) => entry::state_named(name).ok_or(Error::NotFound("list of responses"))?,
    };
    let from = shown.after.map_or(From::Start, |id| {
        From::After(crate::store::entity::ids::ResponseId(id))
    });
    let page = queue::page_queue(&web.app, &who.actor, state, from).await?;
    let done = match &shown.done {
        Some(batch) => Some((batch.as_str(), done_words(&web, batch).await?)),
        None => None,
    };
    let main = html! {
        div.title-row {
            h1 { "Queue" }
            p.beside { a href="/queue/trusts" { "Trusted sites" } " " a href="/queue/log" { "Log of decisions" } }
        }
        nav.tabs aria-label="Which responses" {
            @for (tab, label) in TABS {
                a href={ "/queue/?state=" (entry::state_name(tab)) } aria-current=[(tab == state).then_some("page")] {
                    (label) " " span.count { (page.counts.get(&tab).copied().unwrap_or(0)) }
                }
            }
        }
        @if let Some((batch, Some(words))) = &done {
            div.received role="status" {
                form method="post" action="/queue/undo" {
                    input type="hidden" name="batch" value=(batch);
                    input type="hidden" name="state" value=(entry::state_name(state));
                    p { (words) " " button type="submit" { "Undo" } }
                }
            }
        }
        @if page.entries.is_empty() { (nothing_here(state)) }
        @else { (entries(&web, &page, state)) }
    };
    let site = web.site_name().await?;
    Ok(staff_page(&site, &who, Room::Queue, "Queue", &main).into_response())
}

fn entries(web: &Web, page: &QueuePage, state: ResponseState) -> Markup {
    html! {
        form.queue method="post" action="/queue/decisions" {
            input type="hidden" name="state" value=(entry::state_name(state));
            div.bulk {
                label.check { input type="checkbox" data-select-all; " All on this page" }
                span.buttons {
                    @for (to, name, label) in MOVES {
                        @if to != state {
                            button type="submit" name="all" value=(name) { (label) " selected" } " "
                        }
                    }
                }
            }
            @for item in &page.entries {
                (entry::queue_entry(web, item, page.posts.get(&item.response.post_id), true))
                p.entry-actions { (entry::move_buttons(item)) }
            }
        }
        @if let Some(next) = page.next {
            nav.paging aria-label="Pages" {
                span {}
                a rel="next" href={ "/queue/?state=" (entry::state_name(state)) "&after=" (next) } { "Next page" }
            }
        }
    }
}

fn nothing_here(state: ResponseState) -> Markup {
    html! {
        div.empty {
            @match state {
                ResponseState::Pending => {
                    h2 { "Nothing waits for you" }
                    p { "New responses that need a look will appear here, the oldest first, with the reason they were held." }
                }
                ResponseState::Approved => p { "No approved responses yet." },
                ResponseState::Spam => p { "No spam. Long may it last." },
                ResponseState::Trash => p { "The trash is empty." },
            }
        }
    }
}

async fn done_words(web: &Web, batch: &str) -> Result<Option<String>, Error> {
    let decisions = decisions::list_batch(web.app.store.read(), batch).await?;
    Ok(decisions.first().map(|first| {
        let count = decisions.len();
        let what = if count == 1 {
            "One response".to_owned()
        } else {
            format!("{count} responses")
        };
        if first.undoes.is_some() {
            format!("{what} put back.")
        } else {
            match first.to_state {
                ResponseState::Approved => format!("{what} approved."),
                ResponseState::Spam => format!("{what} marked as spam."),
                ResponseState::Trash => format!("{what} moved to the trash."),
                ResponseState::Pending => format!("{what} held again."),
            }
        }
    }))
}
