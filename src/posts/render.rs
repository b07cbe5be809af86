//! Renders posts: their HTML, links and summary. Never runs on the async threads.

use crate::app::App;
use crate::error::{Error, Field, Problem, Result};
use crate::markup::links::{self, TextLink};
use crate::markup::markdown;
use crate::markup::sanitise::{MarkupProfile, SafeHtml};
use crate::posts::draft::MAX_BODY;

/// A rendered text.
#[derive(Clone, Debug)]
pub struct RenderedPost {
    pub html: SafeHtml,
    pub links: Vec<TextLink>,
    /// Its beginning, as plain text.
    pub summary: String,
}

/// Renders a post's text. Fails where readers would see nothing of it, unless it is empty.
pub async fn render(app: &App, body: &str) -> Result<RenderedPost> {
    check_length(body)?;
    let body = body.to_owned();
    let rendered = app.cpu.run("render a post", move || {
        let html = markdown::render(&body, MarkupProfile::Post);
        if !body.trim().is_empty() && markdown::is_blank(&body, &html, MarkupProfile::Post) {
            return None;
        }
        Some(RenderedPost {
            links: links::text_links(&html),
            summary: markdown::summary(&body, &html),
            html,
        })
    });
    rendered
        .await?
        .ok_or_else(|| Error::field(Field::Body, Problem::Invisible))
}

/// The HTML of a text alone, for the preview.
pub async fn preview(app: &App, body: &str) -> Result<SafeHtml> {
    check_length(body)?;
    let body = body.to_owned();
    app.cpu
        .run("preview a post", move || {
            markdown::render(&body, MarkupProfile::Post)
        })
        .await
}

fn check_length(body: &str) -> Result<()> {
    let too_long = Problem::TooLong { max: MAX_BODY };
    match body.chars().count() {
        count if count > MAX_BODY => Err(Error::field(Field::Body, too_long)),
        _ => Ok(()),
    }
}
