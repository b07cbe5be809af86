//! `POST /xmlrpc.php`: Pingback 1.0 over XML-RPC. Every answer is HTTP 200 with `text/xml`; errors are faults
//! inside of it.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::error::{Error, Result};
use crate::linkbacks::protocol::pingback::{
    Call, Fault, FaultCode, fault_response, parse_call, string_list_response, string_response,
};
use crate::linkbacks::receive::{self, IncomingLinkback, Rejection};
use crate::linkbacks::sender_claims::SenderClaims;
use crate::linkbacks::status;
use crate::linkbacks::wait::{CheckResult, wait_for_check};
use crate::store::entity::linkback::{Protocol, Refusal};
use crate::web::client::ClientIp;
use crate::web::plain_text::plain_text;
use crate::web::state::Web;

const METHODS: [&str; 3] = [
    "system.listMethods",
    "pingback.ping",
    "pingback.extensions.getPingbacks",
];
/// Sources beyond this number are not listed.
const MAX_SOURCES: u64 = 500;

/// `POST /xmlrpc.php`
pub async fn create(
    State(web): State<Web>,
    client: ClientIp,
    headers: HeaderMap,
    body: std::result::Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> Response {
    let answer = match body {
        Ok(body) => call(&web, client, &headers, &body).await,
        Err(_) => Err(Fault::new(
            FaultCode::InvalidRequest,
            "The request is larger than this server accepts, or took too long to arrive.",
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

/// `GET /xmlrpc.php`: somebody opened it with a browser.
pub async fn show() -> Response {
    let text = "This address is for other blogs: it accepts XML-RPC calls by POST, such as pingback.ping.\n";
    let mut response = plain_text(StatusCode::METHOD_NOT_ALLOWED, text);
    response
        .headers_mut()
        .insert(header::ALLOW, HeaderValue::from_static("POST"));
    response
}

async fn call(
    web: &Web,
    client: ClientIp,
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
            let sources = receive::list_sources(&web.app, &url, MAX_SOURCES).await;
            match sources.map_err(|error| internal_fault(&error))? {
                Ok(sources) => Ok(string_list_response(&sources)),
                Err(rejection) => Err(fault_of(rejection)),
            }
        }
        Call::Ping { source, target } => ping(web, client, &source, &target)
            .await
            .map_err(|error| internal_fault(&error))?,
    }
}

async fn ping(
    web: &Web,
    client: ClientIp,
    source: &str,
    target: &str,
) -> Result<std::result::Result<String, Fault>> {
    let app = &web.app;
    let incoming = IncomingLinkback {
        protocol: Protocol::Pingback,
        source: source.to_owned(),
        target: target.to_owned(),
        claims: SenderClaims::default(),
        client: client.0,
    };
    let received = match receive::receive_linkback(app, incoming).await? {
        Ok(received) => received,
        Err(rejection) => return Ok(Err(fault_of(rejection))),
    };
    let status = received
        .status_token
        .map_or_else(String::new, |status_token| {
            format!(" Its status: {}", status::url(app, &status_token))
        });
    Ok(match wait_for_check(app, received.id).await? {
        CheckResult::Checking => Ok(string_response(&format!(
            "Thank you. Your pingback is being checked and will appear if the page links here.{status}",
        ))),
        CheckResult::Verified => Ok(string_response(&format!(
            "Thank you. Your pingback has arrived.{status}"
        ))),
        CheckResult::Refused(Refusal::Closed) => Err(fault_of(Rejection::TargetClosed)),
        CheckResult::Refused(refusal) => {
            let code = match refusal {
                Refusal::NoLink => FaultCode::NoLink,
                // The protocol has no code for what is not known.
                Refusal::TooLong | Refusal::Failed => FaultCode::Generic,
                Refusal::OwnPage => FaultCode::AccessDenied,
                Refusal::Unreadable | Refusal::Gone | Refusal::Closed => FaultCode::SourceMissing,
            };
            Err(Fault::new(
                code,
                status::refusal_message(refusal).to_string(),
            ))
        }
    })
}

fn fault_of(rejection: Rejection) -> Fault {
    let code = match rejection {
        Rejection::SourceInvalid => FaultCode::SourceMissing,
        Rejection::TargetGone => FaultCode::TargetMissing,
        Rejection::TargetUnknown | Rejection::TargetClosed | Rejection::SamePage => {
            FaultCode::TargetUnusable
        }
        Rejection::AlreadyReceived => FaultCode::AlreadyRegistered,
        // Nothing is registered, now or later.
        Rejection::OwnPage | Rejection::SenderBlocked | Rejection::RateLimited(_) => {
            FaultCode::AccessDenied
        }
    };
    Fault::new(code, rejection.message().to_string())
}

fn internal_fault(error: &Error) -> Fault {
    tracing::error!(%error, "receive a pingback");
    Fault::new(
        FaultCode::Generic,
        "The pingback could not be saved right now. Try again later.",
    )
}
