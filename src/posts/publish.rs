//! Publishing, unpublishing, trashing, restoring and deleting posts. Never sends a linkback: it
//! enqueues the job for that.

use jiff::tz::TimeZone;

use crate::accounts::permissions::{Action, Actor};
use crate::app::App;
use crate::clock::Moment;
use crate::error::{Error, Field, Problem, Result};
use crate::jobs::{self, Job};
use crate::posts::hierarchy;
use crate::store::changes::CacheTag;
use crate::store::db::Tx;
use crate::store::entity::ids::PostId;
use crate::store::entity::post::{Model as Post, PostKind, PostState};
use crate::store::outgoing_linkbacks;
use crate::store::posts as rows;
use crate::store::slugs;
use crate::urls::permalink_day;

/// Changes the state of a post: unpublishes, trashes or restores it.
pub async fn move_post(app: &App, actor: &Actor, id: PostId, to: PostState) -> Result<Post> {
    find_writable(app, actor, id).await?;
    let (now, is_sending) = (app.clock.now(), app.sending().is_on());
    let (actor, zone) = (actor.clone(), app.zone());
    app.store
        .write(move |tx| {
            let (actor, zone) = (actor.clone(), zone.clone());
            Box::pin(async move {
                let post = rows::lock(tx, id).await?.ok_or(Error::NotFound("post"))?;
                if to == PostState::Published || is_public(Some(&post)) {
                    actor.must(publishing(post.kind))?;
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
                let day = day_of(Some(&post), published_at, &zone);
                let post = rows::set_state(tx, post, to, (published_at, day), now).await?;
                after_change(tx, &post, now).await?;
                let changes_linkbacks =
                    (was == PostState::Published) != (post.state == PostState::Published);
                if is_sending && changes_linkbacks {
                    enqueue_linkbacks(tx, &post, now).await?;
                }
                Ok(post)
            })
        })
        .await
}

/// Deletes a post and its responses permanently.
pub async fn delete_post(app: &App, actor: &Actor, id: PostId) -> Result<()> {
    let kind = find_writable(app, actor, id).await?.kind;
    let (now, is_sending) = (app.clock.now(), app.sending().is_on());
    let actor = actor.clone();
    app.store
        .write(move |tx| {
            let actor = actor.clone();
            Box::pin(async move {
                if kind == PostKind::Page {
                    // Before the row: whoever saves a page takes both in this order.
                    slugs::lock_slugs(tx).await?;
                }
                // It may have been moved or published meanwhile.
                let post = rows::lock(tx, id).await?.ok_or(Error::NotFound("post"))?;
                if post.published_at.is_some() {
                    actor.must(publishing(post.kind))?;
                }
                hierarchy::leave(tx, &post).await?;
                rows::delete(tx, &post).await?;
                invalidate(tx, id);
                if is_sending && post.published_at.is_some() {
                    enqueue_linkbacks(tx, &post, now).await?;
                }
                tx.invalidate(CacheTag::Responses);
                Ok(())
            })
        })
        .await
}

/// What somebody needs to be allowed to publish one of their own.
pub fn publishing(kind: PostKind) -> Action {
    match kind {
        PostKind::Post => Action::PublishOwnPosts,
        // A page speaks for the site, not for its author.
        PostKind::Page => Action::WriteAnyPost,
    }
}

/// Publishes a scheduled post that is due; does nothing where its state changed in the meantime.
pub async fn publish_scheduled(app: &App, id: PostId) -> Result<()> {
    let (now, is_sending) = (app.clock.now(), app.sending().is_on());
    app.store
        .write(move |tx| {
            Box::pin(async move {
                // A worker whose lease expired may still be running: the lock keeps linkbacks
                // single.
                let Some(post) = rows::lock(tx, id).await? else {
                    return Ok(());
                };
                let due = post.published_at.is_some_and(|at| at <= now);
                if post.state == PostState::Scheduled && due {
                    let date = (post.published_at, post.permalink_day.clone());
                    let post = rows::set_state(tx, post, PostState::Published, date, now).await?;
                    invalidate(tx, id);
                    if is_sending {
                        enqueue_linkbacks(tx, &post, now).await?;
                    }
                }
                Ok(())
            })
        })
        .await
}

/// The post; fails where `actor` may not edit it.
pub async fn find_writable(app: &App, actor: &Actor, id: PostId) -> Result<Post> {
    let post = rows::find(app.store.read(), id)
        .await?
        .ok_or(Error::NotFound("post"))?;
    actor.must_write_post_of(post.author_id)?;
    Ok(post)
}

/// The day in the permalink: it stays what it is until the date is changed.
pub(super) fn day_of(
    current: Option<&Post>,
    published_at: Option<Moment>,
    zone: &TimeZone,
) -> Option<String> {
    match current {
        Some(post) if post.published_at == published_at => post.permalink_day.clone(),
        _ => published_at.map(|at| permalink_day(at, zone)),
    }
}

pub(super) fn is_public(post: Option<&Post>) -> bool {
    post.is_some_and(|post| matches!(post.state, PostState::Published | PostState::Scheduled))
}

/// Enqueues sending linkbacks for a post that has or had links.
pub(super) async fn enqueue_linkbacks(tx: &Tx, post: &Post, now: Moment) -> Result<()> {
    let may_link = post.body_html.contains("<a ");
    if may_link || outgoing_linkbacks::exists_for_post(tx, post.id).await? {
        jobs::enqueue(tx, &Job::SendLinkbacks { post: post.id }, now, now).await?;
    }
    Ok(())
}

pub(super) async fn after_change(tx: &Tx, post: &Post, now: Moment) -> Result<()> {
    invalidate(tx, post.id);
    if let (PostState::Scheduled, Some(at)) = (post.state, post.published_at) {
        jobs::enqueue(tx, &Job::PublishPost { post: post.id }, at, now).await?;
    }
    Ok(())
}

pub(super) fn invalidate(tx: &Tx, post: PostId) {
    tx.invalidate(CacheTag::Posts);
    tx.invalidate(CacheTag::Post(post));
}
