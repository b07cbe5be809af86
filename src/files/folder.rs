//! The folders of uploads in a folder on this machine, read directly, because files that a killed process
//! left half written are not objects yet, and must be found, too.

use std::io::ErrorKind;
use std::path::Path;
use std::time::SystemTime;

use crate::clock::Moment;
use crate::files::incoming::INCOMING;

/// A folder of an upload, with the time when its newest file was written.
pub(super) struct StoredFolder {
    pub(super) name: String,
    pub(super) changed_at: Moment,
}

/// All of them, in no order.
pub(super) fn list(folder: &Path) -> std::io::Result<Vec<StoredFolder>> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        if name == INCOMING || !entry.file_type()?.is_dir() {
            continue;
        }
        let changed_at = newest(&entry.path())?;
        found.push(StoredFolder { name, changed_at });
    }
    Ok(found)
}

fn newest(folder: &Path) -> std::io::Result<Moment> {
    let mut newest = std::fs::metadata(folder)?.modified()?;
    for entry in std::fs::read_dir(folder)? {
        // One that has gone in the meantime is no reason to stop.
        if let Ok(changed_at) = entry?.metadata().and_then(|file| file.modified()) {
            newest = newest.max(changed_at);
        }
    }
    let since = newest
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    Ok(Moment(i64::try_from(since.as_millis()).unwrap_or(i64::MAX)))
}

/// Deletes a folder with everything in it. Succeeds if it does not exist.
pub(super) fn delete(folder: &Path, name: &str) -> std::io::Result<()> {
    match std::fs::remove_dir_all(folder.join(name)) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
