//! A form with files, read part by part as it arrives. Keeps no file in memory, and decides nothing about it.

use axum::body::{Body, Bytes};
use axum::extract::multipart::{Field as Part, Multipart};
use axum::extract::{FromRequest, Request};

use crate::accounts::permissions::Actor;
use crate::error::Error;
use crate::media::upload::{self, Upload};
use crate::web::guarded_body::{GuardedBody, Progress};
use crate::web::respond::Failure;
use crate::web::state::Web;

/// The longest text field of a form with files and the longest file name, in bytes.
const MAX_TEXT: usize = 48 * 1024;
const MAX_NAME: usize = 1024;

/// The form.
pub struct UploadForm {
    form: Multipart,
    progress: Progress,
}

/// One of its fields. The next one comes once this is read.
pub struct UploadPart<'f> {
    part: Part<'f>,
    progress: Progress,
}

impl UploadForm {
    pub async fn read(web: &Web, request: Request) -> Result<Self, Failure> {
        let progress = Progress::default();
        let request = request.map(|body| Body::new(GuardedBody::new(body, progress.clone())));
        let form = Multipart::from_request(request, web)
            .await
            .map_err(|_| Failure::broken_request())?;
        Ok(Self { form, progress })
    }

    pub async fn next(&mut self) -> Result<Option<UploadPart<'_>>, Failure> {
        let part = self.form.next_field().await;
        self.progress.note();
        let part = part.map_err(|error| Failure::of_body(&error))?;
        Ok(part.map(|part| UploadPart {
            part,
            progress: self.progress.clone(),
        }))
    }
}

impl UploadPart<'_> {
    /// The name of the field.
    pub fn field(&self) -> &str {
        self.part.name().unwrap_or_default()
    }

    /// The name that the file has on the sender's machine, cut to a useful length.
    pub fn file_name(&self) -> String {
        let name = self.part.file_name().unwrap_or_default();
        let mut end = name.len().min(MAX_NAME);
        while !name.is_char_boundary(end) {
            end -= 1;
        }
        name[..end].to_owned()
    }

    pub async fn text(&mut self) -> Result<String, Failure> {
        let mut bytes = Vec::new();
        while let Some(piece) = self.piece().await? {
            bytes.extend_from_slice(&piece);
            if bytes.len() > MAX_TEXT {
                return Err(Failure::too_large());
            }
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The file; the inner error is about it alone, and the form can be read on.
    pub async fn file(
        &mut self,
        web: &Web,
        actor: &Actor,
    ) -> Result<Result<Upload, Error>, Failure> {
        let mut file = match upload::begin(&web.app, actor).await {
            Ok(file) => file,
            Err(error @ Error::Unavailable(_)) => {
                self.skip().await?;
                return Ok(Err(error));
            }
            Err(error) => return Err(error.into()),
        };
        while let Some(piece) = self.piece().await? {
            if let Err(error) = file.write(&piece).await {
                drop(file);
                self.skip().await?;
                return Ok(Err(error));
            }
        }
        Ok(Ok(file))
    }

    /// Reads the rest and drops it, so that the browser gets an answer and the next field comes.
    pub async fn skip(&mut self) -> Result<(), Failure> {
        while self.piece().await?.is_some() {}
        Ok(())
    }

    async fn piece(&mut self) -> Result<Option<Bytes>, Failure> {
        let piece = self.part.chunk().await;
        self.progress.note();
        piece.map_err(|error| Failure::of_body(&error))
    }
}
