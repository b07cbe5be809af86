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
use crate::linkbacks::receive::{self, Incoming, NotTaken, Told};
use crate::store::entity::linkback::{Protocol, Refusal};
use crate::web::client::Client;
use crate::web::endpoints::linkback::{self, Became};
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
            "The request is larger than this server takes, or took too long to arrive.",
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
    let incoming = Incoming {
        protocol: Protocol::Pingback,
        source: source.to_owned(),
        target: target.to_owned(),
        told: Told::default(),
        client: client.0,
    };
    let taken = match receive::receive_linkback(app, incoming).await? {
        Ok(taken) => taken,
        Err(not_taken) => return Ok(Err(fault_of(not_taken))),
    };
    let url = linkback::status_url(app, &taken);
    let status = url.map_or_else(String::new, |url| format!(" Its status: {url}"));
    Ok(match linkback::wait(app, &taken).await? {
        Became::Checking => Ok(string_response(&format!(
            "Thank you. Your pingback is being checked and will appear if the page links here.{status}",
        ))),
        Became::Verified => Ok(string_response(&format!(
            "Thank you. Your pingback has arrived.{status}"
        ))),
        Became::Refused(Refusal::Closed) => Err(fault_of(NotTaken::TargetClosed)),
        Became::Refused(refusal) => {
            let code = match refusal {
                Refusal::NoLink => FaultCode::NoLink,
                // The protocol has no code for what cannot be told.
                Refusal::TooLong | Refusal::Failed => FaultCode::Generic,
                Refusal::OwnPage => FaultCode::AccessDenied,
                Refusal::Unreadable | Refusal::Gone | Refusal::Closed => FaultCode::SourceMissing,
            };
            Err(Fault::new(code, linkback::words_for_refusal(refusal)))
        }
    })
}

fn fault_of(not_taken: NotTaken) -> Fault {
    let code = match not_taken {
        NotTaken::BadSource => FaultCode::SourceMissing,
        NotTaken::TargetGone => FaultCode::TargetMissing,
        NotTaken::TargetUnknown | NotTaken::TargetClosed | NotTaken::SamePage => {
            FaultCode::TargetUnusable
        }
        NotTaken::Already => FaultCode::AlreadyRegistered,
        // Nothing is registered, and will not be.
        NotTaken::OwnPage | NotTaken::SenderBanned | NotTaken::TooMany(_) => {
            FaultCode::AccessDenied
        }
    };
    Fault::new(code, linkback::words_for(not_taken))
}

fn broken(error: &Error) -> Fault {
    tracing::error!(%error, "take a pingback");
    Fault::new(
        FaultCode::Generic,
        "The pingback could not be stored now. Try again later.",
    )
}
