//! The library of pictures and documents: searching it and uploading to it. Single files are in
//! `editor::media_item`.

use axum::Json;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;

use crate::accounts::permissions::Action;
use crate::error::{Error, Field, Problem};
use crate::media::document::DOCUMENT_TYPES;
use crate::media::picture_format::PICTURE_TYPES;
use crate::media::upload::UploadInput;
use crate::media::{address, library, upload};
use crate::store::entity::media::{MediaKind, Model as Media};
use crate::store::entity::media_variant::Model as Variant;
use crate::store::media as rows;
use crate::ui::badges::{Tone, badge};
use crate::ui::buttons::{self, ButtonStyle};
use crate::ui::fields::{self, FileInput, Input};
use crate::ui::notices;
use crate::ui::pager::{self, pager};
use crate::ui::problems::{self, FieldText};
use crate::ui::sections::{empty, title_row};
use crate::ui::staff_page::NavSection;
use crate::web::body_limits::MAX_FILES;
use crate::web::editor::media_form::{UploadForm, UploadPart};
use crate::web::negotiation::{Representation, preferred};
use crate::web::respond::{Failure, PageResult, message_of, status_of};
use crate::web::session::SignedIn;
use crate::web::state::Web;
use crate::web::views::staff::staff_page;

/// The query of the library.
#[derive(Debug, Default, Deserialize)]
pub struct LibraryQuery {
    #[serde(default)]
    q: String,
    page: Option<u64>,
    /// How many files were added just now.
    added: Option<u64>,
    /// Set after a file was deleted.
    deleted: Option<String>,
}

/// What happened to the files of an upload.
#[derive(Default)]
struct Received {
    added: Vec<Media>,
    /// The names of those that were refused, and why.
    refused: Vec<(String, Error)>,
    /// The alternative text that was typed.
    alt: String,
}

/// What the library's page says beside its files.
#[derive(Default)]
struct Above<'a> {
    notice: Markup,
    problems: &'a [FieldText],
    /// What was typed into the form.
    alt: &'a str,
}

/// `GET /desk/media`
pub async fn index(
    State(web): State<Web>,
    who: SignedIn,
    Query(query): Query<LibraryQuery>,
) -> PageResult {
    let texts = &web.texts;
    let notice = match (query.added, &query.deleted) {
        (Some(count), _) => {
            notices::done(texts.with("media-added-count", &[("count", count.into())]))
        }
        (None, Some(_)) => notices::done(texts.text("media-deleted")),
        (None, None) => Markup::default(),
    };
    let above = Above {
        notice,
        ..Above::default()
    };
    page(&web, &who, &query, above, StatusCode::OK).await
}

/// `POST /desk/media`: each file is in the library or refused by itself. Browsers get a page, scripts that
/// ask for it JSON.
pub async fn create(
    State(web): State<Web>,
    who: SignedIn,
    headers: HeaderMap,
    request: Request,
) -> PageResult {
    who.actor.must(Action::WriteOwnPosts)?;
    web.app.limits.check_staff_render(who.user.id.0).await?;
    let form = UploadForm::read(&web, request).await?;
    let received = receive(&web, &who, form).await?;
    if preferred(&headers) == Some(Representation::Json) {
        return Ok(as_json(&web, &received));
    }
    if received.refused.is_empty() {
        return Ok(Redirect::to(&match received.added.as_slice() {
            [media] => format!("/desk/media/{}?added=1", media.id),
            added => format!("/desk/media?added={}", added.len()),
        })
        .into_response());
    }
    let problems: Vec<FieldText> = received
        .refused
        .iter()
        .map(|(name, error)| (Field::File, problem_of_file(&web, name, error)))
        .collect();
    let status = received
        .refused
        .first()
        .map_or(StatusCode::UNPROCESSABLE_ENTITY, |(_, error)| {
            status_of(error)
        });
    let notice = match received.added.len() {
        0 => Markup::default(),
        count => {
            let values = [("count", (count as u64).into())];
            notices::done(web.texts.with("media-added-count", &values))
        }
    };
    let query = LibraryQuery::default();
    let above = Above {
        notice,
        problems: &problems,
        alt: &received.alt,
    };
    page(&web, &who, &query, above, status).await
}

fn problem_of_file(web: &Web, name: &str, error: &Error) -> String {
    let problem = web.texts.message(&message_of(error));
    match name {
        "" => problem,
        name => web.texts.with(
            "media-problem-of-file",
            &[("name", name.into()), ("problem", problem.into())],
        ),
    }
}

/// Reads the form in order: texts that come before a file belong to it.
async fn receive(web: &Web, who: &SignedIn, mut form: UploadForm) -> Result<Received, Failure> {
    let mut received = Received::default();
    let mut input = UploadInput::default();
    let mut count = 0;
    while let Some(mut part) = form.next().await? {
        match part.field() {
            "alt" => input.texts.alt = part.text().await?,
            "caption" => input.texts.caption = part.text().await?,
            "credit" => input.texts.credit = part.text().await?,
            "file" => {
                count += 1;
                if count > MAX_FILES {
                    return Err(Failure::too_large());
                }
                input.name = part.file_name();
                match receive_file(web, who, &mut part, &input).await? {
                    // A file chooser that was left empty sends a part without a name.
                    Err(_) if input.name.is_empty() && count == 1 => {
                        let error = Error::field(Field::File, Problem::Missing);
                        received.refused.push((String::new(), error));
                    }
                    Ok(media) => received.added.push(media),
                    Err(error) => received.refused.push((input.name.clone(), error)),
                }
            }
            _ => part.skip().await?,
        }
    }
    if count == 0 {
        return Err(Failure::broken_request());
    }
    received.alt = input.texts.alt;
    Ok(received)
}

