//! Fetches the page behind a link card, stores what it says, and renders the posts that show it. Runs only
//! in jobs: no reader and no editor waits for another site.

use std::time::Duration;

use url::Url;

use crate::accounts::permissions::Actor;
use crate::app::App;
use crate::cards::page_facts::{self, PageFacts};
use crate::clock::Moment;
use crate::error::Result;
use crate::jobs::{self, Job};
use crate::media::import::{self, ForeignPicture};
use crate::net::fetch::{FetchError, Validators};
use crate::posts::rerender;
use crate::store::entity::ids::{LinkCardId, MediaId, PostId};
use crate::store::entity::link_card::{LinkCardState, Model as LinkCard};
use crate::store::link_cards::{self as rows, CardContent};
use crate::store::media_uses;

/// A page that was read is read again when a post is saved after this time.
const FRESH: Duration = Duration::from_secs(60 * 60);
/// The same for one that could not be read.
const FRESH_FAILURE: Duration = Duration::from_secs(5 * 60);
/// Fetches in a row that may fail.
const MAX_FAILURES: i64 = 4;
/// The wait after the first failure; it doubles with each further one.
const FIRST_RETRY_DELAY: Duration = Duration::from_secs(60);
/// The most posts that are rendered again; the others follow when they are saved.
const MAX_POSTS: u64 = 200;
/// Cards that no post shows any longer are deleted after this time.
const UNUSED: Duration = Duration::from_secs(24 * 60 * 60);

/// The result of a fetch.
enum Reading {
    Found(PageFacts),
    /// The page does not exist, or says nothing about itself.
    Nothing,
    /// A later fetch may succeed; when to try again.
    Later(Option<Duration>),
}

/// Fetches the page of a card unless that was done a short time ago, and shows it in posts.
pub async fn fetch_card(app: &App, id: LinkCardId) -> Result<()> {
    let Some(card) = rows::find(app.store.read(), id).await? else {
        return Ok(());
    };
    let posts = rows::list_posts(app.store.read(), id, MAX_POSTS).await?;
    // In the meantime, every post may have been saved without it, or deleted.
    if posts.is_empty() {
        return Ok(());
    }
    let mut picture = card.media_id;
    if is_due(&card, app.clock.now()) {
        let reading = read_page(app, &card).await;
        picture = store(app, &card, reading).await?;
    }
    // Before the posts show it, so that whoever deletes the picture sees that they use it.
    if let Some(picture) = picture {
        record_uses(app, picture, posts.clone()).await?;
    }
    rerender::rerender(app, &posts).await
}

/// Deletes the cards that no post shows any longer.
pub async fn delete_unused(app: &App) -> Result<()> {
    let before = app.clock.now().minus(UNUSED);
    app.store
        .write(move |tx| Box::pin(async move { rows::delete_unused_since(tx, before).await }))
        .await
}

fn is_due(card: &LinkCard, now: Moment) -> bool {
    let age = card.fetched_at.map(|at| now.since(at));
    match (card.state, age) {
        (LinkCardState::Waiting, _) | (_, None) => true,
        _ if card.failures > 0 => true,
        (LinkCardState::Ready, Some(age)) => age >= FRESH,
        (LinkCardState::Failed, Some(age)) => age >= FRESH_FAILURE,
    }
}

async fn read_page(app: &App, card: &LinkCard) -> Reading {
    let Ok(url) = Url::parse(&card.url) else {
        return Reading::Nothing;
    };
    let job = format!("link card {}", card.id);
    let fetcher = app.fetcher.for_job(&job);
    let fetched = match fetcher.get(&url, Validators::default()).await {
        Ok(fetched) if fetched.status == 200 => fetched,
        Ok(fetched) => {
            tracing::info!(card = %card.id, status = fetched.status, "fetch a link card");
            return match fetched.status {
                408 | 425 | 429 | 500..=599 => Reading::Later(None),
                _ => Reading::Nothing,
            };
        }
        Err(FetchError::RateLimited(wait)) => return Reading::Later(Some(wait)),
        Err(error) => {
            tracing::info!(card = %card.id, %error, "fetch a link card");
            return match error.is_temporary() {
                true => Reading::Later(None),
                false => Reading::Nothing,
            };
        }
    };
    let read = app.cpu.run("read the page of a link card", move || {
        page_facts::read(&fetched.body, fetched.content_type(), &fetched.url)
    });
    match read.await {
        Ok(Some(facts)) => Reading::Found(facts),
        Ok(None) => Reading::Nothing,
        Err(_) => Reading::Later(None),
    }
}

/// Stores what was read, with the picture that the card has from now on.
async fn store(app: &App, card: &LinkCard, reading: Reading) -> Result<Option<MediaId>> {
    let now = app.clock.now();
    let mut retry_at = None;
    let content = match reading {
        Reading::Found(facts) => CardContent {
            state: LinkCardState::Ready,
            media_id: import_picture(app, &facts).await,
            title: facts.title,
            description: facts.description,
            site_name: facts.site_name,
            failures: 0,
        },
        Reading::Nothing => CardContent {
            state: LinkCardState::Failed,
            title: String::new(),
            description: String::new(),
            site_name: String::new(),
            media_id: None,
            failures: 0,
        },
        Reading::Later(wait) => {
            let failures = card.failures + 1;
            let is_last = failures >= MAX_FAILURES;
            if !is_last {
                let delay = FIRST_RETRY_DELAY * (1 << card.failures.clamp(0, MAX_FAILURES));
                retry_at = Some(now.plus(wait.unwrap_or_default().max(delay)));
            }
            CardContent {
                // What was read before is kept.
                state: match card.state {
                    LinkCardState::Ready => LinkCardState::Ready,
                    _ if is_last => LinkCardState::Failed,
                    _ => LinkCardState::Waiting,
                },
                title: card.title.clone(),
                description: card.description.clone(),
                site_name: card.site_name.clone(),
                media_id: card.media_id,
                failures: if is_last { 0 } else { failures },
            }
        }
    };
    let (id, picture) = (card.id, content.media_id);
    app.store
        .write(move |tx| {
            let content = content.clone();
            Box::pin(async move {
                rows::set_content(tx, id, content, now).await?;
                if let Some(at) = retry_at {
                    jobs::enqueue_once(tx, &Job::FetchLinkCard { card: id }, at, now).await?;
                }
                Ok(())
            })
        })
        .await?;
    Ok(picture)
}

/// The picture that a page names, in the library; a card without one is a card too.
async fn import_picture(app: &App, facts: &PageFacts) -> Option<MediaId> {
    let picture = ForeignPicture {
        address: facts.picture.as_ref()?.to_string(),
        alt: facts.title.clone(),
    };
    match import::import(app, &Actor::operator(), &picture).await {
        Ok(media) => Some(media.id),
        Err(error) => {
            tracing::info!(%error, "import the picture of a link card");
            None
        }
    }
}

async fn record_uses(app: &App, picture: MediaId, posts: Vec<PostId>) -> Result<()> {
    app.store
        .write(move |tx| {
            let posts = posts.clone();
            Box::pin(async move { media_uses::add(tx, picture, &posts).await })
        })
        .await
}
