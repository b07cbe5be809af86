//! A post in a file: Markdown with front matter between `---` (YAML) or `+++` (TOML) lines.
//! Pure: reads text that somebody else read from disk.

use serde::Deserialize;

use crate::posts::draft::PostInput;

/// A file that is no post; the text says what to mend.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0}")]
pub struct FileError(String);

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct FrontMatter {
    title: Option<String>,
    slug: Option<String>,
    date: Option<Text>,
    tags: Option<Tags>,
    comments: Option<Choice>,
    linkbacks: Option<Choice>,
    tell: Option<Choice>,
}

/// TOML has dates of its own.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Text {
    Text(String),
    Date(toml::value::Datetime),
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Tags {
    List(Vec<String>),
    Line(String),
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Choice {
    Flag(bool),
    Word(String),
}

impl Choice {
    fn read(self, key: &str) -> Result<bool, FileError> {
        match self {
            Self::Flag(open) => Ok(open),
            Self::Word(word) => match word.to_lowercase().as_str() {
                "open" | "on" | "yes" | "true" => Ok(true),
                "closed" | "off" | "no" | "false" => Ok(false),
                _ => Err(FileError(format!(
                    "{key} in the front matter is open or closed, not {word:?}"
                ))),
            },
        }
    }
}

/// Reads a post from a file's text. Without a title in the front matter, the first heading is it.
pub fn parse(text: &str) -> Result<PostInput, FileError> {
    let text = text
        .strip_prefix('\u{feff}')
        .unwrap_or(text)
        .replace("\r\n", "\n");
    let (front, body) = split(&text)?;
    let (title, body) = match front.title {
        Some(title) => (title, body.to_owned()),
        None => heading(body).ok_or_else(|| {
            FileError(
                "the post has no title: write `title: …` between two lines of --- at the top, or begin with `# Title`"
                    .to_owned(),
            )
        })?,
    };
    let tags = match front.tags {
        Some(Tags::List(tags)) => tags.join(","),
        Some(Tags::Line(tags)) => tags,
        None => String::new(),
    };
    let date = match front.date {
        Some(Text::Text(date)) => date,
        Some(Text::Date(date)) => date.to_string(),
        None => String::new(),
    };
    let open = |choice: Option<Choice>, key| choice.map_or(Ok(true), |choice| choice.read(key));
    Ok(PostInput {
        title,
        slug: front.slug.unwrap_or_default(),
        body: body.trim().to_owned() + "\n",
        tags,
        date,
        comments: open(front.comments, "comments")?,
        linkbacks: open(front.linkbacks, "linkbacks")?,
        tells: open(front.tell, "tell")?,
    })
}

fn split(text: &str) -> Result<(FrontMatter, &str), FileError> {
    for fence in ["---", "+++"] {
        let Some(rest) = text
            .strip_prefix(fence)
            .and_then(|rest| rest.strip_prefix('\n'))
        else {
            continue;
        };
        let end = format!("\n{fence}");
        let (front, body) = if let Some(body) = rest.strip_prefix(fence) {
            ("", body)
        } else {
            rest.split_once(&end).ok_or_else(|| {
                FileError(format!(
                    "the front matter does not end: close it with a line of {fence}"
                ))
            })?
        };
        let body = body.split_once('\n').map_or("", |(_, body)| body);
        if front.trim().is_empty() {
            return Ok((FrontMatter::default(), body));
        }
        let front = if fence == "---" {
            serde_saphyr::from_str(front).map_err(|error| error.to_string())
        } else {
            toml::from_str(front).map_err(|error| error.to_string())
        };
        return front
            .map(|front| (front, body))
            .map_err(|error| FileError(format!("the front matter cannot be read: {error}")));
    }
    Ok((FrontMatter::default(), text))
}

fn heading(body: &str) -> Option<(String, String)> {
    let body = body.trim_start();
    let rest = body.strip_prefix("# ")?;
    let (title, body) = rest.split_once('\n').unwrap_or((rest, ""));
    Some((title.trim().to_owned(), body.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_front_matter_are_read() {
        for text in [
            "---\ntitle: \"A: post\"\nslug: a-post\ndate: 2026-11-20\ntags: [one, two]\ncomments: closed\n---\n\nText\n",
            "+++\ntitle = \"A: post\"\nslug = \"a-post\"\ndate = 2026-11-20\ntags = \"one,two\"\ncomments = false\n+++\nText",
        ] {
            let post = parse(text).unwrap();
            assert_eq!(post.title, "A: post");
            assert_eq!(post.slug, "a-post");
            assert_eq!(post.date, "2026-11-20");
            assert_eq!(post.tags, "one,two");
            assert_eq!(post.body, "Text\n");
            assert!(!post.comments && post.linkbacks);
        }
    }

    #[test]
    fn a_file_without_front_matter_has_its_heading_for_a_title() {
        let post = parse("# Title\n\nText").unwrap();
        assert_eq!(
            (post.title.as_str(), post.body.as_str()),
            ("Title", "Text\n")
        );
    }

    #[test]
    fn a_file_that_is_no_post_says_what_to_mend() {
        for (text, says) in [
            ("Text", "no title"),
            ("---\ntitle: x\nText", "does not end"),
            ("---\ntitel: x\n---\nText", "titel"),
            (
                "---\ntitle: x\ncomments: maybe\n---\nText",
                "open or closed",
            ),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(says), "{text}: {error}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "(---\n|\\+\\+\\+\n)?[a-z:=\\[\\]{}#\" \n-]{0,200}") {
            let _ = parse(&text);
        }
    }
}
