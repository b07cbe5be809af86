//! A post in a file: Markdown below front matter. Pure: never opens the file itself.

use crate::error::FieldError;
use crate::markup::visible::trim_lines;
use crate::posts::draft::{MAX_BODY, PostInput, tags_input};
use crate::posts::front_matter::{self, FileError, Tags};
use crate::store::entity::post::PostKind;

/// The largest file of a post, in bytes: the longest text in the longest characters, and front
/// matter.
pub const MAX_FILE: usize = 4 * MAX_BODY + 64 * 1024;

/// The text of a file; fails where it is not UTF-8 or too large.
pub fn decode(bytes: &[u8]) -> Result<&str, FileError> {
    if bytes.len() > MAX_FILE {
        return Err(FileError::new(format!(
            "the file is too large: a post can have at most {MAX_BODY} characters"
        )));
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(FileError::new(
            "it is UTF-16, not UTF-8 text: save it as UTF-8".to_owned(),
        ));
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let before = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        FileError::at(line, column, "it is not UTF-8 text: save it as UTF-8")
    })
}

/// Parses the text of a file. Without a title in the front matter, the first heading is the title.
pub fn parse(text: &str) -> Result<PostInput, FileError> {
    let text = text
        .strip_prefix('\u{feff}')
        .unwrap_or(text)
        .replace("\r\n", "\n")
        .replace('\r', "\n");
    let (front, body) = front_matter::split(&text)?;
    let (title, body) = match front.title {
        Some(title) => (title, body),
        None => heading(body).ok_or_else(|| {
            FileError::new(
                "the post has no title: write `title: …` between two lines of --- at the top, or begin with `# Title`"
                    .to_owned(),
            )
        })?,
    };
    let tags = match front.tags {
        Tags::List(tags) => tags_input(tags.iter().map(String::as_str)),
        Tags::Line(tags) => tags,
    };
    let kind = front.kind.unwrap_or_default();
    // A page takes comments and linkbacks only where its file says so.
    let is_open = kind == PostKind::Post;
    Ok(PostInput {
        kind,
        parent: front.parent.unwrap_or_default(),
        title,
        slug: front.slug.unwrap_or_default(),
        body: trim_lines(body).to_owned() + "\n",
        tags,
        date: front.date.unwrap_or_default(),
        comments: front.comments.unwrap_or(is_open),
        linkbacks: front.linkbacks.unwrap_or(is_open),
        sends_linkbacks: front.send_linkbacks.unwrap_or(is_open),
        featured: front.featured,
        featured_alt: front.featured_alt,
    })
}

/// An error that gives the line and column of each field to fix.
pub fn problems(text: &str, errors: &[FieldError]) -> FileError {
    let lines: Vec<String> = errors
        .iter()
        .map(|error| {
            let name = error.field.name();
            match front_matter::position_of(text, name) {
                Some((line, column)) => {
                    format!("line {line}, column {column}: {name}: {}", error.problem)
                }
                None => format!("{name}: {}", error.problem),
            }
        })
        .collect();
    FileError::new(lines.join("; "))
}

