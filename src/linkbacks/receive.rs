//! Taking a linkback: the target is checked at once, the source later by a job.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use url::Url;

use crate::accounts::token::Token;
use crate::app::App;
use crate::error::{Error, Result};
use crate::jobs::{self, Job};
use crate::linkbacks::protocol::html;
use crate::linkbacks::protocol::trackback::Trackback;
use crate::markup::excerpt::clean_line;
use crate::posts::find::{self, Found};
use crate::responses::openness::takes_linkbacks;
use crate::responses::person::{Sender, network_of};
use crate::store::entity::ids::LinkbackId;
use crate::store::entity::job::Lane;
use crate::store::entity::linkback::{LinkbackState, Model as Linkback, Protocol, Refusal};
use crate::store::entity::post::Model as Post;
use crate::store::entity::standing::Standing;
use crate::store::jobs as job_rows;
use crate::store::linkbacks::{self as rows, NewLinkback};
use crate::store::standings;

/// The longest source address that is taken, in bytes.
const MAX_URL: usize = 2048;
/// The most of what a sender says that is kept, in characters.
const MAX_TOLD: usize = 1000;
/// How often the outcome is looked up while an answer waits, in case another node has it.
const LOOK: Duration = Duration::from_millis(500);

/// Answers about sources that could not be read come at multiples of this.
const EVEN: Duration = Duration::from_millis(500);

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
    /// The source is a page of this site: its links are shown without being sent.
    OwnPage,
    /// Source and target are one page.
    SamePage,
    /// This source is registered for this post already.
    Already,
    /// Its sender's network is banned.
    SenderBanned,
    /// Too many linkbacks: wait this many seconds.
    TooMany(u64),
}

/// What another site told, by whichever protocol.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// How.
    pub protocol: Protocol,
    /// The page that links.
    pub source: String,
    /// The page here.
    pub target: String,
    /// What it says of itself.
    pub told: Told,
    /// Who sent it.
    pub client: IpAddr,
}

/// What a trackback says of its source; nobody has checked it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The page's title.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// Some of its words, as plain text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub excerpt: String,
    /// The name of its blog.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub blog_name: String,
}

impl Told {
    /// What a ping says, as plain text: nobody can tell whether its sender means text or HTML.
    pub fn of(ping: &Trackback) -> Self {
        let plain = |text: &str| {
            let text = html::read(text).map_or_else(String::new, |page| page.text);
            clean_line(&text, MAX_TOLD)
        };
        Self {
            title: plain(&ping.title),
            excerpt: plain(&ping.excerpt),
            blog_name: plain(&ping.blog_name),
        }
    }
}

/// A linkback that was taken.
#[derive(Clone, Debug)]
pub struct Taken {
    /// Its key.
    pub id: LinkbackId,
    /// The unguessable part of the address of its status page; None where somebody in another network
    /// told of it first, whose page that is.
    pub passport: Option<String>,
}

/// Takes the news that a page links to a page here.
pub async fn receive_linkback(app: &App, incoming: Incoming) -> Result<Result<Taken, NotTaken>> {
    let Incoming {
        protocol,
        source,
        target,
        told,
        client,
    } = incoming;
    let Some(source) = read_source(&source) else {
        return Ok(Err(NotTaken::BadSource));
    };
    let (post, is_open) = match find_target(app, &target).await? {
        Ok(found) => found,
        Err(not_taken) => return Ok(Err(not_taken)),
    };
    if let Some(page) = app.urls.read(source.as_str()) {
        let same = matches!(
            find::find_by_page(app, &page).await?,
            Found::Here(from) | Found::Moved(from) if from.id == post.id
        );
        return Ok(Err(if same {
            NotTaken::SamePage
        } else {
            NotTaken::OwnPage
        }));
    }
    // Before anything is counted: who is banned uses up nobody else's share.
    if is_banned(app, client).await? {
        return Ok(Err(NotTaken::SenderBanned));
    }
    let host = source.host_str().unwrap_or_default();
    match app.limits.take_linkback(client, host, post.id.0).await {
        Err(Error::TooMany { retry_after }) => {
            return Ok(Err(NotTaken::TooMany(retry_after.as_secs().max(1))));
        }
        other => other?,
    }
    let new = NewLinkback {
        post_id: post.id,
        protocol,
        source_key: source_key(&source),
        source_url: source.into(),
        target_url: target,
        ip: Some(client.to_string()),
        passport: Token::random().as_str().to_owned(),
        told: serde_json::to_string(&told)
            .map_err(|error| Error::internal("write down what was told", error))?,
    };
    let (now, share) = (app.clock.now(), share_of(new.ip.as_deref()));
    app.store
        .write(move |tx| {
            let (new, share) = (new.clone(), share.clone());
            Box::pin(async move {
                let (post, key) = (new.post_id, new.source_key.clone());
                let mut before = rows::find_by_source(&**tx, post, &key).await?;
                let mut added = None;
                if before.is_none() {
                    if !is_open {
                        return Ok(Err(NotTaken::TargetClosed));
                    }
                    added = rows::insert(&**tx, new.clone(), now).await?;
                    if added.is_none() {
                        // Somebody else told of it in the same moment.
                        before = rows::find_by_source(&**tx, post, &key).await?;
                    }
                }
                let (id, passport) = match (added, before) {
                    (Some(id), _) => (id, Some(new.passport)),
                    (None, Some(before)) => {
                        if let Some(not_taken) = refuse_repeat(&before, protocol, is_open) {
                            return Ok(Err(not_taken));
                        }
                        let is_same_sender = share_of(before.ip.as_deref()) == share;
                        let passport = before.passport.clone();
                        let passport = passport.unwrap_or_else(|| new.passport.clone());
                        let passport = Some(passport).filter(|_| is_same_sender);
                        rows::set_checking(&**tx, &before, new, now).await?;
                        (before.id, passport)
                    }
                    (None, None) => return Ok(Err(NotTaken::Already)),
                };
                // A check that is under way began before this word: it is followed by another.
                let job = Job::VerifyLinkback { linkback: id };
                jobs::enqueue_for(tx, &job, &share, now, now).await?;
                Ok(Ok(Taken { id, passport }))
            })
        })
        .await
}

