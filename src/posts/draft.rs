//! Checks what an editor typed and turns it into a post that can be saved. Pure: knows nothing of
//! other posts.

use jiff::tz::TimeZone;

use crate::clock::Moment;
use crate::error::{Error, Field, FieldError, Problem, Result};
use crate::markup::excerpt::clean_line;
use crate::markup::slug;
use crate::markup::visible::{is_visible, without_controls};
use crate::posts::date::{self, PostDate};
use crate::store::entity::ids::MediaId;
use crate::store::entity::post::{DiscussionStatus, PostKind};
use crate::store::tags::TagName;
use crate::texts::Message;

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
    pub kind: PostKind,
    /// The slug of the page above a page; empty for a page at the top.
    pub parent: String,
    /// Plain text.
    pub title: String,
    /// Empty for one made from the title.
    pub slug: String,
    /// Markdown.
    pub body: String,
    /// Names separated by commas; a name with a comma is in double quotes.
    pub tags: String,
    /// A date as `posts::date` parses it; empty for the time of publishing.
    pub date: String,
    /// Whether comments are open.
    pub comments: bool,
    /// Whether linkbacks are open.
    pub linkbacks: bool,
    /// Whether the sites that it links to get linkbacks.
    pub sends_linkbacks: bool,
    /// The number or the address of the picture above it; empty for none, None to keep what it has.
    pub featured: Option<String>,
    /// The text for that picture in the library; None to keep what it has. Only files of posts name one.
    pub featured_alt: Option<String>,
}

/// What saving does to the featured picture of a post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeaturedPicture {
    Keep,
    Remove,
    Set(MediaId),
    /// The one at this address of the library.
    At(String),
}

/// A post that can be saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostDraft {
    pub kind: PostKind,
    /// The slug of the page above a page; None for a page at the top, and for every post.
    pub parent: Option<String>,
    /// Plain text; may be empty in a draft.
    pub title: String,
    /// None for one made from the title.
    pub slug: Option<String>,
    /// Markdown.
    pub body: String,
    /// Without duplicates.
    pub tags: Vec<TagName>,
    /// None for the time of publishing.
    pub date: Option<PostDate>,
    pub comments: DiscussionStatus,
    pub linkbacks: DiscussionStatus,
    /// Whether the sites that it links to get linkbacks.
    pub sends_linkbacks: DiscussionStatus,
    pub featured: FeaturedPicture,
}

impl PostInput {
    /// Checks the fields and reports every problem at once.
    pub fn parse(&self, zone: &TimeZone) -> Result<PostDraft> {
        let mut errors = Vec::new();
        let mut refuse = |field, problem| errors.push(FieldError { field, problem });
        if self.title.chars().count() > MAX_TITLE {
            refuse(Field::Title, Problem::TooLong { max: MAX_TITLE });
        } else if !self.title.trim().is_empty() && !is_visible(&self.title) {
            refuse(Field::Title, Problem::Invisible);
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
            typed => date::parse(typed, zone)
                .map_err(|problem| refuse(Field::Date, problem))
                .ok(),
        };
        let tags = parse_tags(&self.tags);
        if tags.len() > MAX_TAGS {
            let message = Message::new("tags-too-many").with("max", MAX_TAGS);
            refuse(Field::Tags, Problem::Unusable(message));
        }
        if let Some(long) = tags.iter().find(|tag| tag.name.chars().count() > MAX_TAG) {
            let start: String = long.name.chars().take(20).collect();
            let message = Message::new("tag-too-long")
                .with("max", MAX_TAG)
                .with("start", start);
            refuse(Field::Tags, Problem::Unusable(message));
        }
        let featured = match self.featured.as_deref().map(str::trim) {
            None => FeaturedPicture::Keep,
            Some("") => FeaturedPicture::Remove,
            Some(address) if address.contains('/') => FeaturedPicture::At(address.to_owned()),
            Some(number) => match number.trim_start_matches('#').parse() {
                Ok(id) => FeaturedPicture::Set(id),
                Err(_) => {
                    let problem = Problem::Unusable(Message::new("featured-unknown"));
                    refuse(Field::Featured, problem);
                    FeaturedPicture::Keep
                }
            },
        };
        let parent = Some(self.parent.trim())
            .filter(|parent| !parent.is_empty())
            .map(str::to_owned);
        errors.extend(self.misplaced(parent.is_some()));
        if !errors.is_empty() {
            return Err(Error::Invalid(errors));
        }
        Ok(PostDraft {
            kind: self.kind,
            parent,
            title: clean_line(&self.title, MAX_TITLE),
            slug,
            body: without_controls(&self.body),
            tags,
            date,
            comments: DiscussionStatus::from_open(self.comments),
            linkbacks: DiscussionStatus::from_open(self.linkbacks),
            sends_linkbacks: DiscussionStatus::from_open(self.sends_linkbacks),
            featured,
        })
    }
}

