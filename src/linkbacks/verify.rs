//! Checking a linkback: the source is fetched and must really link to the target.

use url::Url;

use crate::app::App;
use crate::error::{Error, Result};
use crate::judge::Submission;
use crate::judge::verdict::SourceSigns;
use crate::linkbacks::protocol::source::{self, Document};
use crate::markup::excerpt::clean_line;
use crate::markup::sanitise::SafeHtml;
use crate::net::fetch::{Conditions, Fetched};
use crate::responses::openness::takes_linkbacks;
use crate::responses::receive;
use crate::store::changes::Part;
use crate::store::entity::ids::LinkbackId;
use crate::store::entity::linkback::{LinkbackState, Model as Linkback, Protocol, Refusal};
use crate::store::entity::response::{ResponseKind, ResponseState};
use crate::store::linkbacks as rows;
use crate::store::posts;
use crate::store::responses::{self, NewResponse};
use crate::urls::SitePage;

/// The longest title of a source, in characters.
const MAX_TITLE: usize = 150;

/// What was found at a source.
struct Evidence {
    title: String,
    excerpt: String,
    signs: SourceSigns,
}

/// Looks at the source of a linkback and notes what came of it. Doing it again does no harm.
pub async fn verify_linkback(app: &App, id: LinkbackId) -> Result<()> {
    let Some(linkback) = rows::find(app.store.read(), id).await? else {
        return Ok(());
    };
    if linkback.state != LinkbackState::Checking {
        return Ok(());
    }
    match look(app, &linkback).await? {
        Ok(evidence) => accept(app, linkback, evidence).await,
        Err(refusal) => refuse(app, linkback.id, refusal).await,
    }
}

async fn look(app: &App, linkback: &Linkback) -> Result<Result<Evidence, Refusal>> {
    let post = posts::find(app.store.read(), linkback.post_id).await?;
    if !post.is_some_and(|post| takes_linkbacks(app, &post)) {
        return Ok(Err(Refusal::Closed));
    }
    let Ok(url) = Url::parse(&linkback.source_url) else {
        return Ok(Err(Refusal::Unreadable));
    };
    let fetched = match app.fetcher.get(&url, Conditions::default()).await {
        Ok(fetched) if (200..300).contains(&fetched.status) => fetched,
        Ok(fetched) => {
            tracing::info!(linkback = %linkback.id, status = fetched.status, "refuse a source");
            return Ok(Err(Refusal::Unreadable));
        }
        Err(error) => {
            tracing::info!(linkback = %linkback.id, %error, "refuse a source");
            return Ok(Err(Refusal::Unreadable));
        }
    };
    let slugs = posts::list_slugs(app.store.read(), linkback.post_id).await?;
    let (urls, post) = (app.urls.clone(), linkback.post_id);
    // Reading a page takes milliseconds of work, which readers' requests should not wait for.
    let found = tokio::task::spawn_blocking(move || {
        let is_target = |address: &str| match urls.read(address) {
            Some(SitePage::Post { slug }) => slugs.contains(&slug),
            Some(SitePage::PostId(id)) => id == post.0,
            _ => false,
        };
        read(&fetched, &is_target)
    });
    let found = found
        .await
        .map_err(|error| Error::internal("read a source", error))?;
    Ok(found.ok_or(Refusal::NoLink))
}

fn read(fetched: &Fetched, is_target: &dyn Fn(&str) -> bool) -> Option<Evidence> {
    let document = Document::read(&fetched.body, fetched.content_type());
    let link = source::find_link(&document, is_target, &fetched.url)?;
    let host = fetched.url.host_str().unwrap_or_default();
    let title = source::title(&document).map(|title| clean_line(&title, MAX_TITLE));
    Some(Evidence {
        title: title
            .filter(|title| !title.is_empty())
            .unwrap_or_else(|| host.to_owned()),
        excerpt: link.excerpt.unwrap_or_default(),
        signs: SourceSigns {
            outbound_links: source::count_outbound_links(&document, &fetched.url),
        },
    })
}

async fn accept(app: &App, linkback: Linkback, evidence: Evidence) -> Result<()> {
    let kind = match linkback.protocol {
        Protocol::Pingback => ResponseKind::Pingback,
        Protocol::Trackback => ResponseKind::Trackback,
        Protocol::Webmention => ResponseKind::Webmention,
    };
    let new = NewResponse {
        post_id: linkback.post_id,
        parent: None,
        kind,
        state: ResponseState::Pending,
        author_name: evidence.title.clone(),
        author_email: None,
        author_url: Some(linkback.source_url.clone()),
        author_id: None,
        body_markdown: String::new(),
        body_html: SafeHtml::of_text(&evidence.excerpt).into_string(),
        source_url: Some(linkback.source_url.clone()),
        reasons: String::new(),
        ip: linkback.ip.clone(),
        user_agent: None,
        receipt_hash: None,
        dedupe_key: linkback.source_key.clone(),
    };
    let submission = Submission {
        kind,
        author_name: &evidence.title,
        text: &evidence.excerpt,
        links: 0,
        source: Some(evidence.signs),
    };
    let judged = receive::judge_response(app, new, &submission).await?;
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            let (judged, key) = (judged.clone(), linkback.source_key.clone());
            Box::pin(async move {
                let id = match receive::store_response(tx, judged, now).await? {
                    Some(id) => Some(id),
                    // The check was done before, and its note was lost.
                    None => responses::find_by_dedupe_key(&**tx, linkback.post_id, &key)
                        .await?
                        .map(|response| response.id),
                };
                if let Some(id) = id {
                    rows::set_outcome(&**tx, linkback.id, Ok(id), now).await?;
                }
                tx.touch(Part::Linkbacks);
                Ok(())
            })
        })
        .await
}

async fn refuse(app: &App, id: LinkbackId, refusal: Refusal) -> Result<()> {
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            Box::pin(async move {
                tx.touch(Part::Linkbacks);
                rows::set_outcome(&**tx, id, Err(refusal), now).await
            })
        })
        .await
}
