//! Saving, publishing, taking back, throwing away and restoring posts.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;

use crate::accounts::permissions::{Action, Actor};
use crate::app::App;
use crate::clock::Moment;
use crate::error::{Error, Field, Problem, Result};
use crate::jobs::{self, Job};
use crate::markup::slug::tag_key;
use crate::posts::draft::PostDraft;
use crate::posts::{inner_links, render, slugs};
use crate::store::changes::Part;
use crate::store::db::Tx;
use crate::store::entity::ids::{PostId, UserId};
use crate::store::entity::post::{Model as Post, PostState};
use crate::store::outgoing;
use crate::store::posts::{self as rows, PostContent};
use crate::store::tags::{self, TagName};
use crate::urls::Urls;

/// What saving does to where a post stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// Leaves it where it is; a new post becomes a draft.
    Keep,
    /// Shows it to readers, now or at its date.
    Publish,
}

/// Which post is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A new one.
    New,
    /// An old one, as it was when the editor opened it.
    Old(PostId, i64),
}

/// What came of saving.
#[derive(Clone, Debug)]
pub enum Saved {
    /// It is saved.
    Done(Box<Post>),
    /// Somebody saved it in the meantime: this is theirs, and nothing was overwritten.
    Clash(Box<Post>),
}

/// Saves a post. `author` is who a new one belongs to. What was not changed is not saved: the post
/// stays as it is, where it is in every list, and nobody is told.
pub async fn save_post(
    app: &App,
    actor: &Actor,
    author: UserId,
    target: Target,
    draft: PostDraft,
    intent: Intent,
) -> Result<Saved> {
    let current = match target {
        Target::New => {
            actor.must(Action::WriteOwnPosts)?;
            None
        }
        Target::Old(id, _) => Some(find_writable(app, actor, id).await?),
    };
    if current.is_none() && draft.title.is_empty() && draft.body.trim().is_empty() {
        let words = "there is nothing to save yet: write a title or a text".to_owned();
        return Err(Error::field(Field::Title, Problem::Unusable { words }));
    }
    let is_seen = intent == Intent::Publish || is_public(current.as_ref());
    if is_seen {
        actor.must(Action::PublishOwnPosts)?;
    }
    if draft.title.is_empty() && is_seen {
        return Err(Error::field(Field::Title, Problem::Missing));
    }
    let now = app.clock.now();
    let rendered = render::render(app, &draft.body).await?;
    let (html, links, summary) = (
        rendered.html.into_string(),
        rendered.links,
        rendered.summary,
    );
    let urls = app.urls.clone();
    let is_sending = app.sending.is_on();
    let actor_id = actor.id.unwrap_or(author);
    app.store
        .write(move |tx| {
            let (draft, html, summary) = (draft.clone(), html.clone(), summary.clone());
            let (urls, links) = (urls.clone(), links.clone());
            Box::pin(async move {
                let current = match target {
                    Target::New => None,
                    Target::Old(id, _) => Some(
                        rows::find(&**tx, id)
                            .await?
                            .ok_or(Error::NotFound("post"))?,
                    ),
                };
                let (state, published_at) =
                    placement(current.as_ref(), &draft, intent, now, urls.zone());
                let content = PostContent {
                    slug: slugs::choose(tx, current.as_ref(), &draft).await?,
                    title: draft.title,
                    state,
                    published_at,
                    body_markdown: draft.body,
                    body_html: html,
                    summary,
                    comments: draft.comments,
                    linkbacks: draft.linkbacks,
                    tells: draft.tells,
                };
                if let Some(current) = &current
                    && is_unchanged(current, &content)
                    && has_tags(tx, current.id, &draft.tags).await?
                {
                    if current.body_html != content.body_html || current.summary != content.summary
                    {
                        let (html, summary) = (content.body_html, content.summary);
                        rows::set_rendering(&**tx, current.id, html, summary).await?;
                        touch(tx, current.id);
                    }
                    return Ok(Saved::Done(Box::new(current.clone())));
                }
                let tells = is_sending && is_news(&urls, current.as_ref(), &content);
                let saved = match (target, current) {
                    (Target::Old(id, revision), Some(current)) => {
                        let saved =
                            rows::set_content(&**tx, id, revision, content, actor_id, now).await?;
                        let Some(saved) = saved else {
                            return Ok(Saved::Clash(Box::new(current)));
                        };
                        if current.published_at.is_some() && saved.slug != current.slug {
                            rows::insert_former_slug(&**tx, id, &current.slug, &saved.slug).await?;
                        }
                        saved
                    }
                    _ => rows::insert(&**tx, author, content, now).await?,
                };
                tags::set_for_post(&**tx, saved.id, &draft.tags).await?;
                inner_links::note(tx, &urls, &saved, &links).await?;
                if tells {
                    tell(tx, &saved, now).await?;
                }
                after_change(tx, &saved, now).await?;
                Ok(Saved::Done(Box::new(saved)))
            })
        })
        .await
}

