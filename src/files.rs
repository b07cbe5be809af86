//! Where the files of pictures and documents are kept: a folder of this machine, or a bucket of an
//! S3-compatible object store. Each upload has a folder of its own. Never decides what is stored, and never
//! uses a name that a person gave.

mod failure;
mod folder;
mod incoming;
mod s3;

use std::collections::HashMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use object_store::client::HttpConnector;
use object_store::local::LocalFileSystem;
use object_store::path::Path as ObjectPath;
use object_store::{GetOptions, GetRange, GetResult, ObjectStore, ObjectStoreExt, PutPayload};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

pub use crate::files::incoming::IncomingFile;
pub use crate::files::s3::S3Location;

use crate::clock::Moment;
use crate::error::{Error, Result};
use crate::files::failure::{not_readable, not_stored};
use crate::files::incoming::INCOMING;

/// The longest that storing one file may take.
const PUT_TIMEOUT: Duration = Duration::from_secs(60);
/// The longest wait for the first byte of a file.
const READ_TIMEOUT: Duration = Duration::from_secs(20);
/// The longest that listing or deleting files may take.
const HOUSEKEEPING_TIMEOUT: Duration = Duration::from_secs(50);
/// How many folders are listed at most: those that come after, in the order of their names, are never found.
const MAX_LISTED: usize = 200_000;

/// Where all files are.
pub struct Files {
    /// On this machine: the files themselves, or only those that are still being uploaded.
    folder: PathBuf,
    bucket: Option<Arc<dyn ObjectStore>>,
}

impl Files {
    /// Files in a folder. Nothing is created before the first file is stored.
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            bucket: None,
        }
    }

    /// Files in an object store, with a folder for those that are still being uploaded; the text of a failure says
    /// what to fix.
    pub fn in_bucket(
        folder: impl Into<PathBuf>,
        location: &S3Location,
        connector: impl HttpConnector,
    ) -> Result<Self, String> {
        Ok(Self {
            folder: folder.into(),
            bucket: Some(location.open(connector)?),
        })
    }

    /// Stores a whole file durably; it exists only once it is complete.
    pub async fn put(&self, folder: &str, name: &str, bytes: Vec<u8>) -> Result<()> {
        let store = self.create().await?;
        let (path, payload) = (path(folder, name), PutPayload::from(bytes));
        match timeout(PUT_TIMEOUT, store.put(&path, payload)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(not_stored(&error)),
            Err(elapsed) => Err(not_stored(&elapsed)),
        }
    }

    /// A file, or a part of it, to be streamed; None if it does not exist.
    pub async fn read(
        &self,
        folder: &str,
        name: &str,
        range: Option<Range<u64>>,
    ) -> Result<Option<GetResult>> {
        let Some(store) = self.open() else {
            return Ok(None);
        };
        let options = GetOptions {
            range: range.map(GetRange::Bounded),
            ..GetOptions::default()
        };
        match timeout(READ_TIMEOUT, store.get_opts(&path(folder, name), options)).await {
            Ok(Ok(found)) => Ok(Some(found)),
            Ok(Err(object_store::Error::NotFound { .. })) => Ok(None),
            Ok(Err(error)) => Err(not_readable(&error)),
            Err(elapsed) => Err(not_readable(&elapsed)),
        }
    }

    /// Deletes the folder of an upload with all of its files.
    pub async fn delete_folder(&self, name: &str) -> Result<()> {
        let failed = |error| Error::internal("delete stored files", error);
        match &self.bucket {
            Some(store) => timeout(HOUSEKEEPING_TIMEOUT, delete_objects(store.as_ref(), name))
                .await
                .map_err(|error| Error::internal("delete stored files", error))?
                .map_err(|error| Error::internal("delete stored files", error)),
            None => {
                let (folder, name) = (self.folder.clone(), name.to_owned());
                spawn_blocking(move || folder::delete(&folder, &name))
                    .await
                    .map_err(|error| Error::internal("delete stored files", error))?
                    .map_err(failed)
            }
        }
    }

    /// The folders of uploads whose files were all written before `moment`, including interrupted ones.
    pub async fn list_folders_before(&self, moment: Moment) -> Result<Vec<String>> {
        let mut newest: HashMap<String, Moment> = HashMap::new();
        let failed = "list stored files";
        match &self.bucket {
            Some(store) => {
                timeout(
                    HOUSEKEEPING_TIMEOUT,
                    list_objects(store.as_ref(), &mut newest),
                )
                .await
                .map_err(|error| Error::internal(failed, error))?
                .map_err(|error| Error::internal(failed, error))?;
            }
            None => {
                let folder = self.folder.clone();
                let found = spawn_blocking(move || folder::list(&folder))
                    .await
                    .map_err(|error| Error::internal(failed, error))?
                    .map_err(|error| Error::internal(failed, error))?;
                newest.extend(
                    found
                        .into_iter()
                        .map(|found| (found.name, found.changed_at)),
                );
            }
        }
        newest.retain(|_, changed_at| *changed_at < moment);
        Ok(newest.into_keys().collect())
    }

    /// A file that arrives piece by piece and may have up to `max` bytes.
    pub async fn receive(&self, name: &str, max: u64) -> Result<IncomingFile> {
        IncomingFile::create(&self.folder.join(INCOMING), name, max).await
    }

    /// Deletes files that stopped arriving `age` ago or longer, when the process that received them ended.
    pub async fn forget_incoming(&self, age: Duration) -> Result<()> {
        incoming::forget(&self.folder.join(INCOMING), age).await
    }

    async fn create(&self) -> Result<Arc<dyn ObjectStore>> {
        if self.bucket.is_none() {
            tokio::fs::create_dir_all(&self.folder)
                .await
                .map_err(|error| not_stored(&error))?;
        }
        self.open().ok_or_else(|| not_stored(&"no such folder"))
    }

    /// None if nothing has been stored yet.
    fn open(&self) -> Option<Arc<dyn ObjectStore>> {
        if let Some(bucket) = &self.bucket {
            return Some(Arc::clone(bucket));
        }
        let store = LocalFileSystem::new_with_prefix(&self.folder).ok()?;
        Some(Arc::new(store.with_fsync(true)))
    }
}

