//! Links to the pages before and after.

use maud::{Markup, html};

use crate::web::texts::Texts;

/// Links around page `page` of `pages`; nothing where there is only one. `address` makes the path
/// of a page; `older` and `newer` are messages.
pub fn paging(
    texts: &Texts,
    page: u64,
    pages: u64,
    address: &dyn Fn(u64) -> String,
    label: &str,
    back: &str,
    on: &str,
) -> Markup {
    html! {
        @if pages > 1 {
            nav.paging aria-label=(texts.text(label)) {
                @if page > 1 { a rel="prev" href=(address(page - 1)) { (texts.text(back)) } }
                span {
                    (texts.with("page-of", &[("page", page.into()), ("pages", pages.into())]))
                }
                @if page < pages { a rel="next" href=(address(page + 1)) { (texts.text(on)) } }
            }
        }
    }
}
