//! Receiving a comment: the answer to the form is the post's page, with the comment in its place,
//! or with the form as it was typed and what to fix in it.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect};
use serde::Deserialize;

use crate::error::{Error, Field, Problem};
use crate::posts::find;
use crate::responses::comment::{self, Commenter, ReceivedComment};
use crate::responses::comment_input::CommentInput;
use crate::responses::{resend, thread};
use crate::store::entity::post::Model as Post;
use crate::store::entity::response::ResponseState;
use crate::store::responses;
use crate::ui::problems::{self, FieldText};
use crate::urls::comment_on_page;
use crate::web::client::ClientIp;
use crate::web::commenter_cookie;
use crate::web::form::TypedForm;
use crate::web::reader::permalink::{self, Address};
use crate::web::reader::post_view::PostView;
use crate::web::reader::shown::show_view;
use crate::web::respond::{PageResult, status_of};
use crate::web::session::Visitor;
use crate::web::state::Web;
use crate::web::views::comment_form::CommentForm;

/// The comment form, with the button that sent it.
#[derive(Debug, Deserialize)]
pub struct RespondForm {
    #[serde(flatten)]
    input: CommentInput,
    #[serde(rename = "do", default)]
    button: String,
}

/// What a button of the form does. Without scripts, a reply is opened and cancelled by buttons too,
/// so that what was typed is not lost.
enum FormAction {
    Send,
    Preview,
    /// Replies to the comment with this id.
    Reply(String),
    CancelReply,
}

impl FormAction {
    fn of(button: &str) -> Self {
        match button {
            "preview" => Self::Preview,
            "cancel-reply" => Self::CancelReply,
            other => other
                .strip_prefix("reply:")
                .map_or(Self::Send, |id| Self::Reply(id.to_owned())),
        }
    }
}

/// `POST /YYYY/MM/DD/SLUG/respond` and `POST /PAGE/respond`
pub async fn create(
    State(web): State<Web>,
    Visitor(visitor): Visitor,
    client: ClientIp,
    Path(address): Path<Address>,
    headers: HeaderMap,
    TypedForm(form): TypedForm<RespondForm>,
) -> PageResult {
    let (mut input, action) = (form.input, FormAction::of(&form.button));
    let post = permalink::find_post_of_form(&web, &address).await?;
    match &action {
        FormAction::Reply(id) => input.parent.clone_from(id),
        FormAction::CancelReply => input.parent.clear(),
        FormAction::Send | FormAction::Preview => {}
    }
    let parent = match input.parent.parse() {
        Ok(id) => thread::find_published(&web.app, post.id, id).await?,
        Err(_) => None,
    };
    let page = match &parent {
        Some(parent) => permalink::page_of(&web, parent).await?,
        None => 1,
    };
    let mut view = PostView {
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
    if matches!(action, FormAction::Reply(_) | FormAction::CancelReply) {
        if view.form.parent.is_none() {
            input.parent.clear();
        }
        view.form.input = input;
        return show_view(&web, visitor.as_ref(), view).await;
    }
    let (proof, cookie) = commenter_cookie::identify(&web, &headers, visitor.as_ref()).await?;
    let commenter = Commenter {
        proof,
        client: client.0,
        user_agent: headers
            .get(header::USER_AGENT)
            .map(|name| String::from_utf8_lossy(name.as_bytes()).into_owned()),
    };
    let error = if matches!(action, FormAction::Preview) {
        match comment::preview(&web.app, &commenter, &input).await {
            Ok(preview) => {
                view.form.preview = Some(preview);
                view.form.input = input;
                return show_view(&web, visitor.as_ref(), view).await;
            }
            Err(error) => error,
        }
    } else {
        match resend::receive_once(&web.app, &post, &commenter, &input).await {
            Ok(received) => {
                let mut response = to_comment(&web, &post, &received).await?.into_response();
                // The browser has the cookie of the first time, by which a repeat was recognised.
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
    view.form.challenge = busy(&error).map(|(_, challenge)| challenge.to_owned());
    view.form.problems = field_texts(&web, error);
    view.form.input = input;
    if view.form.parent.is_none() {
        // The comment it replied to is gone: sent again, it is posted as a new comment.
        view.form.input.parent.clear();
    }
    let mut response = show_view(&web, visitor.as_ref(), view).await?;
    if let Some(seconds) = retry_after {
        let headers = response.headers_mut();
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    Ok(response)
}

/// Redirects to the comment in its thread. One that is not published is shown only to its author,
/// by its receipt, which also leads to its status page.
async fn to_comment(web: &Web, post: &Post, received: &ReceivedComment) -> Result<Redirect, Error> {
    let permalink = find::permalink(&web.app, post);
    let id = received.id;
    if received.state != ResponseState::Approved {
        let receipt = &received.receipt;
        return Ok(Redirect::to(&format!(
            "{permalink}?receipt={id}-{receipt}#comment-{id}"
        )));
    }
    let page = match responses::find(web.app.store.read(), id).await? {
        Some(row) => thread::page_number_of(&web.app, post.id, &row.path, true).await?,
        None => 1,
    };
    Ok(Redirect::to(&comment_on_page(&permalink, page, id)))
}

/// The seconds to wait during a burst, and the challenge to send again.
fn busy(error: &Error) -> Option<(u64, &str)> {
    let Error::Invalid(fields) = error else {
        return None;
    };
    fields.iter().find_map(|error| match &error.problem {
        Problem::Busy { seconds, challenge } => Some((*seconds, challenge.as_str())),
        _ => None,
    })
}

/// The status of the answer, by what has to be fixed.
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

fn field_texts(web: &Web, error: Error) -> Vec<FieldText> {
    match error {
        Error::Invalid(errors) => problems::texts(&web.texts, &errors),
        Error::TooMany { retry_after } => {
            let seconds = retry_after.as_secs() + 1;
            let message = Problem::TooFast { seconds }.message();
            vec![(Field::Form, web.texts.message(&message))]
        }
        Error::Internal { doing, cause } => {
            tracing::error!(doing, %cause, "receive a comment");
            vec![(Field::Form, web.texts.text("error-internal"))]
        }
        Error::Conflict(message) | Error::Unavailable(message) | Error::Forbidden(message) => {
            vec![(Field::Form, web.texts.message(&message))]
        }
        other => vec![(Field::Form, other.to_string())],
    }
}
