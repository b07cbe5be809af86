//! The ids of feeds and of their entries. Never derived from an address, which may change: readers would
//! see every entry as new.

use sha2::{Digest, Sha256};

/// A random UUID as a URN (RFC 9562, version 4).
pub fn new_guid() -> String {
    urn(rand::random())
}

/// The id of the feed at `path` (RFC 4287, section 4.2.6), derived from the site's random id.
pub fn feed_id(site_id: &str, path: &str) -> String {
    let digest = Sha256::digest(format!("{site_id} {path}"));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    urn(bytes)
}

fn urn(bytes: [u8; 16]) -> String {
    uuid::Builder::from_random_bytes(bytes)
        .into_uuid()
        .urn()
        .to_string()
}
