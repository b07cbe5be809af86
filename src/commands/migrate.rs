//! `rejoinder migrate`: updates the database schema, and changes nothing else.

use std::time::Duration;

use crate::commands::CommandResult;
use crate::commands::output::{self, say};
use crate::config::Config;
use crate::store::db::Store;

pub async fn run(config: Config) -> CommandResult {
    let timeout = Duration::from_secs(config.database.timeout);
    let store = Store::connect(
        &config.database.url,
        config.database.max_connections,
        timeout,
    )
    .await?;
    let missing = store.missing_steps().await?;
    store.migrate().await?;
    match missing.len() {
        0 => say!("The database schema is already up to date.")?,
        count => say!(
            "{} applied: {}.",
            output::count(count as u64, "migration", "migrations"),
            missing.join(", ")
        )?,
    }
    Ok(())
}
