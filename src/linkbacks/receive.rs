//! Receiving a linkback: the target is checked at once, the source later by a job. Fetches nothing.

use std::net::IpAddr;

use crate::accounts::token::Token;
use crate::app::App;
use crate::error::{Error, Result};
use crate::jobs::{self, Job};
use crate::linkbacks::protocol::address::{MAX_URL, page_key, parse_web_address};
use crate::linkbacks::sender_claims::SenderClaims;
use crate::posts::find::{self, PostLookup};
use crate::responses::discussion::accepts_linkbacks;
use crate::responses::person::{SenderIdentifiers, network_of};
use crate::store::entity::ids::LinkbackId;
use crate::store::entity::linkback::{LinkbackState, Model as Linkback, Protocol};
use crate::store::entity::post::Model as Post;
use crate::store::entity::sender_policy::SenderPolicy;
use crate::store::linkbacks::{self as rows, NewLinkback};
use crate::store::sender_policies;
use crate::texts::Message;

/// Why a linkback is rejected before anything is fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// The source is not a web address that could be fetched.
    SourceInvalid,
    /// The target was here and is gone.
    TargetGone,
    /// The target is not a page here that accepts linkbacks.
    TargetUnknown,
    /// The target accepts no new linkbacks.
    TargetClosed,
    /// The source is a page of this site: its links are shown without being sent.
    OwnPage,
    /// Source and target are one page.
    SamePage,
    /// This source is registered for this post already.
    AlreadyReceived,
    /// The sender's network is blocked.
    SenderBlocked,
    /// Too many linkbacks: wait this many seconds.
    RateLimited(u64),
}

impl Rejection {
    /// What its sender reads. One text for whatever is wrong with a source, so that nobody can use this
    /// site to find out what answers where.
    pub fn message(self) -> Message {
        match self {
            Self::SourceInvalid => Message::new("linkback-error-source-unreadable"),
            Self::TargetGone => Message::new("linkback-error-target-gone"),
            Self::TargetUnknown => Message::new("linkback-error-target-unknown"),
            Self::TargetClosed => Message::new("linkback-error-target-closed"),
            Self::OwnPage => Message::new("linkback-error-own-page"),
            Self::SamePage => Message::new("linkback-error-same-page"),
            Self::AlreadyReceived => Message::new("linkback-error-already-received"),
            Self::SenderBlocked => Message::new("linkback-error-sender-blocked"),
            Self::RateLimited(seconds) => {
                Message::new("linkback-error-rate-limited").with("seconds", seconds)
            }
        }
    }
}

/// A linkback as it arrives.
#[derive(Clone, Debug)]
pub struct IncomingLinkback {
    pub protocol: Protocol,
    /// Address of the page that links, as it was sent.
    pub source: String,
    /// Address of the page here, as it was sent.
    pub target: String,
    pub claims: SenderClaims,
    /// The address of who sent it.
    pub client: IpAddr,
}

/// A linkback that is stored and will be checked.
#[derive(Clone, Debug)]
pub struct ReceivedLinkback {
    pub id: LinkbackId,
    /// The unguessable part of the address of its status page; None where somebody in another network
    /// sent it first, whose page that is.
    pub status_token: Option<String>,
}

/// Stores a linkback and the job that checks it. One that was sent before is checked again where that may
/// change something.
pub async fn receive_linkback(
    app: &App,
    incoming: IncomingLinkback,
) -> Result<Result<ReceivedLinkback, Rejection>> {
    let IncomingLinkback {
        protocol,
        source,
        target,
        claims,
        client,
    } = incoming;
    let Some(source) = parse_web_address(&source) else {
        return Ok(Err(Rejection::SourceInvalid));
    };
    let (post, is_open) = match find_target(app, &target).await? {
        Ok(found) => found,
        Err(rejection) => return Ok(Err(rejection)),
    };
    if let Some(page) = app.urls.parse(source.as_str()) {
        let is_same_post = matches!(
            find::find_by_page(app, &page).await?,
            PostLookup::Current(from) | PostLookup::Moved(from) if from.id == post.id
        );
        return Ok(Err(match is_same_post {
            true => Rejection::SamePage,
            false => Rejection::OwnPage,
        }));
    }
    // Before anything is counted: a blocked sender uses up nobody else's share.
    if is_sender_blocked(app, client).await? {
        return Ok(Err(Rejection::SenderBlocked));
    }
    let host = source.host_str().unwrap_or_default();
    match app.limits.check_linkback(client, host, post.id.0).await {
        Err(Error::TooMany { retry_after }) => {
            let seconds = retry_after.as_secs().max(1);
            return Ok(Err(Rejection::RateLimited(seconds)));
        }
        other => other?,
    }
    let new = NewLinkback {
        post_id: post.id,
        protocol,
        source_key: page_key(&source),
        source_url: source.into(),
        target_url: target,
        ip: Some(client.to_string()),
        status_token: Token::random().as_str().to_owned(),
        sender_claims: serde_json::to_string(&claims)
            .map_err(|error| Error::internal("serialise sender claims", error))?,
    };
    store_received(app, new, is_open).await
}

