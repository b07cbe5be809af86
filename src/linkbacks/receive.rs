//! Taking a linkback: the target is checked at once, the source later by a job.

use std::net::IpAddr;
use std::time::Duration;

use url::Url;

use crate::app::App;
use crate::error::Result;
use crate::jobs::{self, Job};
use crate::posts::find::{self, Found};
use crate::responses::openness::takes_linkbacks;
use crate::store::entity::ids::LinkbackId;
use crate::store::entity::linkback::{LinkbackState, Model as Linkback, Protocol};
use crate::store::entity::post::Model as Post;
use crate::store::linkbacks::{self as rows, NewLinkback};

/// The longest source address that is taken, in bytes.
const MAX_URL: usize = 2048;
/// How often the outcome is looked up while an answer waits, in case another node has it.
const LOOK: Duration = Duration::from_millis(500);

/// Why a linkback is not taken, before anything is fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotTaken {
    /// The source is no web address that could be fetched.
    BadSource,
    /// The target was here and is gone.
    TargetGone,
    /// The target is no page here that takes linkbacks.
    TargetUnknown,
    /// The target takes no linkbacks any more.
    TargetClosed,
    /// This source is registered for this post already.
    Already,
    /// Too many linkbacks: wait this many seconds.
    TooMany(u64),
}

/// Takes the news that `source` links to `target`.
pub async fn receive_linkback(
    app: &App,
    protocol: Protocol,
    source: &str,
    target: &str,
    client: IpAddr,
) -> Result<Result<LinkbackId, NotTaken>> {
    let Some(source) = read_source(source) else {
        return Ok(Err(NotTaken::BadSource));
    };
    let post = match find_target(app, target).await? {
        Ok(post) => post,
        Err(not_taken) => return Ok(Err(not_taken)),
    };
    let host = source.host_str().unwrap_or_default();
    if let Err(crate::error::Error::TooMany { retry_after }) =
        app.limits.take_linkback(client, host, post.id.0)
    {
        return Ok(Err(NotTaken::TooMany(retry_after.as_secs().max(1))));
    }
    let new = NewLinkback {
        post_id: post.id,
        protocol,
        source_key: source_key(&source),
        source_url: source.into(),
        target_url: target.to_owned(),
        ip: Some(client.to_string()),
    };
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            let new = new.clone();
            Box::pin(async move {
                let before = rows::find_by_source(&**tx, new.post_id, &new.source_key).await?;
                let id = match before {
                    // The source may have been mended since it was refused.
                    Some(before) if before.state == LinkbackState::Refused => {
                        rows::set_checking(&**tx, before.id, &new.target_url, now).await?;
                        before.id
                    }
                    Some(_) => return Ok(Err(NotTaken::Already)),
                    None => match rows::insert(&**tx, new, now).await? {
                        Some(id) => id,
                        None => return Ok(Err(NotTaken::Already)),
                    },
                };
                jobs::enqueue(tx, &Job::VerifyLinkback { linkback: id }, now, now).await?;
                Ok(Ok(id))
            })
        })
        .await
}

/// Waits for the check of a linkback: a few seconds, and only so many at once. What it returns
/// may still be under check.
pub async fn wait_for_check(app: &App, id: LinkbackId) -> Result<Option<Linkback>> {
    let look = || rows::find(app.store.read(), id);
    let Ok(_turn) = app.waiting.try_acquire() else {
        return look().await;
    };
    let patience = Duration::from_secs(app.config.linkbacks.wait);
    let wait = async {
        loop {
            // Asked for before the look, so that an end in between still wakes this.
            let ended = app.store.changes().linkbacks().notified();
            let row = look().await?;
            if row
                .as_ref()
                .is_none_or(|row| row.state != LinkbackState::Checking)
            {
                return Ok(row);
            }
            let _ = tokio::time::timeout(LOOK, ended).await;
        }
    };
    match tokio::time::timeout(patience, wait).await {
        Ok(row) => row,
        Err(_) => look().await,
    }
}

/// The sources of what a post shows; None where `target` is no post here that takes linkbacks.
pub async fn list_sources(
    app: &App,
    target: &str,
    limit: u64,
) -> Result<Result<Vec<String>, NotTaken>> {
    match find_target(app, target).await? {
        Ok(post) => Ok(Ok(
            rows::list_sources(app.store.read(), post.id, limit).await?
        )),
        Err(NotTaken::TargetClosed) => Ok(Ok(Vec::new())),
        Err(not_taken) => Ok(Err(not_taken)),
    }
}

async fn find_target(app: &App, target: &str) -> Result<Result<Post, NotTaken>> {
    let Some(page) = app.urls.read(target) else {
        return Ok(Err(NotTaken::TargetUnknown));
    };
    Ok(match find::find_by_page(app, &page).await? {
        Found::Here(post) | Found::Moved(post) => {
            if takes_linkbacks(app, &post) {
                Ok(*post)
            } else {
                Err(NotTaken::TargetClosed)
            }
        }
        Found::Gone => Err(NotTaken::TargetGone),
        Found::Nothing => Err(NotTaken::TargetUnknown),
    })
}

fn read_source(source: &str) -> Option<Url> {
    let source = source.trim();
    if source.len() > MAX_URL {
        return None;
    }
    let url = Url::parse(source).ok()?;
    let usable = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none();
    usable.then_some(url)
}

/// The same page by any fragment is one source.
pub fn source_key(source: &Url) -> String {
    let mut key = source.clone();
    key.set_fragment(None);
    key.into()
}
