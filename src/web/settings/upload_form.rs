//! Reads a form that may contain pictures: its fields, and each picture, which is added to the library. A form
//! without files is read, too. Knows no particular form.

use axum::extract::Request;
use axum::http::header;

use crate::error::Error;
use crate::media::upload::{self, UploadInput};
use crate::store::entity::media::Model as Media;
use crate::web::editor::media_form::{self, UploadPart};
use crate::web::form::Form;
use crate::web::respond::Failure;
use crate::web::session::SignedIn;
use crate::web::state::Web;

/// The most fields, files among them.
const MAX_PARTS: usize = 100;
/// A form without files, in bytes.
const MAX_FORM: usize = 256 * 1024;

/// What a form contained.
#[derive(Default)]
pub struct FormWithFiles {
    pub form: Form,
    /// The pictures, by the names of their fields, or why they were refused.
    pub files: Vec<(String, Result<Media, Error>)>,
}

/// Reads the form, in which `is_file` knows the fields with files. If a file is refused, the other fields
/// are still read.
pub async fn read(
    web: &Web,
    who: &SignedIn,
    request: Request,
    is_file: impl Fn(&str) -> bool,
) -> Result<FormWithFiles, Failure> {
    let media_type = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if media_type.starts_with("application/x-www-form-urlencoded") {
        let body = axum::body::to_bytes(request.into_body(), MAX_FORM)
            .await
            .map_err(|_| Failure::too_large())?;
        let form = Form::parse(&body);
        check(&form)?;
        return Ok(FormWithFiles {
            form,
            files: Vec::new(),
        });
    }
    let mut parts = media_form::UploadForm::read(web, request).await?;
    let (mut fields, mut files) = (Vec::new(), Vec::new());
    let mut count = 0;
    while let Some(mut part) = parts.next().await? {
        count += 1;
        if count > MAX_PARTS {
            return Err(Failure::too_large());
        }
        let name = part.field().to_owned();
        if !is_file(&name) {
            fields.push((name, part.text().await?));
        } else if let Some(taken) = read_file(web, who, &mut part).await? {
            files.push((name, taken));
        }
    }
    let form = Form::from_fields(fields);
    check(&form)?;
    Ok(FormWithFiles { form, files })
}

fn check(form: &Form) -> Result<(), Failure> {
    let is_text = |text: &str| !text.contains('\0');
    match form
        .fields()
        .iter()
        .all(|(name, value)| is_text(name) && is_text(value))
    {
        true => Ok(()),
        false => Err(Failure::not_text()),
    }
}

/// None for a file chooser that was left empty.
async fn read_file(
    web: &Web,
    who: &SignedIn,
    part: &mut UploadPart<'_>,
) -> Result<Option<Result<Media, Error>>, Failure> {
    let input = UploadInput {
        name: part.file_name(),
        ..UploadInput::default()
    };
    let file = match part.file(web, &who.actor).await? {
        Ok(file) if input.name.is_empty() && file.is_empty() => return Ok(None),
        Ok(file) => file,
        Err(error) => return Ok(Some(Err(error))),
    };
    match upload::finish(&web.app, &who.actor, file, &input).await {
        Ok(media) => Ok(Some(Ok(media))),
        Err(error @ (Error::Invalid(_) | Error::Unavailable(_))) => Ok(Some(Err(error))),
        Err(error) => Err(error.into()),
    }
}
