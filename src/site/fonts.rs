//! The font pairings as CSS: their files are in `static/fonts`, with their licences. Pure.

use std::fmt::Write as _;

use crate::site::look::FontPairing;

/// A file of a family, for letters of the subset that it is named after.
struct Face {
    /// Its name in `static/fonts`, with `SUBSET` for the subset.
    file: &'static str,
    style: &'static str,
    /// One weight, or the first and the last one.
    weight: &'static str,
}

struct Family {
    name: &'static str,
    faces: &'static [Face],
}

/// What is loaded for which characters (the subsets of the font files).
const SUBSETS: [(&str, &str); 2] = [
    (
        "latin-ext",
        "U+0100-02BA,U+02BD-02C5,U+02C7-02CC,U+02CE-02D7,U+02DD-02FF,U+0304,U+0308,U+0329,U+1D00-1DBF,\
         U+1E00-1E9F,U+1EF2-1EFF,U+2020,U+20A0-20AB,U+20AD-20C0,U+2113,U+2C60-2C7F,U+A720-A7FF",
    ),
    (
        "latin",
        "U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+0304,U+0308,U+0329,U+2000-206F,\
         U+20AC,U+2122,U+2191,U+2193,U+2212,U+2215,U+FEFF,U+FFFD",
    ),
];
const SOURCE_SERIF: Family = Family {
    name: "Source Serif 4",
    faces: &[
        face("source-serif-SUBSET-400", "normal", "400"),
        face("source-serif-SUBSET-400-italic", "italic", "400"),
        face("source-serif-SUBSET-700", "normal", "600 700"),
    ],
};
const PUBLIC_SANS: Family = Family {
    name: "Public Sans",
    faces: &[face("public-sans-SUBSET", "normal", "100 900")],
};
const ATKINSON: Family = Family {
    name: "Atkinson Hyperlegible",
    faces: &[
        face("atkinson-SUBSET-400", "normal", "400"),
        face("atkinson-SUBSET-400-italic", "italic", "400"),
        face("atkinson-SUBSET-700", "normal", "600 700"),
        face("atkinson-SUBSET-700-italic", "italic", "600 700"),
    ],
};

const fn face(file: &'static str, style: &'static str, weight: &'static str) -> Face {
    Face {
        file,
        style,
        weight,
    }
}

fn families(fonts: FontPairing) -> &'static [Family] {
    const SERIF: &[Family] = &[SOURCE_SERIF, PUBLIC_SANS];
    const SANS: &[Family] = &[ATKINSON];
    match fonts {
        FontPairing::System => &[],
        FontPairing::Serif => SERIF,
        FontPairing::Sans => SANS,
    }
}

fn file_name(face: &Face, subset: &str) -> String {
    format!("fonts/{}.woff2", face.file.replace("SUBSET", subset))
}

/// The files that nearly every page needs, to be loaded early: names in `static/`.
pub fn preloaded(fonts: FontPairing) -> Vec<String> {
    families(fonts)
        .iter()
        .map(|family| file_name(&family.faces[0], "latin"))
        .collect()
}

/// The CSS of a pairing, empty for the fonts of the reader's device. `address` makes the address of a file of
/// `static/` from its name.
pub fn stylesheet(fonts: FontPairing, address: &impl Fn(&str) -> String) -> String {
    let mut css = String::new();
    for family in families(fonts) {
        for face in family.faces {
            for (subset, range) in SUBSETS {
                // Writing to a string does not fail.
                let _ = writeln!(
                    css,
                    "@font-face {{ font-family: \"{}\"; font-style: {}; font-weight: {}; font-display: swap; \
                     src: url(\"{}\") format(\"woff2\"); unicode-range: {range}; }}",
                    family.name,
                    face.style,
                    face.weight,
                    address(&file_name(face, subset)),
                );
            }
        }
    }
    css.push_str(match fonts {
        FontPairing::System => "",
        FontPairing::Serif => {
            ":root {\n  --serif: \"Source Serif 4\", Georgia, \"Noto Serif\", serif;\n  --heading: var(--serif);\n  \
             --sans: \"Public Sans\", system-ui, \"Segoe UI\", Roboto, \"Noto Sans\", sans-serif;\n}\n"
        }
        FontPairing::Sans => {
            ":root {\n  --serif: \"Atkinson Hyperlegible\", system-ui, \"Segoe UI\", Roboto, \"Noto Sans\", sans-serif;\n  \
             --sans: \"Atkinson Hyperlegible\", system-ui, \"Segoe UI\", Roboto, \"Noto Sans\", sans-serif;\n}\n"
        }
    });
    css
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_a_pairing_is_there_and_is_shown_at_once() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/static/");
        for fonts in FontPairing::ALL {
            let missing = |name: &str| !std::path::Path::new(&format!("{folder}{name}")).is_file();
            assert!(preloaded(fonts).iter().all(|name| !missing(name)));
            let css = stylesheet(fonts, &|name: &str| {
                assert!(!missing(name), "{name}");
                format!("/static/{name}")
            });
            assert_eq!(
                css.matches("@font-face").count(),
                css.matches("font-display: swap").count()
            );
            assert_eq!(css.is_empty(), fonts == FontPairing::System);
        }
    }

    #[test]
    fn all_fonts_together_are_small() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/static/fonts");
        let size: u64 = std::fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap())
            .filter(|file| {
                file.path()
                    .extension()
                    .is_some_and(|ending| ending == "woff2")
            })
            .map(|file| file.metadata().unwrap().len())
            .sum();
        assert!(size <= 600 * 1024, "{size} bytes");
    }

    #[test]
    fn the_stylesheet_of_the_design_uses_what_the_pairings_set() {
        let css = include_str!("../../static/site.css");
        assert!(
            ["--serif:", "--sans:", "--heading:"]
                .iter()
                .all(|name| css.contains(name))
        );
    }
}
