//! A text that a person wrote, as HTML on a page. What scrolls in it can be scrolled by keyboard,
//! and footnotes are named.

use maud::{Markup, Render};

use crate::markup::labels::Labels;
use crate::markup::sanitise::SafeHtml;
use crate::texts::Texts;

/// HTML from a column that holds what the sanitiser made.
pub fn stored_text(texts: &Texts, html: &str) -> Markup {
    fresh_text(texts, &SafeHtml::stored(html.to_owned()))
}

/// HTML that comes from the sanitiser in this request, such as a preview.
pub fn fresh_text(texts: &Texts, html: &SafeHtml) -> Markup {
    let back = |number: &str| texts.with("footnote-back", &[("number", number.into())]);
    let labels = Labels {
        code: &texts.text("scroll-code"),
        table: &texts.text("scroll-table"),
        footnotes: &texts.text("footnotes"),
        back: &back,
    };
    html.labelled(&labels).render()
}
