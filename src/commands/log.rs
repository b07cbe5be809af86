//! Sets up logging to standard error, so that the output of commands stays clean.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::commands::CommandResult;
use crate::config::{LogFormat, LogSettings};

/// Parsers that log every error in input from strangers, thousands of lines each.
const NOISY: [&str; 2] = ["html5ever", "markup5ever"];

/// Libraries that log whole requests, including the secrets in their addresses.
const LEAKY: [&str; 3] = ["h2", "hyper", "tower_http"];

/// The filter of the settings, with [`NOISY`] and [`LEAKY`] silenced unless it names them.
fn filter_of(settings: &LogSettings) -> String {
    let mut filter = settings.filter.clone();
    for target in NOISY {
        if !settings.filter.contains(target) {
            filter.push_str(&format!(",{target}=off"));
        }
    }
    for target in LEAKY {
        if !settings.filter.contains(target) {
            filter.push_str(&format!(",{target}=error"));
        }
    }
    filter
}

pub fn start(settings: &LogSettings) -> CommandResult {
    let filter = EnvFilter::try_new(filter_of(settings))
        .map_err(|error| format!("the setting log.filter is not valid: {error}; try \"info\""))?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        // A closed terminal must not end the process.
        .log_internal_errors(false)
        .with_writer(std::io::stderr);
    match settings.format {
        LogFormat::Text => lines.with_target(false).try_init(),
        LogFormat::Json => lines.json().try_init(),
    }
    // In tests several commands share a process, and logging is set up once.
    .ok();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parsers_are_silent_unless_the_filter_names_them() {
        let filter = |filter: &str| {
            filter_of(&LogSettings {
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
