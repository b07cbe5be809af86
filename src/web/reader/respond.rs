//! Sending a comment: the form's answer is the post's page, with the comment in its place or the
//! form as it was typed and what to fix.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect};

use crate::error::{Error, Field, FieldError, Problem};
use crate::posts::find;
use crate::responses::comment::{self, CommentInput, Received, Writer};
use crate::responses::{resend, thread};
use crate::store::entity::post::Model as Post;
use crate::store::entity::response::ResponseState;
use crate::store::responses;
use crate::urls::comment_on_page;
use crate::web::client::Client;
use crate::web::commenter;
use crate::web::form::Form;
use crate::web::reader::post::{self, Permalink, View};
use crate::web::respond::{PageResult, status_of};
use crate::web::session::Visitor;
use crate::web::state::Web;
use crate::web::views::comment_form::CommentForm;

/// Which button of the form was pressed.
enum Pressed {
    Send,
    Preview,
    /// The answer to this comment; what was typed is taken along.
    Reply(String),
    CancelReply,
}

impl Pressed {
    fn of(form: &Form) -> Self {
        match form.get("do") {
            "preview" => Self::Preview,
            "cancel-reply" => Self::CancelReply,
            other => other
                .strip_prefix("reply:")
                .map_or(Self::Send, |id| Self::Reply(id.to_owned())),
        }
    }
}

