//! What stands above the text of a post in a file: YAML between lines of `---`, or TOML between
//! lines of `+++`. Pure.

use std::fmt;

use serde::Deserialize;
use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A file that is no post; the text says what to fix, and where.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0}")]
pub struct FileError(String);

impl FileError {
    /// Something that is wrong with the file as a whole.
    pub(super) fn new(words: impl Into<String>) -> Self {
        Self(words.into())
    }

    /// Something that is wrong at a line and column, both from 1.
    pub(super) fn at(line: usize, column: usize, words: impl std::fmt::Display) -> Self {
        Self(format!("line {line}, column {column}: {words}"))
    }
}

/// The keys that posts have.
const KEYS: [&str; 7] = [
    "title",
    "slug",
    "date",
    "tags",
    "comments",
    "linkbacks",
    "tell",
];

/// What the keys hold, as they were written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FrontMatter {
    /// Plain text.
    pub title: Option<String>,
    /// The slug of the post that the file is.
    pub slug: Option<String>,
    /// In any form that `posts::date` reads.
    pub date: Option<String>,
    /// Each by itself.
    pub tags: Tags,
    /// Whether comments are taken.
    pub comments: Option<bool>,
    /// Whether linkbacks are taken.
    pub linkbacks: Option<bool>,
    /// Whether the sites that it links to are told.
    pub tell: Option<bool>,
}

/// Tags as a list, or as a line that is still to be taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tags {
    /// Each by itself.
    List(Vec<String>),
    /// With commas between them.
    Line(String),
}

impl Default for Tags {
    fn default() -> Self {
        Self::List(Vec::new())
    }
}

/// The front matter of a file and the text below it; none where the file begins otherwise. Line
/// breaks are single characters.
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
                format!("the front matter does not end: close it with a line of {fence}"),
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
pub fn place_of(text: &str, key: &str) -> Option<(usize, usize)> {
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

/// The first line, and what stands behind it.
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
    let (line, column) = place_of(&format!("---\n{front}"), key).unwrap_or((2, 1));
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
    let read: Read = serde_saphyr::from_str(front).map_err(|error| {
        // The fence stands above: lines are counted in the file.
        let (line, column) = error.location().map_or((1, 1), |place| {
            (
                usize::try_from(place.line()).unwrap_or(1).max(1) + 1,
                usize::try_from(place.column()).unwrap_or(1).max(1),
            )
        });
        let words = error.without_snippet().to_string();
        FileError::at(
            line,
            column,
            format!("the front matter cannot be read: {}", without_place(&words)),
        )
    })?;
    match read.unknown {
        Some(key) => Err(unknown(&key, front)),
        None => Ok(read.matter),
    }
}

/// An error's own words, without the place that they name by the lines of the front matter alone.
fn without_place(words: &str) -> &str {
    let words = words.lines().next().unwrap_or(words);
    let words = words.strip_prefix("error: ").unwrap_or(words);
    let end = words.find(" at line ").unwrap_or(words.len());
    let words = &words[..end];
    match words
        .strip_prefix("line ")
        .and_then(|rest| rest.split_once(": "))
    {
        Some((_, words)) => words,
        None => words,
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
            let (line, column) = place_of(&format!("+++\n{front}"), &key).unwrap_or((2, 1));
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
            "comments" | "linkbacks" | "tell" => {
                let flag = scalar(&value)
                    .and_then(|word| flag(&word))
                    .ok_or_else(|| wrong(OPEN_OR_CLOSED))?;
                matter.set_flag(&key, flag);
            }
            _ => return Err(unknown(&key, front)),
        }
    }
    Ok(matter)
}

const OPEN_OR_CLOSED: &str = "open or closed";

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

impl FrontMatter {
    fn set_flag(&mut self, key: &str, flag: bool) {
        match key {
            "comments" => self.comments = Some(flag),
            "linkbacks" => self.linkbacks = Some(flag),
            _ => self.tell = Some(flag),
        }
    }
}

/// What was read of YAML. Scalars are taken as they are written: `tags: [2026, 1.10]` are names.
struct Read {
    matter: FrontMatter,
    /// The first key that posts do not have.
    unknown: Option<String>,
}

impl<'de> Deserialize<'de> for Read {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Keys)
    }
}

struct Keys;

impl<'de> Visitor<'de> for Keys {
    type Value = Read;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("lines of “key: value”")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Read, A::Error> {
        let mut read = Read {
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
                "comments" | "linkbacks" | "tell" => {
                    if let Some(word) = map.next_value::<Option<String>>()? {
                        let flag = flag(&word).ok_or_else(|| {
                            serde::de::Error::custom(format!(
                                "{key} is {OPEN_OR_CLOSED}, not {word:?}"
                            ))
                        })?;
                        matter.set_flag(&key, flag);
                    }
                }
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
