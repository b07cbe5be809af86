//! Adds a file to the library: finds out what it is, makes its sizes, then stores its files and last its row. A
//! file is served only once it has a row, so that an interrupted upload shows nothing; `media::sweep` removes
//! what it leaves behind.

use std::path::Path;

use crate::accounts::permissions::{Action, Actor};
use crate::accounts::token::Token;
use crate::app::App;
use crate::error::{Error, Field, Problem, Result};
use crate::files::IncomingFile;
use crate::media::address::{self, ORIGINAL};
use crate::media::document::DocumentFormat;
use crate::media::picture::{self, Picture};
use crate::media::picture_format::{MAX_FRAMES, MAX_PIXELS, MAX_SIDE, PictureError, PictureFormat};
use crate::media::refused_format::RefusedFormat;
use crate::media::{library, texts, token};
use crate::store::entity::media::{MediaKind, Model as Media};
use crate::store::media::{self as rows, MediaTexts, NewMedia, NewVariant};
use crate::store::media_sources;
use crate::texts::Message;

/// A file that is being uploaded.
pub struct Upload {
    file: IncomingFile,
    max_mib: usize,
}

/// What is known of a file beside its bytes.
#[derive(Clone, Debug, Default)]
pub struct UploadInput {
    /// The name that it came with; never used as a path.
    pub name: String,
    pub texts: MediaTexts,
    /// Where a picture came from, an address or the digest of a file, so that it is stored only once.
    pub source: Option<String>,
}

/// A file that can be stored.
pub struct PreparedFile(Content);

enum Content {
    Picture(Box<Picture>),
    Document(DocumentFormat, Vec<u8>),
}

impl PreparedFile {
    pub fn kind(&self) -> MediaKind {
        match self.0 {
            Content::Picture(_) => MediaKind::Picture,
            Content::Document(..) => MediaKind::Document,
        }
    }
}

/// Begins an upload.
pub async fn begin(app: &App, actor: &Actor) -> Result<Upload> {
    actor.must(Action::WriteOwnPosts)?;
    let settings = &app.config.media;
    let name = Token::random();
    let max = settings.max_bytes() as u64;
    Ok(Upload {
        file: app.files.receive(name.as_str(), max).await?,
        max_mib: settings.max_upload,
    })
}

impl Upload {
    /// Adds a piece of the file.
    pub async fn write(&mut self, piece: &[u8]) -> Result<()> {
        if self.file.write(piece).await? {
            return Ok(());
        }
        Err(refused(
            Message::new("media-too-large").with("max", self.max_mib),
        ))
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.file.length() == 0
    }
}

/// Ends an upload: the file is in the library, or an error says why not. If a picture from the same
/// source exists already, that one is returned.
pub async fn finish(
    app: &App,
    actor: &Actor,
    upload: Upload,
    input: &UploadInput,
) -> Result<Media> {
    actor.must(Action::WriteOwnPosts)?;
    let texts = texts::parse(&input.texts)?;
    let prepared = prepare(app, upload, &input.name).await?;
    let new = NewMedia {
        texts,
        uploaded_by: actor.id,
        ..store_files(app, prepared, &input.name).await?
    };
    let (now, token, source) = (app.clock.now(), new.token.clone(), input.source.clone());
    // A failure leaves the files to `media::sweep`: whether the row was committed is not always known.
    let media = app
        .store
        .write(move |tx| {
            let (new, source) = (new.clone(), source.clone());
            Box::pin(async move {
                let Some(source) = &source else {
                    return rows::insert(tx, new, now).await;
                };
                // Several requests may add it at the same time.
                media_sources::lock(tx).await?;
                if let Some(known) = media_sources::find_media(tx, source).await? {
                    return Ok(known);
                }
                let media = rows::insert(tx, new, now).await?;
                media_sources::insert(tx, media.id, source).await?;
                Ok(media)
            })
        })
        .await?;
    if media.token != token {
        library::delete_files(app, &token).await;
    }
    Ok(media)
}

