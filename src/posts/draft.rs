//! What an editor typed, read into what a post can hold.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::clock::Moment;
use crate::error::{Error, Field, FieldError, Problem, Result};
use crate::markup::excerpt::clean_line;
use crate::markup::slug;
use crate::store::entity::post::Openness;

/// The longest title, in characters.
pub const MAX_TITLE: usize = 300;
/// The longest text, in characters.
pub const MAX_BODY: usize = 200_000;
/// The most tags on a post.
const MAX_TAGS: usize = 20;
/// The longest tag, in characters.
const MAX_TAG: usize = 60;

/// A post as somebody typed it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PostInput {
    /// Plain text.
    pub title: String,
    /// Empty: suggested by the title.
    pub slug: String,
    /// Markdown.
    pub body: String,
    /// Names with commas between them.
    pub tags: String,
    /// Empty: when it is published. Else a day or a day and time in the site's zone.
    pub date: String,
    /// Takes comments.
    pub comments: bool,
    /// Takes linkbacks.
    pub linkbacks: bool,
    /// Tells the sites that it links to.
    pub tells: bool,
}

/// A post that can be saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostDraft {
    /// Plain text; may be empty in a draft.
    pub title: String,
    /// None: suggested by the title.
    pub slug: Option<String>,
    /// Markdown.
    pub body: String,
    /// (slug, name), each slug once.
    pub tags: Vec<(String, String)>,
    /// None: when it is published.
    pub date: Option<Moment>,
    /// Whether it takes comments.
    pub comments: Openness,
    /// Whether it takes linkbacks.
    pub linkbacks: Openness,
    /// Whether it tells the sites that it links to.
    pub tells: Openness,
}

impl PostInput {
    /// Reads the fields; tells of all that must be mended at once.
    pub fn parse(&self, zone: &TimeZone) -> Result<PostDraft> {
        let mut wrong = Vec::new();
        let mut refuse = |field, problem| wrong.push(FieldError { field, problem });
        if self.title.chars().count() > MAX_TITLE {
            refuse(Field::Title, Problem::TooLong { max: MAX_TITLE });
        }
        if self.body.chars().count() > MAX_BODY {
            refuse(Field::Body, Problem::TooLong { max: MAX_BODY });
        }
        if self.body.contains('\0') || self.title.contains('\0') {
            refuse(Field::Body, Problem::NotText);
        }
        let slug = match self.slug.trim() {
            "" => None,
            typed if slug::is_valid(typed) => Some(typed.to_owned()),
            _ => {
                refuse(Field::Slug, Problem::NotASlug);
                None
            }
        };
        let date = match self.date.trim() {
            "" => None,
            typed => {
                let date = parse_date(typed, zone);
                if date.is_none() {
                    refuse(Field::Date, Problem::NotADate);
                }
                date
            }
        };
        let tags = parse_tags(&self.tags);
        if tags.len() > MAX_TAGS {
            refuse(Field::Tags, Problem::TooLong { max: MAX_TAGS });
        }
        if !wrong.is_empty() {
            return Err(Error::Invalid(wrong));
        }
        Ok(PostDraft {
            title: clean_line(&self.title, MAX_TITLE),
            slug,
            body: self.body.replace("\r\n", "\n"),
            tags,
            date,
            comments: openness(self.comments),
            linkbacks: openness(self.linkbacks),
            tells: openness(self.tells),
        })
    }
}

/// Open where `open`.
pub fn openness(open: bool) -> Openness {
    if open {
        Openness::Open
    } else {
        Openness::Closed
    }
}

/// A moment as forms show it: to the minute, in the site's zone.
pub fn date_input(at: Moment, zone: &TimeZone) -> String {
    at.in_zone(zone).strftime("%Y-%m-%dT%H:%M").to_string()
}

fn parse_date(typed: &str, zone: &TimeZone) -> Option<Moment> {
    if let Ok(at) = typed.parse::<jiff::Timestamp>() {
        return Some(at.into());
    }
    let at: DateTime = match typed.parse::<DateTime>() {
        Ok(at) => at,
        Err(_) => typed.parse::<jiff::civil::Date>().ok()?.at(9, 0, 0, 0),
    };
    if !(1..=9999).contains(&at.year()) {
        return None;
    }
    Some(at.to_zoned_datetime(zone.clone()).ok()?.timestamp().into())
}

fn parse_tags(typed: &str) -> Vec<(String, String)> {
    let mut tags: Vec<(String, String)> = Vec::new();
    for name in typed.split(',') {
        let name = clean_line(name, MAX_TAG);
        if name.is_empty() {
            continue;
        }
        let slug = slug::of_title(&name);
        if tags.iter().all(|(other, _)| *other != slug) {
            tags.push((slug, name));
        }
    }
    tags
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_read_leniently() {
        let draft = PostInput {
            title: "  A   title ".into(),
            body: "One\r\ntwo".into(),
            tags: "Mining, mining ,, Oil & gas".into(),
            date: "2026-11-23 09:30".into(),
            comments: true,
            ..PostInput::default()
        }
        .parse(&TimeZone::UTC)
        .unwrap();
        assert_eq!(draft.title, "A title");
        assert_eq!(draft.body, "One\ntwo");
        assert_eq!(
            draft.tags,
            [
                ("mining".into(), "Mining".into()),
                ("oil-gas".into(), "Oil & gas".into())
            ]
        );
        assert_eq!(
            date_input(draft.date.unwrap(), &TimeZone::UTC),
            "2026-11-23T09:30"
        );
        assert_eq!(
            (draft.comments, draft.linkbacks),
            (Openness::Open, Openness::Closed)
        );
    }

    #[test]
    fn all_that_must_be_mended_is_told_at_once() {
        let error = PostInput {
            title: "x".repeat(301),
            slug: "Not A Slug".into(),
            date: "soon".into(),
            ..PostInput::default()
        }
        .parse(&TimeZone::UTC)
        .unwrap_err();
        let Error::Invalid(fields) = error else {
            panic!("{error}")
        };
        let fields: Vec<Field> = fields.iter().map(|error| error.field).collect();
        assert_eq!(fields, [Field::Title, Field::Slug, Field::Date]);
    }
}
