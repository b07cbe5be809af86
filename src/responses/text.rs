//! A comment's text: read, and made into what readers see. The same for a preview, a comment, an
//! edit and a reply from the queue, so that what is previewed, stored and judged is one text.

use crate::app::App;
use crate::error::{Error, Field, Problem, Result};
use crate::markup::sanitise::{Profile, SafeHtml};
use crate::markup::{markdown, plain, visible};

/// A text that renders so fast that it need not be limited how often that is done.
const SHORT: usize = 1000;

/// A comment's text as it may be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text(String);

/// What readers see of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// As it stands on a page.
    pub html: SafeHtml,
    /// Its words alone.
    pub words: String,
}

/// Reads what was typed; costs next to nothing, whatever that is.
pub fn read(app: &App, typed: &str) -> std::result::Result<Text, Problem> {
    let max = app.config.comments.max_length;
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
        Ok(Text(text))
    }
}

impl Text {
    /// The text, as Markdown.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it may be rendered before it is known how often its writer does that.
    pub fn is_short(&self) -> bool {
        self.0.len() <= SHORT
    }

    /// What readers see of it; refused where they would see nothing.
    pub async fn render(&self, app: &App) -> Result<Rendered> {
        let text = self.0.clone();
        let rendered = app.cpu.run("render a comment", move || {
            let html = markdown::render(&text, Profile::Response);
            let is_blank = markdown::is_blank(&text, &html, Profile::Response);
            let words = plain::text_of(html.as_str());
            (!is_blank).then_some(Rendered { html, words })
        });
        rendered
            .await?
            .ok_or_else(|| Error::field(Field::Comment, Problem::Invisible))
    }
}
