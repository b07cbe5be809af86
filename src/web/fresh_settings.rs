//! The middleware that starts each request with the current settings. Changes neither the request
//! nor the response.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::web::respond::Failure;
use crate::web::state::Web;

/// Runs inside the page cache: a page whose generation was read before is made with settings that are not older.
pub async fn refresh(State(web): State<Web>, request: Request, next: Next) -> Response {
    match web.app.refresh_settings().await {
        Ok(()) => next.run(request).await,
        Err(error) => Failure::from(error).into_response(),
    }
}
