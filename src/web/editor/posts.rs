//! The list of posts, and what can be done with one from there.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect};
use maud::{Markup, html};
use serde::Deserialize;

use crate::accounts::permissions::Action;
use crate::error::Error;
use crate::posts::{find, publish};
use crate::store::entity::ids::{PostId, UserId};
use crate::store::entity::post::{Model as Post, PostState};
use crate::store::posts::{self as rows, PostLine};
use crate::store::responses;
use crate::web::form::Form;
use crate::web::respond::PageResult;
use crate::web::session::SignedIn;
use crate::web::state::Web;
use crate::web::views::staff::{Room, staff_page};
use crate::web::views::when;

const PAGE: u64 = 30;

/// What the list shows.
#[derive(Debug, Default, Deserialize)]
pub struct Shown {
    state: Option<String>,
    page: Option<u64>,
}

const STATES: [(&str, Option<PostState>, &str); 5] = [
    ("", None, "All"),
    ("draft", Some(PostState::Draft), "Drafts"),
    ("scheduled", Some(PostState::Scheduled), "Scheduled"),
    ("published", Some(PostState::Published), "Published"),
    ("trash", Some(PostState::Trash), "Trash"),
];

/// `GET /desk/`
pub async fn index(
    State(web): State<Web>,
    who: SignedIn,
    Query(shown): Query<Shown>,
) -> PageResult {
    if !who.actor.may(Action::WriteOwnPosts) && who.actor.may(Action::Moderate) {
        return Ok(Redirect::to("/queue/").into_response());
    }
    who.actor.must(Action::WriteOwnPosts)?;
    let wanted = shown.state.unwrap_or_default();
    let (_, state, _) = STATES
        .into_iter()
        .find(|(name, _, _)| *name == wanted)
        .ok_or(Error::NotFound("list of posts"))?;
    let own: Option<UserId> = if who.actor.may(Action::WriteAnyPost) {
        None
    } else {
        Some(who.user.id)
    };
    let db = web.app.store.read();
    let page = shown.page.unwrap_or(1).max(1);
    let count = rows::count_for_desk(db, state, own).await?;
    let posts = rows::page_for_desk(db, state, own, page, PAGE).await?;
    let authors = find::author_names(&web.app, posts.iter().map(|post| post.author_id)).await?;
    let ids: Vec<PostId> = posts.iter().map(|post| post.id).collect();
    let answers = responses::count_approved(db, &ids).await?;
    let zone = web.app.urls.zone();
    let main = html! {
        div.title-row {
            h1 { "Posts" }
            p.beside { a href="/desk/notices" { "Outgoing linkbacks" } " " a.button.primary href="/desk/posts/new" { "New post" } }
        }
        nav.tabs aria-label="Which posts" {
            @for (name, _, label) in STATES {
                a href={ "/desk/" @if !name.is_empty() { "?state=" (name) } }
                    aria-current=[(name == wanted).then_some("page")] { (label) }
            }
        }
        @if posts.is_empty() {
            div.empty {
                p { "No posts here." }
                p { a.button href="/desk/posts/new" { "Write one" } }
            }
        } @else {
            ul.rows {
                @for post in &posts {
                    li.row {
                        div {
                            a.row-title href={ "/desk/posts/" (post.id) "/edit" } {
                                @if post.title.is_empty() { "(no title)" } @else { bdi { (post.title) } }
                            }
                            p.meta {
                                span class={ "state " (state_name(post.state)) } { (state_name(post.state)) }
                                " "
                                @if let Some(name) = authors.get(&post.author_id) { bdi { (name) } ", " }
                                (when::time_of_minute(post.published_at.unwrap_or(post.updated_at), zone))
                                @if let Some(count) = answers.get(&post.id) { ", " (count) @if *count == 1 { " response" } @else { " responses" } }
                            }
                        }
                        (row_actions(&web, post, who.actor.may(Action::PublishOwnPosts)))
                    }
                }
            }
            @let pages = count.div_ceil(PAGE);
            @if pages > 1 {
                nav.paging aria-label="Pages" {
                    @if page > 1 { a rel="prev" href={ "/desk/?state=" (wanted) "&page=" (page - 1) } { "Newer" } }
                    span { "Page " (page) " of " (pages) }
                    @if page < pages { a rel="next" href={ "/desk/?state=" (wanted) "&page=" (page + 1) } { "Older" } }
                }
            }
        }
    };
    let site = web.site_name().await?;
    Ok(staff_page(&site, &who, Room::Desk, "Posts", &main).into_response())
}

/// The word for a state.
pub fn state_name(state: PostState) -> &'static str {
    match state {
        PostState::Draft => "draft",
        PostState::Scheduled => "scheduled",
        PostState::Published => "published",
        PostState::Trash => "trash",
    }
}

