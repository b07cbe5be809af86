//! Links to the pages before and after.

use maud::{Markup, html};

use crate::texts::Texts;

/// The message ids of a pager.
pub struct PagerTexts {
    /// Names the pager.
    label: &'static str,
    /// To the page before.
    back: &'static str,
    /// To the page after.
    on: &'static str,
}

/// For posts, the newest first.
pub const POSTS: PagerTexts = PagerTexts {
    label: "paging",
    back: "newer-posts",
    on: "older-posts",
};

/// For the library, the newest first.
pub const MEDIA: PagerTexts = PagerTexts {
    label: "media-pages",
    back: "media-newer",
    on: "media-older",
};

/// For the responses of a post, the oldest first.
pub const RESPONSES: PagerTexts = PagerTexts {
    label: "response-pages",
    back: "older-responses",
    on: "newer-responses",
};

/// Links around page `page` of `pages`; nothing where there is only one. `address` makes the path of
/// a page.
pub fn pager(
    texts: &Texts,
    page: u64,
    pages: u64,
    address: &dyn Fn(u64) -> String,
    ids: &PagerTexts,
) -> Markup {
    html! {
        @if pages > 1 {
            nav.paging aria-label=(texts.text(ids.label)) {
                @if page > 1 { a rel="prev" href=(address(page - 1)) { (texts.text(ids.back)) } }
                span {
                    (texts.with("page-of", &[("page", page.into()), ("pages", pages.into())]))
                }
                @if page < pages { a rel="next" href=(address(page + 1)) { (texts.text(ids.on)) } }
            }
        }
    }
}