/// Reads what has arrived, and makes its sizes.
pub async fn prepare(app: &App, mut upload: Upload, name: &str) -> Result<PreparedFile> {
    if upload.is_empty() {
        return Err(refused(Message::new("media-empty-file")));
    }
    upload.file.flush().await?;
    let name = name.to_owned();
    // With the file, so that it is kept while it is read, even if nobody is waiting for it any more.
    let file = upload.file;
    app.picture_cpu
        .run("read an upload", move || read(file.path(), &name))
        .await?
        .map(PreparedFile)
}

fn read(path: &Path, name: &str) -> Result<Content> {
    let bytes = std::fs::read(path).map_err(|error| Error::internal("read an upload", error))?;
    if PictureFormat::detect(&bytes).is_some() {
        let picture = picture::read(&bytes).map_err(|error| refused(explain(&error)))?;
        return Ok(Content::Picture(Box::new(picture)));
    }
    if let Some(format) = RefusedFormat::detect(&bytes, name) {
        return Err(refused(Message::new(format.message_id())));
    }
    match DocumentFormat::detect(&bytes, name) {
        Some(format) => Ok(Content::Document(format, bytes)),
        None => Err(refused(Message::new("media-unknown-format"))),
    }
}

/// Stores the files under a new token and returns what a row says of them. If that fails, no file is left.
pub async fn store_files(app: &App, prepared: PreparedFile, name: &str) -> Result<NewMedia> {
    let token = token::random(app).await?;
    match put_files(app, &token, prepared, name).await {
        Ok(new) => Ok(new),
        Err(error) => {
            if let Err(error) = app.files.delete_folder(&token).await {
                tracing::warn!(%error, "delete the files of a failed upload");
            }
            Err(error)
        }
    }
}

async fn put_files(app: &App, token: &str, prepared: PreparedFile, name: &str) -> Result<NewMedia> {
    let mut new = NewMedia {
        token: token.to_owned(),
        kind: prepared.kind(),
        file_name: String::new(),
        media_type: String::new(),
        size: 0,
        pixels: None,
        color: None,
        is_animated: false,
        texts: MediaTexts::default(),
        uploaded_by: None,
        variants: Vec::new(),
    };
    let original = match prepared.0 {
        Content::Document(format, bytes) => {
            new.file_name = address::file_name(name, format.extension());
            new.media_type = format.media_type().to_owned();
            bytes
        }
        Content::Picture(picture) => {
            new.file_name = address::file_name(name, picture.format.extension());
            new.media_type = picture.format.media_type().to_owned();
            new.pixels = Some((picture.width.into(), picture.height.into()));
            new.color = Some(format!("#{}", hex::encode(picture.color)));
            new.is_animated = picture.is_animated;
            for variant in picture.variants {
                new.variants.push(NewVariant {
                    width: variant.width.into(),
                    height: variant.height.into(),
                    size: length(&variant.bytes),
                });
                let name = address::variant_name(variant.width.into());
                app.files.put(token, &name, variant.bytes).await?;
            }
            picture.original
        }
    };
    new.size = length(&original);
    app.files.put(token, ORIGINAL, original).await?;
    Ok(new)
}

fn length(bytes: &[u8]) -> i64 {
    i64::try_from(bytes.len()).unwrap_or(i64::MAX)
}

fn refused(message: Message) -> Error {
    Error::field(Field::File, Problem::Unusable(message))
}

fn explain(error: &PictureError) -> Message {
    match error {
        PictureError::UnknownFormat => Message::new("media-unknown-format"),
        PictureError::Damaged => Message::new("media-damaged"),
        PictureError::TooManyPixels { width, height } => Message::new("media-too-many-pixels")
            .with("width", u64::from(*width))
            .with("height", u64::from(*height))
            .with("max", MAX_PIXELS / 1_000_000),
        PictureError::TooManyFrames { frames } => Message::new("media-too-many-frames")
            .with("frames", *frames as u64)
            .with("max", MAX_FRAMES as u64),
        PictureError::TooLong { longest } => Message::new("media-side-too-long")
            .with("longest", u64::from(*longest))
            .with("max", u64::from(MAX_SIDE)),
    }
}