/// Moves a post: back to a draft, to the trash, or out of it.
pub async fn move_post(app: &App, actor: &Actor, id: PostId, to: PostState) -> Result<Post> {
    find_writable(app, actor, id).await?;
    let (now, is_sending) = (app.clock.now(), app.sending.is_on());
    let actor = actor.clone();
    app.store
        .write(move |tx| {
            let actor = actor.clone();
            Box::pin(async move {
                let post = rows::find(&**tx, id)
                    .await?
                    .ok_or(Error::NotFound("post"))?;
                if to == PostState::Published || is_public(Some(&post)) {
                    actor.must(Action::PublishOwnPosts)?;
                }
                if to == PostState::Published && post.title.is_empty() {
                    return Err(Error::field(Field::Title, Problem::Missing));
                }
                let published_at = match to {
                    PostState::Published => Some(post.published_at.unwrap_or(now)),
                    _ => post.published_at,
                };
                let to = match (to, published_at) {
                    (PostState::Published, Some(at)) if at > now => PostState::Scheduled,
                    _ => to,
                };
                let was = post.state;
                if was == to && post.published_at == published_at {
                    return Ok(post);
                }
                let post = rows::set_state(&**tx, post, to, published_at, now).await?;
                after_change(tx, &post, now).await?;
                let news = (was == PostState::Published) != (post.state == PostState::Published);
                if is_sending && news {
                    tell(tx, &post, now).await?;
                }
                Ok(post)
            })
        })
        .await
}

/// Removes a post and its responses for good.
pub async fn delete_post(app: &App, actor: &Actor, id: PostId) -> Result<()> {
    let post = find_writable(app, actor, id).await?;
    if post.published_at.is_some() {
        actor.must(Action::PublishOwnPosts)?;
    }
    let (now, is_sending) = (app.clock.now(), app.sending.is_on());
    app.store
        .write(move |tx| {
            let post = post.clone();
            Box::pin(async move {
                rows::delete(&**tx, &post).await?;
                touch(tx, id);
                if is_sending && post.published_at.is_some() {
                    tell(tx, &post, now).await?;
                }
                tx.touch(Part::Responses);
                Ok(())
            })
        })
        .await
}

/// Shows a scheduled post whose time has come; does nothing where it was moved in the meantime.
pub async fn publish_scheduled(app: &App, id: PostId) -> Result<()> {
    let (now, is_sending) = (app.clock.now(), app.sending.is_on());
    app.store
        .write(move |tx| {
            Box::pin(async move {
                // A worker that is taken for dead may still be at it: the links are told of once.
                let Some(post) = rows::lock(&**tx, id).await? else {
                    return Ok(());
                };
                let due = post.published_at.is_some_and(|at| at <= now);
                if post.state == PostState::Scheduled && due {
                    let at = post.published_at;
                    let post = rows::set_state(&**tx, post, PostState::Published, at, now).await?;
                    touch(tx, id);
                    if is_sending {
                        tell(tx, &post, now).await?;
                    }
                }
                Ok(())
            })
        })
        .await
}

