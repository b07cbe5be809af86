//! The library of pictures and documents: finding one, changing its texts, deleting it. Whoever writes posts
//! sees all of it, and changes what they uploaded themselves, unless readers see it where they may change nothing.

use crate::accounts::permissions::{Action, Actor};
use crate::app::App;
use crate::clock::Moment;
use crate::error::{Error, Result};
use crate::jobs::{self, Job};
use crate::media::texts;
use crate::store::changes::CacheTag;
use crate::store::entity::ids::{MediaId, PostId, UserId};
use crate::store::entity::media::Model as Media;
use crate::store::media::{self as rows, MediaTexts};
use crate::store::media_uses;
use crate::store::tx::Tx;
use crate::texts::Message;

/// Files on a page of the library.
pub const PER_PAGE: u64 = 24;
/// The most posts that are listed as using a file.
const MAX_USES: u64 = 500;
/// The most posts that are rendered again after a change of a file, and how many by one job.
const MAX_RENDERED: u64 = 10_000;
const RENDERED_PER_JOB: usize = 50;

/// A page of the library.
#[derive(Clone, Debug)]
pub struct LibraryPage {
    pub media: Vec<Media>,
    /// How many there are on all pages.
    pub count: u64,
}

/// The files whose names or texts contain `phrase`, the newest first; pages count from 1.
pub async fn page(app: &App, actor: &Actor, phrase: &str, page: u64) -> Result<LibraryPage> {
    actor.must(Action::WriteOwnPosts)?;
    let db = app.store.read();
    Ok(LibraryPage {
        media: rows::page(db, phrase, page, PER_PAGE).await?,
        count: rows::count(db, phrase).await?,
    })
}

/// The file with this key.
pub async fn find(app: &App, actor: &Actor, id: MediaId) -> Result<Media> {
    actor.must(Action::WriteOwnPosts)?;
    rows::find(app.store.read(), id)
        .await?
        .ok_or(Error::NotFound("file"))
}

/// Whether a person may change or delete a file.
pub async fn may_change(app: &App, actor: &Actor, media: &Media) -> Result<bool> {
    if actor.may(Action::WriteAnyPost) {
        return Ok(true);
    }
    let db = app.store.read();
    let is_own = is_own(actor, media) && actor.may(Action::WriteOwnPosts);
    Ok(is_own && !media_uses::is_shown_beyond(db, media.id, publisher(actor)).await?)
}

fn is_own(actor: &Actor, media: &Media) -> bool {
    media.uploaded_by.is_some() && media.uploaded_by == actor.id
}

/// Whose posts a person may change while readers see them. With its pictures a post is changed too.
fn publisher(actor: &Actor) -> Option<UserId> {
    actor.id.filter(|_| actor.may(Action::PublishOwnPosts))
}

/// Fails if readers see a file that this transaction holds in posts that this person may not change.
pub async fn must_change_uses(tx: &Tx, actor: &Actor, id: MediaId) -> Result<()> {
    let is_free = actor.may(Action::WriteAnyPost)
        || !media_uses::is_shown_beyond(tx, id, publisher(actor)).await?;
    match is_free {
        true => Ok(()),
        false => Err(in_use()),
    }
}

/// What is said to somebody who may not change a file because of where it is shown.
pub fn in_use() -> Error {
    Error::Forbidden(Message::new("forbidden-change-used-media"))
}

/// The posts that show a picture or link to a document, whatever their state.
pub async fn list_uses(app: &App, id: MediaId) -> Result<Vec<PostId>> {
    media_uses::list_posts(app.store.read(), id, MAX_USES).await
}

/// Changes the texts of a file. Posts that use it are rendered again by a job.
pub async fn set_texts(app: &App, actor: &Actor, id: MediaId, typed: &MediaTexts) -> Result<()> {
    let media = find_changeable(app, actor, id).await?;
    let texts = texts::parse(typed)?;
    let (actor, now) = (actor.clone(), app.clock.now());
    app.store
        .write(move |tx| {
            let (actor, texts) = (actor.clone(), texts.clone());
            Box::pin(async move {
                // Its name may have changed since, and is searched, too.
                let current = rows::lock(tx, media.id).await?;
                let current = current.ok_or(Error::NotFound("file"))?;
                must_change_uses(tx, &actor, current.id).await?;
                tx.invalidate(CacheTag::Posts);
                rows::set_texts(tx, &current, texts).await?;
                render_uses_again(tx, current.id, now).await?;
                Ok(())
            })
        })
        .await
}

/// Deletes a file permanently: first its row, so that nothing is served from then on, then its files.
/// Returns the posts that used it, which are rendered again by a job.
pub async fn delete(app: &App, actor: &Actor, id: MediaId) -> Result<Vec<PostId>> {
    find_changeable(app, actor, id).await?;
    let (actor, now) = (actor.clone(), app.clock.now());
    let (token, uses) = app
        .store
        .write(move |tx| {
            let actor = actor.clone();
            Box::pin(async move {
                // If it was replaced in the meantime, it has other files.
                let current = rows::lock(tx, id).await?.ok_or(Error::NotFound("file"))?;
                must_change_uses(tx, &actor, id).await?;
                tx.invalidate(CacheTag::Posts);
                // It may be the site's logo.
                tx.invalidate(CacheTag::Identity);
                let uses = render_uses_again(tx, id, now).await?;
                rows::delete(tx, id).await?;
                Ok((current.token, uses))
            })
        })
        .await?;
    delete_files(app, &token).await;
    Ok(uses)
}

/// Deletes the files of a token that no longer has a row. `media::sweep` removes any that are left.
pub async fn delete_files(app: &App, token: &str) {
    if let Err(error) = app.files.delete_folder(token).await {
        tracing::warn!(%error, "delete the files of the library");
    }
}

/// Adds jobs that render the posts again that use a file; returns these posts.
pub async fn render_uses_again(tx: &Tx, id: MediaId, now: Moment) -> Result<Vec<PostId>> {
    let uses = media_uses::list_posts(tx, id, MAX_RENDERED).await?;
    for posts in uses.chunks(RENDERED_PER_JOB) {
        let posts = posts.to_vec();
        jobs::enqueue_once(tx, &Job::RenderPosts { posts }, now, now).await?;
    }
    Ok(uses)
}

/// The file with this key, if this person may change it.
pub async fn find_changeable(app: &App, actor: &Actor, id: MediaId) -> Result<Media> {
    let media = find(app, actor, id).await?;
    match may_change(app, actor, &media).await? {
        true => Ok(media),
        false if is_own(actor, &media) => Err(in_use()),
        false => Err(Error::Forbidden(Message::new("forbidden-change-media"))),
    }
}
