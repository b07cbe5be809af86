//! Buttons, and links that look like buttons.

use maud::{Markup, html};

/// How much weight a button has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ButtonStyle {
    /// The one main action of a form.
    Primary,
    Secondary,
    /// What cannot be undone.
    Danger,
}

impl ButtonStyle {
    fn class(self) -> Option<&'static str> {
        match self {
            Self::Primary => Some("primary"),
            Self::Secondary => None,
            Self::Danger => Some("danger"),
        }
    }
}

/// The button that sends its form.
pub fn submit(style: ButtonStyle, label: &str) -> Markup {
    html! { button type="submit" class=[style.class()] { (label) } }
}

/// One of several buttons of a form, which sends `name=value` with it.
pub fn submit_value(style: ButtonStyle, name: &str, value: &str, label: &str) -> Markup {
    html! { button type="submit" name=(name) value=(value) class=[style.class()] { (label) } }
}

/// A link that looks like a button.
pub fn link(style: ButtonStyle, href: &str, label: &str) -> Markup {
    let class = style
        .class()
        .map_or_else(|| "button".to_owned(), |class| format!("button {class}"));
    html! { a class=(class) href=(href) { (label) } }
}

/// A form that is only a button. Where a page has several such buttons, `full_label` says which thing
/// each one is about.
pub fn action(action: &str, label: &str, full_label: Option<&str>) -> Markup {
    html! {
        form method="post" action=(action) {
            button type="submit" aria-label=[full_label] { (label) }
        }
    }
}
