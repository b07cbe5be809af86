//! Imports pictures from other sites into the library: fetched by the guarded client, then checked like an upload.
//! A picture that was imported from the same address before is not fetched again.

use std::time::Duration;

use percent_encoding::percent_decode_str;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};
use url::Url;

use crate::accounts::permissions::{Action, Actor};
use crate::app::App;
use crate::error::{Error, Field, Problem, Result};
use crate::markup::pictures::PicturePlace;
use crate::media::picture_format::PictureFormat;
use crate::media::texts::{MAX_ALT, MAX_CREDIT};
use crate::media::upload::{self, UploadInput};
use crate::media::uses;
use crate::net::fetch::{FetchError, Fetched};
use crate::store::entity::media::{MediaKind, Model as Media};
use crate::store::media::MediaTexts;
use crate::store::media_sources;
use crate::texts::Message;

/// The most pictures that are imported at once; more are left for the next time.
pub const MAX_PICTURES: usize = 20;
/// How many pictures a node fetches at the same time: each may be in memory as a whole.
const MAX_CONCURRENT: usize = 3;
/// The longest address, in bytes.
const MAX_ADDRESS: usize = 2048;
/// How many bytes show that a file is SVG.
const MAX_SNIFFED: usize = 1024;

static SLOTS: Semaphore = Semaphore::const_new(MAX_CONCURRENT);

/// A picture to import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignPicture {
    pub address: String,
    /// May be empty.
    pub alt: String,
}

/// What became of each picture.
#[derive(Debug, Default)]
pub struct ImportReport {
    /// By the address that it had.
    pub imported: Vec<(String, Media)>,
    pub failed: Vec<(String, Error)>,
    /// How many were not tried.
    pub left: usize,
}

/// Imports as many of these pictures as the limits on number and time allow; each succeeds or fails by itself.
pub async fn import_all(
    app: &App,
    actor: &Actor,
    pictures: &[ForeignPicture],
    time: Duration,
) -> Result<ImportReport> {
    actor.must(Action::WriteOwnPosts)?;
    let deadline = Instant::now() + time;
    let now: Vec<ForeignPicture> = pictures.iter().take(MAX_PICTURES).cloned().collect();
    let mut report = ImportReport {
        left: pictures.len() - now.len(),
        ..ImportReport::default()
    };
    let mut results: Vec<Option<Result<Media>>> = now.iter().map(|_| None).collect();
    let mut running = JoinSet::new();
    for (nth, picture) in now.iter().cloned().enumerate() {
        let (app, actor) = (app.clone(), actor.clone());
        running.spawn(async move { (nth, import(&app, &actor, &picture).await) });
    }
    // What is still running at the deadline is aborted; `media::sweep` removes what it leaves.
    while let Ok(Some(ended)) = timeout_at(deadline, running.join_next()).await {
        match ended {
            Ok((nth, result)) => results[nth] = Some(result),
            Err(error) => tracing::error!(%error, "import a picture"),
        }
    }
    for (picture, result) in now.into_iter().zip(results) {
        match result.unwrap_or_else(|| Err(refused(Message::new("import-too-slow")))) {
            Ok(media) => report.imported.push((picture.address, media)),
            Err(error) => report.failed.push((picture.address, error)),
        }
    }
    Ok(report)
}

/// Imports a picture, or finds the one that was imported from there before.
pub async fn import(app: &App, actor: &Actor, picture: &ForeignPicture) -> Result<Media> {
    actor.must(Action::WriteOwnPosts)?;
    let url = read_address(app, &picture.address)?;
    if let Some(media) = media_sources::find_media(app.store.read(), url.as_str()).await? {
        return Ok(media);
    }
    let _slot = SLOTS
        .acquire()
        .await
        .map_err(|error| Error::internal("import a picture", error))?;
    let fetched = app
        .fetcher
        .get_picture(&url, app.config.media.max_bytes())
        .await
        .map_err(|error| {
            tracing::info!(host = url.host_str(), %error, "import a picture");
            explain(&error)
        })?;
    let bytes = check(app, fetched)?;
    let host = url.host_str().unwrap_or_default();
    let input = UploadInput {
        name: name_of(&url),
        texts: MediaTexts {
            alt: picture.alt.chars().take(MAX_ALT).collect(),
            // An editor may know better who made it.
            credit: host.chars().take(MAX_CREDIT).collect(),
            ..MediaTexts::default()
        },
        source: Some(url.into()),
    };
    store(app, actor, &bytes, &input).await
}

