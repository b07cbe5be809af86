//! Preserves what a person typed when a request fails: a database that does not respond, a session that
//! ended, a timeout, a defect. The form is read before anything else sees the request, and passed on to the
//! error page. Stores nothing.

use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::web::body_limits;
use crate::web::respond::Failure;
use crate::web::state::Web;
use crate::web::views::kept_text::KeptText;

/// The middleware that passes a form on to the error page.
pub async fn preserve(State(web): State<Web>, request: Request, next: Next) -> Response {
    if !is_text_form(&request) {
        return next.run(request).await;
    }
    let action = request
        .uri()
        .path_and_query()
        .map_or_else(|| request.uri().path(), |path| path.as_str())
        .to_owned();
    let (parts, body) = request.into_parts();
    let limit = body_limits::of_form(web.app.config.server.max_body * 1024, parts.uri.path());
    let bytes = match read(body, limit, web.app.config.request_timeout()).await {
        Ok(bytes) => bytes,
        Err(failure) => return failure.into_response(),
    };
    let request = Request::from_parts(parts, Body::from(bytes.clone()));
    let mut response = next.run(request).await;
    let status = response.status();
    if (status.is_client_error() || status.is_server_error())
        && let Some(kept) = KeptText::of(&action, &bytes)
    {
        response.extensions_mut().insert(kept);
    }
    response
}

async fn read(body: Body, limit: usize, wait: Duration) -> Result<Bytes, Failure> {
    let read = tokio::time::timeout(wait, to_bytes(body, limit)).await;
    match read {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) => Err(Failure::of_body(&error)),
        Err(_) => Err(Failure::broken_request()),
    }
}

fn is_text_form(request: &Request) -> bool {
    let is_form = request
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| {
            value
                .as_bytes()
                .to_ascii_lowercase()
                .starts_with(b"application/x-www-form-urlencoded")
        });
    let path = request.uri().path();
    let accepts_text = path.ends_with("/respond")
        || path.contains("/report/")
        || path.contains("/receipt/")
        || path == "/login"
        || path.starts_with("/desk/")
        || path.starts_with("/queue/")
        || path.starts_with("/settings/");
    is_form && accepts_text && *request.method() == Method::POST
}
