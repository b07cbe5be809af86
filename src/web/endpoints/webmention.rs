//! `POST /webmention`: Webmention (W3C Recommendation, section 3.2). The answer is 201 with the address of a
//! status page, or 202 without one where somebody else sent the same before; the check follows later. `GET`
//! shows the same as a form for people. Browsers get pages, other clients JSON or text.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::html;
use serde::{Deserialize, Serialize};

use crate::linkbacks::protocol::webmention::parse_request;
use crate::linkbacks::receive::{self, IncomingLinkback, Rejection};
use crate::linkbacks::sender_claims::SenderClaims;
use crate::linkbacks::status;
use crate::store::entity::linkback::Protocol;
use crate::texts::Message;
use crate::ui::reader_page::reader_page;
use crate::web::client::ClientIp;
use crate::web::endpoints::linkback_status::{status_json, status_page};
use crate::web::form::Form;
use crate::web::negotiation::{Representation, preferred};
use crate::web::plain_text::plain_text;
use crate::web::respond::{Failure, PageResult};
use crate::web::state::Web;

/// What the form is filled with beforehand.
#[derive(Debug, Default, Deserialize)]
pub struct WebmentionQuery {
    target: Option<String>,
}

/// Problem details (RFC 9457); the type is `about:blank`.
#[derive(Serialize)]
struct ProblemDetails {
    title: &'static str,
    status: u16,
    detail: String,
}

/// `GET /webmention`
pub async fn show(State(web): State<Web>, Query(query): Query<WebmentionQuery>) -> PageResult {
    let target = query.target.unwrap_or_default();
    form_page(&web, "", &target, None, StatusCode::OK).await
}

/// `POST /webmention`
pub async fn create(
    State(web): State<Web>,
    client: ClientIp,
    headers: HeaderMap,
    body: std::result::Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> PageResult {
    let representation = preferred(&headers).unwrap_or(Representation::Text);
    let body = body.map_err(|rejection| Failure::of_body(&rejection))?;
    let request = match parse_request(&body) {
        Ok(request) => request,
        Err(error) => {
            let (status, message) = (StatusCode::BAD_REQUEST, error.message());
            return reject(&web, &body, &message, status, representation).await;
        }
    };
    let incoming = IncomingLinkback {
        protocol: Protocol::Webmention,
        source: request.source.into(),
        target: request.target.into(),
        claims: SenderClaims::default(),
        client: client.0,
    };
    let received = match receive::receive_linkback(&web.app, incoming).await? {
        Ok(received) => received,
        Err(rejection) => {
            let status = match rejection {
                Rejection::RateLimited(_) => StatusCode::TOO_MANY_REQUESTS,
                Rejection::SenderBlocked => StatusCode::FORBIDDEN,
                _ => StatusCode::BAD_REQUEST,
            };
            let message = rejection.message();
            let mut response = reject(&web, &body, &message, status, representation).await?;
            if let Rejection::RateLimited(seconds) = rejection {
                let seconds = HeaderValue::from(seconds);
                response.headers_mut().insert(header::RETRY_AFTER, seconds);
            }
            return Ok(response);
        }
    };
    match received.status_token {
        Some(status_token) => created(&web, &status_token, representation).await,
        None => repeated(&web, representation).await,
    }
}

async fn created(web: &Web, status_token: &str, representation: Representation) -> PageResult {
    let url = status::url(&web.app, status_token);
    let found = status::find_status(&web.app, status_token).await?;
    let mut response = match (found, representation) {
        (Some(found), Representation::Html) => status_page(web, &found).await?,
        (Some(found), Representation::Json) => status_json(web, &found),
        _ => {
            let text = web
                .texts
                .with("webmention-received", &[("url", url.as_str().into())]);
            plain_text(StatusCode::CREATED, text + "\n")
        }
    };
    *response.status_mut() = StatusCode::CREATED;
    if let Ok(url) = HeaderValue::from_str(&url) {
        response.headers_mut().insert(header::LOCATION, url);
    }
    Ok(response)
}

/// The answer to somebody who repeats what others sent: the status page belongs to those.
async fn repeated(web: &Web, representation: Representation) -> PageResult {
    let texts = &web.texts;
    if representation != Representation::Html {
        let text = texts.text("mention-repeated") + "\n";
        return Ok(plain_text(StatusCode::ACCEPTED, text));
    }
    let title = texts.text("mention-title");
    let main = html! {
        h1 { (title) }
        p.received role="status" { (texts.text("mention-repeated")) }
    };
    let site = web.site_name().await?;
    let page = reader_page(&web.frame(&site).titled(&title), &main);
    Ok((StatusCode::ACCEPTED, page).into_response())
}

async fn reject(
    web: &Web,
    body: &[u8],
    message: &Message,
    status: StatusCode,
    representation: Representation,
) -> PageResult {
    let detail = web.texts.message(message);
    match representation {
        Representation::Html => {
            let form = Form::parse(body);
            let (source, target) = (form.get("source"), form.get("target"));
            form_page(web, source, target, Some(&detail), status).await
        }
        Representation::Json => Ok(problem_json(status, detail)),
        Representation::Text => Ok(plain_text(status, detail + "\n")),
    }
}

fn problem_json(status: StatusCode, detail: String) -> Response {
    let details = ProblemDetails {
        title: status.canonical_reason().unwrap_or_default(),
        status: status.as_u16(),
        detail,
    };
    let media_type = HeaderValue::from_static("application/problem+json");
    (status, [(header::CONTENT_TYPE, media_type)], Json(details)).into_response()
}

async fn form_page(
    web: &Web,
    source: &str,
    target: &str,
    problem: Option<&str>,
    status: StatusCode,
) -> PageResult {
    let texts = &web.texts;
    let title = texts.text("mention-title");
    let main = html! {
        h1 { (title) }
        p { (texts.text("mention-intro")) }
        @if let Some(problem) = problem {
            div.problems role="alert" { p { (problem) } }
        }
        form.mention method="post" action="/webmention" {
            div.field {
                label for="source" { (texts.text("mention-source")) }
                input #source name="source" type="url" required value=(source)
                    placeholder="https://" autocomplete="url";
            }
            div.field {
                label for="target" { (texts.text("mention-target")) }
                input #target name="target" type="url" required value=(target) autocomplete="off";
            }
            p.buttons { button.primary type="submit" { (texts.text("mention-send")) } }
        }
    };
    let site = web.site_name().await?;
    let mut frame = web.frame(&site).titled(&title);
    frame.head = html! { meta name="robots" content="noindex"; };
    Ok((status, reader_page(&frame, &main)).into_response())
}
