//! What an administrator does first on a new site, as links. Stores nothing, and does not know what is done already.

use maud::{Markup, html};

use crate::texts::Texts;

/// Where to go, and what to do there.
const STEPS: [(&str, &str); 5] = [
    ("/settings/", "first-steps-site"),
    ("/settings/design", "first-steps-design"),
    ("/desk/?kind=page", "first-steps-pages"),
    ("/settings/navigation", "first-steps-menus"),
    ("/settings/discussion", "first-steps-discussion"),
];

/// The list, for a site without any post.
pub fn first_steps(texts: &Texts) -> Markup {
    html! {
        section.first-steps aria-labelledby="first-steps-heading" {
            h2 #first-steps-heading { (texts.text("first-steps-title")) }
            ol {
                @for (href, label) in STEPS { li { a href=(href) { (texts.text(label)) } } }
            }
        }
    }
}