fn row_actions(web: &Web, post: &PostLine, may_publish: bool) -> Markup {
    let button = |noun: &str, label: &str| {
        html! {
            form method="post" action={ "/desk/posts/" (post.id) "/" (noun) } {
                button type="submit" aria-label={ (label) ": " (post.title) } { (label) }
            }
        }
    };
    html! {
        div.row-actions {
            @match post.state {
                PostState::Published => {
                    a.button href=(find::permalink_of_line(&web.app, post)) aria-label={ "View: " (post.title) } { "View" }
                    @if may_publish {
                        (button("withdrawal", "Unpublish"))
                        (button("trashing", "Trash"))
                    }
                }
                PostState::Draft => { (button("trashing", "Trash")) }
                PostState::Scheduled => {
                    @if may_publish { (button("withdrawal", "Unschedule")) (button("trashing", "Trash")) }
                }
                PostState::Trash => {
                    (button("restoration", "Restore"))
                    @if may_publish || post.published_at.is_none() {
                        a.button href={ "/desk/posts/" (post.id) "/deletion" } aria-label={ "Delete permanently: " (post.title) } { "Delete permanently" }
                    }
                }
            }
        }
    }
}

/// `POST /desk/posts/ID/withdrawal`: back to a draft.
pub async fn withdraw(web: State<Web>, who: SignedIn, id: Path<String>) -> PageResult {
    move_to(web, who, id, PostState::Draft, "/desk/").await
}

/// `POST /desk/posts/ID/trashing`
pub async fn trash(web: State<Web>, who: SignedIn, id: Path<String>) -> PageResult {
    move_to(web, who, id, PostState::Trash, "/desk/").await
}

/// `POST /desk/posts/ID/restoration`: out of the trash, as a draft.
pub async fn restore(web: State<Web>, who: SignedIn, id: Path<String>) -> PageResult {
    move_to(web, who, id, PostState::Draft, "/desk/?state=draft").await
}

/// `GET /desk/posts/ID/deletion`: asks whether it is meant.
pub async fn confirm_deletion(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
) -> PageResult {
    let post = find_in_trash(&web, &who, &id).await?;
    confirmation(&web, &who, &post).await
}

/// `POST /desk/posts/ID/deletion`: for good, only out of the trash, and only by who was asked.
pub async fn delete(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
    form: Form,
) -> PageResult {
    let post = find_in_trash(&web, &who, &id).await?;
    if form.get("confirm") != CONFIRMED {
        return confirmation(&web, &who, &post).await;
    }
    publish::delete_post(&web.app, &who.actor, post.id).await?;
    Ok(Redirect::to("/desk/?state=trash").into_response())
}

/// What the button of the confirmation page sends.
const CONFIRMED: &str = "delete";

async fn find_in_trash(web: &Web, who: &SignedIn, id: &str) -> Result<Post, Error> {
    let post = publish::find_writable(&web.app, &who.actor, post_id(id)?).await?;
    if post.state == PostState::Trash {
        return Ok(post);
    }
    Err(Error::Conflict(
        "only a post in the trash can be deleted permanently: move it there first".to_owned(),
    ))
}

async fn confirmation(web: &Web, who: &SignedIn, post: &Post) -> PageResult {
    let count = responses::count_of_post(web.app.store.read(), post.id).await?;
    let title = if post.title.is_empty() {
        "(no title)"
    } else {
        post.title.as_str()
    };
    let main = html! {
        h1 { "Delete “" bdi { (title) } "” permanently?" }
        p {
            "The post"
            @match count {
                0 => {},
                1 => " and its one response",
                count => { " and its " (count) " responses" },
            }
            " will be removed and cannot be restored."
            @if post.published_at.is_some() { " Its address will say that it is gone." }
        }
        form method="post" action={ "/desk/posts/" (post.id) "/deletion" } {
            p.buttons {
                button.danger type="submit" name="confirm" value=(CONFIRMED) { "Delete permanently" }
                " "
                a.button href="/desk/?state=trash" { "Keep it in the trash" }
            }
        }
    };
    let site = web.site_name().await?;
    Ok(staff_page(&site, who, Room::Desk, "Delete a post", &main).into_response())
}

async fn move_to(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
    state: PostState,
    next: &str,
) -> PageResult {
    publish::move_post(&web.app, &who.actor, post_id(&id)?, state).await?;
    Ok(Redirect::to(next).into_response())
}

/// The key in an address; one that is no number is no post.
pub fn post_id(id: &str) -> Result<PostId, Error> {
    id.parse().map_err(|_| Error::NotFound("post"))
}
