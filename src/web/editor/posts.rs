//! The list of posts, and what can be done with one from there. Writing one is left to
//! `editor::compose`.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect};
use maud::{Markup, html};
use serde::Deserialize;

use crate::accounts::permissions::Action;
use crate::error::Error;
use crate::posts::{find, publish};
use crate::store::entity::ids::{PostId, UserId};
use crate::store::entity::post::{Model as Post, PostKind, PostState};
use crate::store::posts::{self as rows, PostLine};
use crate::store::response_counts;
use crate::texts::{Message, Texts};
use crate::ui::badges::{Tone, badge};
use crate::ui::buttons::{self, ButtonStyle};
use crate::ui::confirmation::Confirmation;
use crate::ui::pager::{self, pager};
use crate::ui::sections::{empty, title_row};
use crate::ui::staff_page::NavSection;
use crate::ui::tabs::{Tab, tabs};
use crate::ui::when;
use crate::web::editor::first_steps::first_steps;
use crate::web::form::Form;
use crate::web::respond::PageResult;
use crate::web::session::SignedIn;
use crate::web::state::Web;
use crate::web::views::confirmation::confirmation_page;
use crate::web::views::staff::staff_page;

const POSTS_PER_PAGE: u64 = 30;

/// The query of the list.
#[derive(Debug, Default, Deserialize)]
pub struct PostListQuery {
    kind: Option<String>,
    state: Option<String>,
    page: Option<u64>,
    done: Option<String>,
    id: Option<String>,
}

/// What was done just now: name in the address, and the id of the text.
const DONE: [(&str, &str); 4] = [
    ("draft", "posts-done-draft"),
    ("trash", "posts-done-trash"),
    ("restored", "posts-done-restored"),
    ("deleted", "posts-done-deleted"),
];

/// The tabs: name in the address, the state of the posts, and the id of the label.
const STATES: [(&str, Option<PostState>, &str); 5] = [
    ("", None, "posts-all"),
    ("draft", Some(PostState::Draft), "posts-drafts"),
    ("scheduled", Some(PostState::Scheduled), "posts-scheduled"),
    ("published", Some(PostState::Published), "posts-published"),
    ("trash", Some(PostState::Trash), "posts-trash"),
];

/// `GET /desk/`
pub async fn index(
    State(web): State<Web>,
    who: SignedIn,
    Query(query): Query<PostListQuery>,
) -> PageResult {
    if !who.actor.may(Action::WriteOwnPosts) && who.actor.may(Action::Moderate) {
        return Ok(Redirect::to("/queue/").into_response());
    }
    who.actor.must(Action::WriteOwnPosts)?;
    let wanted = query.state.unwrap_or_default();
    let (_, state, _) = STATES
        .into_iter()
        .find(|(name, _, _)| *name == wanted)
        .ok_or(Error::NotFound("list of posts"))?;
    let (kind, kind_name) = match query.kind.as_deref() {
        None | Some("") => (PostKind::Post, ""),
        Some("page") => (PostKind::Page, "page"),
        Some(_) => return Err(Error::NotFound("list of posts").into()),
    };
    let own: Option<UserId> = (!who.actor.may(Action::WriteAnyPost)).then_some(who.user.id);
    let db = web.app.store.read();
    let page = query.page.unwrap_or(1).max(1);
    let count = rows::count_for_desk(db, Some(kind), state, own).await?;
    let posts = rows::page_for_desk(db, Some(kind), state, own, page, POSTS_PER_PAGE).await?;
    let texts = &web.texts;
    let title = texts.text(match kind {
        PostKind::Post => "posts-title",
        PostKind::Page => "pages-title",
    });
    let beside = html! {
        p.beside {
            a href="/desk/outgoing-linkbacks" { (texts.text("outgoing-title")) } " "
            @match kind {
                PostKind::Post => {
                    (buttons::link(ButtonStyle::Secondary, "/desk/posts/new?kind=page", &texts.text("page-new-title"))) " "
                    (buttons::link(ButtonStyle::Primary, "/desk/posts/new", &texts.text("post-new-title")))
                }
                PostKind::Page => {
                    (buttons::link(ButtonStyle::Secondary, "/desk/posts/new", &texts.text("post-new-title"))) " "
                    (buttons::link(ButtonStyle::Primary, "/desk/posts/new?kind=page", &texts.text("page-new-title")))
                }
            }
        }
    };
    let address = |page: u64| format!("/desk/?kind={kind_name}&state={wanted}&page={page}");
    let (href, label, none) = match kind {
        PostKind::Post => ("/desk/posts/new", "posts-write", "posts-empty"),
        PostKind::Page => ("/desk/posts/new?kind=page", "pages-write", "pages-empty"),
    };
    let is_new_site =
        kind == PostKind::Post && state.is_none() && who.actor.may(Action::ChangeSettings);
    let write = buttons::link(ButtonStyle::Secondary, href, &texts.text(label));
    let main = html! {
        (title_row(&title, beside))
        (done_notice(texts, query.done.as_deref(), query.id.as_deref()))
        (kind_tabs(texts, kind))
        (state_tabs(texts, kind, &wanted))
        @if posts.is_empty() {
            (empty(texts.text(none), Some(write)))
            @if is_new_site { (first_steps(texts)) }
        } @else {
            (post_rows(&web, &posts, who.actor.may(publish::publishing(kind))).await?)
            (pager(texts, page, count.div_ceil(POSTS_PER_PAGE), &address, &pager::POSTS))
        }
    };
    let page = staff_page(&web, &who, NavSection::Desk, &title, &main).await?;
    Ok(page.into_response())
}

