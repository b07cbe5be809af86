//! The files of an SQLite database and their folder are for this user alone: they hold addresses and
//! the hashes of passwords. That holds for files that were there before, too.

use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// What SQLite keeps beside the database, by the endings of their names.
const BESIDE: [&str; 4] = ["", "-wal", "-shm", "-journal"];
/// The permission bits of group and others.
const OTHERS: u32 = 0o077;

/// The file that `url` names; None for a database in memory.
pub fn file_of(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    let path = path.split('?').next().unwrap_or(path);
    (!path.is_empty() && !path.contains(":memory:")).then(|| PathBuf::from(path))
}

fn folder_of(file: &Path) -> Option<&Path> {
    file.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
}

/// Makes the database's folder and its file where they are not there, for this user alone, and takes
/// away what rights others have on those that are. What cannot be changed is left to
/// [`list_open`]; only a folder that cannot be made is an error.
pub fn prepare(url: &str) -> io::Result<()> {
    let Some(file) = file_of(url) else {
        return Ok(());
    };
    if let Some(folder) = folder_of(&file) {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
        if is_ours_alone(folder, &file) {
            close(folder);
        }
    }
    // SQLite gives what it makes beside a database the rights of the database.
    let made = OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(&file);
    if let Err(error) = made
        && error.kind() != io::ErrorKind::AlreadyExists
    {
        tracing::debug!(%error, "make the database's file");
    }
    for path in files(&file) {
        close(&path);
    }
    Ok(())
}

/// Which of the database's files and their folder others may open, as far as can be seen.
pub fn list_open(url: &str) -> Vec<PathBuf> {
    let Some(file) = file_of(url) else {
        return Vec::new();
    };
    let folder = folder_of(&file).map(Path::to_owned);
    files(&file)
        .chain(folder)
        .filter(|path| mode(path).is_some_and(|mode| mode & OTHERS != 0))
        .collect()
}

fn files(file: &Path) -> impl Iterator<Item = PathBuf> {
    let file = file.as_os_str().to_owned();
    BESIDE.into_iter().map(move |ending| {
        let mut name = file.clone();
        name.push(ending);
        PathBuf::from(name)
    })
}

/// Whether the folder holds nothing but the database, so that nobody else needs it. A folder that
/// others work in too, such as /tmp, is none of our business.
fn is_ours_alone(folder: &Path, file: &Path) -> bool {
    let Some(name) = file.file_name().and_then(|name| name.to_str()) else {
        return false;
    };
    let is_ours = |entry: io::Result<fs::DirEntry>| {
        entry.is_ok_and(|entry| {
            let other = entry.file_name();
            let other = other.to_string_lossy();
            BESIDE
                .iter()
                .any(|ending| other == format!("{name}{ending}"))
        })
    };
    fs::read_dir(folder).is_ok_and(|mut entries| entries.all(is_ours))
}

fn mode(path: &Path) -> Option<u32> {
    fs::metadata(path)
        .ok()
        .map(|about| about.permissions().mode())
}

fn close(path: &Path) {
    let Some(mode) = mode(path).filter(|mode| mode & OTHERS != 0) else {
        return;
    };
    if let Err(error) = fs::set_permissions(path, Permissions::from_mode(mode & !OTHERS)) {
        tracing::warn!(%error, path = %path.display(), "take away others' rights on the data");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn files_are_named_by_addresses_of_every_form() {
        for (url, file) in [
            ("sqlite://data/a.db", Some("data/a.db")),
            ("sqlite:data/a.db?mode=rwc", Some("data/a.db")),
            ("sqlite:///var/lib/a.db", Some("/var/lib/a.db")),
            ("sqlite::memory:", None),
            ("sqlite://:memory:", None),
        ] {
            assert_eq!(file_of(url), file.map(PathBuf::from), "{url}");
        }
    }

    #[test]
    fn what_was_open_before_is_closed_and_what_others_work_in_is_left() {
        let root = tempfile::tempdir().unwrap();
        let own = root.path().join("data");
        fs::create_dir(&own).unwrap();
        let url = format!("sqlite://{}/a.db", own.display());
        for name in ["a.db", "a.db-wal", "a.db-shm"] {
            fs::write(own.join(name), "").unwrap();
            set_mode(&own.join(name), 0o644);
        }
        set_mode(&own, 0o755);
        assert_eq!(list_open(&url).len(), 4);
        prepare(&url).unwrap();
        assert_eq!(list_open(&url), Vec::<PathBuf>::new());

        let shared = root.path().join("shared");
        fs::create_dir(&shared).unwrap();
        fs::write(shared.join("note"), "").unwrap();
        set_mode(&shared, 0o755);
        let url = format!("sqlite://{}/a.db", shared.display());
        prepare(&url).unwrap();
        assert_eq!(list_open(&url), std::slice::from_ref(&shared));
        assert_eq!(mode(&shared.join("a.db")).unwrap() & 0o777, 0o600);
    }
}
