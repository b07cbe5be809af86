//! Small labels that say which state a thing is in.

use maud::{Markup, html};

/// What a badge's colour says. Colour is never the only sign: the label says the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Neutral,
    /// Done, or visible to readers.
    Good,
    /// Somebody should look at it.
    Attention,
    /// Refused, failed or thrown away.
    Harm,
}

impl Tone {
    fn class(self) -> Option<&'static str> {
        match self {
            Self::Neutral => None,
            Self::Good => Some("good"),
            Self::Attention => Some("attention"),
            Self::Harm => Some("harm"),
        }
    }
}

/// The badge.
pub fn badge(tone: Tone, label: &str) -> Markup {
    html! { span class={ "state" @if let Some(class) = tone.class() { " " (class) } } { (label) } }
}
