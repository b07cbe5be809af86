//! Front matter, the settings above the text of a post in a file: YAML between lines of `---`, or
//! TOML between lines of `+++`. Pure; checks no values beyond their type.

use std::fmt;

use serde::Deserialize;
use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::store::entity::post::PostKind;

/// What to fix in a file, and where, for the command line.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0}")]
pub struct FileError(String);

impl FileError {
    /// An error in the file as a whole.
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    /// An error at a line and column, both from 1.
    pub(super) fn at(line: usize, column: usize, message: impl fmt::Display) -> Self {
        Self(format!("line {line}, column {column}: {message}"))
    }
}

const KEYS: [&str; 11] = [
    "title",
    "slug",
    "date",
    "tags",
    "comments",
    "linkbacks",
    "send_linkbacks",
    "kind",
    "parent",
    "featured",
    "featured_alt",
];

/// The values, as they were written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FrontMatter {
    /// Plain text.
    pub title: Option<String>,
    /// Names the post that the file updates.
    pub slug: Option<String>,
    /// In any form that `posts::date` parses.
    pub date: Option<String>,
    pub tags: Tags,
    /// Whether comments are open.
    pub comments: Option<bool>,
    /// Whether linkbacks are open.
    pub linkbacks: Option<bool>,
    /// Whether the sites that it links to get linkbacks.
    pub send_linkbacks: Option<bool>,
    pub kind: Option<PostKind>,
    /// The slug of the page above a page.
    pub parent: Option<String>,
    /// The featured picture: an address, a number, or a file's path.
    pub featured: Option<String>,
    /// Its alternative text.
    pub featured_alt: Option<String>,
}

/// Tags as a list, or as a line that is still to be split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tags {
    List(Vec<String>),
    /// Separated by commas.
    Line(String),
}

impl Default for Tags {
    fn default() -> Self {
        Self::List(Vec::new())
    }
}

/// The front matter of a file and the text below it; empty where there is none. Line breaks must be
/// single characters.
pub fn split(text: &str) -> Result<(FrontMatter, &str), FileError> {
    let Some((first, rest)) = cut_line(text) else {
        return Ok((FrontMatter::default(), text));
    };
    let fence = first.trim_end();
    if !matches!(fence, "---" | "+++") {
        return Ok((FrontMatter::default(), text));
    }
    let mut at = 0;
    loop {
        let Some((line, after)) = cut_line(&rest[at..]) else {
            return Err(FileError::at(
                1,
                1,
                format!("the front matter has no end: close it with a line of {fence}"),
            ));
        };
        let ends = line.trim_end();
        if ends == fence || (fence == "---" && ends == "...") {
            let front = &rest[..at];
            let matter = if fence == "---" {
                read_yaml(front)?
            } else {
                read_toml(front)?
            };
            return Ok((matter, after));
        }
        at = rest.len() - after.len();
    }
}

/// The line and column, from 1, at which a file's front matter names `key`.
pub fn position_of(text: &str, key: &str) -> Option<(usize, usize)> {
    let mut lines = text.lines();
    let fence = lines.next()?.trim_start_matches('\u{feff}').trim_end();
    if !matches!(fence, "---" | "+++") {
        return None;
    }
    lines
        .take_while(|line| line.trim_end() != fence)
        .enumerate()
        .find(|(_, line)| {
            let line = line.trim_start().trim_start_matches(['"', '\'']);
            line.strip_prefix(key).is_some_and(|rest| {
                rest.trim_start_matches(['"', '\''])
                    .trim_start()
                    .starts_with([':', '='])
            })
        })
        .map(|(nth, line)| (nth + 2, line.len() - line.trim_start().len() + 1))
}

/// The first line and the rest.
fn cut_line(text: &str) -> Option<(&str, &str)> {
    if text.is_empty() {
        return None;
    }
    Some(text.split_once('\n').unwrap_or((text, "")))
}

