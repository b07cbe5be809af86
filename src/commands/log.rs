//! Log lines: to standard error, so that what a command prints stays clean.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::commands::Outcome;
use crate::config::{Log, LogFormat};

/// What parsers say of each fault in what strangers send: a line for each of thousands.
const NOISY: [&str; 2] = ["html5ever", "markup5ever"];

/// What writes whole requests when all is logged, with the keys in their addresses.
const TELLTALE: [&str; 3] = ["h2", "hyper", "tower_http"];

/// The filter that is set, with [`NOISY`] and [`TELLTALE`] silent where it does not name them.
fn filter_of(settings: &Log) -> String {
    let mut filter = settings.filter.clone();
    for target in NOISY {
        if !settings.filter.contains(target) {
            filter.push_str(&format!(",{target}=off"));
        }
    }
    for target in TELLTALE {
        if !settings.filter.contains(target) {
            filter.push_str(&format!(",{target}=error"));
        }
    }
    filter
}

/// Begins to log as `settings` say.
pub fn start(settings: &Log) -> Outcome {
    let filter = EnvFilter::try_new(filter_of(settings))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parsers_are_silent_unless_they_are_named() {
        let filter = |filter: &str| {
            filter_of(&Log {
                format: LogFormat::Text,
                filter: filter.to_owned(),
            })
        };
        assert!(filter("debug").starts_with("debug,html5ever=off,markup5ever=off"));
        let named = filter("info,html5ever=warn");
        assert!(named.starts_with("info,html5ever=warn,markup5ever=off"));
        assert!(!named.contains("html5ever=off"));
        assert!(EnvFilter::try_new(filter("info")).is_ok());
    }
}