/// The inner error is about this file alone.
async fn receive_file(
    web: &Web,
    who: &SignedIn,
    part: &mut UploadPart<'_>,
    input: &UploadInput,
) -> Result<Result<Media, Error>, Failure> {
    let file = match part.file(web, &who.actor).await? {
        Ok(file) => file,
        Err(error) => return Ok(Err(error)),
    };
    match upload::finish(&web.app, &who.actor, file, input).await {
        Ok(media) => Ok(Ok(media)),
        Err(error @ (Error::Invalid(_) | Error::Unavailable(_))) => Ok(Err(error)),
        Err(error) => Err(error.into()),
    }
}

/// For the script that puts a picture into a text.
fn as_json(web: &Web, received: &Received) -> Response {
    let status = match received.refused.first() {
        Some((_, error)) => status_of(error),
        None => StatusCode::CREATED,
    };
    let added: Vec<_> = received
        .added
        .iter()
        .map(|media| {
            serde_json::json!({
                "id": media.id,
                "address": address::of_original(media),
                "markdown": address::markdown(media),
            })
        })
        .collect();
    let refused: Vec<String> = received
        .refused
        .iter()
        .map(|(name, error)| problem_of_file(web, name, error))
        .collect();
    let answer = serde_json::json!({ "added": added, "refused": refused });
    (status, Json(answer)).into_response()
}

async fn page(
    web: &Web,
    who: &SignedIn,
    query: &LibraryQuery,
    above: Above<'_>,
    status: StatusCode,
) -> PageResult {
    let texts = &web.texts;
    let number = query.page.unwrap_or(1).max(1);
    let found = library::page(&web.app, &who.actor, &query.q, number).await?;
    let ids: Vec<_> = found.media.iter().map(|media| media.id).collect();
    let variants = rows::list_variants(web.app.store.read(), &ids).await?;
    let title = texts.text("media-title");
    let address = |page: u64| {
        let mut query_text = url::form_urlencoded::Serializer::new(String::new());
        query_text.append_pair("q", &query.q);
        query_text.append_pair("page", &page.to_string());
        format!("/desk/media?{}", query_text.finish())
    };
    let pages = found.count.div_ceil(library::PER_PAGE);
    let main = html! {
        (title_row(&title, Markup::default()))
        (above.notice)
        (problems::summary(texts, &texts.text("media-not-added"), above.problems))
        (upload_form(web, above.alt, above.problems))
        (search_form(web, &query.q))
        @if found.media.is_empty() {
            (empty(texts.text(if query.q.is_empty() { "media-empty" } else { "media-none-found" }), None))
        } @else {
            ul.media-grid {
                @for media in &found.media { (grid_item(web, media, &variants)) }
            }
            (pager(texts, number, pages, &address, &pager::MEDIA))
        }
    };
    let page = staff_page(web, who, NavSection::Media, &title, &main).await?;
    Ok((status, page).into_response())
}

fn upload_form(web: &Web, alt: &str, problems: &[FieldText]) -> Markup {
    let texts = &web.texts;
    let limit = texts.with(
        "media-file-hint",
        &[("max", (web.app.config.media.max_upload as u64).into())],
    );
    html! {
        form.upload method="post" action="/desk/media" enctype="multipart/form-data" {
            // Before the files: the texts belong to the files after them.
            (fields::input(&Input {
                field: Field::Alt, label: &texts.text("field-alt"), hint: Some(&texts.text("field-alt-hint")),
                kind: "text", autocomplete: Some("off"), value: alt, required: false,
            }, problems))
            (fields::file_input(&FileInput {
                field: Field::File, label: &texts.text("field-file"), hint: Some(&limit),
                accept: &format!("{PICTURE_TYPES},{DOCUMENT_TYPES}"), is_multiple: true,
            }, problems))
            p { (buttons::submit(ButtonStyle::Primary, &texts.text("button-upload"))) }
        }
    }
}

fn search_form(web: &Web, phrase: &str) -> Markup {
    let texts = &web.texts;
    html! {
        form.search role="search" action="/desk/media" {
            label for="q" { (texts.text("media-search")) }
            input #q name="q" type="search" dir="auto" value=(phrase);
            " " button type="submit" { (texts.text("button-search")) }
        }
    }
}

fn grid_item(web: &Web, media: &Media, variants: &[Variant]) -> Markup {
    let texts = &web.texts;
    html! {
        li {
            a href={ "/desk/media/" (media.id) } {
                (thumbnail(media, variants))
                span.media-name { bdi { (media.file_name) } }
            }
            @if media.kind == MediaKind::Picture && media.alt.is_empty() {
                (badge(Tone::Attention, &texts.text("media-no-alt")))
            }
        }
    }
}

/// The smallest size of a picture, or the ending of a document's name. The name beside it says what it is.
fn thumbnail(media: &Media, variants: &[Variant]) -> Markup {
    let smallest = variants
        .iter()
        .find(|variant| variant.media_id == media.id)
        .map(|variant| {
            (
                address::of_variant(&media.token, variant.width),
                variant.width,
                variant.height,
            )
        });
    let original = || {
        let size = media.width.zip(media.height)?;
        Some((address::of_original(media), size.0, size.1))
    };
    html! {
        span.thumbnail {
            @match smallest.or_else(original) {
                Some((src, width, height)) if media.kind == MediaKind::Picture => {
                    img src=(src) alt=(media.alt) width=(width) height=(height) loading="lazy" decoding="async";
                }
                _ => {
                    span.document aria-hidden="true" { (media.file_name.rsplit('.').next().unwrap_or_default()) }
                }
            }
        }
    }
}
