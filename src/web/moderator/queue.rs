//! The queue's pages: what waits, what was approved, spam and trash, what readers reported.

use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect};
use maud::{Markup, html};

use crate::accounts::permissions::Action;
use crate::error::Error;
use crate::moderation::bulk;
use crate::moderation::queue::{self, COUNTED, QueuePage};
use crate::moderation::rules;
use crate::posts::find;
use crate::store::entity::response::ResponseState;
use crate::store::entity::task::Model as Task;
use crate::store::queue::{Filter, From, Order};
use crate::store::shields::WHOLE_SITE;
use crate::web::form::Form;
use crate::web::moderator::decisions::{done_words, left_words, nothing_words};
use crate::web::moderator::entry::{self};
use crate::web::moderator::shown::{KINDS, Shown, order_name};
use crate::web::moderator::words::{MOVES, kind_name, state_name};
use crate::web::respond::PageResult;
use crate::web::session::SignedIn;
use crate::web::state::Web;
use crate::web::views::bounded;
use crate::web::views::staff::{Room, staff_page};
use crate::web::views::when;

const TABS: [(ResponseState, &str); 4] = [
    (ResponseState::Pending, "Pending"),
    (ResponseState::Approved, "Approved"),
    (ResponseState::Spam, "Spam"),
    (ResponseState::Trash, "Trash"),
];

/// The rules that can be asked for, by the name under which reasons keep them.
const RULES: [(&str, &str); 6] = [
    ("first_response", "first response"),
    ("many_links", "many links"),
    ("site", "a rule of this site"),
    ("filter", "the filter"),
    ("burst", "a burst"),
    ("always_held", "always held"),
];

/// `GET /queue/`
pub async fn index(State(web): State<Web>, who: SignedIn, RawQuery(query): RawQuery) -> PageResult {
    let asked = Form::parse(query.unwrap_or_default().as_bytes());
    let shown = Shown::read(&asked).ok_or(Error::NotFound("list of responses"))?;
    let mut page =
        queue::page_queue(&web.app, &who.actor, &shown.filter, shown.order, shown.from).await?;
    bound(&mut page);
    let tasks = bulk::list_under_way(&web.app, &who.actor).await?;
    let left = asked.get("left").parse().unwrap_or(0);
    let done = match asked.find("done") {
        Some(batch) => done_words(&web, batch, left)
            .await?
            .map(|words| (batch, words)),
        None => None,
    };
    let nothing = nothing_words(asked.get("none"));
    let is_back = done.is_some() || left > 0;
    let main = html! {
        div.title-row {
            h1 { "Queue" }
            p.beside {
                @if who.actor.may(Action::SetRules) {
                    a href="/queue/rules" { "Rules" } " " a href="/queue/standings" { "People and sites" } " "
                }
                @if who.actor.may(Action::Moderate) {
                    a href="/queue/numbers" { "Statistics" } " " a href="/queue/log" { "Log of decisions" }
                }
            }
        }
        (tabs(&page, &shown))
        (bursts(&web, &page, &who))
        (under_way(&tasks))
        div #done role="status" {
            @if let Some((batch, words)) = &done { (undo_form(&shown, batch, words)) }
            @else if left > 0 { p.received { (left_words(left)) } }
            @else if let Some(words) = nothing { p.problems { (words) } }
        }
        (filters(&shown, &page, who.actor.may(Action::SeeAddresses)))
        (keys())
        @if page.entries.is_empty() { (nothing_here(&shown.filter)) }
        @else { (entries(&web, &page, &shown, is_back)) }
    };
    let site = web.site_name().await?;
    Ok(staff_page(&site, &who, Room::Queue, "Queue", &main).into_response())
}

/// What is too long for the list stands whole on a response's own page.
fn bound(page: &mut QueuePage) {
    let entries = page.entries.iter_mut().map(|entry| &mut entry.response);
    let texts = entries.chain(page.parents.values_mut()).map(|response| {
        let address = format!("/queue/responses/{}", response.id);
        (&mut response.body_html, address)
    });
    bounded::bound(texts.collect(), "Show the whole text");
}

fn tabs(page: &QueuePage, shown: &Shown) -> Markup {
    let asked = &shown.filter;
    html! {
        nav.tabs aria-label="Which responses" {
            @for (tab, label) in TABS {
                @let is_here = tab == asked.state && !asked.reported && !asked.appealed;
                a href={ "/queue/?state=" (state_name(tab)) } aria-current=[is_here.then_some("page")] {
                    (label) " " span.count { (page.counts.get(&tab).copied().unwrap_or(0)) }
                }
            }
            @if page.reported > 0 || asked.reported {
                a href="/queue/?state=approved&reported=1" aria-current=[asked.reported.then_some("page")] {
                    "Reported " span.count { (page.reported) }
                }
            }
            @if page.appealed > 0 || asked.appealed {
                a href="/queue/?state=trash&appealed=1" aria-current=[asked.appealed.then_some("page")] {
                    "Appeals " span.count { (page.appealed) }
                }
            }
        }
    }
}