/// Stores an imported picture.
pub async fn store(app: &App, actor: &Actor, bytes: &[u8], input: &UploadInput) -> Result<Media> {
    let mut upload = upload::begin(app, actor).await?;
    upload.write(bytes).await?;
    let media = upload::finish(app, actor, upload, input).await?;
    match media.kind {
        MediaKind::Picture => Ok(media),
        MediaKind::Document => Err(refused(Message::new("import-not-a-picture"))),
    }
}

/// Whether these bytes begin as those of a picture that can be stored do.
pub fn is_picture(bytes: &[u8]) -> bool {
    PictureFormat::detect(bytes).is_some()
}

fn read_address(app: &App, address: &str) -> Result<Url> {
    let unusable = || refused(Message::new("import-bad-address"));
    if address.len() > MAX_ADDRESS {
        return Err(unusable());
    }
    let whole = match address.strip_prefix("//") {
        Some(_) => format!("https:{address}"),
        None => address.to_owned(),
    };
    let mut url = Url::parse(&whole).map_err(|_| unusable())?;
    let is_elsewhere = matches!(
        uses::rules(app).place_of(url.as_str()),
        PicturePlace::OtherSite | PicturePlace::AllowedHost
    );
    if !matches!(url.scheme(), "http" | "https") || !is_elsewhere {
        return Err(unusable());
    }
    url.set_fragment(None);
    // It may be longer once it is encoded.
    match url.as_str().len() <= MAX_ADDRESS {
        true => Ok(url),
        false => Err(unusable()),
    }
}

fn check(app: &App, fetched: Fetched) -> Result<Vec<u8>> {
    if fetched.status != 200 {
        let message = Message::new("import-status").with("status", u64::from(fetched.status));
        return Err(refused(message));
    }
    if fetched.truncated {
        let max = app.config.media.max_upload;
        return Err(refused(Message::new("media-too-large").with("max", max)));
    }
    if is_picture(&fetched.body) {
        return Ok(fetched.body);
    }
    Err(refused(Message::new(match is_svg(&fetched) {
        true => "import-svg",
        false => "import-not-a-picture",
    })))
}

fn is_svg(fetched: &Fetched) -> bool {
    let says_svg = fetched
        .content_type()
        .is_some_and(|named| named.trim_start().starts_with("image/svg"));
    let head = &fetched.body[..fetched.body.len().min(MAX_SNIFFED)];
    says_svg || String::from_utf8_lossy(head).contains("<svg")
}

/// The last part of an address's path.
fn name_of(url: &Url) -> String {
    let last = url
        .path_segments()
        .and_then(|mut segments| segments.next_back())
        .unwrap_or_default();
    percent_decode_str(last).decode_utf8_lossy().into_owned()
}

/// Never says which part of a network was reached.
fn explain(error: &FetchError) -> Error {
    let message = match error {
        FetchError::RateLimited(wait) => {
            Message::new("import-rate-limited").with("seconds", wait.as_secs().max(1))
        }
        FetchError::Timeout => Message::new("import-too-slow"),
        FetchError::Setup(_) => return Error::internal("import a picture", error.to_string()),
        _ => Message::new("import-unreachable"),
    };
    refused(message)
}

fn refused(message: Message) -> Error {
    Error::field(Field::File, Problem::Unusable(message))
}