/// `POST /YYYY/MM/DD/SLUG/respond`
pub async fn create(
    State(web): State<Web>,
    Visitor(visitor): Visitor,
    client: Client,
    Path((_, _, _, slug)): Path<Permalink>,
    headers: HeaderMap,
    form: Form,
) -> PageResult {
    let mut input = read(&form);
    let post = post::find_post_of_form(&web, &slug).await?;
    let pressed = Pressed::of(&form);
    match &pressed {
        Pressed::Reply(id) => input.parent.clone_from(id),
        Pressed::CancelReply => input.parent.clear(),
        Pressed::Send | Pressed::Preview => {}
    }
    let parent = match input.parent.parse() {
        Ok(id) => thread::find_shown(&web.app, post.id, id).await?,
        Err(_) => None,
    };
    let page = match &parent {
        Some(parent) => post::page_of(&web, parent).await?,
        None => 1,
    };
    let mut view = View {
        post: &post,
        page,
        own: None,
        form: CommentForm {
            parent: parent.as_ref(),
            visitor: visitor.as_ref(),
            ..CommentForm::default()
        },
        status: StatusCode::OK,
    };
    if matches!(pressed, Pressed::Reply(_) | Pressed::CancelReply) {
        if view.form.parent.is_none() {
            input.parent.clear();
        }
        view.form.input = input;
        return post::post_page(&web, visitor.as_ref(), view).await;
    }
    let (proof, cookie) = commenter::prove(&web, &headers, visitor.as_ref()).await?;
    let writer = Writer {
        proof,
        client: client.0,
        user_agent: headers
            .get(header::USER_AGENT)
            .map(|name| String::from_utf8_lossy(name.as_bytes()).into_owned()),
    };
    let error = if matches!(pressed, Pressed::Preview) {
        match comment::preview(&web.app, &writer, &input).await {
            Ok(preview) => {
                view.form.preview = Some(preview);
                view.form.input = input;
                return post::post_page(&web, visitor.as_ref(), view).await;
            }
            Err(error) => error,
        }
    } else {
        match resend::receive_once(&web.app, &post, &writer, &input).await {
            Ok(received) => {
                let mut response = to_comment(&web, &post, &received).await?.into_response();
                // A repeat is known by the key of the first time, which its browser has.
                if let Some(cookie) = cookie.filter(|_| !received.is_repeat) {
                    response.headers_mut().append(header::SET_COOKIE, cookie);
                }
                return Ok(response);
            }
            Err(error) => error,
        }
    };
    view.status = status(&error);
    let retry_after = match &error {
        Error::TooMany { retry_after } => Some(retry_after.as_secs() + 1),
        error => busy(error).map(|(seconds, _)| seconds),
    };
    view.form.ticket = busy(&error).map(|(_, ticket)| ticket.to_owned());
    view.form.problems = problems(&web, error);
    view.form.input = input;
    if view.form.parent.is_none() {
        // What was answered is gone: sent again, the text is a comment of its own.
        view.form.input.parent.clear();
    }
    let mut response = post::post_page(&web, visitor.as_ref(), view).await?;
    if let Some(seconds) = retry_after
        && let Ok(seconds) = HeaderValue::from_str(&seconds.to_string())
    {
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    Ok(response)
}

fn read(form: &Form) -> CommentInput {
    CommentInput {
        author: form.get("author").to_owned(),
        email: form.get("email").to_owned(),
        url: form.get("url").to_owned(),
        comment: form.get("comment").to_owned(),
        parent: form.get("parent").to_owned(),
        trap: form.get("contact_me").to_owned(),
        ticket: form.get("ticket").to_owned(),
        work: form.get("work").to_owned(),
    }
}

/// To the comment in its thread; one that is not shown is seen by its writer alone, by the receipt,
/// which also leads to what became of it.
async fn to_comment(web: &Web, post: &Post, received: &Received) -> Result<Redirect, Error> {
    let permalink = find::permalink(&web.app, post);
    let id = received.id;
    if received.state != ResponseState::Approved {
        let receipt = &received.receipt;
        return Ok(Redirect::to(&format!(
            "{permalink}?receipt={id}-{receipt}#comment-{id}"
        )));
    }
    let page = match responses::find(web.app.store.read(), id).await? {
        Some(row) => thread::find_page_of(&web.app, post.id, &row.path, true).await?,
        None => 1,
    };
    Ok(Redirect::to(&comment_on_page(&permalink, page, id)))
}

/// How long to wait during a burst, and with which ticket.
fn busy(error: &Error) -> Option<(u64, &str)> {
    let Error::Invalid(fields) = error else {
        return None;
    };
    fields.iter().find_map(|error| match &error.problem {
        Problem::Busy { seconds, ticket } => Some((*seconds, ticket.as_str())),
        _ => None,
    })
}

/// The status that tells what kind of mending is needed.
fn status(error: &Error) -> StatusCode {
    let Error::Invalid(fields) = error else {
        return status_of(error);
    };
    let has = |field, wanted: fn(&Problem) -> bool| {
        fields
            .iter()
            .any(|error| error.field == field && wanted(&error.problem))
    };
    if has(Field::Form, |problem| {
        matches!(problem, Problem::Busy { .. })
    }) {
        StatusCode::TOO_MANY_REQUESTS
    } else if has(Field::Form, |problem| {
        matches!(problem, Problem::Closed | Problem::Refused { .. })
    }) {
        StatusCode::FORBIDDEN
    } else if has(Field::Comment, |problem| {
        matches!(problem, Problem::Duplicate)
    }) {
        StatusCode::CONFLICT
    } else if has(Field::Comment, |problem| {
        matches!(problem, Problem::TooLong { .. })
    }) {
        StatusCode::PAYLOAD_TOO_LARGE
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    }
}

fn problems(web: &Web, error: Error) -> Vec<(Field, String)> {
    let fields = match error {
        Error::Invalid(fields) => fields,
        Error::TooMany { retry_after } => vec![FieldError {
            field: Field::Form,
            problem: Problem::TooFast {
                seconds: retry_after.as_secs() + 1,
            },
        }],
        Error::Internal { doing, cause } => {
            tracing::error!(doing, %cause, "take a comment");
            return vec![(Field::Form, web.texts.text("error-internal"))];
        }
        other => return vec![(Field::Form, other.to_string())],
    };
    fields
        .iter()
        .map(|error| (error.field, web.texts.problem(&error.problem)))
        .collect()
}
