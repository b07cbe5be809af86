//! `rejoinder migrate`: the schema, and nothing else.

use std::time::Duration;

use crate::commands::Outcome;
use crate::commands::output::say;
use crate::config::Config;
use crate::store::db::Store;

/// Runs the command.
pub async fn run(config: Config) -> Outcome {
    let wait = Duration::from_secs(config.database.wait);
    let store = Store::connect(&config.database.url, config.database.max_connections, wait).await?;
    let missing = store.missing_steps().await?;
    store.migrate().await?;
    match missing.len() {
        0 => say!("The schema was up to date.")?,
        count => say!("{count} migrations applied: {}.", missing.join(", "))?,
    }
    Ok(())
}
