//! `POST /xmlrpc.php`: Pingback 1.0 over XML-RPC. Every answer is HTTP 200 with `text/xml`; what
//! went wrong stands in the fault inside.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::error::{Error, Result};
use crate::linkbacks::protocol::pingback::{
    Call, Fault, FaultCode, fault_response, parse_call, string_list_response, string_response,
};
use crate::linkbacks::receive::{self, NotTaken};
use crate::store::entity::linkback::{LinkbackState, Protocol, Refusal};
use crate::web::client::Client;
use crate::web::respond::PlainOnPurpose;
use crate::web::state::Web;

/// What this server understands.
const METHODS: [&str; 3] = [
    "system.listMethods",
    "pingback.ping",
    "pingback.extensions.getPingbacks",
];
/// The most sources that are listed.
const MOST_SOURCES: u64 = 500;

/// `POST /xmlrpc.php`
pub async fn create(
    State(web): State<Web>,
    client: Client,
    headers: HeaderMap,
    body: std::result::Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> Response {
    let answer = match body {
        Ok(body) => call(&web, client, &headers, &body).await,
        Err(_) => Err(Fault::new(
            FaultCode::InvalidRequest,
            "The request is larger than this server takes.",
        )),
    };
    let mut response = answer
        .unwrap_or_else(|fault| fault_response(&fault))
        .into_response();
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/xml; charset=utf-8"),
    );
    response
}

/// `GET /xmlrpc.php`: somebody looked at it with a browser.
pub async fn show() -> Response {
    let words =
        "This address is for other blogs: it takes XML-RPC by POST, such as pingback.ping.\n";
    let mut response = (StatusCode::METHOD_NOT_ALLOWED, words).into_response();
    response
        .headers_mut()
        .insert(header::ALLOW, HeaderValue::from_static("POST"));
    response.extensions_mut().insert(PlainOnPurpose);
    response
}

async fn call(
    web: &Web,
    client: Client,
    headers: &HeaderMap,
    body: &[u8],
) -> std::result::Result<String, Fault> {
    let charset = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| {
            value
                .split(';')
                .find_map(|part| part.trim().strip_prefix("charset="))
        })
        .map(|name| name.trim_matches('"'));
    match parse_call(body, charset)? {
        Call::ListMethods => Ok(string_list_response(&METHODS.map(str::to_owned))),
        Call::ExtensionsGetPingbacks { url } => {
            let sources = receive::list_sources(&web.app, &url, MOST_SOURCES).await;
            match sources.map_err(|error| broken(&error))? {
                Ok(sources) => Ok(string_list_response(&sources)),
                Err(not_taken) => Err(fault_of(not_taken)),
            }
        }
        Call::Ping { source, target } => ping(web, client, &source, &target)
            .await
            .map_err(|error| broken(&error))?,
    }
}

async fn ping(
    web: &Web,
    client: Client,
    source: &str,
    target: &str,
) -> Result<std::result::Result<String, Fault>> {
    let app = &web.app;
    let taken =
        receive::receive_linkback(app, Protocol::Pingback, source, target, client.0).await?;
    let id = match taken {
        Ok(id) => id,
        Err(not_taken) => return Ok(Err(fault_of(not_taken))),
    };
    let linkback = receive::wait_for_check(app, id).await?;
    let (state, refusal) = match linkback {
        Some(linkback) => (linkback.state, linkback.refusal),
        None => (LinkbackState::Refused, Some(Refusal::Closed)),
    };
    Ok(match (state, refusal) {
        (LinkbackState::Checking, _) => Ok(string_response(
            "Thank you. Your pingback is being checked and will appear if the page links here.",
        )),
        (LinkbackState::Verified, _) => {
            Ok(string_response("Thank you. Your pingback has arrived."))
        }
        (LinkbackState::Refused, Some(Refusal::NoLink)) => Err(Fault::new(
            FaultCode::NoLink,
            "The source page does not link to the target page. Publish the link first, then ping again.",
        )),
        (LinkbackState::Refused, Some(Refusal::Closed)) => Err(fault_of(NotTaken::TargetClosed)),
        (LinkbackState::Refused, _) => Err(fault_of(NotTaken::BadSource)),
    })
}

/// One text for whatever was wrong with the source, so that nobody can use this site to find out
/// what answers where.
fn fault_of(not_taken: NotTaken) -> Fault {
    match not_taken {
        NotTaken::BadSource => Fault::new(
            FaultCode::SourceMissing,
            "The source page could not be read. Check its address, and that it is public.",
        ),
        NotTaken::TargetGone => Fault::new(
            FaultCode::TargetMissing,
            "The target page does not exist any more.",
        ),
        NotTaken::TargetUnknown => Fault::new(
            FaultCode::TargetUnusable,
            "The target is not a post of this site that takes pingbacks.",
        ),
        NotTaken::TargetClosed => Fault::new(
            FaultCode::TargetUnusable,
            "The target takes no pingbacks any more.",
        ),
        NotTaken::Already => Fault::new(
            FaultCode::AlreadyRegistered,
            "This pingback is registered already.",
        ),
        NotTaken::TooMany(seconds) => Fault::new(
            FaultCode::AccessDenied,
            format!("Too many pingbacks: wait {seconds} seconds, then try again."),
        ),
    }
}

fn broken(error: &Error) -> Fault {
    tracing::error!(%error, "take a pingback");
    Fault::new(
        FaultCode::Generic,
        "The pingback could not be stored now. Try again later.",
    )
}
