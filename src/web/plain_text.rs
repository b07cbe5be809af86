//! Answers to programs in plain text, which the layer of error pages leaves alone.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// Travels in the response's extensions: other plain text comes from layers and becomes an error page.
#[derive(Clone, Copy, Debug)]
struct PlainText;

/// An answer in plain text. Handlers that also have a page choose by [`crate::web::negotiation`].
pub fn plain_text(status: StatusCode, text: impl Into<String>) -> Response {
    let mut response = (status, text.into()).into_response();
    response.extensions_mut().insert(PlainText);
    response
}

/// Whether a handler made the answer with [`plain_text`].
pub fn is_plain_text(response: &Response) -> bool {
    response.extensions().get::<PlainText>().is_some()
}
