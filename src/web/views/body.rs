//! A text that a person wrote, as it stands on a page.

use maud::Markup;
use maud::Render;

use crate::markup::sanitise::SafeHtml;
use crate::web::state::Web;

/// The safe HTML of a column: what scrolls in it can be scrolled by keyboard.
pub fn body(web: &Web, html: &str) -> Markup {
    shown(web, &SafeHtml::stored(html.to_owned()))
}

/// The same for HTML that was just made.
pub fn shown(web: &Web, html: &SafeHtml) -> Markup {
    let texts = &web.texts;
    html.reachable(&texts.text("scroll-code"), &texts.text("scroll-table"))
        .render()
}
