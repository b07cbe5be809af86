//! `rejoinder render`: converts Markdown to the HTML that readers get. Needs no database.

use std::io::{Read, Write};

use crate::commands::CommandResult;
use crate::markup::markdown;
use crate::markup::sanitise::MarkupProfile;

/// Input beyond this is ignored.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

pub fn run(profile: MarkupProfile) -> CommandResult {
    let mut text = Vec::new();
    std::io::stdin()
        .lock()
        .take(MAX_BYTES)
        .read_to_end(&mut text)?;
    let html = markdown::render(&String::from_utf8_lossy(&text), profile);
    let html = match profile {
        MarkupProfile::Post => html.highlighted(),
        MarkupProfile::Response => html,
    };
    std::io::stdout()
        .lock()
        .write_all(html.as_str().as_bytes())?;
    Ok(())
}
