//! Finds the file that an address names, to be served. Knows no HTTP.

use std::ops::Range;

use object_store::GetResult;

use crate::app::App;
use crate::error::{Error, Result};
use crate::media::address::{self, ORIGINAL};
use crate::store::entity::media::{MediaKind, Model as Media};
use crate::store::media as rows;
use crate::store::media_replacements;

/// A file that can be served.
#[derive(Clone, Debug)]
pub struct ServedFile {
    token: String,
    /// The name that it is stored under.
    stored_name: String,
    pub file_name: String,
    pub kind: MediaKind,
    pub media_type: String,
    /// In bytes.
    pub size: u64,
}

impl ServedFile {
    /// The same for the same bytes, and for no others: files never change.
    pub fn etag(&self) -> String {
        format!("\"{}-{}\"", self.token, self.stored_name)
    }

    /// The file, or a part of it, to be streamed.
    pub async fn read(&self, app: &App, range: Option<Range<u64>>) -> Result<GetResult> {
        app.files
            .read(&self.token, &self.stored_name, range)
            .await?
            .ok_or(Error::NotFound("file"))
    }
}

/// The file `name` of the upload `token`, the original or a smaller size.
pub async fn find(app: &App, token: &str, name: &str) -> Result<Option<ServedFile>> {
    if !address::is_token(token) {
        return Ok(None);
    }
    let db = app.store.read();
    let Some(media) = rows::find_by_token(db, token).await? else {
        return Ok(None);
    };
    if media.file_name == name {
        let (media_type, size) = (media.media_type.clone(), media.size);
        return Ok(Some(served(&media, ORIGINAL, media_type, size)));
    }
    let Some(width) = address::variant_width(name) else {
        return Ok(None);
    };
    let variant = rows::find_variant(db, media.id, width).await?;
    Ok(variant.map(|variant| served(&media, name, "image/webp".to_owned(), variant.size)))
}

/// The current file for a token that it had before it was replaced: in the same size if there is one, otherwise
/// the file itself.
pub async fn find_replacement(app: &App, token: &str, name: &str) -> Result<Option<String>> {
    if !address::is_token(token) {
        return Ok(None);
    }
    let db = app.store.read();
    let Some(id) = media_replacements::find_by_former_token(db, token).await? else {
        return Ok(None);
    };
    let Some(media) = rows::find(db, id).await? else {
        return Ok(None);
    };
    if let Some(width) = address::variant_width(name)
        && rows::find_variant(db, id, width).await?.is_some()
    {
        return Ok(Some(address::of_variant(&media.token, width)));
    }
    Ok(Some(address::of_original(&media)))
}

fn served(media: &Media, stored_name: &str, media_type: String, size: i64) -> ServedFile {
    ServedFile {
        token: media.token.clone(),
        stored_name: stored_name.to_owned(),
        file_name: media.file_name.clone(),
        kind: media.kind,
        media_type,
        size: u64::try_from(size).unwrap_or_default(),
    }
}