impl PostInput {
    /// What was filled in that posts or pages do not have.
    fn misplaced(&self, has_parent: bool) -> Vec<FieldError> {
        let unusable = |field, id| FieldError {
            field,
            problem: Problem::Unusable(Message::new(id)),
        };
        let mut errors = Vec::new();
        match self.kind {
            PostKind::Post if has_parent => {
                errors.push(unusable(Field::PageParent, "post-no-parent"));
            }
            PostKind::Post => {}
            PostKind::Page => {
                if !self.date.trim().is_empty() {
                    errors.push(unusable(Field::Date, "page-no-date"));
                }
                if !self.tags.trim().is_empty() {
                    errors.push(unusable(Field::Tags, "page-no-tags"));
                }
            }
        }
        errors
    }
}

/// A time as the form shows it: to the minute, in the site's zone.
pub fn date_input(at: Moment, zone: &TimeZone) -> String {
    at.in_zone(zone).strftime("%Y-%m-%dT%H:%M").to_string()
}

/// Tags as the form shows them; parsed again they are the same.
pub fn tags_input<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let quoted = |name: &str| {
        if name.contains(',') || name.starts_with('"') {
            format!("\"{}\"", name.replace('"', "\"\""))
        } else {
            name.to_owned()
        }
    };
    names.into_iter().map(quoted).collect::<Vec<_>>().join(", ")
}

fn parse_tags(typed: &str) -> Vec<TagName> {
    let mut tags: Vec<TagName> = Vec::new();
    for name in split_tags(typed) {
        // Longer names are refused, not cut: two of them could become the same.
        let name = clean_line(&name, MAX_TAG + 2);
        let key = slug::tag_key(&name);
        if key.is_empty() || tags.iter().any(|tag| tag.key == key) {
            continue;
        }
        let slug = slug::of_tag(&name);
        tags.push(TagName { name, key, slug });
    }
    tags
}

/// The names between commas; within double quotes a comma is part of a name, and two quotes are
/// one. A quote that is not closed is an ordinary character.
fn split_tags(typed: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = typed;
    loop {
        rest = rest.trim_start();
        if let Some((name, after)) = rest.strip_prefix('"').and_then(quoted) {
            names.push(name);
            rest = after;
        } else {
            let (name, after) = rest.split_at(rest.find(',').unwrap_or(rest.len()));
            names.push(name.trim().to_owned());
            rest = after;
        }
        match rest.strip_prefix(',') {
            Some(after) => rest = after,
            None => return names,
        }
    }
}

/// A name up to its closing quote, and the rest, which is empty or begins with a comma.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut name = String::new();
    let mut rest = text;
    loop {
        let at = rest.find('"')?;
        name.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        match rest.strip_prefix('"') {
            Some(after) => {
                name.push('"');
                rest = after;
            }
            None => break,
        }
    }
    let rest = rest.trim_start();
    (rest.is_empty() || rest.starts_with(',')).then_some((name, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_parsed_leniently() {
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
        let tags: Vec<_> = draft
            .tags
            .iter()
            .map(|tag| (tag.slug.as_str(), tag.name.as_str()))
            .collect();
        assert_eq!(tags, [("mining", "Mining"), ("oil-gas", "Oil & gas")]);
        assert_eq!(
            date_input(draft.date.unwrap().at, &TimeZone::UTC),
            "2026-11-23T09:30"
        );
        assert_eq!(
            (draft.comments, draft.linkbacks),
            (DiscussionStatus::Open, DiscussionStatus::Closed)
        );
    }

    #[test]
    fn tags_may_hold_commas_and_quotes() {
        let names = |typed: &str| -> Vec<String> {
            parse_tags(typed).into_iter().map(|tag| tag.name).collect()
        };
        for (typed, read) in [
            (r#""Oil, gas", x"#, vec!["Oil, gas", "x"]),
            (r#""say ""hi""",b"#, vec![r#"say "hi""#, "b"]),
            (r#""open, b"#, vec![r#""open"#, "b"]),
            (r#""a" b, c"#, vec![r#""a" b"#, "c"]),
            ("C++, C#, C, c", vec!["C++", "C#", "C"]),
            (" , ,", vec![]),
        ] {
            let found = names(typed);
            assert_eq!(found, read, "{typed}");
            let shown = tags_input(found.iter().map(String::as_str));
            assert_eq!(names(&shown), read, "{shown}");
        }
    }

    #[test]
    fn a_page_has_no_date_and_no_tags() {
        let page = PostInput {
            kind: PostKind::Page,
            title: "About".into(),
            parent: " us ".into(),
            ..PostInput::default()
        };
        let draft = page.parse(&TimeZone::UTC).unwrap();
        assert_eq!(draft.parent.as_deref(), Some("us"));
        assert_eq!(draft.comments, DiscussionStatus::Closed);
        let fields = |input: PostInput| -> Vec<Field> {
            match input.parse(&TimeZone::UTC) {
                Err(Error::Invalid(errors)) => errors.iter().map(|error| error.field).collect(),
                other => panic!("{other:?}"),
            }
        };
        let wrong = PostInput {
            date: "2026-11-23".into(),
            tags: "x".into(),
            comments: true,
            ..page.clone()
        };
        assert_eq!(fields(wrong), [Field::Date, Field::Tags]);
        let post = PostInput {
            kind: PostKind::Post,
            ..page
        };
        assert_eq!(fields(post), [Field::PageParent]);
    }

    #[test]
    fn every_problem_is_reported_at_once() {
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
