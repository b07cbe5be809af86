//! Tables. A wide one scrolls inside of its region, also by keyboard, and never widens the page. On a
//! phone each row becomes a card, whose cells are labelled by their headings.

use maud::{Markup, html};

/// A table with one heading for each column; `label` names its region.
pub fn table(label: &str, headings: &[String], rows: &[Vec<Markup>]) -> Markup {
    scroll_region(
        label,
        &html! {
            table.cards {
                thead { tr { @for heading in headings { th scope="col" { (heading) } } } }
                tbody { @for row in rows { tr { @for (heading, cell) in headings.iter().zip(row) { td data-label=(heading) { (cell) } } } } }
            }
        },
    )
}

/// The region around a table.
pub fn scroll_region(label: &str, table: &Markup) -> Markup {
    html! { div.table-scroll tabindex="0" role="region" aria-label=(label) { (table) } }
}
