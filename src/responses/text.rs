//! A comment's text: checked and rendered. The one way for previews, comments, edits and replies
//! from the queue, so that what is previewed, stored and judged is the same.

use crate::app::App;
use crate::error::{Error, Field, Problem, Result};
use crate::markup::sanitise::{MarkupProfile, SafeHtml};
use crate::markup::{markdown, plain, visible};

/// Shorter texts render so fast that it needs no rate limit, in bytes.
const SHORT: usize = 1000;

/// A text that passed the checks: Markdown, not too long, visible, without NUL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommentText(String);

/// A rendered text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenderedComment {
    pub html: SafeHtml,
    /// The same as plain text, for the judge.
    pub text: String,
}

/// Checks what was typed. Cheap, whatever its length.
pub fn read(app: &App, typed: &str) -> std::result::Result<CommentText, Problem> {
    let max = app.settings().discussion.max_length;
    // A character has at most four bytes, and a form sends a line break as two.
    if typed.len() > max.saturating_mul(4).saturating_mul(2) {
        return Err(Problem::TooLong { max });
    }
    let text = visible::clean_text(typed);
    if text.is_empty() {
        Err(Problem::Missing)
    } else if text.chars().count() > max {
        Err(Problem::TooLong { max })
    } else if text.contains('\0') {
        Err(Problem::NotText)
    } else if !visible::is_visible(&text) {
        Err(Problem::Invisible)
    } else {
        Ok(CommentText(text))
    }
}

impl CommentText {
    /// The Markdown.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it may be rendered before the rate limit is checked.
    pub fn is_short(&self) -> bool {
        self.0.len() <= SHORT
    }

    /// Renders it. Fails where readers would see nothing.
    pub async fn render(&self, app: &App) -> Result<RenderedComment> {
        let text = self.0.clone();
        let rendered = app.cpu.run("render a comment", move || {
            let html = markdown::render(&text, MarkupProfile::Response);
            let is_blank = markdown::is_blank(&text, &html, MarkupProfile::Response);
            let text = plain::text_of(html.as_str());
            (!is_blank).then_some(RenderedComment { html, text })
        });
        rendered
            .await?
            .ok_or_else(|| Error::field(Field::Comment, Problem::Invisible))
    }
}
