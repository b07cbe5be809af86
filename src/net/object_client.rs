//! The connection to the object store that the operator configured. The guard for fetches does not apply, because
//! only the operator chooses this address. Never logs a request, which has a signature.

use std::time::Duration;

use async_trait::async_trait;
use http_body_util::BodyExt;
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse,
    HttpResponseBody, HttpService,
};

use crate::net::fetch::tls;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The longest silence of the store, also while it takes in a file.
const READ_TIMEOUT: Duration = Duration::from_secs(30);
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);
const MAX_IDLE: usize = 16;

/// Makes the client of an object store.
#[derive(Clone, Copy, Debug, Default)]
pub struct ObjectConnector;

impl HttpConnector for ObjectConnector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        client()
            .map(|client| HttpClient::new(ObjectClient(client)))
            .map_err(|source| object_store::Error::Generic {
                store: "S3",
                source,
            })
    }
}

fn client() -> Result<reqwest::Client, Box<dyn std::error::Error + Send + Sync>> {
    Ok(reqwest::Client::builder()
        .tls_backend_preconfigured(tls::client_config()?)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(READ_TIMEOUT)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .pool_max_idle_per_host(MAX_IDLE)
        .build()?)
}

#[derive(Debug)]
struct ObjectClient(reqwest::Client);

#[async_trait]
impl HttpService for ObjectClient {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (parts, body) = request.into_parts();
        let address = parts.uri.to_string();
        let url = reqwest::Url::parse(&address)
            .map_err(|error| HttpError::new(HttpErrorKind::Unknown, error))?;
        let mut request = reqwest::Request::new(parts.method, url);
        *request.headers_mut() = parts.headers;
        // A payload is one piece of memory, which is shared and not copied.
        let body = body.collect().await?.to_bytes();
        *request.body_mut() = Some(body.into());
        let response = self.0.execute(request).await.map_err(explain)?;
        let response: hyper::Response<reqwest::Body> = response.into();
        let (parts, body) = response.into_parts();
        let body = HttpResponseBody::new(body.map_err(explain));
        Ok(HttpResponse::from_parts(parts, body))
    }
}

/// With the kind that decides whether the request is sent again, and without its address.
fn explain(error: reqwest::Error) -> HttpError {
    let kind = if error.is_timeout() {
        HttpErrorKind::Timeout
    } else if error.is_connect() {
        HttpErrorKind::Connect
    } else if error.is_decode() {
        HttpErrorKind::Decode
    } else if error.is_request() || error.is_body() {
        HttpErrorKind::Interrupted
    } else {
        HttpErrorKind::Unknown
    };
    // The store's own address precedes this anyway.
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    HttpError::new_boxed(kind, text.into())
}
