//! The queue: a page of the responses that a query names, with what is needed to decide on them. What
//! decides is in `decisions`.

use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Redirect};
use maud::{Markup, html};

use crate::accounts::permissions::Action;
use crate::error::Error;
use crate::moderation::bulk;
use crate::moderation::queue::{self, MAX_COUNTED, QueuePage};
use crate::moderation::rules;
use crate::posts::find;
use crate::store::bursts::WHOLE_SITE;
use crate::store::entity::response::ResponseState;
use crate::store::entity::task::Model as Task;
use crate::store::queue::Filter;
use crate::texts::Texts;
use crate::ui::staff_page::NavSection;
use crate::ui::when;
use crate::web::form::Form;
use crate::web::moderator::decision_result::{batch_text, not_moved_text, nothing_moved_text};
use crate::web::moderator::entry::{entry_item, move_buttons};
use crate::web::moderator::names::{STATES, state_name};
use crate::web::moderator::queue_filter::{filter_form, keyboard_shortcuts};
use crate::web::moderator::queue_query::QueueQuery;
use crate::web::respond::PageResult;
use crate::web::session::SignedIn;
use crate::web::state::Web;
use crate::web::views::staff::staff_page;
use crate::web::views::text_limit;

const TABS: [(ResponseState, &str); 4] = [
    (ResponseState::Pending, "queue-tab-pending"),
    (ResponseState::Approved, "queue-tab-approved"),
    (ResponseState::Spam, "queue-tab-spam"),
    (ResponseState::Trash, "queue-tab-trash"),
];

/// `GET /queue/`
pub async fn index(State(web): State<Web>, who: SignedIn, RawQuery(query): RawQuery) -> PageResult {
    let params = Form::parse(query.unwrap_or_default().as_bytes());
    let query = QueueQuery::read(&params).ok_or(Error::NotFound("list of responses"))?;
    let mut page = queue::page_queue(
        &web.app,
        &who.actor,
        &query.filter,
        query.order,
        query.after,
    )
    .await?;
    shorten_long_texts(&web, &mut page);
    let tasks = bulk::list_running(&web.app, &who.actor).await?;
    let left = params.get("left").parse().unwrap_or(0);
    let done = match params.find("done") {
        Some(batch) => batch_text(&web, batch, left)
            .await?
            .map(|text| (batch, text)),
        None => None,
    };
    let texts = &web.texts;
    let nothing_moved = nothing_moved_text(texts, params.get("none"));
    let has_decided = done.is_some() || left > 0;
    let title = texts.text("queue-title");
    let main = html! {
        div.title-row {
            h1 { (title) }
            p.beside {
                @if who.actor.may(Action::SetRules) {
                    a href="/queue/rules" { (texts.text("rules-title")) }
                    " " a href="/queue/senders" { (texts.text("senders-title")) } " "
                }
                @if who.actor.may(Action::Moderate) {
                    a href="/queue/statistics" { (texts.text("statistics-title")) }
                    " " a href="/queue/log" { (texts.text("log-title")) }
                }
            }
        }
        (tabs(texts, &page, &query))
        (bursts(&web, &page, &who))
        (running_tasks(texts, &tasks))
        div #done role="status" data-undo=(texts.text("queue-undo")) {
            @if let Some((batch, text)) = &done { (undo_form(texts, &query, batch, text)) }
            @else if left > 0 { p.received { (not_moved_text(texts, left)) } }
            @else if let Some(text) = nothing_moved { p.problems { (text) } }
            @else if params.has("burst-ended") { p.received { (texts.text("burst-ended")) } }
        }
        (filter_form(texts, &query, &page, who.actor.may(Action::SeeAddresses)))
        (keyboard_shortcuts(texts))
        @if page.entries.is_empty() { (no_entries(texts, &query.filter)) }
        @else { (entries(&web, &page, &query, has_decided)) }
    };
    let page = staff_page(&web, &who, NavSection::Queue, &title, &main).await?;
    Ok(page.into_response())
}

