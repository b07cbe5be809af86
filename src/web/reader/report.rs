//! Reporting a response: a page of its own, so that it works without scripts. Never shows who
//! reported what.

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use maud::{Markup, html};
use serde::Deserialize;

use crate::error::{Error, Field, Problem};
use crate::posts::find;
use crate::responses::report::{self, MAX_NOTE};
use crate::responses::thread;
use crate::store::entity::post::Model as Post;
use crate::store::entity::report::ReportReason;
use crate::store::thread::ThreadRow;
use crate::ui::problems::{self, FieldText};
use crate::ui::reader_page::reader_page;
use crate::ui::text_block::stored_text;
use crate::urls::comment_link;
use crate::web::client::ClientIp;
use crate::web::form::TypedForm;
use crate::web::reader::permalink::{Address, find_post, split_child};
use crate::web::respond::PageResult;
use crate::web::state::Web;

/// The report form.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ReportForm {
    reason: String,
    note: String,
}

/// Each reason with its name in the form and its label.
const REASONS: [(ReportReason, &str, &str); 5] = [
    (ReportReason::Spam, "spam", "report-spam"),
    (ReportReason::Abuse, "abuse", "report-abuse"),
    (ReportReason::Private, "private", "report-private"),
    (ReportReason::OffTopic, "off_topic", "report-off-topic"),
    (ReportReason::Other, "other", "report-other"),
];

async fn find_reported(web: &Web, address: Address) -> Result<(Post, ThreadRow), Error> {
    let missing = || Error::NotFound("response");
    let (address, id) = split_child(address).ok_or_else(missing)?;
    let post = match find_post(web, &address, "").await {
        Ok(Ok(post)) => post,
        Ok(Err(_)) | Err(_) => return Err(missing()),
    };
    let id = id.parse().map_err(|_| missing())?;
    let row = thread::find_published(&web.app, post.id, id)
        .await?
        .ok_or_else(missing)?;
    Ok((post, row))
}

/// `GET /YYYY/MM/DD/SLUG/report/ID`
pub async fn show(State(web): State<Web>, Path(address): Path<Address>) -> PageResult {
    let (post, row) = find_reported(&web, address).await?;
    let form = ReportForm::default();
    page(&web, &post, &row, &form, &[], StatusCode::OK).await
}

/// `POST /YYYY/MM/DD/SLUG/report/ID`
pub async fn create(
    State(web): State<Web>,
    client: ClientIp,
    Path(address): Path<Address>,
    TypedForm(form): TypedForm<ReportForm>,
) -> PageResult {
    let (post, row) = find_reported(&web, address).await?;
    let texts = &web.texts;
    let reason = REASONS.iter().find(|(_, name, _)| *name == form.reason);
    let Some((reason, _, _)) = reason else {
        let problems = [(Field::Form, texts.text("report-choose"))];
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return page(&web, &post, &row, &form, &problems, status).await;
    };
    let (app, note) = (&web.app, &form.note);
    match report::receive_report(app, post.id, row.id, client.0, *reason, note).await {
        Ok(()) => thanks(&web, &row).await,
        Err(Error::Invalid(errors)) => {
            let problems = problems::texts(texts, &errors);
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            page(&web, &post, &row, &form, &problems, status).await
        }
        Err(Error::TooMany { retry_after }) => {
            let seconds = retry_after.as_secs() + 1;
            let wait = texts.message(&Problem::TooFast { seconds }.message());
            let problems = [(Field::Form, wait)];
            let status = StatusCode::TOO_MANY_REQUESTS;
            let mut answer = page(&web, &post, &row, &form, &problems, status).await?;
            answer
                .headers_mut()
                .insert(header::RETRY_AFTER, seconds.into());
            Ok(answer)
        }
        Err(error) => Err(error.into()),
    }
}

async fn thanks(web: &Web, row: &ThreadRow) -> PageResult {
    let texts = &web.texts;
    let title = texts.text("report-thanks-title");
    let main = html! {
        h1 { (title) }
        p.received role="status" { (texts.text("report-thanks")) }
        p { a href=(comment_link(row.id)) { (texts.text("report-back")) } }
    };
    respond(web, &title, &main, StatusCode::OK).await
}

async fn page(
    web: &Web,
    post: &Post,
    row: &ThreadRow,
    form: &ReportForm,
    problems: &[FieldText],
    status: StatusCode,
) -> PageResult {
    let texts = &web.texts;
    let title = texts.with("report-title", &[("name", row.author_name.as_str().into())]);
    let permalink = find::permalink(&web.app, post);
    let main = html! {
        h1 { (texts.around("report-title", ("name", &row.author_name), &[])) }
        p { (texts.text("report-intro")) }
        blockquote.quoted dir="auto" { (stored_text(&web.texts, &row.body_html)) }
        (problems::summary(texts, &texts.with("problems-title", &[("count", problems.len().into())]), problems))
        form.report method="post" action={ (permalink) "report/" (row.id) } {
            fieldset {
                legend { (texts.text("report-reason")) }
                @for (_, name, message) in REASONS {
                    label.choice {
                        input type="radio" name="reason" value=(name) required checked[form.reason == name];
                        " " (texts.text(message))
                    }
                }
            }
            div.field {
                label for="note" { (texts.text("report-note")) " " span.hint { "(" (texts.text("field-optional")) ")" } }
                textarea #note name="note" rows="3" dir="auto" maxlength=(MAX_NOTE) { "\n" (form.note) }
                (problems::note("note", problems::of_field(Field::Note, problems)))
            }
            p.buttons {
                button.primary type="submit" { (texts.text("report-send")) }
                " " a href=(comment_link(row.id)) { (texts.text("report-back")) }
            }
        }
    };
    respond(web, &title, &main, status).await
}

async fn respond(web: &Web, title: &str, main: &Markup, status: StatusCode) -> PageResult {
    let site = web.site_name().await?;
    let mut frame = web.frame(&site).titled(title);
    frame.head = html! { meta name="robots" content="noindex"; };
    Ok((status, reader_page(&frame, main)).into_response())
}
