//! `rejoinder render`: Markdown in, the HTML that would be shown out.

use std::io::{Read, Write};

use crate::commands::Outcome;
use crate::markup::markdown;
use crate::markup::sanitise::Profile;

/// More than this is no post.
const MOST: u64 = 16 * 1024 * 1024;

/// Runs the command.
pub fn run(profile: Profile) -> Outcome {
    let mut text = Vec::new();
    std::io::stdin().lock().take(MOST).read_to_end(&mut text)?;
    let html = markdown::render(&String::from_utf8_lossy(&text), profile);
    std::io::stdout()
        .lock()
        .write_all(html.as_str().as_bytes())?;
    Ok(())
}
