//! Pictures for people, drawn from their names: no third party learns who reads what.

use maud::{Markup, html};
use sha2::{Digest, Sha256};

/// The number of avatar colors in the stylesheet.
const COLORS: u8 = 12;

/// A disc with the first letter of `name`, always in the same colour for one name.
pub fn avatar(name: &str) -> Markup {
    let color = Sha256::digest(name.to_lowercase().as_bytes())[0] % COLORS;
    let letter: String = name
        .chars()
        .find(|c| c.is_alphanumeric())
        .map_or_else(|| "•".to_owned(), |c| c.to_uppercase().take(1).collect());
    html! {
        svg class={ "avatar c" (color) } viewBox="0 0 40 40" width="40" height="40" aria-hidden="true" focusable="false" {
            circle cx="20" cy="20" r="20" {}
            text x="20" y="27" text-anchor="middle" { (letter) }
        }
    }
}

/// The sign for a page that links here.
pub fn link_sign() -> Markup {
    html! {
        svg class="avatar link-sign" viewBox="0 0 40 40" width="40" height="40" aria-hidden="true" focusable="false" {
            circle cx="20" cy="20" r="20" {}
            path d="M17 23l6-6m-4-3 2-2a4.5 4.5 0 0 1 7 7l-2 2m-5 5-2 2a4.5 4.5 0 0 1-7-7l2-2" {}
        }
    }
}
