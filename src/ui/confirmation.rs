//! The question before something that cannot be undone, or that changes many things.

use maud::{Markup, html};

use crate::texts::Texts;

/// A question, and the form that confirms it.
pub struct Confirmation<'a> {
    /// The page's title: the question.
    pub title: &'a str,
    /// What would happen.
    pub consequence: Markup,
    /// The address that the form is sent to.
    pub action: &'a str,
    /// Hidden fields of the form.
    pub fields: &'a [(&'a str, &'a str)],
    /// The button that confirms: the verb that the person chose before.
    pub button: &'a str,
    /// The address that cancelling leads to.
    pub back: &'a str,
}

/// What would happen, and both answers. The question itself is left to the page's heading.
pub fn confirmation(texts: &Texts, confirmation: &Confirmation<'_>) -> Markup {
    html! {
        (confirmation.consequence)
        form.sure method="post" action=(confirmation.action) {
            @for (name, value) in confirmation.fields {
                input type="hidden" name=(name) value=(value);
            }
            p.buttons {
                button.danger type="submit" { (confirmation.button) }
                " " a.button href=(confirmation.back) { (texts.text("confirm-cancel")) }
            }
        }
    }
}
