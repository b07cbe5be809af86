//! What feeds call an entry for ever: never derived from an address, which may change. Rows from
//! before there was such a name keep the one that feeds used then.

use sea_orm::{ConnectionTrait, Statement};
use sha2::{Digest, Sha256};

use crate::error::Result;
use crate::store::db::Store;

/// A name that nothing else has (RFC 9562, version 4).
pub fn new_guid() -> String {
    urn(rand::random())
}

/// What a feed of the site calls itself (RFC 4287, section 4.2.6), by the site's own id.
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

/// The name that a post without one has.
pub fn of_older_post(base: &str, id: impl std::fmt::Display) -> String {
    format!("{base}/?p={id}")
}

/// The name that a response without one has.
pub fn of_older_response(
    base: &str,
    post: impl std::fmt::Display,
    id: impl std::fmt::Display,
) -> String {
    format!("{base}/?p={post}#comment-{id}")
}

/// Names what has no name yet by the site's address of today, once and for all.
pub async fn fill_missing(store: &Store, base: &str) -> Result<()> {
    let backend = store.read().get_database_backend();
    let missing = Statement::from_string(
        backend,
        "SELECT 1 FROM posts WHERE guid IS NULL
         UNION ALL SELECT 1 FROM responses WHERE guid IS NULL LIMIT 1",
    );
    if store.read().query_one_raw(missing).await?.is_none() {
        return Ok(());
    }
    let base = base.to_owned();
    store
        .write(move |tx| {
            let base = base.clone();
            Box::pin(async move {
                for sql in [
                    "UPDATE posts SET guid = CAST($1 AS TEXT) || '/?p=' || id WHERE guid IS NULL",
                    "UPDATE responses SET guid = CAST($1 AS TEXT) || '/?p=' || post_id || '#comment-' || id
                     WHERE guid IS NULL",
                ] {
                    let values = [base.clone().into()];
                    tx.execute_raw(Statement::from_sql_and_values(backend, sql, values))
                        .await?;
                }
                Ok(())
            })
        })
        .await
}
