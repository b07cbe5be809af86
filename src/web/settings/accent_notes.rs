//! How an accent colour looks in both schemes, where it had to be adjusted, and how well text on it is read.

use maud::{Markup, html};

use crate::site::accent::{self, Accent, MIN_CONTRAST, Rgb, Shade};
use crate::texts::Texts;
use crate::ui::notices;

/// The notes; none where there is no colour, or none that can be read.
pub fn accent_notes(texts: &Texts, typed: &str) -> Markup {
    let Some(accent) = Rgb::parse(typed).map(Accent::new) else {
        return Markup::default();
    };
    let note = |scheme: &'static str, adjusted: &'static str, shade: Shade| {
        let values = [
            ("chosen", accent.chosen.to_string().into()),
            ("chosenRatio", accent::ratio(shade.chosen_contrast).into()),
            ("needed", accent::ratio(MIN_CONTRAST).into()),
            ("colour", shade.colour.to_string().into()),
            ("ratio", accent::ratio(shade.contrast).into()),
        ];
        let id = match shade.is_adjusted() {
            true => adjusted,
            false => scheme,
        };
        notices::note(html! {
            svg.swatch aria-hidden="true" width="16" height="16" {
                rect width="16" height="16" fill=(shade.colour.to_string()) {}
            }
            " " (texts.with(id, &values))
        })
    };
    let ink = [
        ("light", accent::ratio(accent.light.ink_contrast).into()),
        ("dark", accent::ratio(accent.dark.ink_contrast).into()),
    ];
    html! {
        (note("accent-light", "accent-light-adjusted", accent.light))
        (note("accent-dark", "accent-dark-adjusted", accent.dark))
        (notices::note(texts.with("accent-ink", &ink)))
    }
}