/// What was done just now, and the way back out of the trash.
fn done_notice(texts: &Texts, done: Option<&str>, id: Option<&str>) -> Markup {
    let text = DONE.iter().find(|(name, _)| Some(*name) == done);
    let trashed = id.filter(|_| done == Some("trash"));
    let trashed = trashed.and_then(|id| post_id(id).ok());
    html! {
        @if let Some((_, text)) = text {
            div.received.beside role="status" {
                p { (texts.text(text)) }
                @if let Some(id) = trashed {
                    (buttons::action(&format!("/desk/posts/{id}/restore"), &texts.text("post-restore"), None))
                }
            }
        }
    }
}

fn kind_tabs(texts: &Texts, kind: PostKind) -> Markup {
    let entries = [
        (PostKind::Post, "/desk/", texts.text("posts-title")),
        (
            PostKind::Page,
            "/desk/?kind=page",
            texts.text("pages-title"),
        ),
    ];
    let entries = entries.each_ref().map(|(other, href, label)| Tab {
        href,
        label,
        count: None,
        is_current: *other == kind,
    });
    tabs(&texts.text("posts-kinds"), &entries)
}

fn state_tabs(texts: &Texts, kind: PostKind, wanted: &str) -> Markup {
    let entries = STATES
        .into_iter()
        // A page has no date to be scheduled for.
        .filter(|(_, state, _)| kind == PostKind::Post || *state != Some(PostState::Scheduled))
        .map(|(name, _, id)| (list_address(kind, name), texts.text(id), name == wanted));
    let entries: Vec<_> = entries.collect();
    let entries: Vec<_> = entries
        .iter()
        .map(|(href, label, is_current)| Tab {
            href,
            label,
            count: None,
            is_current: *is_current,
        })
        .collect();
    tabs(&texts.text("posts-tabs"), &entries)
}

async fn post_rows(web: &Web, posts: &[PostLine], may_publish: bool) -> Result<Markup, Error> {
    let authors = find::author_names(&web.app, posts.iter().map(|post| post.author_id)).await?;
    let ids: Vec<PostId> = posts.iter().map(|post| post.id).collect();
    let responses = response_counts::count_approved(web.app.store.read(), &ids).await?;
    let texts = &web.texts;
    Ok(html! {
        ul.rows {
            @for post in posts {
                li.row {
                    div {
                        a.row-title href={ "/desk/posts/" (post.id) "/edit" } {
                            @if post.title.is_empty() { (texts.text("post-untitled")) } @else { bdi { (post.title) } }
                        }
                        p.meta {
                            (state_badge(texts, post.state)) " "
                            @if let Some(name) = authors.get(&post.author_id) { bdi { (name) } ", " }
                            (when::time_of_minute(post.published_at.unwrap_or(post.updated_at), &web.app.zone()))
                            @if let Some(count) = responses.get(&post.id).filter(|count| **count > 0) {
                                ", " (texts.with("posts-responses", &[("count", (*count).into())]))
                            }
                        }
                    }
                    (row_actions(web, post, may_publish))
                }
            }
        }
    })
}

/// The badge of a post's state.
pub fn state_badge(texts: &Texts, state: PostState) -> Markup {
    let (tone, id) = match state {
        PostState::Draft => (Tone::Neutral, "post-state-draft"),
        PostState::Scheduled => (Tone::Neutral, "post-state-scheduled"),
        PostState::Published => (Tone::Good, "post-state-published"),
        PostState::Trash => (Tone::Harm, "post-state-trash"),
    };
    badge(tone, &texts.text(id))
}