async fn store_received(
    app: &App,
    new: NewLinkback,
    is_open: bool,
) -> Result<Result<ReceivedLinkback, Rejection>> {
    let (now, share) = (app.clock.now(), share_of(new.ip.as_deref()));
    app.store
        .write(move |tx| {
            let (new, share) = (new.clone(), share.clone());
            Box::pin(async move {
                let (post, key) = (new.post_id, new.source_key.clone());
                let mut before = rows::find_by_source(tx, post, &key).await?;
                let mut added = None;
                if before.is_none() {
                    if !is_open {
                        return Ok(Err(Rejection::TargetClosed));
                    }
                    added = rows::insert(tx, new.clone(), now).await?;
                    if added.is_none() {
                        // Another sender was faster.
                        before = rows::find_by_source(tx, post, &key).await?;
                    }
                }
                let (id, status_token) = match (added, before) {
                    (Some(id), _) => (id, Some(new.status_token)),
                    (None, Some(before)) => {
                        if let Some(rejection) = reject_repeat(&before, new.protocol, is_open) {
                            return Ok(Err(rejection));
                        }
                        let is_same_sender = share_of(before.ip.as_deref()) == share;
                        let status_token = before.status_token.clone();
                        let status_token = status_token.unwrap_or_else(|| new.status_token.clone());
                        let status_token = Some(status_token).filter(|_| is_same_sender);
                        rows::set_checking(tx, &before, new, now).await?;
                        (before.id, status_token)
                    }
                    (None, None) => return Ok(Err(Rejection::AlreadyReceived)),
                };
                // A check that is running began before this request: another one follows it.
                let job = Job::VerifyLinkback { linkback: id };
                jobs::enqueue_for(tx, &job, &share, now, now).await?;
                Ok(Ok(ReceivedLinkback { id, status_token }))
            })
        })
        .await
}

/// Anybody may send the address of a page, so a blocked sender is rejected here: were the linkback judged,
/// the page's author would pay for its sender.
async fn is_sender_blocked(app: &App, client: IpAddr) -> Result<bool> {
    let ip = client.to_string();
    let sender = SenderIdentifiers {
        ip: Some(&ip),
        ..SenderIdentifiers::default()
    };
    let found =
        sender_policies::list_for(app.store.read(), &sender.block_subjects(), app.clock.now())
            .await?;
    Ok(found.iter().any(|row| row.policy == SenderPolicy::Block))
}

/// The share of the workers that the check of a linkback counts towards: its sender's network.
pub fn share_of(ip: Option<&str>) -> String {
    ip.and_then(network_of)
        .unwrap_or_else(|| "unknown network".to_owned())
}

/// Why a linkback that was sent before is not checked again. A refused source may have been fixed. A
/// webmention that is sent again announces a change (Webmention, section 3.1.4), also while the source is
/// being read, where the first was a pingback, and where the post is closed by now; the other two protocols
/// have no changes.
fn reject_repeat(before: &Linkback, protocol: Protocol, is_open: bool) -> Option<Rejection> {
    match (before.state, protocol) {
        (LinkbackState::Checking | LinkbackState::Verified, Protocol::Webmention) => None,
        (LinkbackState::Checking | LinkbackState::Verified, _) => Some(Rejection::AlreadyReceived),
        (LinkbackState::Refused | LinkbackState::Withdrawn, _) if is_open => None,
        (LinkbackState::Refused | LinkbackState::Withdrawn, _) => Some(Rejection::TargetClosed),
    }
}

/// The sources of the linkbacks that a post shows, at most `limit`.
pub async fn list_sources(
    app: &App,
    target: &str,
    limit: u64,
) -> Result<Result<Vec<String>, Rejection>> {
    match find_target(app, target).await? {
        Ok((post, _)) => Ok(Ok(
            rows::list_sources(app.store.read(), post.id, limit).await?
        )),
        Err(rejection) => Ok(Err(rejection)),
    }
}

/// The post that an address names, and whether it accepts linkbacks now.
async fn find_target(app: &App, target: &str) -> Result<Result<(Post, bool), Rejection>> {
    let is_too_long = target.len() > MAX_URL;
    let Some(page) = app.urls.parse(target).filter(|_| !is_too_long) else {
        return Ok(Err(Rejection::TargetUnknown));
    };
    Ok(match find::find_by_page(app, &page).await? {
        PostLookup::Current(post) | PostLookup::Moved(post) => {
            let is_open = accepts_linkbacks(app, &post);
            Ok((*post, is_open))
        }
        PostLookup::Gone => Err(Rejection::TargetGone),
        PostLookup::NotFound => Err(Rejection::TargetUnknown),
    })
}
