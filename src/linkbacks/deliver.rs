//! Delivering one linkback to the site that a post links to: discovery, then one protocol, then one answer.
//! Never decides which links are announced; that is [`crate::linkbacks::send`].

use std::time::Duration;

use url::Url;

use crate::app::App;
use crate::clock::Moment;
use crate::error::Result;
use crate::linkbacks::delivery_attempt::{AttemptResult, DeliveryAttempt, Endpoint};
use crate::linkbacks::protocol::discovery::{Endpoints, discover};
use crate::linkbacks::protocol::document::Document;
use crate::linkbacks::protocol::pingback::ping_request;
use crate::linkbacks::protocol::trackback::{self, TrackbackPing};
use crate::linkbacks::protocol::webmention;
use crate::linkbacks::send::enqueue_delivery;
use crate::net::fetch::{FetchError, Validators};
use crate::store::entity::ids::OutgoingLinkbackId;
use crate::store::entity::linkback::Protocol;
use crate::store::entity::outgoing_linkback::{Model as OutgoingLinkback, OutgoingState};
use crate::store::outgoing_linkbacks as rows;
use crate::store::settings::{self, Setting};

/// How long a discovered endpoint is used without reading the page again.
const ENDPOINT_TTL: Duration = Duration::from_secs(60 * 60);
/// The `Accept` header of a webmention.
const ACCEPT_ANY: &str = "*/*;q=0.5, text/plain";

/// Announces the link to one target, or its end, and stores the result. Nothing happens where another round
/// has begun.
pub async fn deliver_linkback(app: &App, id: OutgoingLinkbackId, round: i64) -> Result<()> {
    let Some(linkback) = rows::find(app.store.read(), id).await? else {
        return Ok(());
    };
    // A linkback whose job was given up may be retried by hand.
    let is_open = matches!(
        linkback.state,
        OutgoingState::Waiting | OutgoingState::Unreachable
    );
    if !is_open || linkback.round != round || !app.sending().is_on() {
        return Ok(());
    }
    let endpoint = match known_endpoint(&linkback, app.clock.now()) {
        Some(endpoint) => Ok(endpoint),
        None => discover_endpoint(app, &linkback).await,
    };
    let attempt = match endpoint {
        Ok(endpoint) => submit(app, &linkback, endpoint).await?,
        Err(attempt) => Some(attempt),
    };
    let Some(attempt) = attempt else {
        return Ok(());
    };
    let now = app.clock.now();
    let outcome = attempt.into_outcome(&linkback, &app.texts, now);
    app.store
        .write(move |tx| {
            let (linkback, outcome) = (linkback.clone(), outcome.clone());
            Box::pin(async move {
                if let Some(at) = outcome.next_try {
                    enqueue_delivery(tx, &linkback, at, now).await?;
                }
                rows::set_outcome(tx, &linkback, outcome, now).await
            })
        })
        .await
}

/// Names the delivery among the jobs that wait for a host.
fn job_name(linkback: &OutgoingLinkback) -> String {
    format!("outgoing linkback {}", linkback.id)
}

/// The endpoint of an earlier discovery, while it may be used.
fn known_endpoint(linkback: &OutgoingLinkback, now: Moment) -> Option<Endpoint> {
    let known_until = linkback.endpoint_known_until.filter(|until| *until > now)?;
    Some(Endpoint {
        protocol: linkback.protocol?,
        url: Url::parse(linkback.endpoint_url.as_deref()?).ok()?,
        known_until,
    })
}

/// Reads the target for its endpoint (Webmention, section 3.1.2; Pingback, section 2).
async fn discover_endpoint(
    app: &App,
    linkback: &OutgoingLinkback,
) -> std::result::Result<Endpoint, DeliveryAttempt> {
    let none = |id: &'static str| {
        DeliveryAttempt::with_message(AttemptResult::Final(OutgoingState::NoEndpoint), id)
    };
    let url = Url::parse(&linkback.target_url).map_err(|_| none("delivery-bad-address"))?;
    let job = job_name(linkback);
    let fetcher = app.sender.for_job(&job);
    let fetched = match fetcher.get(&url, Validators::default()).await {
        Ok(fetched) if (200..300).contains(&fetched.status) => fetched,
        Ok(fetched) => return Err(DeliveryAttempt::of_error_status(&fetched, app.clock.now())),
        Err(error) => return Err(DeliveryAttempt::of_error(&error)),
    };
    let is_truncated = fetched.truncated;
    let found = app.cpu.run("discover endpoints", move || {
        let document = Document::read(&fetched.body, fetched.content_type());
        discover(&fetched.headers, Some(&document), &fetched.url)
    });
    let Ok(found) = found.await else {
        return Err(DeliveryAttempt::with_message(
            AttemptResult::Retry(None),
            "delivery-busy",
        ));
    };
    let known_until = app.clock.now().plus(ENDPOINT_TTL);
    choose_endpoint(found, linkback.is_linked, known_until).ok_or_else(|| {
        none(match is_truncated {
            true => "delivery-no-endpoint-within-limit",
            false => "delivery-no-endpoint",
        })
    })
}

