//! From a failure to a status and a page: the only place. A handler returns a [`Failure`]; the
//! layer [`error_pages`] turns it into a page that says what to do next.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::error::Error;
use crate::texts::Message;
use crate::web::bodies::BodyError;
use crate::web::layers::RequestId;
use crate::web::plain_text::is_plain_text;
use crate::web::state::Web;
use crate::web::views::error_page::{ErrorPage, error_page};
use crate::web::views::kept_text::KeptText;

/// What handlers return where they have no page of their own to show.
#[derive(Debug)]
pub struct Failure(FailureKind);

#[derive(Debug)]
enum FailureKind {
    Domain(Error),
    Gone,
    TooLarge,
    TooSlow,
    Busy,
    BrokenRequest,
    NotText,
}

/// What the error layer shows; it travels in the response's extensions.
#[derive(Clone, Debug)]
struct ErrorText {
    /// Id of the title's message.
    title: &'static str,
    message: Message,
    next: NextStep,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NextStep {
    Home,
    SignIn,
}

/// What page handlers return.
pub type PageResult = Result<Response, Failure>;

impl Failure {
    /// The post was published here and was taken down.
    pub fn gone() -> Self {
        Self(FailureKind::Gone)
    }

    /// The body could not be read; `error` or one of its sources says why.
    pub fn of_body(error: &(dyn std::error::Error + 'static)) -> Self {
        Self(match BodyError::find_in(error) {
            Some(BodyError::TooSlow) => FailureKind::TooSlow,
            Some(BodyError::NoMemory) => FailureKind::Busy,
            Some(BodyError::TooLarge) => FailureKind::TooLarge,
            None => FailureKind::BrokenRequest,
        })
    }

    /// The body has more or longer parts than are accepted.
    pub fn too_large() -> Self {
        Self(FailureKind::TooLarge)
    }

    /// The body did not arrive whole.
    pub fn broken_request() -> Self {
        Self(FailureKind::BrokenRequest)
    }

    /// A field contains a character that cannot be stored.
    pub fn not_text() -> Self {
        Self(FailureKind::NotText)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(FailureKind::Domain(error))
    }
}

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
        let retry_after = self.retry_after();
        let (status, text) = self.page();
        let mut response = status.into_response();
        if let Some(seconds) = retry_after {
            let seconds = HeaderValue::from(seconds);
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response.extensions_mut().insert(text);
        response
    }
}

impl Failure {
    /// In seconds.
    fn retry_after(&self) -> Option<u64> {
        match &self.0 {
            FailureKind::Domain(Error::TooMany { retry_after }) => {
                Some(retry_after.as_secs().max(1))
            }
            _ => None,
        }
    }

