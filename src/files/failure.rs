//! What failures of the storage of files mean to people. The cause goes to the log, without any secret.

use crate::error::Error;
use crate::texts::Message;

/// Mostly a full disk, a folder that may not be written, or an object store that does not answer.
pub(super) fn not_stored(error: &dyn std::fmt::Display) -> Error {
    tracing::warn!(%error, "store a file");
    Error::Unavailable(Message::new("media-not-stored"))
}

/// The storage fails; whether the file is there is unknown.
pub(super) fn not_readable(error: &dyn std::fmt::Display) -> Error {
    tracing::warn!(%error, "read a stored file");
    Error::Unavailable(Message::new("media-not-readable"))
}
