//! The frame with the preview of the site's look, beside a form with a Preview button. It works without scripts; a
//! script presses the button while people type.

use axum::http::{HeaderValue, header};
use axum::response::Response;
use maud::{Markup, html};

use crate::texts::Texts;
use crate::ui::assets;

/// Where the form is sent to for a preview.
const ADDRESS: &str = "/settings/design/preview";
/// The name of the frame.
const FRAME: &str = "design-preview";
/// The policy of the page with the form: as everywhere, and frames from this site.
const POLICY_OF_PAGE: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
     font-src 'self'; connect-src 'self'; manifest-src 'self'; frame-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'";
/// The button that shows the preview, inside the form.
pub fn button(texts: &Texts) -> Markup {
    html! {
        button type="submit" formaction=(ADDRESS) formtarget=(FRAME) formnovalidate
            formenctype="application/x-www-form-urlencoded" data-preview-button {
            (texts.text("button-preview"))
        }
    }
}

/// A form with the preview beside it, of what is stored at first.
pub fn beside(texts: &Texts, form: &Markup) -> Markup {
    html! {
        div.with-preview {
            div { (form) }
            (frame(texts))
        }
    }
}

fn frame(texts: &Texts) -> Markup {
    html! {
        section.preview-column aria-labelledby="preview-heading" {
            h2 #preview-heading { (texts.text("design-preview")) }
            p.hint { (texts.text("design-preview-hint")) }
            iframe.design-preview name=(FRAME) src=(ADDRESS) title=(texts.text("design-preview"))
                sandbox="allow-same-origin" {}
        }
    }
}

/// The script that updates the preview while people type.
pub fn script() -> Markup {
    html! { script src=(assets::path("design.js")) defer {} }
}

/// Allows the page its frame.
pub fn allow_frame(mut response: Response) -> Response {
    response.headers_mut().insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(POLICY_OF_PAGE),
    );
    response
}
