//! A list whose entries have a title, some facts and a few actions.

use maud::{Markup, html};

/// The list.
pub fn rows(entries: &[Markup]) -> Markup {
    html! { ul.rows { @for entry in entries { (entry) } } }
}

/// An entry of [`rows`].
pub fn row(content: &Markup, actions: &Markup) -> Markup {
    html! {
        li.row {
            div { (content) }
            (actions)
        }
    }
}
