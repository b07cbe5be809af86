//! Removes files without a row, which interrupted uploads and deletions leave behind. Never touches a file that
//! may still get its row, or that belongs to another site.

use std::time::Duration;

use crate::app::App;
use crate::error::Result;
use crate::media::{address, token};
use crate::store::media as rows;

/// An upload gets its row within seconds after its files. Files younger than a day are left alone, because a backup
/// may be being restored.
const MIN_AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// Removes what is left over, and returns how many uploads that were.
pub async fn remove_orphans(app: &App) -> Result<usize> {
    app.files.forget_incoming(MIN_AGE).await?;
    let before = app.clock.now().minus(MIN_AGE);
    let folders = app.files.list_folders_before(before).await?;
    let site = token::site_prefix(app).await?;
    let tokens: Vec<String> = folders
        .into_iter()
        .filter(|name| address::is_token(name) && name.starts_with(&site))
        .collect();
    let mut removed = 0;
    for tokens in tokens.chunks(500) {
        let known = rows::list_known_tokens(app.store.read(), tokens).await?;
        for token in tokens.iter().filter(|token| !known.contains(token)) {
            match app.files.delete_folder(token).await {
                Ok(()) => removed += 1,
                Err(error) => tracing::warn!(%error, token, "remove the files of no row"),
            }
        }
    }
    Ok(removed)
}
