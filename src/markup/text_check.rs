//! What an editor should look at in a text: its pictures, and headings that skip a level. Reads only what the
//! sanitiser wrote; judges nothing that needs the library.

use crate::markup::plain;
use crate::markup::sanitise::SafeHtml;
use crate::markup::written_tags::{attribute, name_of, tag_length, unescaped};

/// The most pictures, and the most headings, that are reported.
const MAX_REPORTED: usize = 200;
/// How much of a heading is shown, in characters.
const MAX_HEADING: usize = 80;

/// What was found in a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextCheck {
    /// In order, each address once for each alternative text.
    pub pictures: Vec<TextPicture>,
    pub skipped: Vec<SkippedLevel>,
}

/// A picture in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextPicture {
    /// None where the sanitiser left out an address that nobody may use.
    pub address: Option<String>,
    /// May be empty.
    pub alt: String,
}

/// A heading more than one level below the one before it, or below the title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkippedLevel {
    /// Its anchor in the text, where it has one.
    pub id: Option<String>,
    pub text: String,
    pub level: u8,
    /// The level that it should have.
    pub expected: u8,
}

/// Checks a text that was rendered and has no pictures in place yet.
pub fn check(html: &SafeHtml) -> TextCheck {
    let mut found = TextCheck::default();
    // The title of the post is the first heading.
    let mut above = 1;
    let mut rest = html.as_str();
    while let Some(at) = rest.find('<') {
        let (tag, after) = rest[at..].split_at(tag_length(&rest[at..]));
        rest = after;
        let name = name_of(tag);
        if name == "img" {
            let picture = TextPicture {
                address: attribute(tag, "src").map(unescaped),
                alt: unescaped(attribute(tag, "alt").unwrap_or_default()),
            };
            if found.pictures.len() < MAX_REPORTED && !found.pictures.contains(&picture) {
                found.pictures.push(picture);
            }
        } else if let Some(level) = level_of(name) {
            if level > above + 1 && found.skipped.len() < MAX_REPORTED {
                let end = after.find("</h").unwrap_or(after.len());
                let text = plain::text_of(&after[..end]);
                found.skipped.push(SkippedLevel {
                    id: attribute(tag, "id").map(unescaped),
                    text: text.trim().chars().take(MAX_HEADING).collect(),
                    level,
                    expected: above + 1,
                });
            }
            above = level;
        }
    }
    found
}

fn level_of(name: &str) -> Option<u8> {
    match name {
        "h2" => Some(2),
        "h3" => Some(3),
        "h4" => Some(4),
        "h5" => Some(5),
        "h6" => Some(6),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markup::markdown;
    use crate::markup::sanitise::MarkupProfile;

    fn checked(markdown: &str) -> TextCheck {
        check(&markdown::render(markdown, MarkupProfile::Post))
    }

    #[test]
    fn headings_that_skip_a_level_are_found() {
        let found =
            checked("### Deep\n\n## Two\n\n### Three\n\n##### *Five* & on\n\n## Two\n\n# Top");
        let skipped: Vec<_> = found
            .skipped
            .iter()
            .map(|heading| (heading.text.as_str(), heading.level, heading.expected))
            .collect();
        assert_eq!(skipped, [("Deep", 3, 2), ("Five & on", 5, 4)]);
        assert_eq!(found.skipped[0].id.as_deref(), Some("p-deep"));
    }

    #[test]
    fn pictures_are_found_with_their_texts() {
        let found = checked(
            "![A & b](https://x.example/?a=1&b=2) ![](/media/ab/x.png)\n\n![](/media/ab/x.png) ![d](data:image/png,x)",
        );
        let pictures: Vec<_> = found
            .pictures
            .iter()
            .map(|picture| (picture.address.as_deref(), picture.alt.as_str()))
            .collect();
        assert_eq!(
            pictures,
            [
                (Some("https://x.example/?a=1&b=2"), "A & b"),
                (Some("/media/ab/x.png"), ""),
                (None, "d")
            ]
        );
    }
}
