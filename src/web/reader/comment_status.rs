//! The status page of one's own comment: its state, the reason, and the form to ask for a second
//! look. The receipt in the address proves whose comment it is; nobody else ever sees this page.

use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect};
use maud::{Markup, html};
use serde::Deserialize;

use crate::error::{Error, Field};
use crate::posts::find;
use crate::responses::appeal::{self, CommentStatus, MAX_MESSAGE};
use crate::store::entity::ids::ResponseId;
use crate::store::entity::post::Model as Post;
use crate::store::entity::response::ResponseState;
use crate::ui::notices;
use crate::ui::problems::{self, FieldText};
use crate::ui::reader_page::reader_page;
use crate::ui::text_block::stored_text;
use crate::ui::when;
use crate::urls::comment_link;
use crate::web::form::TypedForm;
use crate::web::reader::permalink::{Address, comment_status_path, find_post_of_form, split_child};
use crate::web::respond::PageResult;
use crate::web::state::Web;

/// The form that asks for a second look.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct AppealForm {
    message: String,
}

/// A comment that was found by its receipt.
struct OwnComment {
    post: Post,
    id: ResponseId,
    /// The id and the token, as they are in the address.
    receipt: String,
    token: String,
    status: CommentStatus,
}

async fn find_own(web: &Web, address: Address) -> Result<OwnComment, Error> {
    let missing = || Error::NotFound("comment");
    let (address, receipt) = split_child(address).ok_or_else(missing)?;
    // Also where it was before: the address of this page may be all that its author has.
    let Ok(post) = find_post_of_form(web, &address).await else {
        return Err(missing());
    };
    let (id, token) = receipt.split_once('-').ok_or_else(missing)?;
    let id = id.parse().map_err(|_| missing())?;
    let status = appeal::find_comment_status(&web.app, post.id, id, token)
        .await?
        .ok_or_else(missing)?;
    Ok(OwnComment {
        post,
        id,
        token: token.to_owned(),
        receipt,
        status,
    })
}

/// `GET /YYYY/MM/DD/SLUG/receipt/ID-TOKEN`
pub async fn show(State(web): State<Web>, Path(address): Path<Address>) -> PageResult {
    let own = find_own(&web, address).await?;
    page(&web, &own, "", &[], StatusCode::OK).await
}

/// `POST /YYYY/MM/DD/SLUG/receipt/ID-TOKEN`: asks for a second look.
pub async fn create(
    State(web): State<Web>,
    Path(address): Path<Address>,
    TypedForm(form): TypedForm<AppealForm>,
) -> PageResult {
    let own = find_own(&web, address).await?;
    let message = form.message.as_str();
    match appeal::receive_appeal(&web.app, own.post.id, own.id, &own.token, message).await {
        Ok(()) => {
            let permalink = find::permalink(&web.app, &own.post);
            Ok(Redirect::to(&comment_status_path(&permalink, &own.receipt)).into_response())
        }
        Err(Error::Invalid(errors)) => {
            let problems = problems::texts(&web.texts, &errors);
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            page(&web, &own, message, &problems, status).await
        }
        Err(Error::Conflict(conflict)) => {
            let problems = [(Field::Form, web.texts.message(&conflict))];
            page(&web, &own, message, &problems, StatusCode::CONFLICT).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn page(
    web: &Web,
    own: &OwnComment,
    typed: &str,
    problems: &[FieldText],
    status: StatusCode,
) -> PageResult {
    let texts = &web.texts;
    let title = texts.text("comment-status-title");
    let permalink = find::permalink(&web.app, &own.post);
    let response = &own.status.response;
    let is_published = response.state == ResponseState::Approved;
    let state = match response.state {
        ResponseState::Approved => notices::done(texts.text("comment-status-approved")),
        ResponseState::Pending => notices::info(texts.text("comment-status-pending")),
        ResponseState::Spam => notices::warning(texts.text("comment-status-spam")),
        ResponseState::Trash => notices::warning(texts.text("comment-status-trash")),
    };
    let main = html! {
        h1 { (title) }
        @for (_, text) in problems.iter().filter(|(field, _)| *field == Field::Form) {
            div.problems role="alert" {
                p { (text) }
                @if !typed.is_empty() { blockquote dir="auto" { (typed) } }
            }
        }
        (state)
        @if let Some(decision) = &own.status.decision {
            p.meta {
                (texts.text("comment-status-decided")) " "
                (when::time_of_minute(decision.decided_at, &web.app.zone()))
            }
            @if !decision.note.is_empty() {
                p { (texts.text("comment-status-note")) " " q dir="auto" { (decision.note) } }
            }
        } @else if response.state == ResponseState::Pending {
            p { (texts.text("comment-status-held")) }
        } @else if !is_published {
            p { (texts.text("comment-status-automatic")) }
        }
        blockquote.quoted dir="auto" { (stored_text(texts, &response.body_html)) }
        p {
            @let href = if is_published { comment_link(response.id) } else { permalink.clone() };
            a href=(href) dir="auto" { (own.post.title) }
        }
        (appeal_section(web, &permalink, own, typed, problems))
    };
    let site = web.site_name().await?;
    let mut frame = web.frame(&site).titled(&title);
    frame.head =
        html! { meta name="robots" content="noindex"; meta name="referrer" content="no-referrer"; };
    let mut answer = (status, reader_page(&frame, &main)).into_response();
    let never = HeaderValue::from_static("no-store");
    answer.headers_mut().insert(header::CACHE_CONTROL, never);
    Ok(answer)
}

fn appeal_section(
    web: &Web,
    permalink: &str,
    own: &OwnComment,
    typed: &str,
    problems: &[FieldText],
) -> Markup {
    let texts = &web.texts;
    let problem = problems::of_field(Field::Message, problems);
    html! {
        @if let Some(appeal) = &own.status.appeal {
            section {
                h2 { (texts.text("appeal-sent-title")) }
                p { q dir="auto" { (appeal.message) } }
                @if appeal.answered_at.is_none() {
                    p { (texts.text("appeal-waits")) }
                } @else {
                    p {
                        (texts.text("appeal-answered"))
                        @if !appeal.answer.is_empty() { " " q dir="auto" { (appeal.answer) } }
                    }
                }
            }
        } @else if own.status.may_appeal() {
            section {
                h2 { (texts.text("appeal-title")) }
                p { (texts.text("appeal-intro")) }
                form method="post" action=(comment_status_path(permalink, &own.receipt)) {
                    div.field {
                        label for="message" { (texts.text("appeal-message")) }
                        textarea #message name="message" rows="4" required dir="auto" maxlength=(MAX_MESSAGE)
                            aria-invalid=[problem.map(|_| "true")]
                            aria-describedby=[problem.map(|_| "message-problem")] { "\n" (typed) }
                        (problems::note("message", problem))
                    }
                    p.buttons { button.primary type="submit" { (texts.text("appeal-send")) } }
                }
            }
        }
    }
}