/// Webmention, else pingback, else trackback; only webmention can announce that a link is gone.
fn choose_endpoint(found: Endpoints, is_linked: bool, known_until: Moment) -> Option<Endpoint> {
    let endpoint = |protocol, url: Option<Url>| {
        url.map(|url| Endpoint {
            protocol,
            url,
            known_until,
        })
    };
    endpoint(Protocol::Webmention, found.webmention).or_else(|| {
        endpoint(Protocol::Pingback, found.pingback)
            .or_else(|| endpoint(Protocol::Trackback, found.trackback))
            .filter(|_| is_linked)
    })
}

/// How often a delivery may begin without an answer. A second webmention or pingback about a link changes
/// nothing; a second trackback would be shown a second time.
fn max_deliveries(protocol: Protocol) -> i64 {
    match protocol {
        Protocol::Webmention | Protocol::Pingback => 2,
        Protocol::Trackback => 1,
    }
}

/// Submits the linkback to its endpoint; None where another round has begun in the meantime.
async fn submit(
    app: &App,
    linkback: &OutgoingLinkback,
    endpoint: Endpoint,
) -> Result<Option<DeliveryAttempt>> {
    let protocol = endpoint.protocol;
    let answer_lost = || DeliveryAttempt {
        endpoint: Some(endpoint.clone()),
        ..DeliveryAttempt::with_message(
            AttemptResult::Final(OutgoingState::Unknown),
            "delivery-answer-lost",
        )
    };
    if linkback.deliveries_begun >= max_deliveries(protocol) {
        return Ok(Some(answer_lost()));
    }
    let request = delivery_request(app, linkback, protocol).await?;
    // Stored first: a process that is killed now must not send it again without end.
    if !begin_delivery(app, linkback, &endpoint).await? {
        return Ok(None);
    }
    let job = job_name(linkback);
    let answer = app
        .sender
        .for_job(&job)
        .submit(
            &endpoint.url,
            request.content_type,
            request.body.into_bytes(),
            request.accept,
        )
        .await;
    let now = app.clock.now();
    let attempt = match answer {
        // It was sent, and may have arrived.
        Err(FetchError::Timeout | FetchError::Interrupted(_) | FetchError::Broken(_))
            if protocol == Protocol::Trackback =>
        {
            return Ok(Some(answer_lost()));
        }
        Err(error) => DeliveryAttempt::of_error(&error),
        Ok(fetched) if !(200..300).contains(&fetched.status) => {
            DeliveryAttempt::of_error_status(&fetched, now)
        }
        Ok(fetched) => DeliveryAttempt::of_success_status(protocol, &fetched),
    };
    Ok(Some(DeliveryAttempt {
        endpoint: Some(endpoint),
        ..attempt
    }))
}

async fn begin_delivery(
    app: &App,
    linkback: &OutgoingLinkback,
    endpoint: &Endpoint,
) -> Result<bool> {
    let (linkback, endpoint) = (linkback.clone(), endpoint.clone());
    app.store
        .write(move |tx| {
            let (linkback, endpoint) = (linkback.clone(), endpoint.clone());
            Box::pin(async move {
                let used = (endpoint.protocol, endpoint.url.as_str());
                rows::begin_delivery(tx, &linkback, used, endpoint.known_until).await
            })
        })
        .await
}

/// What is posted to an endpoint.
struct DeliveryRequest {
    content_type: &'static str,
    body: String,
    accept: &'static str,
}

async fn delivery_request(
    app: &App,
    linkback: &OutgoingLinkback,
    protocol: Protocol,
) -> Result<DeliveryRequest> {
    let (source, target) = (&linkback.source_url, &linkback.target_url);
    Ok(match protocol {
        Protocol::Webmention => DeliveryRequest {
            content_type: "application/x-www-form-urlencoded",
            body: webmention::form_body(source, target),
            accept: ACCEPT_ANY,
        },
        Protocol::Pingback => DeliveryRequest {
            content_type: "text/xml",
            body: ping_request(source, target),
            accept: "text/xml",
        },
        Protocol::Trackback => {
            let site = settings::find(app.store.read(), Setting::SiteName).await?;
            let ping = TrackbackPing {
                url: source.clone(),
                title: linkback.title.clone(),
                excerpt: linkback.excerpt.clone(),
                blog_name: site.unwrap_or_else(|| app.config.site.name.clone()),
            };
            DeliveryRequest {
                content_type: "application/x-www-form-urlencoded; charset=utf-8",
                body: trackback::form_body(&ping),
                accept: "text/xml",
            }
        }
    })
}
