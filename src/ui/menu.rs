//! The menus of readers' pages. Works without scripts: items that hold others open like any disclosure.

use maud::{Markup, html};

use crate::site::menus::MenuItem;

/// The menu in the header; `current` is the path of the page that it is on.
pub fn header_menu(items: &[MenuItem], current: Option<&str>) -> Markup {
    html! {
        ul.menu {
            @for item in items {
                li {
                    @if item.items.is_empty() { (link(item, current)) }
                    @else {
                        details.submenu {
                            summary { bdi { (item.label) } }
                            ul {
                                li { (link(item, current)) }
                                @for nested in &item.items { li { (link(nested, current)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The menu at the end of the page, with all its items in sight.
pub fn footer_menu(items: &[MenuItem], current: Option<&str>) -> Markup {
    html! {
        ul.menu {
            @for item in items {
                li {
                    (link(item, current))
                    @if !item.items.is_empty() {
                        ul { @for nested in &item.items { li { (link(nested, current)) } } }
                    }
                }
            }
        }
    }
}

fn link(item: &MenuItem, current: Option<&str>) -> Markup {
    html! {
        a href=(item.target) dir="auto" aria-current=[is_current(&item.target, current).then_some("page")] {
            (item.label)
        }
    }
}

/// Whether `target` leads to the page at the path `current`, wherever on it.
fn is_current(target: &str, current: Option<&str>) -> bool {
    let path = target.split('#').next().unwrap_or(target);
    current.is_some_and(|current| !path.is_empty() && path == current)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(label: &str, target: &str) -> MenuItem {
        MenuItem {
            label: label.to_owned(),
            target: target.to_owned(),
            items: Vec::new(),
        }
    }

    #[test]
    fn the_page_that_one_is_on_is_marked() {
        let mut about = item("About", "/about/");
        about.items.push(item("Team", "/about/team/#people"));
        let items = [item("Home", "/"), about];
        let html = header_menu(&items, Some("/about/team/")).into_string();
        assert_eq!(html.matches("aria-current").count(), 1);
        assert!(html.contains("href=\"/about/team/#people\" dir=\"auto\" aria-current=\"page\""));
        assert!(
            !footer_menu(&items, None)
                .into_string()
                .contains("aria-current")
        );
    }
}
