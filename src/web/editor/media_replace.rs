//! Replacing a file in the library: what will happen, and the form for the new file.

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use maud::{Markup, html};

use crate::error::{Error, Field, Problem};
use crate::media::document::DOCUMENT_TYPES;
use crate::media::picture_format::PICTURE_TYPES;
use crate::media::replace::{self, Replacement};
use crate::media::upload::Upload;
use crate::store::entity::ids::MediaId;
use crate::store::entity::media::{MediaKind, Model as Media};
use crate::ui::buttons::{self, ButtonStyle};
use crate::ui::fields::{self, FileInput};
use crate::ui::notices;
use crate::ui::problems::{self, FieldText};
use crate::ui::sections::title_row;
use crate::ui::staff_page::NavSection;
use crate::web::editor::media_form::UploadForm;
use crate::web::editor::media_item::{find_own, render_first};
use crate::web::editor::media_uses::{list_uses, use_list};
use crate::web::respond::{Failure, PageResult, message_of, status_of};
use crate::web::session::SignedIn;
use crate::web::state::Web;
use crate::web::views::staff::staff_page;

/// The form as it is sent.
#[derive(Default)]
struct Sent {
    /// The token of the file that the form showed.
    seen_token: String,
    name: String,
    file: Option<Result<Upload, Error>>,
}

/// `GET /desk/media/ID/replace`
pub async fn show(State(web): State<Web>, who: SignedIn, Path(id): Path<String>) -> PageResult {
    let media = find_own(&web, &who, &id).await?;
    page(&web, &who, &media, &[], StatusCode::OK).await
}

/// `POST /desk/media/ID/replace`
pub async fn create(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
    request: Request,
) -> PageResult {
    let media = find_own(&web, &who, &id).await?;
    web.app.limits.check_staff_render(who.user.id.0).await?;
    let sent = receive(&web, &who, UploadForm::read(&web, request).await?).await?;
    match replace_with(&web, &who, media.id, sent).await {
        Ok(()) => Ok(Redirect::to(&format!("/desk/media/{}?replaced=1", media.id)).into_response()),
        Err(error @ (Error::Invalid(_) | Error::Unavailable(_) | Error::Conflict(_))) => {
            let problem = web.texts.message(&message_of(&error));
            let problems = [(Field::File, problem)];
            // With the file as it is now, in case someone else has replaced it.
            let media = find_own(&web, &who, &id).await?;
            page(&web, &who, &media, &problems, status_of(&error)).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn receive(web: &Web, who: &SignedIn, mut form: UploadForm) -> Result<Sent, Failure> {
    let mut sent = Sent::default();
    while let Some(mut part) = form.next().await? {
        match part.field() {
            "seen" => sent.seen_token = part.text().await?,
            "file" if sent.file.is_none() => {
                sent.name = part.file_name();
                sent.file = Some(part.file(web, &who.actor).await?);
            }
            _ => part.skip().await?,
        }
    }
    Ok(sent)
}

async fn replace_with(web: &Web, who: &SignedIn, id: MediaId, sent: Sent) -> Result<(), Error> {
    let missing = || Error::field(Field::File, Problem::Missing);
    let upload = sent.file.ok_or_else(missing)??;
    // A file chooser that was left empty sends a part without a name.
    if sent.name.is_empty() && upload.is_empty() {
        return Err(missing());
    }
    let replacement = Replacement {
        id,
        seen_token: sent.seen_token,
        name: sent.name,
    };
    let used_in = replace::replace(&web.app, &who.actor, upload, &replacement).await?;
    render_first(web, &used_in).await;
    Ok(())
}

async fn page(
    web: &Web,
    who: &SignedIn,
    media: &Media,
    problems: &[FieldText],
    status: StatusCode,
) -> PageResult {
    let texts = &web.texts;
    let uses = list_uses(web, &who.actor, media.id).await?;
    let title = texts.with(
        "media-replace-title",
        &[("name", media.file_name.as_str().into())],
    );
    let back = format!("/desk/media/{}", media.id);
    let main = html! {
        (title_row(&title, Markup::default()))
        (problems::summary(texts, &texts.text("media-not-replaced"), problems))
        (notices::warning(texts.text("media-replace-consequence")))
        @if uses.count() > 0 {
            p { (texts.with("media-replace-used", &[("count", uses.count().into())])) }
        }
        (use_list(web, &who.actor, &uses))
        (form(web, media, &back, problems))
    };
    let page = staff_page(web, who, NavSection::Media, &title, &main).await?;
    Ok((status, page).into_response())
}

fn form(web: &Web, media: &Media, back: &str, problems: &[FieldText]) -> Markup {
    let texts = &web.texts;
    let max = [("max", (web.app.config.media.max_upload as u64).into())];
    let (accept, hint) = match media.kind {
        MediaKind::Picture => (PICTURE_TYPES, "media-replace-picture-hint"),
        MediaKind::Document => (DOCUMENT_TYPES, "media-replace-document-hint"),
    };
    html! {
        form.upload method="post" action={ (back) "/replace" } enctype="multipart/form-data" {
            // Before the file, so that it is known when that arrives.
            input type="hidden" name="seen" value=(media.token);
            (fields::file_input(&FileInput {
                field: Field::File, label: &texts.text("field-new-file"), hint: Some(&texts.with(hint, &max)),
                accept, is_multiple: false,
            }, problems))
            p.buttons {
                (buttons::submit(ButtonStyle::Danger, &texts.text("media-replace")))
                " " (buttons::link(ButtonStyle::Secondary, back, &texts.text("confirm-cancel")))
            }
        }
    }
}
