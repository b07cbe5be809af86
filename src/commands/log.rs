//! Log lines: to standard error, so that what a command prints stays clean.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::commands::Outcome;
use crate::config::{Log, LogFormat};

/// Begins to log as `settings` say.
pub fn start(settings: &Log) -> Outcome {
    let filter = EnvFilter::try_new(&settings.filter)
        .map_err(|error| format!("the setting log.filter cannot be used: {error}; try \"info\""))?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        // A terminal that is gone must not end the process.
        .log_internal_errors(false)
        .with_writer(std::io::stderr);
    match settings.format {
        LogFormat::Text => lines.with_target(false).try_init(),
        LogFormat::Json => lines.json().try_init(),
    }
    // Somebody logs already: in tests several commands share a process.
    .ok();
    Ok(())
}