async fn delete_objects(store: &dyn ObjectStore, folder: &str) -> object_store::Result<()> {
    let listed = store
        .list_with_delimiter(Some(&ObjectPath::from(folder)))
        .await?;
    for object in listed.objects {
        match store.delete(&object.location).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// All objects of the store in one listing, a thousand at a time.
async fn list_objects(
    store: &dyn ObjectStore,
    newest: &mut HashMap<String, Moment>,
) -> object_store::Result<()> {
    let mut objects = store.list(None);
    while let Some(object) = objects.next().await {
        let object = object?;
        let Some(folder) = object.location.parts().next() else {
            continue;
        };
        let folder = folder.as_ref().to_owned();
        let written_at = Moment(object.last_modified.timestamp_millis());
        if newest.len() >= MAX_LISTED && !newest.contains_key(&folder) {
            return Ok(());
        }
        let known = newest.entry(folder).or_insert(written_at);
        *known = (*known).max(written_at);
    }
    Ok(())
}

fn path(folder: &str, name: &str) -> ObjectPath {
    ObjectPath::from_iter([folder, name])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_is_stored_read_in_parts_and_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::in_folder(folder.path().join("media"));
        assert!(files.read("a", "b", None).await.unwrap().is_none());
        files.put("a", "b", b"hello".to_vec()).await.unwrap();
        let whole = files.read("a", "b", None).await.unwrap().unwrap();
        assert_eq!(whole.bytes().await.unwrap().as_ref(), b"hello");
        let part = files.read("a", "b", Some(1..3)).await.unwrap().unwrap();
        assert_eq!(part.bytes().await.unwrap().as_ref(), b"el");
        // What a process leaves behind if it is killed while it writes.
        std::fs::create_dir(folder.path().join("media/half")).unwrap();
        std::fs::write(folder.path().join("media/half/b#1"), b"he").unwrap();
        drop(files.receive("c", 1).await.unwrap());
        let mut listed = files.list_folders_before(Moment(i64::MAX)).await.unwrap();
        listed.sort();
        assert_eq!(listed, ["a", "half"]);
        let old = files.list_folders_before(Moment(0)).await.unwrap();
        assert!(old.is_empty());
        for name in ["a", "half", "none"] {
            files.delete_folder(name).await.unwrap();
        }
        assert!(files.read("a", "b", None).await.unwrap().is_none());
        assert!(!folder.path().join("media/half").exists());
    }

    #[tokio::test]
    async fn what_arrives_has_a_limit_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::in_folder(folder.path());
        let mut file = files.receive("x", 3).await.unwrap();
        assert!(file.write(b"abc").await.unwrap());
        assert!(!file.write(b"d").await.unwrap());
        let path = file.path().to_owned();
        assert!(path.exists());
        drop(file);
        assert!(!path.exists());
    }
}
