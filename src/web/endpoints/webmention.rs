//! `POST /webmention`: Webmention (W3C Recommendation, section 3.2). The answer is 201 with the
//! address of a status page, or 202 without one for who repeats what others told before; the check
//! comes later. `GET` shows the same as a form for people.

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::html;
use serde::Deserialize;

use crate::linkbacks::passport;
use crate::linkbacks::protocol::webmention::parse_request;
use crate::linkbacks::receive::{self, Incoming, NotTaken, Told};
use crate::store::entity::linkback::Protocol;
use crate::web::client::Client;
use crate::web::endpoints::linkback;
use crate::web::endpoints::passport::passport_page;
use crate::web::form::Form;
use crate::web::respond::{Failure, PageResult, PlainOnPurpose};
use crate::web::state::Web;
use crate::web::views::layout::{Frame, layout};

/// What the form may be filled with beforehand.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    target: Option<String>,
}

/// `GET /webmention`
pub async fn show(State(web): State<Web>, Query(asked): Query<Asked>) -> PageResult {
    let target = asked.target.unwrap_or_default();
    form_page(&web, "", &target, None, StatusCode::OK).await
}

/// `POST /webmention`
pub async fn create(
    State(web): State<Web>,
    client: Client,
    headers: HeaderMap,
    body: std::result::Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> PageResult {
    let wants_page = linkback::wants_page(&headers);
    let body = body.map_err(|rejection| Failure::of_body(&rejection))?;
    let mention = match parse_request(&body) {
        Ok(mention) => mention,
        Err(error) => {
            let words = error.message().to_owned();
            return refuse(&web, &body, words, StatusCode::BAD_REQUEST, wants_page).await;
        }
    };
    let incoming = Incoming {
        protocol: Protocol::Webmention,
        source: mention.source.into(),
        target: mention.target.into(),
        told: Told::default(),
        client: client.0,
    };
    let taken = match receive::receive_linkback(&web.app, incoming).await? {
        Ok(taken) => taken,
        Err(not_taken) => {
            let status = match not_taken {
                NotTaken::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
                NotTaken::SenderBanned => StatusCode::FORBIDDEN,
                _ => StatusCode::BAD_REQUEST,
            };
            let words = linkback::words_for(not_taken);
            let mut response = refuse(&web, &body, words, status, wants_page).await?;
            if let NotTaken::TooMany(seconds) = not_taken {
                let seconds = HeaderValue::from(seconds);
                response.headers_mut().insert(header::RETRY_AFTER, seconds);
            }
            return Ok(response);
        }
    };
    let (Some(passport), Some(url)) = (&taken.passport, linkback::status_url(&web.app, &taken))
    else {
        return sent_before(&web, wants_page).await;
    };
    let mut response = match passport::find(&web.app, passport).await? {
        Some(passport) if wants_page => passport_page(&web, &passport).await?,
        _ => plain(format!(
            "Thank you. Your webmention will be checked. Its status: {url}\n"
        )),
    };
    *response.status_mut() = StatusCode::CREATED;
    if let Ok(url) = HeaderValue::from_str(&url) {
        response.headers_mut().insert(header::LOCATION, url);
    }
    Ok(response)
}

/// The answer to somebody who repeats what others sent: the status page is for these.
async fn sent_before(web: &Web, wants_page: bool) -> PageResult {
    let texts = &web.texts;
    if !wants_page {
        let mut response = plain(texts.text("mention-repeated") + "\n");
        *response.status_mut() = StatusCode::ACCEPTED;
        return Ok(response);
    }
    let title = texts.text("mention-title");
    let main = html! {
        h1 { (title) }
        p.received role="status" { (texts.text("mention-repeated")) }
    };
    let site = web.site_name().await?;
    let page = layout(web, &site, &Frame::titled(&title), &main);
    Ok((StatusCode::ACCEPTED, page).into_response())
}

async fn refuse(
    web: &Web,
    body: &[u8],
    words: String,
    status: StatusCode,
    wants_page: bool,
) -> PageResult {
    if wants_page {
        let form = Form::parse(body);
        return form_page(
            web,
            form.get("source"),
            form.get("target"),
            Some(&words),
            status,
        )
        .await;
    }
    let mut response = plain(words + "\n");
    *response.status_mut() = status;
    Ok(response)
}

fn plain(words: String) -> Response {
    let mut response = words.into_response();
    response.extensions_mut().insert(PlainOnPurpose);
    response
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
    let mut frame = Frame::titled(&title);
    frame.head = html! { meta name="robots" content="noindex"; };
    Ok((status, layout(web, &site, &frame, &main)).into_response())
}
