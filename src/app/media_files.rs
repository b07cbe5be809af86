//! Opens the storage for pictures and documents that the settings name. Connects to nothing yet.

use crate::config::Config;
use crate::error::{Error, Result};
use crate::files::{Files, S3Location};
use crate::net::object_client::ObjectConnector;
use crate::texts::Message;

/// The place of all files.
pub fn open(config: &Config) -> Result<Files> {
    let settings = &config.media;
    if settings.url.is_empty() {
        return Ok(Files::in_folder(&settings.folder));
    }
    let location = S3Location {
        url: settings.url.clone(),
        endpoint: settings.endpoint.clone(),
        region: settings.region.clone(),
        key_id: settings.key_id.clone(),
        secret: settings.secret.reveal().to_owned(),
        allow_http: settings.allow_http,
    };
    Files::in_bucket(&settings.folder, &location, ObjectConnector).map_err(|error| {
        Error::Unavailable(Message::new("media-settings-unusable").with("error", error))
    })
}
