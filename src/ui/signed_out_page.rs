//! The page around what staff sees before they are signed in: signing in, setting up, links in emails.

use maud::{DOCTYPE, Markup, html};

use crate::ui::frame::{PageFrame, common_head};

/// A page whose title is also its heading.
pub fn signed_out_page(frame: &PageFrame<'_>, main: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(frame.texts.language()) {
            head {
                (common_head(frame, &["site.css", "staff.css"]))
                meta name="robots" content="noindex";
            }
            body.staff.signed-out {
                header.site-header { a.site-name href="/" dir="auto" { (frame.site.name) } }
                main #main { @if let Some(title) = frame.title { h1 { (title) } } (main) }
            }
        }
    }
}
