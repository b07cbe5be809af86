//! Saving a post, as a draft or published. Never overwrites what somebody else saved in the
//! meantime.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;

use crate::accounts::permissions::{Action, Actor};
use crate::app::App;
use crate::clock::Moment;
use crate::error::{Error, Field, Problem, Result};
use crate::posts::draft::PostDraft;
use crate::posts::publish::{
    after_change, enqueue_linkbacks, find_writable, invalidate, is_public,
};
use crate::posts::{inner_links, render, slugs};
use crate::store::db::Tx;
use crate::store::entity::ids::{PostId, UserId};
use crate::store::entity::post::{Model as Post, PostState};
use crate::store::posts::{self as rows, PostContent};
use crate::store::slugs as slug_rows;
use crate::store::tags::{self, TagName};
use crate::texts::Message;
use crate::urls::Urls;

/// What saving does to the state of a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaveIntent {
    /// Keeps it; a new post becomes a draft.
    KeepState,
    /// Publishes it, now or at its date.
    Publish,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaveTarget {
    New,
    /// A post, with the revision that the editor opened.
    Existing(PostId, i64),
}

/// The result of saving.
#[derive(Clone, Debug)]
pub enum SaveOutcome {
    Saved(Box<Post>),
    /// Somebody else saved this version in the meantime, and nothing was overwritten.
    Conflict(Box<Post>),
}

/// Saves a post; `author` is the author of a new one. Where nothing was changed nothing is saved,
/// so that the post keeps its revision and its place in every list, and no linkbacks are sent.
pub async fn save_post(
    app: &App,
    actor: &Actor,
    author: UserId,
    target: SaveTarget,
    draft: PostDraft,
    intent: SaveIntent,
) -> Result<SaveOutcome> {
    let current = match target {
        SaveTarget::New => {
            actor.must(Action::WriteOwnPosts)?;
            None
        }
        SaveTarget::Existing(id, _) => Some(find_writable(app, actor, id).await?),
    };
    if current.is_none() && draft.title.is_empty() && draft.body.trim().is_empty() {
        let problem = Problem::Unusable(Message::new("post-empty"));
        return Err(Error::field(Field::Title, problem));
    }
    let will_be_public = intent == SaveIntent::Publish || is_public(current.as_ref());
    if will_be_public {
        actor.must(Action::PublishOwnPosts)?;
    }
    if draft.title.is_empty() && will_be_public {
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
                    SaveTarget::New => None,
                    SaveTarget::Existing(id, _) => {
                        Some(rows::find(tx, id).await?.ok_or(Error::NotFound("post"))?)
                    }
                };
                let (state, published_at) =
                    state_and_date(current.as_ref(), &draft, intent, now, urls.zone());
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
                    sends_linkbacks: draft.sends_linkbacks,
                };
                if let Some(current) = &current
                    && is_unchanged(current, &content)
                    && has_tags(tx, current.id, &draft.tags).await?
                {
                    if current.body_html != content.body_html || current.summary != content.summary
                    {
                        let (html, summary) = (content.body_html, content.summary);
                        rows::set_rendering(tx, current.id, html, summary).await?;
                        invalidate(tx, current.id);
                    }
                    return Ok(SaveOutcome::Saved(Box::new(current.clone())));
                }
                let sends_linkbacks =
                    is_sending && changes_linkbacks(&urls, current.as_ref(), &content);
                let saved = match (target, current) {
                    (SaveTarget::Existing(id, revision), Some(current)) => {
                        let saved =
                            rows::set_content(tx, id, revision, content, actor_id, now).await?;
                        let Some(saved) = saved else {
                            return Ok(SaveOutcome::Conflict(Box::new(current)));
                        };
                        if current.published_at.is_some() && saved.slug != current.slug {
                            slug_rows::insert_former_slug(tx, id, &current.slug, &saved.slug)
                                .await?;
                        }
                        saved
                    }
                    _ => rows::insert(tx, author, content, now).await?,
                };
                tags::set_for_post(tx, saved.id, &draft.tags).await?;
                inner_links::record(tx, &urls, &saved, &links).await?;
                if sends_linkbacks {
                    enqueue_linkbacks(tx, &saved, now).await?;
                }
                after_change(tx, &saved, now).await?;
                Ok(SaveOutcome::Saved(Box::new(saved)))
            })
        })
        .await
}

/// Whether saving `content` changes what the sites it links to would read, so that they get
/// linkbacks.
fn changes_linkbacks(urls: &Urls, current: Option<&Post>, content: &PostContent) -> bool {
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
                || was.sends_linkbacks != content.sends_linkbacks
        }
    }
}

fn state_and_date(
    current: Option<&Post>,
    draft: &PostDraft,
    intent: SaveIntent,
    now: Moment,
    zone: &TimeZone,
) -> (PostState, Option<Moment>) {
    let was = current.map_or(PostState::Draft, |post| post.state);
    let current_date = current.and_then(|post| post.published_at);
    let date = match draft.date {
        Some(date) => Some(date.or_keep(current_date, zone)),
        None => current_date,
    };
    let public = intent == SaveIntent::Publish || is_public(current);
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

/// Whether the editor changed nothing. A new rendering of the same text is no change.
fn is_unchanged(current: &Post, content: &PostContent) -> bool {
    current.title == content.title
        && current.slug == content.slug
        && current.state == content.state
        && current.published_at == content.published_at
        && current.body_markdown == content.body_markdown
        && current.comments == content.comments
        && current.linkbacks == content.linkbacks
        && current.sends_linkbacks == content.sends_linkbacks
}

async fn has_tags(tx: &Tx, post: PostId, wanted: &[TagName]) -> Result<bool> {
    let has: BTreeSet<String> = tags::list_for_posts(tx, &[post])
        .await?
        .into_iter()
        .map(|(_, tag)| tag.name_key)
        .collect();
    let wants: BTreeSet<String> = wanted.iter().map(|tag| tag.key.clone()).collect();
    Ok(has == wants)
}