/// The post, if `actor` may write it.
pub async fn find_writable(app: &App, actor: &Actor, id: PostId) -> Result<Post> {
    let post = rows::find(app.store.read(), id)
        .await?
        .ok_or(Error::NotFound("post"))?;
    actor.must_write_post_of(post.author_id)?;
    Ok(post)
}

fn is_public(post: Option<&Post>) -> bool {
    post.is_some_and(|post| matches!(post.state, PostState::Published | PostState::Scheduled))
}

/// Asks for the sites that a post links or linked to be told, where there may be any.
async fn tell(tx: &Tx, post: &Post, now: Moment) -> Result<()> {
    let may_link = post.body_html.contains("<a ");
    if may_link || outgoing::has_told(&**tx, post.id).await? {
        jobs::enqueue(tx, &Job::TellLinks { post: post.id }, now, now).await?;
    }
    Ok(())
}

/// Whether saving `content` changes what other sites would read.
fn is_news(urls: &Urls, current: Option<&Post>, content: &PostContent) -> bool {
    let permalink = |at: Option<Moment>, slug: &str| at.map(|at| urls.permalink(at, slug));
    let was = current.filter(|post| post.state == PostState::Published);
    match (was, content.state) {
        (None, PostState::Published) => true,
        (None, _) => false,
        (Some(_), state) if state != PostState::Published => true,
        (Some(was), _) => {
            was.body_html != content.body_html
                || was.title != content.title
                || permalink(was.published_at, &was.slug)
                    != permalink(content.published_at, &content.slug)
                || was.tells != content.tells
        }
    }
}

fn placement(
    current: Option<&Post>,
    draft: &PostDraft,
    intent: Intent,
    now: Moment,
    zone: &TimeZone,
) -> (PostState, Option<Moment>) {
    let was = current.map_or(PostState::Draft, |post| post.state);
    let dated = current.and_then(|post| post.published_at);
    let date = match draft.date {
        Some(date) => Some(date.or_keep(dated, zone)),
        None => dated,
    };
    let public = intent == Intent::Publish || is_public(current);
    if !public {
        return (was, date);
    }
    let date = date.unwrap_or(now);
    let state = if date > now {
        PostState::Scheduled
    } else {
        PostState::Published
    };
    (state, Some(date))
}

/// Whether nobody changed anything. How the text is rendered is not for its editors to change.
fn is_unchanged(current: &Post, content: &PostContent) -> bool {
    current.title == content.title
        && current.slug == content.slug
        && current.state == content.state
        && current.published_at == content.published_at
        && current.body_markdown == content.body_markdown
        && current.comments == content.comments
        && current.linkbacks == content.linkbacks
        && current.tells == content.tells
}

async fn has_tags(tx: &Tx, post: PostId, wanted: &[TagName]) -> Result<bool> {
    let has: BTreeSet<String> = tags::list_for_posts(&**tx, &[post])
        .await?
        .into_iter()
        .map(|(_, tag)| tag.name_key.unwrap_or_else(|| tag_key(&tag.name)))
        .collect();
    let wants: BTreeSet<String> = wanted.iter().map(|tag| tag.key.clone()).collect();
    Ok(has == wants)
}

async fn after_change(tx: &Tx, post: &Post, now: Moment) -> Result<()> {
    touch(tx, post.id);
    if let (PostState::Scheduled, Some(at)) = (post.state, post.published_at) {
        jobs::enqueue(tx, &Job::PublishPost { post: post.id }, at, now).await?;
    }
    Ok(())
}

fn touch(tx: &Tx, post: PostId) {
    tx.touch(Part::Posts);
    tx.touch(Part::Post(post));
}
