//! What became of a writer's own comment, why, and how to ask for a second look. The receipt in the
//! address proves that it is theirs.

use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect};
use maud::{Markup, html};

use crate::error::{Error, Field};
use crate::posts::find;
use crate::responses::appeal::{self, MAX_WORDS, Statement};
use crate::store::entity::ids::ResponseId;
use crate::store::entity::post::Model as Post;
use crate::store::entity::response::ResponseState;
use crate::urls::comment_link;
use crate::web::form::Form;
use crate::web::reader::post::{self, Address, statement_path};
use crate::web::respond::PageResult;
use crate::web::state::Web;
use crate::web::views::body::body;
use crate::web::views::fields;
use crate::web::views::layout::{Frame, layout};
use crate::web::views::when;

async fn find_own(
    web: &Web,
    address: &Address,
) -> Result<(Post, ResponseId, String, Statement), Error> {
    let (year, month, day, slug, receipt) = address.clone();
    let missing = || Error::NotFound("comment");
    let post = match post::find_post(web, &(year, month, day, slug), "").await {
        Ok(Ok(post)) => post,
        Ok(Err(_)) | Err(_) => return Err(missing()),
    };
    let (id, token) = receipt.split_once('-').ok_or_else(missing)?;
    let id = id.parse().map_err(|_| missing())?;
    let statement = appeal::find_statement(&web.app, post.id, id, token)
        .await?
        .ok_or_else(missing)?;
    Ok((post, id, token.to_owned(), statement))
}

/// `GET /YYYY/MM/DD/SLUG/receipt/ID-TOKEN`
pub async fn show(State(web): State<Web>, Path(address): Path<Address>) -> PageResult {
    let (post, _, _, statement) = find_own(&web, &address).await?;
    page(&web, &post, &address.4, &statement, "", &[], StatusCode::OK).await
}

/// `POST /YYYY/MM/DD/SLUG/receipt/ID-TOKEN`: asks for a second look.
pub async fn create(
    State(web): State<Web>,
    Path(address): Path<Address>,
    form: Form,
) -> PageResult {
    let (post, id, token, statement) = find_own(&web, &address).await?;
    let words = form.get("words");
    match appeal::receive_appeal(&web.app, post.id, id, &token, words).await {
        Ok(()) => {
            let to = statement_path(&find::permalink(&web.app, &post), &address.4);
            Ok(Redirect::to(&to).into_response())
        }
        Err(Error::Invalid(errors)) => {
            let problems: Vec<_> = errors
                .iter()
                .map(|error| (error.field, web.texts.problem(&error.problem)))
                .collect();
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            page(
                &web, &post, &address.4, &statement, words, &problems, status,
            )
            .await
        }
        Err(error @ Error::Conflict(_)) => {
            let problems = [(Field::Form, error.to_string())];
            let status = StatusCode::CONFLICT;
            page(
                &web, &post, &address.4, &statement, words, &problems, status,
            )
            .await
        }
        Err(error) => Err(error.into()),
    }
}

async fn page(
    web: &Web,
    post: &Post,
    receipt: &str,
    statement: &Statement,
    typed: &str,
    problems: &[(Field, String)],
    status: StatusCode,
) -> PageResult {
    let texts = &web.texts;
    let title = texts.text("statement-title");
    let permalink = find::permalink(&web.app, post);
    let response = &statement.response;
    let state = match response.state {
        ResponseState::Approved => "statement-approved",
        ResponseState::Pending => "statement-pending",
        ResponseState::Spam => "statement-spam",
        ResponseState::Trash => "statement-trash",
    };
    let main = html! {
        h1 { (title) }
        @for (_, words) in problems.iter().filter(|(field, _)| *field == Field::Form) {
            div.problems role="alert" {
                p { (words) }
                @if !typed.is_empty() { blockquote dir="auto" { (typed) } }
            }
        }
        p.received role="status" { (texts.text(state)) }
        @if let Some(decision) = &statement.decision {
            p.meta { (texts.text("statement-decided")) " " (when::time_of_minute(decision.decided_at, web.app.urls.zone())) }
            @if !decision.note.is_empty() { p { (texts.text("statement-why")) " " q dir="auto" { (decision.note) } } }
        } @else if response.state != ResponseState::Approved {
            p { (texts.text("statement-by-rule")) }
        }
        blockquote.quoted dir="auto" { (body(web, &response.body_html)) }
        p {
            @let is_shown = response.state == ResponseState::Approved;
            @let href = if is_shown { comment_link(response.id) } else { permalink.clone() };
            a href=(href) dir="auto" { (post.title) }
        }
        (second_look(web, &permalink, receipt, statement, typed, problems))
    };
    let site = web.site_name().await?;
    let mut frame = Frame::titled(&title);
    frame.head =
        html! { meta name="robots" content="noindex"; meta name="referrer" content="no-referrer"; };
    let mut answer = (status, layout(web, &site, &frame, &main)).into_response();
    let never = HeaderValue::from_static("no-store");
    answer.headers_mut().insert(header::CACHE_CONTROL, never);
    Ok(answer)
}

fn second_look(
    web: &Web,
    permalink: &str,
    receipt: &str,
    statement: &Statement,
    typed: &str,
    problems: &[(Field, String)],
) -> Markup {
    let texts = &web.texts;
    html! {
        @if let Some(appeal) = &statement.appeal {
            section {
                h2 { (texts.text("appeal-sent-title")) }
                p { q dir="auto" { (appeal.words) } }
                @if appeal.answered_at.is_none() { p { (texts.text("appeal-waits")) } }
                @else {
                    p { (texts.text("appeal-answered")) @if !appeal.answer.is_empty() { " " q dir="auto" { (appeal.answer) } } }
                }
            }
        } @else if statement.may_appeal() {
            section {
                h2 { (texts.text("appeal-title")) }
                p { (texts.text("appeal-intro")) }
                form method="post" action=(statement_path(permalink, receipt)) {
                    div.field {
                        label for="words" { (texts.text("appeal-words")) }
                        textarea #words name="words" rows="4" required dir="auto" maxlength=(MAX_WORDS) { "\n" (typed) }
                        (fields::problem_note("words", fields::problem_of(Field::Note, problems)))
                    }
                    p.buttons { button.primary type="submit" { (texts.text("appeal-send")) } }
                }
            }
        }
    }
}
