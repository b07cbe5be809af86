//! Fetching and reading the source of a linkback. Stores nothing.
//!
//! Whatever keeps a source from being read has one result: refused by the guard, unknown to DNS, closed,
//! slow, broken.

use std::time::Duration;

use url::Url;

use crate::app::App;
use crate::clock::Moment;
use crate::error::Result;
use crate::linkbacks::evidence::{Evidence, SourceReading, read_source};
use crate::linkbacks::protocol::address::page_key;
use crate::linkbacks::sender_claims::SenderClaims;
use crate::markup::markdown;
use crate::net::fetch::{FetchError, Fetched, Validators};
use crate::store::entity::linkback::Model as Linkback;
use crate::store::entity::post::PostKind;
use crate::store::linkbacks::SourceVersion;
use crate::store::{posts, slugs};
use crate::urls::SitePage;

/// A check is deferred this often in a row because the rate limit of its host is reached, before that counts
/// as a source that cannot be read.
pub const MAX_DEFERRALS: i64 = 20;

/// When a source is checked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextCheck {
    pub at: Moment,
    /// The days until then; the check after it waits twice as long.
    pub days: i64,
}

/// What a check of a source found.
pub enum SourceCheck {
    Links(Box<Evidence>, SourceVersion),
    /// It is as it was when it was last read (304).
    NotModified,
    NoLink,
    /// The part of it that is read does not link here.
    NoLinkWithinLimit,
    /// It leads to a page of this site.
    OwnPage,
    /// It says that it is gone permanently (410).
    Gone,
    /// 404.
    NotFound,
    /// It could not be read, whatever the cause.
    Unreadable,
    /// This server may not send its host another request for so long.
    RateLimited(Duration),
}

/// Fetches and reads a source; with the key of the page that it leads to, where that answered.
pub async fn check_source(
    app: &App,
    linkback: &Linkback,
    validators: Validators,
) -> Result<(SourceCheck, Option<String>)> {
    let Ok(url) = Url::parse(&linkback.source_url) else {
        return Ok((SourceCheck::Unreadable, None));
    };
    let job = format!("linkback {}", linkback.id);
    let fetched = match app.fetcher.for_job(&job).get(&url, validators).await {
        // Nobody asked for a part of it (206).
        Ok(fetched) if (200..300).contains(&fetched.status) && fetched.status != 206 => fetched,
        Ok(fetched) => {
            tracing::info!(linkback = %linkback.id, status = fetched.status, "fetch a source");
            let check = match fetched.status {
                304 => SourceCheck::NotModified,
                404 => SourceCheck::NotFound,
                410 => SourceCheck::Gone,
                _ => SourceCheck::Unreadable,
            };
            return Ok((check, Some(page_key(&fetched.url))));
        }
        Err(FetchError::RateLimited(wait)) => return Ok((SourceCheck::RateLimited(wait), None)),
        Err(error) => {
            tracing::info!(linkback = %linkback.id, %error, "fetch a source");
            return Ok((SourceCheck::Unreadable, None));
        }
    };
    let page = Some(page_key(&fetched.url));
    if app.urls.parse(fetched.url.as_str()).is_some() {
        return Ok((SourceCheck::OwnPage, page));
    }
    let version = SourceVersion {
        etag: fetched.header("etag").map(str::to_owned),
        last_modified: fetched.header("last-modified").map(str::to_owned),
    };
    let check = match read_fetched(app, linkback, fetched).await? {
        SourceReading::Links(evidence) => SourceCheck::Links(evidence, version),
        SourceReading::NoLink => SourceCheck::NoLink,
        SourceReading::NoLinkWithinLimit => SourceCheck::NoLinkWithinLimit,
        SourceReading::Gone => SourceCheck::Gone,
    };
    Ok((check, page))
}

async fn read_fetched(app: &App, linkback: &Linkback, fetched: Fetched) -> Result<SourceReading> {
    let db = app.store.read();
    let slugs = slugs::list_slugs(db, linkback.post_id).await?;
    let target_post = posts::find(db, linkback.post_id).await?;
    let is_page = target_post
        .as_ref()
        .is_some_and(|post| post.kind == PostKind::Page);
    let body = target_post.map_or_else(String::new, |post| post.body_markdown);
    let (urls, post, protocol) = (app.urls.clone(), linkback.post_id, linkback.protocol);
    let target = linkback.target_url.clone();
    let claims: SenderClaims = serde_json::from_str(&linkback.sender_claims).unwrap_or_default();
    // Reading a page takes milliseconds of work, which readers' requests should not wait for.
    let reading = app.cpu.run("read a source", move || {
        let named = urls.parse(&target);
        let is_target = |address: &str| match urls.parse(address) {
            Some(SitePage::Post { slug }) => slugs.contains(&slug),
            // What is above a page may have changed since.
            Some(SitePage::Page { slugs: path }) => {
                is_page && path.last().is_some_and(|slug| slugs.contains(slug))
            }
            Some(SitePage::PostId(id)) => id == post.0,
            // The comment that the target names is under the post; others would need a query each.
            page @ Some(SitePage::Comment(_)) => page == named,
            _ => false,
        };
        let post_text = markdown::plain_text(&body);
        read_source(&fetched, protocol, &claims, &target, &post_text, &is_target)
    });
    reading.await
}