/// Whether nothing is taken from this address. Anybody may tell of a page, so who is banned is turned
/// away here: were their word taken, it would be the page's author who pays for it.
async fn is_banned(app: &App, client: IpAddr) -> Result<bool> {
    let ip = client.to_string();
    let sender = Sender {
        ip: Some(&ip),
        ..Sender::default()
    };
    let found = standings::list_for(app.store.read(), &sender.blockable(), app.clock.now()).await?;
    Ok(found.iter().any(|row| row.standing == Standing::Ban))
}

/// On whose account the source of a linkback is checked: its sender's network.
pub fn share_of(ip: Option<&str>) -> String {
    ip.and_then(network_of)
        .unwrap_or_else(|| "unknown network".to_owned())
}

/// Why a linkback that was told before is not checked again. A refused source may have been put right.
/// A webmention that is sent again tells of a change (Webmention, section 3.1.4), also while the
/// source is being read, where the first was a pingback, and where the post is closed by now; the other
/// two protocols know no change.
fn refuse_repeat(before: &Linkback, protocol: Protocol, is_open: bool) -> Option<NotTaken> {
    match (before.state, protocol) {
        (LinkbackState::Checking | LinkbackState::Verified, Protocol::Webmention) => None,
        (LinkbackState::Checking | LinkbackState::Verified, _) => Some(NotTaken::Already),
        (LinkbackState::Refused | LinkbackState::Withdrawn, _) if is_open => None,
        (LinkbackState::Refused | LinkbackState::Withdrawn, _) => Some(NotTaken::TargetClosed),
    }
}

/// Waits for the check of a linkback: a few seconds, and only so many at once. What it returns
/// may still be under check.
pub async fn wait_for_check(app: &App, id: LinkbackId) -> Result<Option<Linkback>> {
    let begun = Instant::now();
    let checked = watch_check(app, id).await?;
    let is_unreadable = checked
        .as_ref()
        .is_some_and(|row| row.refusal == Some(Refusal::Unreadable));
    if is_unreadable {
        // A source that was refused, is not there or does not listen looks the same by the clock.
        let over = begun.elapsed().as_millis() % EVEN.as_millis();
        let over = Duration::from_millis(u64::try_from(over).unwrap_or(0));
        tokio::time::sleep(EVEN.saturating_sub(over)).await;
    }
    Ok(checked)
}

async fn watch_check(app: &App, id: LinkbackId) -> Result<Option<Linkback>> {
    let look = || rows::find(app.store.read(), id);
    let Ok(_turn) = app.waiting.try_acquire() else {
        return look().await;
    };
    // In a burst the check would not be reached in time: better to say so at once.
    let most = app.config.linkbacks.waiting as u64 + 1;
    let now = app.clock.now();
    if job_rows::count_due(app.store.read(), Lane::Fetch, now, most).await? == most {
        return look().await;
    }
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

/// The sources of what a post shows.
pub async fn list_sources(
    app: &App,
    target: &str,
    limit: u64,
) -> Result<Result<Vec<String>, NotTaken>> {
    match find_target(app, target).await? {
        Ok((post, _)) => Ok(Ok(
            rows::list_sources(app.store.read(), post.id, limit).await?
        )),
        Err(not_taken) => Ok(Err(not_taken)),
    }
}

/// The post that an address names, and whether it takes linkbacks now.
async fn find_target(app: &App, target: &str) -> Result<Result<(Post, bool), NotTaken>> {
    let too_long = target.len() > MAX_URL;
    let Some(page) = app.urls.read(target).filter(|_| !too_long) else {
        return Ok(Err(NotTaken::TargetUnknown));
    };
    Ok(match find::find_by_page(app, &page).await? {
        Found::Here(post) | Found::Moved(post) => {
            let is_open = takes_linkbacks(app, &post);
            Ok((*post, is_open))
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
