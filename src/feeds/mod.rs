//! Writes feeds: RSS 2.0, Atom and JSON Feed. Pure: reads no rows and knows no addresses.

pub mod atom;
pub mod json;
mod plain;
pub mod rss;
mod xml;

use crate::clock::Moment;

/// A feed in any format.
#[derive(Clone, Debug)]
pub struct Feed {
    /// Never changes, even if its address does.
    pub id: String,
    pub title: String,
    /// One line of plain text; may be empty.
    pub description: String,
    /// The absolute address of the page that it is the feed of.
    pub home: String,
    /// Its own absolute address.
    pub address: String,
    /// The language of its texts.
    pub language: &'static str,
    /// When its newest entry changed last.
    pub updated: Moment,
    /// Newest first.
    pub entries: Vec<FeedEntry>,
}

#[derive(Clone, Debug)]
pub struct FeedEntry {
    /// Never changes, even if its address does.
    pub id: String,
    /// The absolute address of its page.
    pub address: String,
    /// Plain text.
    pub title: String,
    /// Plain text.
    pub author: String,
    pub published: Moment,
    /// When it changed last.
    pub updated: Moment,
    /// Plain text; may be empty.
    pub summary: String,
    /// Plain text each.
    pub tags: Vec<String>,
    /// Safe HTML with absolute addresses; empty where it was left out.
    pub html: String,
    /// The absolute address of the feed of its responses.
    pub responses_feed: Option<String>,
}

/// The longest feed, in bytes before compression.
pub const MAX_FEED: usize = 2 * 1024 * 1024;

impl Feed {
    /// Shortens the feed to `max` bytes: first the full texts of older entries are left out, which
    /// keep their summaries, then the oldest entries.
    pub fn bounded(mut self, max: usize) -> Self {
        let mut left = max.saturating_sub(
            4096 + escaped(&self.title) + escaped(&self.description) + self.address.len() * 4,
        );
        let mut entries = Vec::with_capacity(self.entries.len());
        for mut entry in self.entries {
            let around = entry.length_without_text();
            if around + escaped(&entry.html) > left {
                entry.html = String::new();
            }
            let length = around + escaped(&entry.html);
            if length > left {
                break;
            }
            left -= length;
            entries.push(entry);
        }
        self.entries = entries;
        self
    }
}

impl FeedEntry {
    fn length_without_text(&self) -> usize {
        let texts = [
            &self.id,
            &self.address,
            &self.title,
            &self.author,
            &self.summary,
        ];
        let feed = self.responses_feed.as_ref().map_or(0, String::len);
        // Some are written twice, some are escaped twice.
        1024 + feed * 4
            + texts
                .into_iter()
                .map(|text| escaped(text) * 2)
                .sum::<usize>()
            + self
                .tags
                .iter()
                .map(|tag| escaped(tag) * 2 + 64)
                .sum::<usize>()
    }
}

/// The most bytes that any format escapes `text` to.
fn escaped(text: &str) -> usize {
    let special = text
        .bytes()
        .filter(|byte| matches!(byte, b'<' | b'>' | b'&' | b'"' | b'\'' | b'\\' | 0..=0x1f))
        .count();
    text.len() + special * 5
}

#[cfg(test)]
mod tests {
    use super::*;
    use quick_xml::Reader;
    use quick_xml::events::Event;

    fn feed(text: &str) -> Feed {
        Feed {
            id: "urn:uuid:0".to_owned(),
            title: text.to_owned(),
            description: String::new(),
            home: "https://news.example/".to_owned(),
            address: "https://news.example/feed/".to_owned(),
            language: "en",
            updated: Moment(1_700_000_000_000),
            entries: vec![FeedEntry {
                id: "https://news.example/?p=1".to_owned(),
                address: "https://news.example/2023/11/14/a/".to_owned(),
                title: text.to_owned(),
                author: text.to_owned(),
                published: Moment(1_700_000_000_000),
                updated: Moment(1_700_000_000_000),
                summary: text.to_owned(),
                tags: vec![text.to_owned()],
                html: text.to_owned(),
                responses_feed: None,
            }],
        }
    }

    fn is_well_formed(xml: &str) -> bool {
        let mut reader = Reader::from_str(xml);
        reader.config_mut().check_end_names = true;
        let mut depth = 0;
        loop {
            match reader.read_event() {
                Ok(Event::Start(_)) => depth += 1,
                Ok(Event::End(_)) => depth -= 1,
                Ok(Event::Eof) => return depth == 0,
                Ok(_) => {}
                Err(_) => return false,
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn a_feed_is_well_formed_whatever_it_contains(text in "(\\PC|[\u{0}-\u{1f}]|\\]\\]>|<|&){0,60}") {
            let feed = feed(&text);
            for xml in [rss::render(&feed), atom::render(&feed)] {
                proptest::prop_assert!(is_well_formed(&xml), "{xml}");
                proptest::prop_assert!(!xml.contains(|c: char| c.is_control() && c != '\n' && c != '\t' && c != '\r'));
            }
            let json: serde_json::Value = serde_json::from_str(&json::render(&feed)).unwrap();
            proptest::prop_assert_eq!(json["title"].as_str(), Some(text.as_str()));
        }
    }

    proptest::proptest! {
        #[test]
        fn a_feed_is_shortened_to_the_limit(
            texts in proptest::collection::vec("[a<&\"\u{1}\u{20ac}]{0,4000}", 1..12),
            max in 8_000_usize..60_000,
        ) {
            let mut feed = feed("x");
            let entry = feed.entries[0].clone();
            feed.entries = texts
                .into_iter()
                .map(|html| FeedEntry { html, ..entry.clone() })
                .collect();
            let feed = feed.bounded(max);
            for text in [rss::render(&feed), atom::render(&feed), json::render(&feed)] {
                proptest::prop_assert!(text.len() <= max, "{} of {max}", text.len());
            }
            proptest::prop_assert!(!feed.entries.is_empty());
        }
    }

    #[test]
    fn dates_have_the_format_of_each_standard() {
        let feed = feed("x");
        assert!(rss::render(&feed).contains("<pubDate>Tue, 14 Nov 2023 22:13:20 +0000</pubDate>"));
        assert!(atom::render(&feed).contains("<published>2023-11-14T22:13:20Z</published>"));
    }
}