fn row_actions(web: &Web, post: &PostLine, may_publish: bool) -> Markup {
    let texts = &web.texts;
    let full_label = |label: &str| {
        let title = match post.title.as_str() {
            "" => texts.text("post-untitled"),
            title => title.to_owned(),
        };
        let values = [("action", label.to_owned().into()), ("title", title.into())];
        texts.with("post-action-on", &values)
    };
    let button = |verb: &str, id: &str| {
        let label = texts.text(id);
        let action = format!("/desk/posts/{}/{verb}", post.id);
        buttons::action(&action, &label, Some(&full_label(&label)))
    };
    let link = |href: &str, id: &str| {
        let label = texts.text(id);
        html! { a.button href=(href) aria-label=(full_label(&label)) { (label) } }
    };
    html! {
        div.row-actions {
            @match post.state {
                PostState::Published => {
                    (link(&find::permalink_of_line(&web.app, post), "post-view"))
                    @if may_publish {
                        (button("unpublish", "post-unpublish"))
                        (button("trash", "post-trash"))
                    }
                }
                PostState::Draft => { (button("trash", "post-trash")) }
                PostState::Scheduled => {
                    @if may_publish {
                        (button("unpublish", "post-unschedule"))
                        (button("trash", "post-trash"))
                    }
                }
                PostState::Trash => {
                    (button("restore", "post-restore"))
                    @if may_publish || post.published_at.is_none() {
                        (link(&format!("/desk/posts/{}/delete", post.id), "post-delete"))
                    }
                }
            }
        }
    }
}

/// `POST /desk/posts/ID/unpublish`: back to a draft, also for a scheduled post.
pub async fn unpublish(web: State<Web>, who: SignedIn, id: Path<String>) -> PageResult {
    move_to(web, who, id, PostState::Draft, "", "draft").await
}

/// `POST /desk/posts/ID/trash`
pub async fn trash(web: State<Web>, who: SignedIn, id: Path<String>) -> PageResult {
    move_to(web, who, id, PostState::Trash, "", "trash").await
}

/// `POST /desk/posts/ID/restore`: out of the trash, as a draft.
pub async fn restore(web: State<Web>, who: SignedIn, id: Path<String>) -> PageResult {
    move_to(web, who, id, PostState::Draft, "draft", "restored").await
}

/// `GET /desk/posts/ID/delete`: asks first.
pub async fn confirm_deletion(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
) -> PageResult {
    let post = find_in_trash(&web, &who, &id).await?;
    confirmation(&web, &who, &post).await
}

/// `POST /desk/posts/ID/delete`: permanently, only from the trash, and only when confirmed.
pub async fn delete(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
    form: Form,
) -> PageResult {
    let post = find_in_trash(&web, &who, &id).await?;
    if !form.has("sure") {
        return confirmation(&web, &who, &post).await;
    }
    publish::delete_post(&web.app, &who.actor, post.id).await?;
    let to = with_notice(&list_address(post.kind, "trash"), "deleted", None);
    Ok(Redirect::to(&to).into_response())
}

async fn find_in_trash(web: &Web, who: &SignedIn, id: &str) -> Result<Post, Error> {
    let post = publish::find_writable(&web.app, &who.actor, post_id(id)?).await?;
    if post.state == PostState::Trash {
        return Ok(post);
    }
    Err(Error::Conflict(Message::new("post-delete-only-from-trash")))
}

async fn confirmation(web: &Web, who: &SignedIn, post: &Post) -> PageResult {
    let count = response_counts::count_for_post(web.app.store.read(), post.id).await?;
    let texts = &web.texts;
    let title = match post.title.as_str() {
        "" => texts.text("post-delete-untitled-title"),
        title => texts.with("post-delete-title", &[("title", title.into())]),
    };
    let question = Confirmation {
        title: &title,
        consequence: html! {
            p {
                (texts.with("post-delete-consequence", &[("count", count.into())]))
                @if post.published_at.is_some() { " " (texts.text("post-delete-address")) }
            }
        },
        action: &format!("/desk/posts/{}/delete", post.id),
        fields: &[("sure", "1")],
        button: &texts.text("post-delete"),
        back: &list_address(post.kind, "trash"),
    };
    confirmation_page(web, who, NavSection::Desk, question).await
}

async fn move_to(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
    state: PostState,
    list: &str,
    done: &str,
) -> PageResult {
    let post = publish::move_post(&web.app, &who.actor, post_id(&id)?, state).await?;
    let to = with_notice(&list_address(post.kind, list), done, Some(post.id));
    Ok(Redirect::to(&to).into_response())
}

/// An address with the notice of what was done there.
fn with_notice(address: &str, done: &str, id: Option<PostId>) -> String {
    let sign = if address.contains('?') { '&' } else { '?' };
    let id = id.map_or_else(String::new, |id| format!("&id={id}"));
    format!("{address}{sign}done={done}{id}")
}

/// The address of the list of posts or pages in a state.
fn list_address(kind: PostKind, state: &str) -> String {
    match (kind, state) {
        (PostKind::Post, "") => "/desk/".to_owned(),
        (PostKind::Post, state) => format!("/desk/?state={state}"),
        (PostKind::Page, "") => "/desk/?kind=page".to_owned(),
        (PostKind::Page, state) => format!("/desk/?kind=page&state={state}"),
    }
}

/// Reads the id in an address; where it is not a number there is no such post.
pub fn post_id(id: &str) -> Result<PostId, Error> {
    id.parse().map_err(|_| Error::NotFound("post"))
}
