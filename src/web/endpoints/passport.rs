//! The status page of a linkback, for the people who sent it: in plain words, and as JSON.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use maud::html;
use serde::Serialize;

use crate::error::{Error, Result};
use crate::linkbacks::passport::{self, Passport, Stage};
use crate::store::entity::linkback::{Protocol, Refusal};
use crate::web::endpoints::linkback::accepts;
use crate::web::respond::PageResult;
use crate::web::state::Web;
use crate::web::views::layout::{Frame, layout};
use crate::web::views::when;

/// The passport as JSON; `state` is one of `received`, `checking`, `held`, `shown`, `not_shown`,
/// `refused` and `withdrawn`.
#[derive(Serialize)]
struct Status {
    state: &'static str,
    words: String,
    protocol: Protocol,
    source: String,
    target: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Refusal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gone_since: Option<String>,
    received: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    checked: Option<String>,
}

/// `GET /linkbacks/PASSPORT`, also with `.json`
pub async fn show(
    State(web): State<Web>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> PageResult {
    let (name, named_json) = match name.strip_suffix(".json") {
        Some(name) => (name, true),
        None => (name.as_str(), false),
    };
    let passport = passport::find(&web.app, name)
        .await?
        .ok_or(Error::NotFound("linkback"))?;
    let wants_json = accepts(&headers, "application/json") && !accepts(&headers, "text/html");
    let mut response = if named_json || wants_json {
        json(&web, &passport)
    } else {
        passport_page(&web, &passport).await?
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::VARY, HeaderValue::from_static("accept"));
    Ok(response)
}

fn json(web: &Web, passport: &Passport) -> Response {
    let linkback = &passport.linkback;
    Json(Status {
        state: match passport.stage {
            Stage::Received => "received",
            Stage::BeingChecked => "checking",
            Stage::Held => "held",
            Stage::Shown => "shown",
            Stage::NotShown => "not_shown",
            Stage::Refused(_) => "refused",
            Stage::Withdrawn => "withdrawn",
        },
        words: words(web, passport.stage),
        protocol: linkback.protocol,
        source: linkback.source_url.clone(),
        target: linkback.target_url.clone(),
        reason: match passport.stage {
            Stage::Refused(refusal) => Some(refusal),
            _ => None,
        },
        url: passport.shown_at.clone(),
        gone_since: passport.gone_since.map(|at| at.rfc3339()),
        received: linkback.received_at.rfc3339(),
        checked: linkback.checked_at.map(|at| at.rfc3339()),
    })
    .into_response()
}

fn words(web: &Web, stage: Stage) -> String {
    match stage {
        Stage::Refused(Refusal::TooLong) => {
            let size = web.app.config.linkbacks.fetch_size.to_string();
            web.texts
                .with("passport-too-long", &[("size", size.into())])
        }
        stage => web.texts.text(message(stage)),
    }
}

fn message(stage: Stage) -> &'static str {
    match stage {
        Stage::Received => "passport-received",
        Stage::BeingChecked => "passport-checking",
        Stage::Held => "passport-held",
        Stage::Shown => "passport-shown",
        Stage::NotShown => "passport-not-shown",
        Stage::Refused(Refusal::NoLink) => "passport-no-link",
        Stage::Refused(Refusal::Closed) => "passport-closed",
        Stage::Refused(Refusal::TooLong) => "passport-too-long",
        Stage::Refused(Refusal::OwnPage) => "passport-own-page",
        Stage::Refused(Refusal::Failed) => "passport-failed",
        Stage::Refused(Refusal::Unreadable | Refusal::Gone) => "passport-unreadable",
        Stage::Withdrawn => "passport-withdrawn",
    }
}

/// The page for people.
pub async fn passport_page(web: &Web, passport: &Passport) -> Result<Response> {
    let texts = &web.texts;
    let zone = web.app.urls.zone();
    let linkback = &passport.linkback;
    let title = texts.text("passport-title");
    let main = html! {
        h1 { (title) }
        p.received role="status" { (words(web, passport.stage)) }
        @if let Some(url) = &passport.shown_at {
            p { a href=(url) { (texts.text("passport-see")) } }
        }
        dl.passport {
            dt { (texts.text("passport-source")) }
            dd { a href=(linkback.source_url) rel="nofollow ugc noopener" { (linkback.source_url) } }
            dt { (texts.text("passport-target")) }
            dd { a href=(linkback.target_url) { (linkback.target_url) } }
            dt { (texts.text("passport-received-at")) }
            dd { (when::time_of_minute(linkback.received_at, zone)) }
            @if let Some(at) = linkback.checked_at {
                dt { (texts.text("passport-checked-at")) }
                dd { (when::time_of_minute(at, zone)) }
            }
            @if let Some(at) = passport.gone_since {
                dt { (texts.text("passport-gone-since")) }
                dd { (when::time_of_minute(at, zone)) }
            }
        }
        @if let Some(name) = &linkback.passport {
            p.meta { a href={ (passport::path(name)) ".json" } { (texts.text("passport-json")) } }
        }
    };
    let site = web.site_name().await?;
    let mut frame = Frame::titled(&title);
    frame.head = html! { meta name="robots" content="noindex"; };
    Ok(layout(web, &site, &frame, &main).into_response())
}