    fn page(self) -> (StatusCode, ErrorText) {
        let plain = |status, title, id| (status, ErrorText::new(title, Message::new(id)));
        match self.0 {
            FailureKind::Gone => plain(StatusCode::GONE, "error-gone-title", "error-gone"),
            FailureKind::TooLarge => plain(
                StatusCode::PAYLOAD_TOO_LARGE,
                "error-too-large-title",
                "error-too-large",
            ),
            FailureKind::TooSlow => plain(
                StatusCode::REQUEST_TIMEOUT,
                "error-too-slow-title",
                "error-too-slow",
            ),
            FailureKind::Busy => plain(
                StatusCode::SERVICE_UNAVAILABLE,
                "error-unavailable-title",
                "error-no-room",
            ),
            FailureKind::BrokenRequest => plain(
                StatusCode::BAD_REQUEST,
                "error-broken-title",
                "error-broken",
            ),
            FailureKind::NotText => plain(
                StatusCode::UNPROCESSABLE_ENTITY,
                "error-invalid-title",
                "error-not-text",
            ),
            FailureKind::Domain(error) => (status_of(&error), domain_text(&error)),
        }
    }
}

impl ErrorText {
    fn new(title: &'static str, message: Message) -> Self {
        Self {
            title,
            message,
            next: NextStep::Home,
        }
    }
}

/// What the person reads about a failure of the domain.
pub fn message_of(error: &Error) -> Message {
    match error {
        Error::NotFound(_) => Message::new("error-not-found"),
        Error::SignInNeeded => Message::new("error-sign-in"),
        Error::Invalid(errors) => match errors.first() {
            Some(error) => error.problem.message(),
            None => Message::new("error-broken"),
        },
        Error::Forbidden(message) | Error::Conflict(message) | Error::Unavailable(message) => {
            message.clone()
        }
        Error::TooMany { retry_after } => {
            Message::new("error-too-many").with("seconds", retry_after.as_secs().max(1))
        }
        Error::Internal { .. } => Message::new("error-internal"),
    }
}

fn domain_text(error: &Error) -> ErrorText {
    let title = match error {
        Error::NotFound(_) => "error-not-found-title",
        Error::SignInNeeded => "error-sign-in-title",
        Error::Forbidden(_) => "error-forbidden-title",
        Error::Invalid(_) => "error-invalid-title",
        Error::Conflict(_) => "error-conflict-title",
        Error::TooMany { .. } => "error-too-many-title",
        Error::Unavailable(_) => "error-unavailable-title",
        Error::Internal { doing, cause } => {
            tracing::error!(doing, %cause, "fail a request");
            "error-internal-title"
        }
    };
    ErrorText {
        title,
        message: message_of(error),
        next: match error {
            Error::SignInNeeded => NextStep::SignIn,
            _ => NextStep::Home,
        },
    }
}

/// The sign-in page, from which somebody gets to the page that they wanted.
fn sign_in_address(wanted: Option<&str>) -> String {
    match wanted {
        Some(wanted) => {
            let next = url::form_urlencoded::byte_serialize(wanted.as_bytes());
            format!("/login?next={}", next.collect::<String>())
        }
        None => "/login".to_owned(),
    }
}

/// Gives every failure its page, also those of layers that answer in plain text.
pub async fn error_pages(State(web): State<Web>, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let id = request.extensions().get::<RequestId>().cloned();
    let is_read = method == Method::GET || method == Method::HEAD;
    let wanted = request.uri().path_and_query().filter(|_| is_read);
    let wanted = wanted.map(|wanted| wanted.as_str().to_owned());
    let mut response = next.run(request).await;
    if is_read && response.status() == StatusCode::BAD_REQUEST && is_of_layer(&response) {
        // An extractor could not read a part of the address: there is no such page.
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let kept = response.extensions_mut().remove::<KeptText>();
    let text = match response.extensions_mut().remove::<ErrorText>() {
        Some(text) => text,
        // A handler that made a page of its own for its failure, such as a form with its errors.
        None if response.headers().contains_key(header::CONTENT_TYPE)
            && !is_of_layer(&response) =>
        {
            return response;
        }
        None => text_for_status(status),
    };
    // Where something is broken, the database is not asked again for the site's name.
    let site = match status.is_server_error() {
        true => web.last_site_name(),
        false => web
            .site_name()
            .await
            .unwrap_or_else(|_| web.last_site_name()),
    };
    let page = error_page(
        &web,
        &site,
        &ErrorPage {
            title: web.texts.text(text.title),
            message: web.texts.message(&text.message),
            code: (status == StatusCode::INTERNAL_SERVER_ERROR)
                .then(|| id.map(|id| id.0))
                .flatten(),
            sign_in: (text.next == NextStep::SignIn).then(|| sign_in_address(wanted.as_deref())),
            kept: kept.map(|kept| (status, kept)),
        },
    );
    let retry_after = response.headers().get(header::RETRY_AFTER).cloned();
    let allow = response.headers().get(header::ALLOW).cloned();
    let mut response = (status, page).into_response();
    // The page may hold what somebody wrote, and errors pass.
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

/// Whether a layer made the answer: they refuse requests in plain text.
fn is_of_layer(response: &Response) -> bool {
    response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"text/plain"))
        && !is_plain_text(response)
}

fn text_for_status(status: StatusCode) -> ErrorText {
    let (title, message) = match status {
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
    ErrorText::new(title, Message::new(message))
}
