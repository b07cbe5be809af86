//! Which links of a post are announced to the sites they lead to: new ones, those of a changed post, and
//! those that are gone. Sends nothing itself: each delivery is a job.

use std::collections::HashSet;

use crate::accounts::permissions::Actor;
use crate::app::App;
use crate::clock::Moment;
use crate::error::{Error, Result};
use crate::jobs::{self, Job};
use crate::linkbacks::protocol::address::{MAX_URL, page_key};
use crate::markup::links::text_links;
use crate::markup::sanitise::SafeHtml;
use crate::posts::{find, publish};
use crate::store::db::Tx;
use crate::store::entity::ids::{OutgoingLinkbackId, PostId};
use crate::store::entity::linkback::Protocol;
use crate::store::entity::outgoing_linkback::{Model as OutgoingLinkback, OutgoingState};
use crate::store::entity::post::{DiscussionStatus, Model as Post, PostState};
use crate::store::outgoing_linkbacks::{self as rows, NewOutgoingLinkback};
use crate::store::posts;

/// Links of one post beyond this number are not announced.
const MAX_TARGETS: usize = 100;

/// Compares the links of a post with its outgoing linkbacks, and enqueues those that are to be sent.
pub async fn send_linkbacks(app: &App, id: PostId) -> Result<()> {
    if !app.sending().is_on() {
        return Ok(());
    }
    let post = posts::find(app.store.read(), id).await?;
    if post.as_ref().is_some_and(is_sending_off) {
        return Ok(());
    }
    let published = post.filter(|post| post.state == PostState::Published);
    let linked = published.map_or_else(Vec::new, |post| linkbacks_of(app, &post));
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            let linked = linked.clone();
            Box::pin(async move {
                let known = rows::list_for_post(tx, id).await?;
                let keys: HashSet<String> =
                    linked.iter().map(|new| new.target_key.clone()).collect();
                let mut to_send = Vec::new();
                for new in linked {
                    let before = known.iter().find(|old| old.target_key == new.target_key);
                    match before {
                        None => to_send.push(rows::insert(tx, new, now).await?),
                        Some(old) if should_resend(old) => {
                            let old = old.clone();
                            to_send.push(rows::set_waiting(tx, old, Some(new), now).await?);
                        }
                        Some(_) => {}
                    }
                }
                for old in known {
                    if keys.contains(&old.target_key) || !old.is_linked {
                        continue;
                    }
                    // Of the three protocols only webmention can announce that a link is gone.
                    if old.protocol == Some(Protocol::Webmention)
                        && old.state != OutgoingState::Gone
                    {
                        to_send.push(rows::set_waiting(tx, old, None, now).await?);
                    } else {
                        rows::set_unlinked(tx, old, now).await?;
                    }
                }
                for linkback in to_send {
                    enqueue_delivery(tx, &linkback, now, now).await?;
                }
                Ok(())
            })
        })
        .await
}

/// Each post has its share of the workers, so that one with many links delays no other.
pub async fn enqueue_delivery(
    tx: &Tx,
    linkback: &OutgoingLinkback,
    at: Moment,
    now: Moment,
) -> Result<()> {
    let job = Job::DeliverLinkback {
        linkback: linkback.id,
        round: linkback.round,
    };
    let share = format!("post {}", linkback.post_id);
    jobs::enqueue_once_for(tx, &job, &share, at, now).await
}

/// Sends a linkback again because a person asks for it.
pub async fn retry_linkback(
    app: &App,
    actor: &Actor,
    id: OutgoingLinkbackId,
) -> Result<OutgoingLinkback> {
    let linkback = rows::find(app.store.read(), id)
        .await?
        .ok_or(Error::NotFound("outgoing linkback"))?;
    publish::find_writable(app, actor, linkback.post_id).await?;
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            let linkback = linkback.clone();
            Box::pin(async move {
                let same = linkback.is_linked.then(|| NewOutgoingLinkback {
                    post_id: linkback.post_id,
                    source_url: linkback.source_url.clone(),
                    target_url: linkback.target_url.clone(),
                    target_key: linkback.target_key.clone(),
                    title: linkback.title.clone(),
                    excerpt: linkback.excerpt.clone(),
                });
                let linkback = rows::set_waiting(tx, linkback, same, now).await?;
                enqueue_delivery(tx, &linkback, now, now).await?;
                Ok(linkback)
            })
        })
        .await
}

fn is_sending_off(post: &Post) -> bool {
    post.sends_linkbacks == DiscussionStatus::Closed
}

/// A webmention is sent again where the page changed; a pingback or a trackback that was accepted, or may
/// have been, would only arrive a second time.
fn should_resend(linkback: &OutgoingLinkback) -> bool {
    match (linkback.state, linkback.protocol) {
        (OutgoingState::Gone, _) => false,
        (
            OutgoingState::Sent | OutgoingState::Unknown,
            Some(Protocol::Pingback | Protocol::Trackback),
        ) => !linkback.is_linked,
        (OutgoingState::Waiting, Some(Protocol::Trackback)) => linkback.deliveries_begun == 0,
        _ => true,
    }
}

/// One for each page of another site that the post links to.
fn linkbacks_of(app: &App, post: &Post) -> Vec<NewOutgoingLinkback> {
    let path = find::permalink(app, post);
    let mut seen = HashSet::new();
    text_links(&SafeHtml::stored(post.body_html.clone()))
        .into_iter()
        .filter_map(|link| {
            let url = app.urls.resolve(&path, &link.href)?;
            let is_elsewhere = app.urls.parse(url.as_str()).is_none();
            let is_usable = url.username().is_empty() && url.as_str().len() <= MAX_URL;
            if !(is_elsewhere && is_usable) {
                return None;
            }
            let key = page_key(&url);
            seen.insert(key.clone()).then(|| NewOutgoingLinkback {
                post_id: post.id,
                source_url: app.urls.absolute(&path),
                target_url: url.into(),
                target_key: key,
                title: post.title.clone(),
                excerpt: link.excerpt,
            })
        })
        .take(MAX_TARGETS)
        .collect()
}
