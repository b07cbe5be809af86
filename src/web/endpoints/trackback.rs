//! `POST PERMALINK/trackback/`: TrackBack 1.2, verified like every linkback. The answer is XML with an error of
//! 0 or 1, whatever the client accepts.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};

use crate::error::Result;
use crate::linkbacks::protocol::trackback::{answer, parse_ping};
use crate::linkbacks::receive::{self, IncomingLinkback};
use crate::linkbacks::sender_claims::SenderClaims;
use crate::linkbacks::status;
use crate::linkbacks::wait::{CheckResult, wait_for_check};
use crate::posts::find;
use crate::store::entity::linkback::Protocol;
use crate::web::client::ClientIp;
use crate::web::reader::permalink::{Address, find_post};
use crate::web::respond::PageResult;
use crate::web::state::Web;

/// `GET PERMALINK/trackback/`: leads a reader to the post.
pub async fn show(State(web): State<Web>, Path(address): Path<Address>) -> PageResult {
    Ok(match find_post(&web, &address, "").await? {
        Ok(post) => Redirect::to(&find::permalink(&web.app, &post)).into_response(),
        Err(elsewhere) => elsewhere,
    })
}

/// `POST PERMALINK/trackback/`
pub async fn create(
    State(web): State<Web>,
    client: ClientIp,
    Path(address): Path<Address>,
    headers: HeaderMap,
    body: std::result::Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> Response {
    let outcome = match body {
        Ok(body) => ping(&web, client, &address, &headers, &body).await,
        Err(_) => Ok(Err(
            "The request is larger than this server accepts, or took too long to arrive."
                .to_owned(),
        )),
    };
    let (status, outcome) = match outcome {
        Ok(outcome) => (StatusCode::OK, outcome),
        Err(error) => {
            tracing::error!(%error, "receive a trackback");
            let message = "The trackback could not be saved right now. Try again later.".to_owned();
            (StatusCode::INTERNAL_SERVER_ERROR, Err(message))
        }
    };
    let xml = answer(outcome.as_ref().copied().map_err(String::as_str));
    let content_type = HeaderValue::from_static("text/xml; charset=utf-8");
    (status, [(header::CONTENT_TYPE, content_type)], xml).into_response()
}

async fn ping(
    web: &Web,
    client: ClientIp,
    address: &[String],
    headers: &HeaderMap,
    body: &[u8],
) -> Result<std::result::Result<(), String>> {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let ping = match parse_ping(body, content_type) {
        Ok(ping) => ping,
        Err(error) => return Ok(Err(error.message().to_string())),
    };
    let app = &web.app;
    let incoming = IncomingLinkback {
        protocol: Protocol::Trackback,
        claims: SenderClaims::of(&ping),
        source: ping.url,
        target: app.urls.absolute(&format!("/{}/", address.join("/"))),
        client: client.0,
    };
    let received = match receive::receive_linkback(app, incoming).await? {
        Ok(received) => received,
        Err(rejection) => return Ok(Err(rejection.message().to_string())),
    };
    Ok(match wait_for_check(app, received.id).await? {
        CheckResult::Verified | CheckResult::Checking => Ok(()),
        CheckResult::Refused(refusal) => Err(status::refusal_message(refusal).to_string()),
    })
}
