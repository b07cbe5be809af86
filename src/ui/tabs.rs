//! Tabs: links to the pages beside this one.

use maud::{Markup, html};

/// One of the pages.
pub struct Tab<'a> {
    pub href: &'a str,
    pub label: &'a str,
    /// How many things are there.
    pub count: Option<u64>,
    pub is_current: bool,
}

/// The row of tabs; `label` names it to those who do not see it.
pub fn tabs(label: &str, tabs: &[Tab<'_>]) -> Markup {
    html! {
        nav.tabs aria-label=(label) {
            @for tab in tabs {
                a href=(tab.href) aria-current=[tab.is_current.then_some("page")] {
                    (tab.label)
                    @if let Some(count) = tab.count { " " span.count { (count) } }
                }
            }
        }
    }
}
