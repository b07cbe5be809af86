//! Renders posts: their HTML, links and summary. Never runs on the async threads.

use crate::app::App;
use crate::error::{Error, Field, Problem, Result};
use crate::markup::links::{self, TextLink};
use crate::markup::markdown;
use crate::markup::sanitise::{MarkupProfile, SafeHtml};
use crate::media::uses;
use crate::posts::cards;
use crate::posts::draft::MAX_BODY;
use crate::store::entity::ids::MediaId;
use crate::store::entity::media::Model as Media;

/// A rendered text.
#[derive(Clone, Debug)]
pub struct RenderedPost {
    pub html: SafeHtml,
    pub links: Vec<TextLink>,
    /// Its beginning, as plain text.
    pub summary: String,
    /// The pictures it shows and the documents it links to.
    pub media: Vec<MediaId>,
    /// Those of them that the text itself names, as they were when it was rendered.
    pub rendered_from: Vec<Media>,
    /// The addresses of its link cards.
    pub cards: Vec<String>,
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
            html: html.highlighted(),
            media: Vec::new(),
            rendered_from: Vec::new(),
            cards: Vec::new(),
        })
    });
    let rendered = rendered
        .await?
        .ok_or_else(|| Error::field(Field::Body, Problem::Invisible))?;
    let illustrated = uses::illustrate(app, rendered.html).await?;
    let placed = cards::place(app, illustrated.html).await?;
    let mut media: Vec<MediaId> = illustrated.media.iter().map(|media| media.id).collect();
    media.extend(placed.media);
    Ok(RenderedPost {
        html: placed.html,
        media,
        rendered_from: illustrated.media,
        cards: placed.addresses,
        ..rendered
    })
}

/// Fails where a text is too long.
pub(super) fn check_length(body: &str) -> Result<()> {
    let too_long = Problem::TooLong { max: MAX_BODY };
    match body.chars().count() {
        count if count > MAX_BODY => Err(Error::field(Field::Body, too_long)),
        _ => Ok(()),
    }
}
