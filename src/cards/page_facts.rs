//! What a page says about itself for those who link to it: Open Graph and similar formats, or else its title
//! and description. Pure: fetches nothing.

use url::Url;

use crate::linkbacks::protocol::document::Document;
use crate::linkbacks::protocol::token_reader::{TokenVisitor, visit};
use crate::markup::excerpt::{clean_line, leading_excerpt};
use crate::markup::tokens::StartTag;

/// The longest texts, in characters.
const MAX_TITLE: usize = 200;
const MAX_DESCRIPTION: usize = 300;
const MAX_SITE_NAME: usize = 80;
/// The longest address of a picture, in bytes.
const MAX_ADDRESS: usize = 2048;

/// What a page says about itself. Every text may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageFacts {
    pub title: String,
    pub description: String,
    pub site_name: String,
    pub picture: Option<Url>,
}

/// Reads the page at `url`; None where it is not HTML, or says nothing.
pub fn read(body: &[u8], content_type: Option<&str>, url: &Url) -> Option<PageFacts> {
    let document = Document::read(body, content_type);
    let page = document.html()?;
    let found = visit(document.text(), MetaReader::default())?;
    let title = first(&[&found.open_graph.title, &found.twitter.title]);
    let title = match clean_line(title, MAX_TITLE) {
        title if title.is_empty() => document.title().unwrap_or_default(),
        title => title,
    };
    let description = first(&[
        &found.open_graph.description,
        &found.twitter.description,
        &found.description,
    ]);
    let picture = first(&[&found.open_graph.picture, &found.twitter.picture]);
    let facts = PageFacts {
        title: clean_line(&title, MAX_TITLE),
        description: leading_excerpt(description, MAX_DESCRIPTION),
        site_name: clean_line(&found.site_name, MAX_SITE_NAME),
        picture: Some(picture.trim())
            .filter(|address| !address.is_empty() && address.len() <= MAX_ADDRESS)
            .and_then(|address| page.base_url(url).join(address).ok())
            .filter(|address| matches!(address.scheme(), "http" | "https")),
    };
    (!facts.title.is_empty() || !facts.description.is_empty()).then_some(facts)
}

/// The first text that is not blank.
fn first<'t>(texts: &[&'t String]) -> &'t str {
    texts
        .iter()
        .map(|text| text.as_str())
        .find(|text| !text.trim().is_empty())
        .unwrap_or_default()
}

#[derive(Default)]
struct Vocabulary {
    title: String,
    description: String,
    picture: String,
}

#[derive(Default)]
struct MetaReader {
    open_graph: Vocabulary,
    twitter: Vocabulary,
    description: String,
    site_name: String,
}

impl TokenVisitor for MetaReader {
    fn start_tag(&mut self, tag: &StartTag) {
        if tag.name != "meta" {
            return;
        }
        // Some pages write Open Graph's names as `name`, and Twitter's as `property`.
        let Some(name) = tag.attribute("property").or_else(|| tag.attribute("name")) else {
            return;
        };
        let place = match name.trim().to_ascii_lowercase().as_str() {
            "og:title" => &mut self.open_graph.title,
            "og:description" => &mut self.open_graph.description,
            "og:image" | "og:image:url" | "og:image:secure_url" => &mut self.open_graph.picture,
            "og:site_name" => &mut self.site_name,
            "twitter:title" => &mut self.twitter.title,
            "twitter:description" => &mut self.twitter.description,
            "twitter:image" | "twitter:image:src" => &mut self.twitter.picture,
            "description" => &mut self.description,
            _ => return,
        };
        // The first of several is the main one.
        if place.is_empty() {
            *place = tag.attribute("content").unwrap_or_default().to_owned();
        }
    }

    fn end_tag(&mut self, _name: &str) {}

    fn text(&mut self, _text: &str) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(html: &str) -> Option<PageFacts> {
        let url = Url::parse("https://other.example/a/b").unwrap();
        read(html.as_bytes(), Some("text/html; charset=utf-8"), &url)
    }

    #[test]
    fn open_graph_comes_before_the_rest() {
        let facts = facts(
            "<title>Title</title><meta name=description content='Plain'>\
             <meta property='og:title' content='  A &amp; b '><meta property='og:title' content='Second'>\
             <meta name='og:description' content='What it says'><meta property='og:site_name' content='Other'>\
             <meta property='og:image' content='../x.jpg?a=1&amp;b=2'>",
        )
        .unwrap();
        assert_eq!(facts.title, "A & b");
        assert_eq!(facts.description, "What it says");
        assert_eq!(facts.site_name, "Other");
        let picture = facts.picture.unwrap();
        assert_eq!(picture.as_str(), "https://other.example/x.jpg?a=1&b=2");
    }

    #[test]
    fn a_page_without_it_gives_its_title_and_description() {
        let facts = facts("<title>Title</title><meta name=Description content=Plain>").unwrap();
        assert_eq!(
            (facts.title.as_str(), facts.description.as_str()),
            ("Title", "Plain")
        );
        assert_eq!(facts.picture, None);
    }

    #[test]
    fn what_is_no_page_gives_nothing() {
        assert_eq!(facts("<p>"), None);
        let url = Url::parse("https://other.example/").unwrap();
        assert_eq!(read(b"%PDF-1.7", Some("application/pdf"), &url), None);
        assert_eq!(
            read(b"{\"title\": 1}", Some("application/json"), &url),
            None
        );
        let hostile = format!("<meta {}>", "a ".repeat(5000));
        assert_eq!(facts(&hostile), None);
    }

    #[test]
    fn texts_are_cut_and_addresses_are_of_the_web() {
        let long = "x".repeat(10_000);
        let facts = facts(&format!(
            "<meta property=og:title content={long}><meta property=og:description content={long}>\
             <meta property=og:image content='javascript:alert(1)'>"
        ))
        .unwrap();
        assert!(facts.title.chars().count() <= MAX_TITLE + 1);
        assert!(facts.description.chars().count() <= MAX_DESCRIPTION + 1);
        assert_eq!(facts.picture, None);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read(body in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..400)) {
            let url = Url::parse("https://other.example/").unwrap();
            let _ = read(&body, None, &url);
        }
    }
}