/// A text that is too long for the list is shown whole on the response's own page.
fn shorten_long_texts(web: &Web, page: &mut QueuePage) {
    let entries = page.entries.iter_mut().map(|entry| &mut entry.response);
    let texts = entries.chain(page.parents.values_mut()).map(|response| {
        let address = format!("/queue/responses/{}", response.id);
        (&mut response.body_html, address)
    });
    text_limit::limit_texts(texts.collect(), &web.texts.text("show-whole"));
}

fn tabs(texts: &Texts, page: &QueuePage, query: &QueueQuery) -> Markup {
    let filter = &query.filter;
    html! {
        nav.tabs aria-label=(texts.text("queue-tabs")) {
            @for (state, label) in TABS {
                @let is_current = state == filter.state && !filter.reported && !filter.appealed;
                a href={ "/queue/?state=" (state_name(state)) } aria-current=[is_current.then_some("page")] {
                    (texts.text(label)) " " span.count { (page.counts.get(&state).copied().unwrap_or(0)) }
                }
            }
            @if page.reported > 0 || filter.reported {
                a href="/queue/?state=approved&reported=1" aria-current=[filter.reported.then_some("page")] {
                    (texts.text("queue-tab-reported")) " " span.count { (page.reported) }
                }
            }
            @if page.appealed > 0 || filter.appealed {
                a href="/queue/?state=trash&appealed=1" aria-current=[filter.appealed.then_some("page")] {
                    (texts.text("queue-tab-appeals")) " " span.count { (page.appealed) }
                }
            }
        }
    }
}

fn bursts(web: &Web, page: &QueuePage, who: &SignedIn) -> Markup {
    let (texts, zone) = (&web.texts, &web.app.zone());
    html! {
        @for burst in &page.bursts {
            @let post = page.posts.get(&burst.post_id);
            div.problems role="status" {
                p {
                    strong {
                        @if burst.post_id == WHOLE_SITE { (texts.text("burst-on-site")) }
                        @else if let Some(post) = post { (texts.around("burst-on-post", ("title", &post.title), &[])) }
                        @else { (texts.text("burst-on-a-post")) }
                    }
                    " "
                    (texts.with("burst-consequence", &[
                        ("since", when::minute(burst.since, zone).into()),
                        ("until", when::minute(burst.until, zone).into()),
                    ]))
                }
                @if let Some(post) = post {
                    p { a href=(find::permalink_of_line(&web.app, post)) { (texts.text("burst-view-post")) } }
                } @else if burst.post_id != WHOLE_SITE {
                    p { a href={ "/queue/?post=" (burst.post_id) } { (texts.text("burst-view-responses")) } }
                }
                @if who.actor.may(Action::SetRules) {
                    form method="post" action={ "/queue/bursts/" (burst.post_id) "/end" } {
                        button type="submit" { (texts.text("burst-end")) }
                    }
                }
            }
        }
    }
}

/// `POST /queue/bursts/POST/end`
pub async fn end_burst(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
) -> PageResult {
    who.actor.must(Action::SetRules)?;
    let post = id.parse().map_err(|_| Error::NotFound("burst"))?;
    rules::end_burst(&web.app, &who.actor, post).await?;
    Ok(Redirect::to("/queue/?burst-ended").into_response())
}

fn running_tasks(texts: &Texts, tasks: &[Task]) -> Markup {
    html! {
        @for task in tasks {
            p.received {
                a href={ "/queue/tasks/" (task.token) } {
                    (texts.with("task-running", &[("seen", task.seen.into()), ("total", task.total.into())]))
                }
                " "
                progress max=(task.total.max(1)) value=(task.seen) aria-label=(texts.text("task-progress")) {}
            }
        }
    }
}

/// What a decision did, and the button that undoes it.
fn undo_form(texts: &Texts, query: &QueueQuery, batch: &str, text: &str) -> Markup {
    html! {
        div.received {
            form.undo method="post" action="/queue/undo" {
                input type="hidden" name="batch" value=(batch);
                input type="hidden" name="shown" value=(query.query());
                p { (text) " " button type="submit" data-key="u" { (texts.text("queue-undo")) } }
            }
        }
    }
}

