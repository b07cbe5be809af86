//! The stylesheet that follows `static/site.css`: the fonts and the accent colour that were chosen. Pure.

use sha2::{Digest, Sha256};

use crate::site::accent::{Accent, Rgb};
use crate::site::fonts;
use crate::site::look::FontPairing;

/// The CSS; empty where nothing was chosen. `address` makes the address of a file of `static/` from its name.
pub fn stylesheet(accent: &str, fonts: FontPairing, address: &impl Fn(&str) -> String) -> String {
    let mut css = fonts::stylesheet(fonts, address);
    if let Some(accent) = Rgb::parse(accent).map(Accent::new) {
        css.push_str(&accent.stylesheet());
    }
    css
}

/// Changes with the text, for the address at which it is served.
pub fn version(text: &str) -> String {
    let mut hash = Sha256::new();
    // Another release may write another stylesheet for the same text.
    hash.update(env!("CARGO_PKG_VERSION"));
    hash.update(text);
    hex::encode(&hash.finalize()[..6])
}
