//! Checks the place where pictures and documents are kept: stores a file, reads it and deletes it again.

use crate::accounts::token::Token;
use crate::app::media_files;
use crate::commands::finding::Finding;
use crate::config::Config;
use crate::files::Files;

/// What the file says.
const PROBE: &[u8] = b"Stored by rejoinder doctor";

pub(super) async fn check(config: &Config) -> Finding {
    let settings = &config.media;
    let place = match settings.url.as_str() {
        "" => &settings.folder,
        url => url,
    };
    let files = match media_files::open(config) {
        Ok(files) => files,
        Err(error) => return Finding::fix(error.to_string()),
    };
    match store_and_delete(&files).await {
        Ok(()) => Finding::ok(format!("files can be stored in {place}")),
        Err(problem) => Finding::fix(format!(
            "files cannot be stored in {place}: {problem}; see the log for details"
        )),
    }
}

async fn store_and_delete(files: &Files) -> Result<(), String> {
    let folder = format!("doctor-{}", Token::random().as_str());
    let stored = store_and_read(files, &folder).await;
    let deleted = files.delete_folder(&folder).await;
    stored?;
    deleted.map_err(|error| format!("deleting failed: {error}"))
}

async fn store_and_read(files: &Files, folder: &str) -> Result<(), String> {
    files
        .put(folder, "probe", PROBE.to_vec())
        .await
        .map_err(|error| format!("storing failed: {error}"))?;
    let found = files
        .read(folder, "probe", None)
        .await
        .map_err(|error| format!("reading failed: {error}"))?
        .ok_or("the stored file was not found")?;
    let bytes = found
        .bytes()
        .await
        .map_err(|error| format!("reading failed: {error}"))?;
    match bytes.as_ref() == PROBE {
        true => Ok(()),
        false => Err("what was read is not what was stored".to_owned()),
    }
}