fn unknown(key: &str, front: &str) -> FileError {
    let nearest = KEYS
        .iter()
        .max_by(|a, b| strsim::jaro_winkler(a, key).total_cmp(&strsim::jaro_winkler(b, key)))
        .unwrap_or(&KEYS[0]);
    let (line, column) = position_of(&format!("---\n{front}"), key).unwrap_or((2, 1));
    FileError::at(
        line,
        column,
        format!(
            "a post has no {key:?}: did you mean {nearest}? The keys are {}",
            KEYS.join(", ")
        ),
    )
}

fn read_yaml(front: &str) -> Result<FrontMatter, FileError> {
    if front.trim().is_empty() {
        return Ok(FrontMatter::default());
    }
    let read: YamlFrontMatter = serde_saphyr::from_str(front).map_err(|error| {
        // The position in the file: its first line is the fence.
        let (line, column) = error.location().map_or((1, 1), |place| {
            (
                usize::try_from(place.line()).unwrap_or(1).max(1) + 1,
                usize::try_from(place.column()).unwrap_or(1).max(1),
            )
        });
        let message = error.without_snippet().to_string();
        FileError::at(
            line,
            column,
            format!(
                "the front matter cannot be read: {}",
                without_position(&message)
            ),
        )
    })?;
    match read.unknown {
        Some(key) => Err(unknown(&key, front)),
        None => Ok(read.matter),
    }
}

/// The parser's message without its position, which is counted in the front matter alone.
fn without_position(message: &str) -> &str {
    let message = message.lines().next().unwrap_or(message);
    let message = message.strip_prefix("error: ").unwrap_or(message);
    let end = message.find(" at line ").unwrap_or(message.len());
    let message = &message[..end];
    match message
        .strip_prefix("line ")
        .and_then(|rest| rest.split_once(": "))
    {
        Some((_, message)) => message,
        None => message,
    }
}

fn read_toml(front: &str) -> Result<FrontMatter, FileError> {
    let table: toml::Table = toml::from_str(front).map_err(|error| {
        let before = &front[..error.span().map_or(0, |span| span.start.min(front.len()))];
        let line = before.matches('\n').count() + 2;
        let column = before.rsplit('\n').next().unwrap_or(before).chars().count() + 1;
        FileError::at(
            line,
            column,
            format!(
                "the front matter cannot be read: {}",
                error.message().lines().collect::<Vec<_>>().join(", ")
            ),
        )
    })?;
    let mut matter = FrontMatter::default();
    for (key, value) in table {
        let wrong = |what: &str| {
            let (line, column) = position_of(&format!("+++\n{front}"), &key).unwrap_or((2, 1));
            FileError::at(line, column, format!("{key} is {what}"))
        };
        match key.as_str() {
            "title" => matter.title = Some(scalar(&value).ok_or_else(|| wrong("a line of text"))?),
            "slug" => matter.slug = Some(scalar(&value).ok_or_else(|| wrong("a line of text"))?),
            "date" => matter.date = Some(scalar(&value).ok_or_else(|| wrong("a date"))?),
            "tags" => {
                matter.tags = match &value {
                    toml::Value::Array(tags) => Tags::List(
                        tags.iter()
                            .map(|tag| scalar(tag).ok_or_else(|| wrong("a list of names")))
                            .collect::<Result<_, _>>()?,
                    ),
                    value => Tags::Line(scalar(value).ok_or_else(|| wrong("a list of names"))?),
                }
            }
            "comments" | "linkbacks" | "send_linkbacks" => {
                let flag = scalar(&value)
                    .and_then(|word| flag(&word))
                    .ok_or_else(|| wrong(OPEN_OR_CLOSED))?;
                matter.set_flag(&key, flag);
            }
            "kind" => {
                let kind = scalar(&value).and_then(|word| kind(&word));
                matter.kind = Some(kind.ok_or_else(|| wrong(POST_OR_PAGE))?);
            }
            "parent" => {
                matter.parent = Some(scalar(&value).ok_or_else(|| wrong("a line of text"))?);
            }
            "featured" => {
                matter.featured = Some(scalar(&value).ok_or_else(|| wrong("a picture"))?);
            }
            "featured_alt" => {
                matter.featured_alt = Some(scalar(&value).ok_or_else(|| wrong("a line of text"))?);
            }
            _ => return Err(unknown(&key, front)),
        }
    }
    Ok(matter)
}