fn bursts(web: &Web, page: &QueuePage, who: &SignedIn) -> Markup {
    html! {
        @for shield in &page.shields {
            div.problems role="status" {
                p {
                    strong { "There is a burst of responses " }
                    @if shield.post_id == WHOLE_SITE { "on the whole site" }
                    @else if let Some(post) = page.posts.get(&shield.post_id) {
                        "on " a href=(find::permalink_of_line(&web.app, post)) { bdi { (post.title) } }
                    } @else { "on a " a href={ "/queue/?post=" (shield.post_id) } { "post" } }
                    ", since " (when::time_of_minute(shield.since, web.app.urls.zone()))
                    ". Everything there is held, and guests are slowed down. It ends by itself when it is quiet, at "
                    (when::time_of_minute(shield.until, web.app.urls.zone())) " at the earliest."
                }
                @if who.actor.may(Action::SetRules) {
                    form method="post" action={ "/queue/bursts/" (shield.post_id) "/end" } { button type="submit" { "End it now" } }
                }
            }
        }
    }
}

/// `POST /queue/bursts/POST/end`
pub async fn end_burst(
    State(web): State<Web>,
    who: SignedIn,
    axum::extract::Path(id): axum::extract::Path<String>,
) -> PageResult {
    who.actor.must(Action::SetRules)?;
    let post = id.parse().map_err(|_| Error::NotFound("burst"))?;
    rules::end_burst(&web.app, &who.actor, post).await?;
    Ok(Redirect::to("/queue/").into_response())
}

fn under_way(tasks: &[Task]) -> Markup {
    html! {
        @for task in tasks {
            p.received {
                a href={ "/queue/tasks/" (task.token) } { "Under way: " (task.seen) " of " (task.total) } " "
                progress max=(task.total.max(1)) value=(task.seen) aria-label="Progress" {}
            }
        }
    }
}

/// What a press did, with the way back.
fn undo_form(shown: &Shown, batch: &str, words: &str) -> Markup {
    html! {
        div.received {
            form.undo method="post" action="/queue/undo" {
                input type="hidden" name="batch" value=(batch);
                input type="hidden" name="shown" value=(shown.query());
                p { span.words { (words) } " " button type="submit" data-key="u" { "Undo" } }
            }
        }
    }
}

fn filters(shown: &Shown, page: &QueuePage, sees_addresses: bool) -> Markup {
    let filter = &shown.filter;
    let is_set = filter.is_narrow();
    html! {
        details.filters open[is_set] {
            summary {
                "Filter and order"
                @if let Some(matching) = page.matching {
                    ": " (matching) @if matching == COUNTED { " or more" } " match"
                }
            }
            form.filter method="get" action="/queue/" {
                input type="hidden" name="state" value=(state_name(filter.state));
                @if filter.reported { input type="hidden" name="reported" value="1"; }
                @if filter.appealed { input type="hidden" name="appealed" value="1"; }
                @if let Some(post) = filter.post { input type="hidden" name="post" value=(post); }
                @if let Some(rule) = filter.site_rule { input type="hidden" name="site_rule" value=(rule); }
                @if let Some(network) = &filter.network { input type="hidden" name="network" value=(network); }
                @if let Some(name) = &filter.name_key { input type="hidden" name="name" value=(name); }
                (text_field("words", "Words", filter.words.as_deref()))
                @if sees_addresses {
                    (text_field("email", "E-mail address", filter.email.as_deref()))
                    (text_field("ip", "Network address", filter.ip.as_deref()))
                }
                div.field {
                    label for="filter-kind" { "Kind" }
                    select #filter-kind name="kind" {
                        option value="" { "every kind" }
                        @for kind in KINDS { option value=(kind_name(kind)) selected[filter.kind == Some(kind)] { (kind_name(kind)) } }
                    }
                }
                div.field {
                    label for="filter-rule" { "Held by" }
                    select #filter-rule name="rule" {
                        option value="" { "any rule" }
                        @for (name, words) in RULES { option value=(name) selected[filter.rule.as_deref() == Some(name)] { (words) } }
                    }
                }
                div.field {
                    label for="filter-order" { "Order" }
                    select #filter-order name="order" {
                        @for order in [Order::Oldest, Order::Riskiest, Order::Newest] {
                            option value=(order_name(order)) selected[shown.order == order] { (order_name(order)) " first" }
                        }
                    }
                }
                p.buttons {
                    button type="submit" { "Show" }
                    @if is_set { " " a href={ "/queue/?state=" (state_name(filter.state)) } { "Show all again" } }
                }
            }
        }
    }
}

