//! The parts of a staff page: its title row, sections with a heading, and what is said where a list is
//! empty.

use maud::{Markup, Render, html};

/// A page's heading, with `beside` (links, a button, a state) at the other end of the row.
pub fn title_row(title: impl Render, beside: impl Render) -> Markup {
    html! { div.title-row { h1 { (title) } (beside) } }
}

/// A part of a page that is named by its heading; `id` is the heading's.
pub fn section(id: &str, heading: &str, content: impl Render) -> Markup {
    html! {
        section aria-labelledby=(id) {
            h2 #(id) { (heading) }
            (content)
        }
    }
}

/// An empty list: what will appear here, and `next`, what to do to get there.
pub fn empty(text: impl Render, next: Option<Markup>) -> Markup {
    html! {
        div.empty {
            p { (text) }
            @if let Some(next) = next { p { (next) } }
        }
    }
}
