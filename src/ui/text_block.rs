//! A text that a person wrote, as HTML on a page. What scrolls in it can be scrolled by keyboard.

use maud::{Markup, Render};

use crate::markup::sanitise::SafeHtml;
use crate::texts::Texts;

/// HTML from a column that holds what the sanitiser made.
pub fn stored_text(texts: &Texts, html: &str) -> Markup {
    fresh_text(texts, &SafeHtml::stored(html.to_owned()))
}

/// HTML that comes from the sanitiser in this request, such as a preview.
pub fn fresh_text(texts: &Texts, html: &SafeHtml) -> Markup {
    html.scrollable(&texts.text("scroll-code"), &texts.text("scroll-table"))
        .render()
}
