//! Files that are still being uploaded: always on this machine, wherever they are stored later. Never served.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tokio::io::AsyncWriteExt;

use crate::error::{Error, Result};
use crate::files::failure::not_stored;

/// The folder for them.
pub(super) const INCOMING: &str = "incoming";

/// A file that is being uploaded, outside the folders that are served. Deleted when this is dropped.
pub struct IncomingFile {
    file: tokio::fs::File,
    path: PathBuf,
    length: u64,
    max: u64,
}

impl IncomingFile {
    /// A new file in `folder` that may have up to `max` bytes.
    pub(super) async fn create(folder: &Path, name: &str, max: u64) -> Result<Self> {
        tokio::fs::create_dir_all(folder)
            .await
            .map_err(|error| not_stored(&error))?;
        let path = folder.join(name);
        let file = tokio::fs::File::create_new(&path)
            .await
            .map_err(|error| not_stored(&error))?;
        Ok(Self {
            file,
            path,
            length: 0,
            max,
        })
    }

    /// Adds a piece; false if the file is now too long.
    pub async fn write(&mut self, piece: &[u8]) -> Result<bool> {
        self.length += piece.len() as u64;
        if self.length > self.max {
            return Ok(false);
        }
        self.file
            .write_all(piece)
            .await
            .map_err(|error| not_stored(&error))?;
        Ok(true)
    }

    /// Finishes writing.
    pub async fn flush(&mut self) -> Result<()> {
        self.file.flush().await.map_err(|error| not_stored(&error))
    }

    /// In bytes.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Where it can be read, while this lives.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for IncomingFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Deletes files that stopped arriving `age` ago or longer, when the process that received them ended.
pub(super) async fn forget(folder: &Path, age: Duration) -> Result<()> {
    let failed = |error: std::io::Error| Error::internal("delete files that never arrived", error);
    let mut entries = match tokio::fs::read_dir(folder).await {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error)),
    };
    while let Some(entry) = entries.next_entry().await.map_err(failed)? {
        let is_old = entry.metadata().await.is_ok_and(|metadata| {
            let changed_at = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            changed_at.elapsed().is_ok_and(|since| since >= age)
        });
        if is_old {
            let _ = tokio::fs::remove_file(entry.path()).await;
        }
    }
    Ok(())
}
