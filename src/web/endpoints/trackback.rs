//! `POST PERMALINK/trackback/`: TrackBack 1.2. Verified by fetching like every linkback; the answer is
//! XML with an error of 0 or 1.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};

use crate::error::Result;
use crate::linkbacks::protocol::trackback::{answer, parse_ping};
use crate::linkbacks::receive::{self, Incoming, Told};
use crate::posts::find;
use crate::store::entity::linkback::Protocol;
use crate::web::client::Client;
use crate::web::endpoints::linkback::{self, Became};
use crate::web::reader::post::{Permalink, find_post};
use crate::web::respond::PageResult;
use crate::web::state::Web;

/// `GET PERMALINK/trackback/`: somebody followed the address; they want the post.
pub async fn show(State(web): State<Web>, Path(permalink): Path<Permalink>) -> PageResult {
    Ok(match find_post(&web, &permalink, "").await? {
        Ok(post) => Redirect::to(&find::permalink(&web.app, &post)).into_response(),
        Err(elsewhere) => elsewhere,
    })
}

/// `POST PERMALINK/trackback/`
pub async fn create(
    State(web): State<Web>,
    client: Client,
    Path(permalink): Path<Permalink>,
    headers: HeaderMap,
    body: std::result::Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> Response {
    let outcome = match body {
        Ok(body) => take(&web, client, &permalink, &headers, &body).await,
        Err(_) => Ok(Err(
            "The request is larger than this server takes, or took too long to arrive.".to_owned(),
        )),
    };
    let (status, outcome) = match outcome {
        Ok(outcome) => (StatusCode::OK, outcome),
        Err(error) => {
            tracing::error!(%error, "take a trackback");
            let words = "The trackback could not be stored now. Try again later.".to_owned();
            (StatusCode::INTERNAL_SERVER_ERROR, Err(words))
        }
    };
    let xml = answer(outcome.as_ref().copied().map_err(String::as_str));
    let content_type = HeaderValue::from_static("text/xml; charset=utf-8");
    (status, [(header::CONTENT_TYPE, content_type)], xml).into_response()
}

async fn take(
    web: &Web,
    client: Client,
    (year, month, day, slug): &Permalink,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<std::result::Result<(), String>> {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let ping = match parse_ping(body, content_type) {
        Ok(ping) => ping,
        Err(refused) => return Ok(Err(refused.message().to_owned())),
    };
    let app = &web.app;
    let incoming = Incoming {
        protocol: Protocol::Trackback,
        told: Told::of(&ping),
        source: ping.url,
        target: app.urls.absolute(&format!("/{year}/{month}/{day}/{slug}/")),
        client: client.0,
    };
    let taken = match receive::receive_linkback(app, incoming).await? {
        Ok(taken) => taken,
        Err(not_taken) => return Ok(Err(linkback::words_for(not_taken))),
    };
    Ok(match linkback::wait(app, &taken).await? {
        Became::Verified | Became::Checking => Ok(()),
        Became::Refused(refusal) => Err(linkback::words_for_refusal(refusal)),
    })
}
