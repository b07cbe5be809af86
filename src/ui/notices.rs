//! Notices above a page's content: what happened, or what to know.

use maud::{Markup, Render, html};

/// What was asked for is done.
pub fn done(text: impl Render) -> Markup {
    html! { p.received role="status" { (text) } }
}

/// Something to know that is neither good nor bad news.
pub fn info(text: impl Render) -> Markup {
    html! { p.notice role="status" { (text) } }
}

/// Something was not done, or needs attention.
pub fn warning(text: impl Render) -> Markup {
    html! { p.notice.attention role="status" { (text) } }
}

/// A remark that is part of the page.
pub fn note(text: impl Render) -> Markup {
    html! { p.note { (text) } }
}