fn entries(web: &Web, page: &QueuePage, query: &QueueQuery, has_decided: bool) -> Markup {
    let (texts, state) = (&web.texts, query.filter.state);
    // Reported and appealed responses are in any state.
    let is_mixed = query.filter.reported || query.filter.appealed;
    html! {
        form.queue.many method="post" action="/queue/decisions" data-gone=(texts.text("queue-live-gone")) {
            input type="hidden" name="shown" value=(query.query());
            @if !is_mixed { input type="hidden" name="from" value=(state_name(state)); }
            (bulk_actions(texts, page, query, is_mixed))
            @for (nth, entry) in page.entries.iter().enumerate() {
                @let response = &entry.response;
                (entry_item(web, entry, page.posts.get(&response.post_id),
                    response.parent_id.and_then(|id| page.parents.get(&id)), page.records.get(&response.id)))
                @if let Some(claim) = page.claims.iter().find(|claim| claim.response_id == response.id) {
                    p.hint { (texts.around("queue-claimed", ("name", &claim.user_name), &[])) }
                }
                p.entry-actions data-for=(response.id) { (move_buttons(texts, entry, has_decided && nth == 0)) }
            }
        }
        @if let Some(next) = page.next {
            nav.paging aria-label=(texts.text("paging")) {
                span {}
                a rel="next" href={ (query.path()) "&after=" (next) } { (texts.text("queue-next-page")) }
            }
        }
    }
}

/// The buttons for those selected, and for all that match where these are on several pages.
fn bulk_actions(texts: &Texts, page: &QueuePage, query: &QueueQuery, is_mixed: bool) -> Markup {
    let state = query.filter.state;
    let total = match page.matching {
        Some(matching) => matching,
        None => page.counts.get(&state).copied().unwrap_or(0),
    };
    let counted = [("count", total.into())];
    let targets = || {
        STATES
            .into_iter()
            .filter(move |to| *to != state || is_mixed)
    };
    html! {
        div.bulk {
            label.check { input type="checkbox" data-select-all; " " (texts.text("queue-select-all")) }
            span.buttons {
                @for to in targets() {
                    button type="submit" name="all" value=(state_name(to)) { (texts.text(move_selected_id(to))) } " "
                }
            }
            @if total > page.entries.len() as u64 {
                details.matching {
                    summary {
                        @if total == MAX_COUNTED { (texts.with("queue-many-matching", &counted)) }
                        @else { (texts.with("queue-all-matching", &counted)) }
                    }
                    p { (texts.text("queue-all-matching-hint")) }
                    span.buttons {
                        @for to in targets() {
                            button type="submit" name="matching" value=(state_name(to)) { (texts.with(move_all_id(to), &counted)) } " "
                        }
                    }
                }
            }
        }
    }
}

fn move_selected_id(to: ResponseState) -> &'static str {
    match to {
        ResponseState::Approved => "queue-selected-approved",
        ResponseState::Spam => "queue-selected-spam",
        ResponseState::Trash => "queue-selected-trash",
        ResponseState::Pending => "queue-selected-pending",
    }
}

fn move_all_id(to: ResponseState) -> &'static str {
    match to {
        ResponseState::Approved => "queue-all-approved",
        ResponseState::Spam => "queue-all-spam",
        ResponseState::Trash => "queue-all-trash",
        ResponseState::Pending => "queue-all-pending",
    }
}

fn no_entries(texts: &Texts, filter: &Filter) -> Markup {
    let all = format!("/queue/?state={}", state_name(filter.state));
    html! {
        div.empty {
            @if filter.reported { p { (texts.text("queue-no-reported")) } }
            @else if filter.appealed { p { (texts.text("queue-no-appeals")) } }
            @else if filter.is_narrow() {
                p { (texts.text("queue-no-match")) " " a href=(all) { (texts.text("queue-show-all")) } }
            } @else {
                @match filter.state {
                    ResponseState::Pending => {
                        h2 { (texts.text("queue-no-pending-title")) }
                        p { (texts.text("queue-no-pending")) }
                    }
                    ResponseState::Approved => p { (texts.text("queue-no-approved")) },
                    ResponseState::Spam => p { (texts.text("queue-no-spam")) },
                    ResponseState::Trash => p { (texts.text("queue-no-trash")) },
                }
            }
        }
    }
}
