//! What Markdown in posts can do, under the field for the text. The whole is in docs/WRITING.md.
//! Shows only examples; never renders what people wrote.

use maud::{Markup, html};

use crate::texts::Texts;

/// What is typed, and the message that says what it makes.
const EXAMPLES: &[(&str, &str)] = &[
    ("## …", "writing-heading"),
    ("*…*  **…**  ~~…~~", "writing-emphasis"),
    ("[…](https://…)", "writing-link"),
    ("[…](#heading)", "writing-heading-link"),
    ("![…](/media/…)", "writing-picture"),
    ("- …\n1. …", "writing-list"),
    ("- [ ] …\n- [x] …", "writing-tasks"),
    ("> …", "writing-quote"),
    ("> [!pullquote]\n> …", "writing-pull-quote"),
    ("> [!note]\n> …", "writing-note"),
    ("…[^1]\n\n[^1]: …", "writing-footnote"),
    ("| A | B |\n| --- | ---: |\n| … | 1 |", "writing-table"),
    ("```rust\n…\n```", "writing-code"),
    ("<!--more-->", "writing-summary"),
];

/// The help, folded.
pub fn markdown_help(texts: &Texts) -> Markup {
    html! {
        details.writing-help {
            summary { (texts.text("writing-title")) }
            dl {
                @for (typed, message) in EXAMPLES {
                    div {
                        dt { pre { code { (typed) } } }
                        dd { (texts.text(message)) }
                    }
                }
            }
        }
    }
}
