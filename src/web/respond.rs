//! From a failure to a status and a page: the only place. A handler returns a [`Failure`]; the
//! layer [`error_pages`] turns it into the page that a person can act on.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::error::Error;
use crate::web::layers::RequestId;
use crate::web::pacing::BodyError;
use crate::web::state::Web;
use crate::web::views::error_page::{ErrorPage, error_page};
use crate::web::views::kept_text::KeptText;

/// What handlers return where they have no page of their own to show.
#[derive(Debug)]
pub struct Failure(Kind);

#[derive(Debug)]
enum Kind {
    Domain(Error),
    Gone,
    TooLarge,
    TooSlow,
    NoRoom,
    BrokenRequest,
    NotText,
}

/// What the error layer needs to know; travels in the response's extensions.
#[derive(Clone, Debug)]
struct Told {
    title: &'static str,
    /// A message of the message file, or words that the domain chose.
    words: Words,
    next: NextStep,
}

#[derive(Clone, Debug)]
enum Words {
    Message(&'static str),
    Wait(u64),
    Chosen(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NextStep {
    Home,
    SignIn,
}

/// What page handlers return.
pub type PageResult = Result<Response, Failure>;

impl Failure {
    /// The post was here and was taken down.
    pub fn gone() -> Self {
        Self(Kind::Gone)
    }

    /// The body is larger than the site takes.
    pub fn too_large() -> Self {
        Self(Kind::TooLarge)
    }

    /// The body could not be read, for the reason that stands under `error`.
    pub fn of_body(error: &(dyn std::error::Error + 'static)) -> Self {
        Self(match BodyError::under(error) {
            Some(BodyError::TooSlow) => Kind::TooSlow,
            Some(BodyError::NoRoom) => Kind::NoRoom,
            Some(BodyError::TooLarge) => Kind::TooLarge,
            None => Kind::BrokenRequest,
        })
    }

    /// The body did not arrive whole.
    pub fn broken_request() -> Self {
        Self(Kind::BrokenRequest)
    }

    /// A field holds a character that cannot be stored.
    pub fn not_text() -> Self {
        Self(Kind::NotText)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(Kind::Domain(error))
    }
}

/// The status of a failure of the domain.
pub fn status_of(error: &Error) -> StatusCode {
    match error {
        Error::NotFound(_) => StatusCode::NOT_FOUND,
        Error::SignInNeeded => StatusCode::UNAUTHORIZED,
        Error::Forbidden(_) => StatusCode::FORBIDDEN,
        Error::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Error::Conflict(_) => StatusCode::CONFLICT,
        Error::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
        Error::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        Error::Internal { .. } => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let (status, title, words, next) = match self.0 {
            Kind::Gone => (
                StatusCode::GONE,
                "error-gone-title",
                Words::Message("error-gone"),
                NextStep::Home,
            ),
            Kind::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "error-too-large-title",
                Words::Message("error-too-large"),
                NextStep::Home,
            ),
            Kind::TooSlow => (
                StatusCode::REQUEST_TIMEOUT,
                "error-too-slow-title",
                Words::Message("error-too-slow"),
                NextStep::Home,
            ),
            Kind::NoRoom => (
                StatusCode::SERVICE_UNAVAILABLE,
                "error-unavailable-title",
                Words::Message("error-no-room"),
                NextStep::Home,
            ),
            Kind::BrokenRequest => (
                StatusCode::BAD_REQUEST,
                "error-broken-title",
                Words::Message("error-broken"),
                NextStep::Home,
            ),
            Kind::NotText => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "error-invalid-title",
                Words::Message("error-not-text"),
                NextStep::Home,
            ),
            Kind::Domain(error) => {
                let status = status_of(&error);
                if let Error::Internal { doing, cause } = &error {
                    tracing::error!(doing, %cause, "fail a request");
                }
                let (title, words) = match &error {
                    Error::NotFound(_) => {
                        ("error-not-found-title", Words::Message("error-not-found"))
                    }
                    Error::SignInNeeded => ("error-sign-in-title", Words::Chosen(sentence(&error))),
                    Error::Forbidden(_) => {
                        ("error-forbidden-title", Words::Chosen(sentence(&error)))
                    }
                    Error::Invalid(_) => ("error-invalid-title", Words::Chosen(sentence(&error))),
                    Error::Conflict(_) => ("error-conflict-title", Words::Chosen(sentence(&error))),
                    Error::TooMany { retry_after } => (
                        "error-too-many-title",
                        Words::Wait(retry_after.as_secs().max(1)),
                    ),
                    Error::Unavailable(_) => {
                        ("error-unavailable-title", Words::Chosen(sentence(&error)))
                    }
                    Error::Internal { .. } => {
                        ("error-internal-title", Words::Message("error-internal"))
                    }
                };
                let next = match error {
                    Error::SignInNeeded => NextStep::SignIn,
                    _ => NextStep::Home,
                };
                (status, title, words, next)
            }
        };
        let mut response = status.into_response();
        if let Words::Wait(seconds) = &words
            && let Ok(seconds) = HeaderValue::from_str(&seconds.to_string())
        {
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response
            .extensions_mut()
            .insert(Told { title, words, next });
        response
    }
}

fn sentence(error: &Error) -> String {
    let text = error.to_string();
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => {
            let mut text: String = first.to_uppercase().chain(chars).collect();
            if !text.ends_with(['.', '!', '?']) {
                text.push('.');
            }
            text
        }
        None => text,
    }
}

/// The sign-in page, which leads on to what somebody wanted.
fn sign_in_address(wanted: Option<&str>) -> String {
    match wanted {
        Some(wanted) => {
            let next = url::form_urlencoded::byte_serialize(wanted.as_bytes());
            format!("/login?next={}", next.collect::<String>())
        }
        None => "/login".to_owned(),
    }
}

/// Gives every failure its page, also those of layers that know no pages.
pub async fn error_pages(State(web): State<Web>, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let id = request.extensions().get::<RequestId>().cloned();
    let is_read = method == Method::GET || method == Method::HEAD;
    let wanted = request.uri().path_and_query().filter(|_| is_read);
    let wanted = wanted.map(|wanted| wanted.as_str().to_owned());
    let mut response = next.run(request).await;
    if is_read && response.status() == StatusCode::BAD_REQUEST && is_layers_own(&response) {
        // A part of the address that no extractor could read: nothing is at such an address.
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let kept = response.extensions_mut().remove::<KeptText>();
    let told = match response.extensions_mut().remove::<Told>() {
        Some(told) => told,
        // A handler that made a page of its own for its failure, such as a form with its errors.
        None if response.headers().contains_key(header::CONTENT_TYPE)
            && !is_layers_own(&response) =>
        {
            return response;
        }
        None => told_by_status(status),
    };
    // Where something is broken, the database is not asked once more what the site is called.
    let site = match status.is_server_error() {
        true => web.last_site_name(),
        false => web
            .site_name()
            .await
            .unwrap_or_else(|_| web.last_site_name()),
    };
    let words = match told.words {
        Words::Message(id) => web.texts.text(id),
        Words::Wait(seconds) => web
            .texts
            .with("error-too-many", &[("seconds", seconds.into())]),
        Words::Chosen(words) => words,
    };
    let page = error_page(
        &web,
        &site,
        &ErrorPage {
            title: web.texts.text(told.title),
            words,
            code: (status == StatusCode::INTERNAL_SERVER_ERROR)
                .then(|| id.map(|id| id.0))
                .flatten(),
            sign_in: (told.next == NextStep::SignIn).then(|| sign_in_address(wanted.as_deref())),
            kept: kept.map(|kept| (status, kept)),
        },
    );
    let retry_after = response.headers().get(header::RETRY_AFTER).cloned();
    let allow = response.headers().get(header::ALLOW).cloned();
    let mut response = (status, page).into_response();
    // Nobody else is to see what they wrote, and no error lasts.
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for (name, value) in [(header::RETRY_AFTER, retry_after), (header::ALLOW, allow)] {
        if let Some(value) = value {
            response.headers_mut().insert(name, value);
        }
    }
    if method == Method::HEAD {
        *response.body_mut() = axum::body::Body::empty();
    }
    response
}

/// Layers that refuse a request do it in plain text.
fn is_layers_own(response: &Response) -> bool {
    response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"text/plain"))
        && response.extensions().get::<PlainOnPurpose>().is_none()
}

/// Marks an answer to a machine that is plain text on purpose.
#[derive(Clone, Copy, Debug)]
pub struct PlainOnPurpose;

fn told_by_status(status: StatusCode) -> Told {
    let (title, words) = match status {
        StatusCode::PAYLOAD_TOO_LARGE => ("error-too-large-title", "error-too-large"),
        StatusCode::METHOD_NOT_ALLOWED => ("error-method-title", "error-method"),
        StatusCode::BAD_REQUEST | StatusCode::EXPECTATION_FAILED => {
            ("error-broken-title", "error-broken")
        }
        StatusCode::NOT_IMPLEMENTED => ("error-method-title", "error-method"),
        StatusCode::FORBIDDEN => ("error-cross-site-title", "error-cross-site"),
        StatusCode::SERVICE_UNAVAILABLE => ("error-unavailable-title", "error-timeout"),
        status if status.is_server_error() => ("error-internal-title", "error-internal"),
        _ => ("error-not-found-title", "error-not-found"),
    };
    Told {
        title,
        words: Words::Message(words),
        next: NextStep::Home,
    }
}