fn text_field(name: &str, label: &str, value: Option<&str>) -> Markup {
    html! {
        div.field {
            label for={ "filter-" (name) } { (label) }
            input id={ "filter-" (name) } name=(name) type="text" dir="auto" autocomplete="off" value=(value.unwrap_or_default());
        }
    }
}

fn entries(web: &Web, page: &QueuePage, shown: &Shown, is_back: bool) -> Markup {
    let state = shown.filter.state;
    let is_asked = shown.filter.reported || shown.filter.appealed;
    let total = match page.matching {
        Some(matching) => matching,
        None => page.counts.get(&state).copied().unwrap_or(0),
    };
    let pages = total > page.entries.len() as u64;
    html! {
        form.queue.many method="post" action="/queue/decisions" {
            input type="hidden" name="shown" value=(shown.query());
            @if !is_asked { input type="hidden" name="from" value=(state_name(state)); }
            div.bulk {
                label.check { input type="checkbox" data-select-all; " All on this page" }
                span.buttons {
                    @for (to, name, label, _) in MOVES {
                        @if to != state || is_asked {
                            button type="submit" name="all" value=(name) { (label) " selected" } " "
                        }
                    }
                }
                @if pages {
                    details.matching {
                        summary { "All " (total) @if total == COUNTED { " or more" } " that match" }
                        p { "This moves all of them, not only those on this page. You are asked once more before it begins." }
                        span.buttons {
                            @for (to, name, label, _) in MOVES {
                                @if to != state || is_asked {
                                    button type="submit" name="matching" value=(name) { (label) " all " (total) } " "
                                }
                            }
                        }
                    }
                }
            }
            @for (nth, item) in page.entries.iter().enumerate() {
                @let response = &item.response;
                (entry::queue_entry(web, item, page.posts.get(&response.post_id),
                    response.parent_id.and_then(|id| page.parents.get(&id)), page.records.get(&response.id)))
                @if let Some(claim) = page.claims.iter().find(|claim| claim.response_id == response.id) {
                    p.hint { bdi { (claim.user_name) } " is looking at this one." }
                }
                p.entry-actions data-for=(response.id) { (entry::move_buttons(item, is_back && nth == 0)) }
            }
        }
        @if let Some((id, risk)) = page.next {
            @let risk = match (shown.order, shown.from) {
                (Order::Riskiest, _) => format!("&risk={risk}"),
                (_, From::Start | From::After(..)) => String::new(),
            };
            nav.paging aria-label="Pages" {
                span {}
                a rel="next" href={ (shown.path()) "&after=" (id) (risk) } { "Next page" }
            }
        }
    }
}

fn keys() -> Markup {
    html! {
        details.keys id="keys" {
            summary { "Keyboard shortcuts" }
            dl {
                @for (key, words) in [
                    ("j, k", "next, one before"),
                    ("a", "approve"),
                    ("s", "spam"),
                    ("d", "trash"),
                    ("h", "hold"),
                    ("u", "undo the last action"),
                    ("r", "reply"),
                    ("e", "edit"),
                    ("o", "open its history"),
                    ("p", "open the writer’s profile"),
                    ("x", "select"),
                    ("?", "show these keys"),
                ] {
                    div { dt { kbd { (key) } } dd { (words) } }
                }
            }
            label.check.keys-switch hidden { input type="checkbox" data-keys-switch; " Use single-letter keys in this browser" }
            p.hint { "The keys need scripts. Without them, Tab and Enter do everything: after each decision the keyboard stands on the next response." }
        }
    }
}

fn nothing_here(filter: &Filter) -> Markup {
    html! {
        div.empty {
            @if filter.reported { p { "Readers have reported nothing that waits for you." } }
            @else if filter.appealed { p { "No writer waits for a second look." } }
            @else if filter.is_narrow() { p { "Nothing matches this filter. " a href={ "/queue/?state=" (state_name(filter.state)) } { "Show all" } } }
            @else {
                @match filter.state {
                    ResponseState::Pending => {
                        h2 { "You’re all caught up" }
                        p { "New responses that need a look will appear here, the oldest first, with the reason they were held." }
                    }
                    ResponseState::Approved => p { "No approved responses yet." },
                    ResponseState::Spam => p { "No spam." },
                    ResponseState::Trash => p { "The trash is empty." },
                }
            }
        }
    }
}
