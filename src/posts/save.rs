//! Saving a post, as a draft or published. Never overwrites what somebody else saved in the
//! meantime.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;

use crate::accounts::permissions::{Action, Actor};
use crate::app::App;
use crate::clock::Moment;
use crate::error::{Error, Field, Problem, Result};
use crate::jobs::{self, Job};
use crate::media::uses;
use crate::posts::draft::{FeaturedPicture, PostDraft};
use crate::posts::publish::{
    after_change, day_of, enqueue_linkbacks, find_writable, invalidate, is_public, publishing,
};
use crate::posts::{cards, hierarchy, inner_links, render, slugs};
use crate::store::db::Tx;
use crate::store::entity::ids::{MediaId, PostId, UserId};
use crate::store::entity::media::Model as Media;
use crate::store::entity::post::{Model as Post, PostKind, PostState};
use crate::store::posts::{self as rows, PostContent};
use crate::store::slugs as slug_rows;
use crate::store::tags::{self, TagName};
use crate::store::{featured_pictures, media_uses};
use crate::texts::Message;

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
        actor.must(publishing(draft.kind))?;
    }
    if draft.title.is_empty() && will_be_public {
        return Err(Error::field(Field::Title, Problem::Missing));
    }
    let wanted = find_featured(app, &draft.featured).await?;
    let now = app.clock.now();
    let rendered = render::render(app, &draft.body).await?;
    let (html, links, summary) = (
        rendered.html.into_string(),
        rendered.links,
        rendered.summary,
    );
    let (media, shown_cards) = (rendered.media, rendered.cards);
    let rendered_from = rendered.rendered_from;
    let urls = app.urls.clone();
    let is_sending = app.sending().is_on();
    let zone = app.zone();
    let actor_id = actor.id.unwrap_or(author);
    app.store
        .write(move |tx| {
            let (draft, html, summary) = (draft.clone(), html.clone(), summary.clone());
            let (urls, links, media) = (urls.clone(), links.clone(), media.clone());
            let (shown_cards, rendered_from) = (shown_cards.clone(), rendered_from.clone());
            let zone = zone.clone();
            Box::pin(async move {
                if draft.kind == PostKind::Page {
                    // No page above or below this one moves until the transaction ends.
                    slug_rows::lock_slugs(tx).await?;
                }
                let current = match target {
                    SaveTarget::New => None,
                    SaveTarget::Existing(id, _) => {
                        Some(rows::lock(tx, id).await?.ok_or(Error::NotFound("post"))?)
                    }
                };
                let featured_now = match &current {
                    Some(current) => featured_pictures::find(tx, current.id).await?,
                    None => None,
                };
                let featured = wanted.unwrap_or(featured_now);
                let used = [media, featured.into_iter().collect()].concat();
                let (state, published_at) =
                    state_and_date(current.as_ref(), &draft, intent, now, &zone);
                if current.as_ref().is_some_and(|post| post.kind != draft.kind) {
                    let problem = Problem::Unusable(Message::new("post-kind-fixed"));
                    return Err(Error::field(Field::Slug, problem));
                }
                let slug = slugs::choose(tx, current.as_ref(), &draft).await?;
                let place = hierarchy::place(tx, current.as_ref(), &slug, &draft).await?;
                let content = PostContent {
                    kind: draft.kind,
                    parent_id: place.parent_id,
                    page_path: place.path,
                    slug,
                    title: draft.title,
                    state,
                    published_at,
                    permalink_day: day_of(current.as_ref(), published_at, &zone),
                    body_markdown: draft.body,
                    body_html: html,
                    summary,
                    comments: draft.comments,
                    linkbacks: draft.linkbacks,
                    sends_linkbacks: draft.sends_linkbacks,
                };
                if let Some(current) = &current
                    && is_unchanged(current, &content)
                    && featured == featured_now
                    && has_tags(tx, current.id, &draft.tags).await?
                {
                    if current.body_html != content.body_html || current.summary != content.summary
                    {
                        let (html, summary) = (content.body_html, content.summary);
                        rows::set_rendering(tx, current.id, html, summary).await?;
                        let media = media_uses::set_for_post(tx, current.id, &used).await?;
                        render_again_if_changed(tx, current.id, &rendered_from, &media, now)
                            .await?;
                        invalidate(tx, current.id);
                    }
                    cards::record(tx, current.id, &shown_cards, now).await?;
                    return Ok(SaveOutcome::Saved(Box::new(current.clone())));
                }
                let sends_linkbacks = is_sending && changes_linkbacks(current.as_ref(), &content);
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
                        hierarchy::move_below(tx, &current, &saved).await?;
                        saved
                    }
                    _ => rows::insert(tx, author, content, now).await?,
                };
                tags::set_for_post(tx, saved.id, &draft.tags).await?;
                let media = media_uses::set_for_post(tx, saved.id, &used).await?;
                render_again_if_changed(tx, saved.id, &rendered_from, &media, now).await?;
                featured_pictures::set(tx, saved.id, featured).await?;
                inner_links::record(tx, &urls, &saved, &links).await?;
                cards::record(tx, saved.id, &shown_cards, now).await?;
                if sends_linkbacks {
                    enqueue_linkbacks(tx, &saved, now).await?;
                }
                after_change(tx, &saved, now).await?;
                Ok(SaveOutcome::Saved(Box::new(saved)))
            })
        })
        .await
}

/// Has a post rendered again where a picture or document was changed, replaced or deleted after its text was
/// rendered and before it is saved: whoever changed it did not know yet that the post uses it.
async fn render_again_if_changed(
    tx: &Tx,
    post: PostId,
    rendered_from: &[Media],
    media: &[Media],
    now: Moment,
) -> Result<()> {
    if rendered_from.iter().all(|seen| media.contains(seen)) {
        return Ok(());
    }
    let posts = vec![post];
    jobs::enqueue_once(tx, &Job::RenderPosts { posts }, now, now).await
}

/// The picture to put above the post, None for none; None where it keeps what it has.
async fn find_featured(app: &App, wanted: &FeaturedPicture) -> Result<Option<Option<MediaId>>> {
    let found = match wanted {
        FeaturedPicture::Keep => return Ok(None),
        FeaturedPicture::Remove => return Ok(Some(None)),
        FeaturedPicture::Set(picture) if uses::is_picture(app, *picture).await? => Some(*picture),
        FeaturedPicture::Set(_) => None,
        FeaturedPicture::At(address) => uses::find_picture(app, address).await?,
    };
    match found {
        Some(picture) => Ok(Some(Some(picture))),
        None => {
            let problem = Problem::Unusable(Message::new("featured-unknown"));
            Err(Error::field(Field::Featured, problem))
        }
    }
}

/// Whether saving `content` changes what the sites it links to would read, so that they get
/// linkbacks.
fn changes_linkbacks(current: Option<&Post>, content: &PostContent) -> bool {
    let was = current.filter(|post| post.state == PostState::Published);
    match (was, content.state) {
        (None, PostState::Published) => true,
        (None, _) => false,
        (Some(_), state) if state != PostState::Published => true,
        (Some(was), _) => {
            was.body_html != content.body_html
                || was.title != content.title
                || was.permalink_day != content.permalink_day
                || was.slug != content.slug
                || was.page_path != content.page_path
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
        && current.page_path == content.page_path
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
