//! The status of a linkback, for the people who sent it: as a page, and as JSON.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Serialize;

use crate::error::{Error, Result};
use crate::linkbacks::status::{self, LinkbackStage, LinkbackStatus};
use crate::store::entity::linkback::{Protocol, Refusal};
use crate::ui::notices;
use crate::ui::reader_page::reader_page;
use crate::ui::when;
use crate::web::negotiation::{Representation, preferred};
use crate::web::respond::PageResult;
use crate::web::state::Web;

/// `state` is one of `received`, `checking`, `held`, `shown`, `not_shown`, `refused` and `withdrawn`.
#[derive(Serialize)]
struct StatusJson {
    state: &'static str,
    message: String,
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

/// `GET /linkbacks/STATUS_TOKEN`, also with `.json`
pub async fn show(
    State(web): State<Web>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> PageResult {
    let (status_token, has_suffix) = match name.strip_suffix(".json") {
        Some(status_token) => (status_token, true),
        None => (name.as_str(), false),
    };
    let found = status::find_status(&web.app, status_token)
        .await?
        .ok_or(Error::NotFound("linkback"))?;
    let mut response = if has_suffix || preferred(&headers) == Some(Representation::Json) {
        status_json(&web, &found)
    } else {
        status_page(&web, &found).await?
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::VARY, HeaderValue::from_static("accept"));
    Ok(response)
}

/// The status as JSON.
pub fn status_json(web: &Web, status: &LinkbackStatus) -> Response {
    let linkback = &status.linkback;
    Json(StatusJson {
        state: match status.stage {
            LinkbackStage::Received => "received",
            LinkbackStage::Checking => "checking",
            LinkbackStage::Held => "held",
            LinkbackStage::Shown => "shown",
            LinkbackStage::NotShown => "not_shown",
            LinkbackStage::Refused(_) => "refused",
            LinkbackStage::Withdrawn => "withdrawn",
        },
        message: stage_text(web, status.stage),
        protocol: linkback.protocol,
        source: linkback.source_url.clone(),
        target: linkback.target_url.clone(),
        reason: match status.stage {
            LinkbackStage::Refused(refusal) => Some(refusal),
            _ => None,
        },
        url: status.shown_at.clone(),
        gone_since: status.gone_since.map(|at| at.rfc3339()),
        received: linkback.received_at.rfc3339(),
        checked: linkback.checked_at.map(|at| at.rfc3339()),
    })
    .into_response()
}

fn stage_text(web: &Web, stage: LinkbackStage) -> String {
    match stage {
        LinkbackStage::Refused(Refusal::TooLong) => {
            let size = web.app.config.linkbacks.fetch_size.to_string();
            web.texts
                .with("linkback-status-too-long", &[("size", size.into())])
        }
        stage => web.texts.text(message_id(stage)),
    }
}

/// Good news in green, and bad news not.
fn stage_notice(web: &Web, stage: LinkbackStage) -> Markup {
    let text = stage_text(web, stage);
    match stage {
        LinkbackStage::Received | LinkbackStage::Shown => notices::done(text),
        LinkbackStage::Checking | LinkbackStage::Held => notices::info(text),
        LinkbackStage::NotShown | LinkbackStage::Refused(_) | LinkbackStage::Withdrawn => {
            notices::warning(text)
        }
    }
}

fn message_id(stage: LinkbackStage) -> &'static str {
    match stage {
        LinkbackStage::Received => "linkback-status-received",
        LinkbackStage::Checking => "linkback-status-checking",
        LinkbackStage::Held => "linkback-status-held",
        LinkbackStage::Shown => "linkback-status-shown",
        LinkbackStage::NotShown => "linkback-status-not-shown",
        LinkbackStage::Refused(Refusal::NoLink) => "linkback-status-no-link",
        LinkbackStage::Refused(Refusal::Closed) => "linkback-status-closed",
        LinkbackStage::Refused(Refusal::TooLong) => "linkback-status-too-long",
        LinkbackStage::Refused(Refusal::OwnPage) => "linkback-status-own-page",
        LinkbackStage::Refused(Refusal::Failed) => "linkback-status-failed",
        LinkbackStage::Refused(Refusal::Unreadable | Refusal::Gone) => "linkback-status-unreadable",
        LinkbackStage::Withdrawn => "linkback-status-withdrawn",
    }
}

/// The status as a page.
pub async fn status_page(web: &Web, status: &LinkbackStatus) -> Result<Response> {
    let texts = &web.texts;
    let zone = &web.app.zone();
    let linkback = &status.linkback;
    let title = texts.text("linkback-status-title");
    let main = html! {
        h1 { (title) }
        (stage_notice(web, status.stage))
        @if let Some(url) = &status.shown_at {
            p { a href=(url) { (texts.text("linkback-status-see")) } }
        }
        dl.linkback-status {
            dt { (texts.text("linkback-status-source")) }
            dd { a href=(linkback.source_url) rel="nofollow ugc noopener" { (linkback.source_url) } }
            dt { (texts.text("linkback-status-target")) }
            dd { a href=(linkback.target_url) { (linkback.target_url) } }
            dt { (texts.text("linkback-status-received-at")) }
            dd { (when::time_of_minute(linkback.received_at, zone)) }
            @if let Some(at) = linkback.checked_at {
                dt { (texts.text("linkback-status-checked-at")) }
                dd { (when::time_of_minute(at, zone)) }
            }
            @if let Some(at) = status.gone_since {
                dt { (texts.text("linkback-status-gone-since")) }
                dd { (when::time_of_minute(at, zone)) }
            }
        }
        @if let Some(status_token) = &linkback.status_token {
            p.meta { a href={ (status::path(status_token)) ".json" } { (texts.text("linkback-status-json")) } }
        }
    };
    let site = web.site_name().await?;
    let mut frame = web.frame(&site).titled(&title);
    frame.head = html! { meta name="robots" content="noindex"; };
    Ok(reader_page(&frame, &main).into_response())
}
