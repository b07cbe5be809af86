//! What readers see of a post: its HTML, its links and its first words, made beside the async threads.

use crate::app::App;
use crate::error::{Error, Field, Problem, Result};
use crate::markup::links::{self, TextLink};
use crate::markup::markdown;
use crate::markup::sanitise::{Profile, SafeHtml};
use crate::posts::draft::MAX_BODY;

/// What a text becomes.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// As it stands on the post's page.
    pub html: SafeHtml,
    /// Where it leads.
    pub links: Vec<TextLink>,
    /// Its first words.
    pub summary: String,
}

/// Renders a post's text. One of which readers would see nothing is refused; an empty one is not.
pub async fn render(app: &App, body: &str) -> Result<Rendered> {
    check_length(body)?;
    let body = body.to_owned();
    let rendered = app.cpu.run("render a post", move || {
        let html = markdown::render(&body, Profile::Post);
        if !body.trim().is_empty() && markdown::is_blank(&body, &html, Profile::Post) {
            return None;
        }
        Some(Rendered {
            links: links::text_links(&html),
            summary: markdown::summary(&body, &html),
            html,
        })
    });
    rendered
        .await?
        .ok_or_else(|| Error::field(Field::Body, Problem::Invisible))
}

/// How a text will look.
pub async fn preview(app: &App, body: &str) -> Result<SafeHtml> {
    check_length(body)?;
    let body = body.to_owned();
    app.cpu
        .run("preview a post", move || {
            markdown::render(&body, Profile::Post)
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