fn heading(body: &str) -> Option<(String, &str)> {
    let body = body.trim_start();
    let rest = body.strip_prefix('#')?;
    let rest = rest.strip_prefix([' ', '\t'])?;
    let (title, body) = rest.split_once('\n').unwrap_or((rest, ""));
    Some((title.trim().to_owned(), body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_front_matter_are_parsed() {
        for text in [
            "---\ntitle: \"A: post\"\nslug: a-post\ndate: 2026-11-20\ntags: [one, two]\ncomments: closed\n---\n\nText\n",
            "+++\ntitle = \"A: post\"\nslug = \"a-post\"\ndate = 2026-11-20\ntags = \"one, two\"\ncomments = false\n+++\nText",
            "\u{feff}--- \t\r\ntitle: 'A: post'\r\nslug: a-post\r\ndate: 2026-11-20\r\ntags:\r\n  - one\r\n  - two\r\ncomments: no\r\n---  \r\n\r\nText\r\n",
        ] {
            let post = parse(text).unwrap();
            assert_eq!(post.title, "A: post");
            assert_eq!(post.slug, "a-post");
            assert_eq!(post.date, "2026-11-20");
            assert_eq!(post.tags, "one, two");
            assert_eq!(post.body, "Text\n");
            assert!(!post.comments && post.linkbacks);
        }
    }

    #[test]
    fn numbers_are_kept_as_they_are_written() {
        let post = parse("---\ntitle: 2026\nslug: 007\ndate: 2026-11-20 09:30:15 +0200\ntags: [2026, 1.10, yes, \"Oil, gas\", 0x10]\n---\nx").unwrap();
        assert_eq!(post.title, "2026");
        assert_eq!(post.slug, "007");
        assert_eq!(post.date, "2026-11-20 09:30:15 +0200");
        assert_eq!(post.tags, "2026, 1.10, yes, \"Oil, gas\", 0x10");
        let post =
            parse("+++\ntitle = 'x'\ndate = 2026-11-20T09:30:15+02:00\ntags = [2026, 'a']\n+++\nx")
                .unwrap();
        assert_eq!(post.date, "2026-11-20T09:30:15+02:00");
        assert_eq!(post.tags, "2026, a");
        let post = parse("---\ntitle: x\ntags:\ndate:\n---\nx").unwrap();
        assert_eq!((post.tags.as_str(), post.date.as_str()), ("", ""));
    }

    #[test]
    fn a_line_in_the_text_that_looks_like_a_fence_is_text() {
        let post = parse("---\ntitle: x\n---\n    code\n\n---\n\nmore").unwrap();
        assert_eq!(post.body, "    code\n\n---\n\nmore\n");
        let post = parse("---\ntitle: |\n  a\n  ---b\n---\nText").unwrap();
        assert_eq!(post.body, "Text\n");
    }

    #[test]
    fn the_heading_is_the_title_of_a_file_without_front_matter() {
        let post = parse("# Title\n\nText").unwrap();
        assert_eq!(
            (post.title.as_str(), post.body.as_str()),
            ("Title", "Text\n")
        );
    }

    #[test]
    fn a_file_says_that_it_is_a_page() {
        for text in [
            "---\ntitle: Team\nkind: page\nparent: about\n---\nText",
            "+++\ntitle = 'Team'\nkind = 'page'\nparent = 'about'\n+++\nText",
        ] {
            let page = parse(text).unwrap();
            assert_eq!(page.kind, PostKind::Page);
            assert_eq!(page.parent, "about");
            assert!(!page.comments && !page.linkbacks && !page.sends_linkbacks);
        }
        assert_eq!(parse("# T").unwrap().kind, PostKind::Post);
    }

    #[test]
    fn a_file_names_the_picture_above_the_post() {
        for text in [
            "---\ntitle: T\nfeatured: pictures/harbour.jpg\nfeatured_alt: \"Ships: three\"\n---\nText",
            "+++\ntitle = 'T'\nfeatured = 'pictures/harbour.jpg'\nfeatured_alt = 'Ships: three'\n+++\nText",
        ] {
            let post = parse(text).unwrap();
            assert_eq!(post.featured.as_deref(), Some("pictures/harbour.jpg"));
            assert_eq!(post.featured_alt.as_deref(), Some("Ships: three"));
        }
        let number = parse("---\ntitle: T\nfeatured: 12\n---\nText").unwrap();
        assert_eq!(number.featured.as_deref(), Some("12"));
        // Without the key the post keeps what it has; an empty one removes it.
        let kept = parse("---\ntitle: T\n---\nText").unwrap();
        assert_eq!(kept.featured, None);
        let removed = parse("---\ntitle: T\nfeatured:\n---\nText").unwrap();
        assert_eq!(removed.featured.as_deref(), Some(""));
    }

    #[test]
    fn an_error_says_what_to_fix_and_where() {
        for (text, says) in [
            ("Text", "no title"),
            (
                "---\ntitle: x\nText",
                "line 1, column 1: the front matter has no end",
            ),
            (
                "---\ntitle: x\ntitel: y\n---\nText",
                "line 3, column 1: a post has no \"titel\": did you mean title?",
            ),
            (
                "+++\ntitle = 'x'\ntgas = ['y']\n+++\nText",
                "line 3, column 1: a post has no \"tgas\": did you mean tags?",
            ),
            (
                "---\ntitle: x\ncomments: maybe\n---\nText",
                "open or closed",
            ),
            ("---\ntitle: [x\n---\nText", "line "),
            ("---\ntitle: x\ntitle: y\n---\nText", "line 3"),
            ("---\njust words\n---\nText", "line 2"),
            ("+++\ntitle = x\n+++\nText", "line 2, column 9"),
            (
                "+++\ntitle = 'x'\ncomments = 3\n+++\nText",
                "line 3, column 1: comments is open or closed",
            ),
            (
                "+++\ntitle = 'x'\nkind = 'leaf'\n+++\nText",
                "line 3, column 1: kind is post or page",
            ),
            ("---\ntitle: x\nkind: leaf\n---\nText", "post or page"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(says), "{text}: {error}");
            assert!(!error.contains('\n'), "{error}");
        }
    }

    #[test]
    fn an_error_gives_the_place_of_bytes_that_are_not_text() {
        let error = decode(b"# T\n\ncaf\xe9").unwrap_err().to_string();
        assert_eq!(
            error,
            "line 3, column 4: it is not UTF-8 text: save it as UTF-8"
        );
        assert!(
            decode(b"\xff\xfe#\0")
                .unwrap_err()
                .to_string()
                .contains("UTF-16")
        );
        assert!(decode(&vec![b'x'; MAX_FILE + 1]).is_err());
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_parsed_or_refused(text in "(---\n|\\+\\+\\+\n)?[a-z:=\\[\\]{}#\" \n-]{0,200}") {
            let _ = parse(&text);
        }
    }
}