const OPEN_OR_CLOSED: &str = "open or closed";
const POST_OR_PAGE: &str = "post or page";

fn scalar(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Datetime(date) => Some(date.to_string()),
        toml::Value::Array(_) | toml::Value::Table(_) => None,
        other => Some(other.to_string()),
    }
}

fn flag(word: &str) -> Option<bool> {
    match word.trim().to_lowercase().as_str() {
        "open" | "on" | "yes" | "true" => Some(true),
        "closed" | "off" | "no" | "false" => Some(false),
        _ => None,
    }
}

fn kind(word: &str) -> Option<PostKind> {
    match word.trim().to_lowercase().as_str() {
        "post" => Some(PostKind::Post),
        "page" => Some(PostKind::Page),
        _ => None,
    }
}

impl FrontMatter {
    fn set_flag(&mut self, key: &str, flag: bool) {
        match key {
            "comments" => self.comments = Some(flag),
            "linkbacks" => self.linkbacks = Some(flag),
            _ => self.send_linkbacks = Some(flag),
        }
    }
}

/// Parsed YAML. Scalars are kept as they are written: `tags: [2026, 1.10]` are names.
struct YamlFrontMatter {
    matter: FrontMatter,
    /// The first unknown key.
    unknown: Option<String>,
}

impl<'de> Deserialize<'de> for YamlFrontMatter {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Keys)
    }
}

struct Keys;

impl<'de> Visitor<'de> for Keys {
    type Value = YamlFrontMatter;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("lines of “key: value”")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<YamlFrontMatter, A::Error> {
        let mut read = YamlFrontMatter {
            matter: FrontMatter::default(),
            unknown: None,
        };
        while let Some(key) = map.next_key::<String>()? {
            let matter = &mut read.matter;
            match key.as_str() {
                "title" => matter.title = map.next_value()?,
                "slug" => matter.slug = map.next_value()?,
                "date" => matter.date = map.next_value()?,
                "tags" => matter.tags = map.next_value::<Option<Tags>>()?.unwrap_or_default(),
                "comments" | "linkbacks" | "send_linkbacks" => {
                    if let Some(word) = map.next_value::<Option<String>>()? {
                        let flag = flag(&word).ok_or_else(|| {
                            serde::de::Error::custom(format!(
                                "{key} is {OPEN_OR_CLOSED}, not {word:?}"
                            ))
                        })?;
                        matter.set_flag(&key, flag);
                    }
                }
                "kind" => {
                    if let Some(word) = map.next_value::<Option<String>>()? {
                        let kind = kind(&word).ok_or_else(|| {
                            serde::de::Error::custom(format!(
                                "kind is {POST_OR_PAGE}, not {word:?}"
                            ))
                        })?;
                        matter.kind = Some(kind);
                    }
                }
                "parent" => matter.parent = map.next_value()?,
                "featured" => {
                    // Without a value there is none.
                    let featured = map.next_value::<Option<String>>()?;
                    matter.featured = Some(featured.unwrap_or_default());
                }
                "featured_alt" => matter.featured_alt = map.next_value()?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    read.unknown.get_or_insert(key);
                }
            }
        }
        Ok(read)
    }
}

impl<'de> Deserialize<'de> for Tags {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ListOrLine)
    }
}

struct ListOrLine;

impl<'de> Visitor<'de> for ListOrLine {
    type Value = Tags;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of tags")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Tags, A::Error> {
        let mut tags = Vec::new();
        while let Some(tag) = seq.next_element::<Option<String>>()? {
            tags.extend(tag);
        }
        Ok(Tags::List(tags))
    }

    fn visit_str<E>(self, line: &str) -> Result<Tags, E> {
        Ok(Tags::Line(line.to_owned()))
    }

    fn visit_bool<E>(self, word: bool) -> Result<Tags, E> {
        Ok(Tags::List(vec![word.to_string()]))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Tags, E> {
        Ok(Tags::List(vec![number.to_string()]))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Tags, E> {
        Ok(Tags::List(vec![number.to_string()]))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Tags, E> {
        Ok(Tags::List(vec![number.to_string()]))
    }
}
