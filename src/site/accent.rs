//! The site's accent colour, made readable in both colour schemes (WCAG 2.2, 1.4.3). Pure.

use std::fmt;

/// The least contrast of text with its background.
pub const MIN_CONTRAST: f64 = 4.5;
/// The backgrounds of accented text in the light scheme of `static/site.css`: paper, raised, good-paper.
const LIGHT_PAPERS: [Rgb; 3] = [
    Rgb(0xff, 0xff, 0xff),
    Rgb(0xf4, 0xf4, 0xf1),
    Rgb(0xe6, 0xf2, 0xee),
];
/// The same in the dark scheme.
const DARK_PAPERS: [Rgb; 3] = [
    Rgb(0x14, 0x16, 0x17),
    Rgb(0x1f, 0x22, 0x24),
    Rgb(0x1b, 0x2f, 0x2b),
];
/// The colours of text on the accent colour, such as the label of a button.
const LIGHT_INK: Rgb = Rgb(0xff, 0xff, 0xff);
const DARK_INK: Rgb = Rgb(0x10, 0x20, 0x1e);
/// In how many steps a colour becomes black or white.
const STEPS: u16 = 100;

/// A colour in sRGB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rgb(u8, u8, u8);

impl Rgb {
    /// Parses `#rgb` or `#rrggbb`; the sign may be missing.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.trim();
        let digits = digits.strip_prefix('#').unwrap_or(digits).as_bytes();
        let digit = |nth: usize| {
            let digit = char::from(*digits.get(nth)?).to_digit(16)?;
            u8::try_from(digit).ok()
        };
        match digits.len() {
            3 => Some(Self(digit(0)? * 17, digit(1)? * 17, digit(2)? * 17)),
            6 => {
                let pair = |nth: usize| Some(digit(nth)? * 16 + digit(nth + 1)?);
                Some(Self(pair(0)?, pair(2)?, pair(4)?))
            }
            _ => None,
        }
    }

    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }

    /// The contrast ratio with another colour, from 1 to 21.
    pub fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// The colour `step` of [`STEPS`] on the way to `other`.
    fn towards(self, other: Self, step: u16) -> Self {
        let mix = |from: u8, to: u8| {
            let sum = u16::from(from) * (STEPS - step) + u16::from(to) * step;
            u8::try_from(sum / STEPS).unwrap_or(u8::MAX)
        };
        Self(
            mix(self.0, other.0),
            mix(self.1, other.1),
            mix(self.2, other.2),
        )
    }
}

impl fmt::Display for Rgb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

/// A colour in one scheme.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shade {
    /// The lowest contrast of the chosen colour with the backgrounds that it would have.
    pub chosen_contrast: f64,
    /// The colour that is used.
    pub colour: Rgb,
    /// Its least contrast.
    pub contrast: f64,
    /// The contrast of text on it, such as the label of a button.
    pub ink_contrast: f64,
}

impl Shade {
    /// The chosen colour, or the nearest one on the way to `end` with enough contrast.
    fn of(chosen: Rgb, papers: [Rgb; 3], end: Rgb, ink: Rgb) -> Self {
        let least = |colour: Rgb| {
            papers
                .into_iter()
                .map(|paper| colour.contrast(paper))
                .fold(f64::INFINITY, f64::min)
        };
        let colour = (0..=STEPS)
            .map(|step| chosen.towards(end, step))
            .find(|colour| least(*colour) >= MIN_CONTRAST)
            .unwrap_or(end);
        Self {
            chosen_contrast: least(chosen),
            colour,
            contrast: least(colour),
            ink_contrast: colour.contrast(ink),
        }
    }

    /// Whether the chosen colour could not be used as it is.
    pub fn is_adjusted(&self) -> bool {
        self.chosen_contrast < MIN_CONTRAST
    }
}

/// An accent colour in both schemes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Accent {
    pub chosen: Rgb,
    pub light: Shade,
    pub dark: Shade,
}

impl Accent {
    /// The colour darkened for the light scheme and lightened for the dark one, as far as it must be.
    pub fn new(chosen: Rgb) -> Self {
        Self {
            chosen,
            light: Shade::of(chosen, LIGHT_PAPERS, Rgb(0, 0, 0), LIGHT_INK),
            dark: Shade::of(chosen, DARK_PAPERS, Rgb(255, 255, 255), DARK_INK),
        }
    }

    /// The stylesheet that follows `static/site.css`.
    pub fn stylesheet(&self) -> String {
        let (light, dark) = (self.light.colour, self.dark.colour);
        format!(
            ":root {{\n  --accent: light-dark({light}, {dark});\n  --accent-ink: light-dark({LIGHT_INK}, {DARK_INK});\n}}\n\
             @supports not (color: light-dark(#000, #fff)) {{\n  :root {{ --accent: {light}; --accent-ink: {LIGHT_INK}; }}\n}}\n"
        )
    }
}

/// A contrast ratio as people read it, never rounded up: 4.49 is not 4.5.
pub fn ratio(contrast: f64) -> String {
    format!("{:.2}", (contrast * 100.0).floor() / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_parsed_in_their_usual_forms() {
        for text in ["#17605a", "17605A", " #17605a "] {
            assert_eq!(Rgb::parse(text), Some(Rgb(0x17, 0x60, 0x5a)), "{text}");
        }
        assert_eq!(Rgb::parse("#f0a"), Some(Rgb(0xff, 0, 0xaa)));
        for text in [
            "", "#", "red", "#12345", "#12345g", "#1234567", "#é23", "##123", "+12345",
        ] {
            assert_eq!(Rgb::parse(text), None, "{text}");
        }
    }

    #[test]
    fn contrast_is_that_of_the_standard() {
        let (black, white) = (Rgb(0, 0, 0), Rgb(255, 255, 255));
        assert_eq!(ratio(black.contrast(white)), "21.00");
        assert_eq!(ratio(Rgb(0x76, 0x76, 0x76).contrast(white)), "4.54");
        assert_eq!(ratio(Rgb(0x77, 0x77, 0x77).contrast(white)), "4.47");
    }

    #[test]
    fn the_papers_are_those_of_the_stylesheet() {
        let css = include_str!("../../static/site.css");
        for (nth, name) in ["paper", "raised", "good-paper"].into_iter().enumerate() {
            let pair = format!(
                "--{name}: light-dark({}, {});",
                LIGHT_PAPERS[nth], DARK_PAPERS[nth]
            );
            assert!(css.contains(&pair), "site.css has not {pair}");
        }
    }

    proptest::proptest! {
        #[test]
        fn every_colour_is_readable_in_both_schemes(r: u8, g: u8, b: u8) {
            let chosen = Rgb(r, g, b);
            let accent = Accent::new(chosen);
            for (shade, papers, ink) in [
                (accent.light, LIGHT_PAPERS, LIGHT_INK),
                (accent.dark, DARK_PAPERS, DARK_INK),
            ] {
                for other in papers.into_iter().chain([ink]) {
                    proptest::prop_assert!(shade.colour.contrast(other) >= MIN_CONTRAST);
                }
                proptest::prop_assert_eq!(shade.is_adjusted(), shade.colour != chosen);
            }
            proptest::prop_assert_eq!(Rgb::parse(&chosen.to_string()), Some(chosen));
        }
    }
}
