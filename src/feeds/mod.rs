//! Feeds as text: RSS 2.0, Atom, JSON Feed. Pure: what goes in comes from elsewhere.

pub mod atom;
pub mod json;
mod plain;
pub mod rss;
mod xml;

use crate::clock::Moment;

/// A feed, whatever its form.
#[derive(Clone, Debug)]
pub struct Feed {
    /// What it is called for ever, whatever becomes of its address.
    pub id: String,
    /// Its name.
    pub title: String,
    /// A line about it; may be empty.
    pub description: String,
    /// The page that it is the feed of, absolute.
    pub home: String,
    /// Its own address, absolute.
    pub address: String,
    /// Of its words.
    pub language: &'static str,
    /// When its newest entry changed; the feed's beginning where it has none.
    pub updated: Moment,
    /// The newest first.
    pub entries: Vec<Entry>,
}

/// An entry of a feed.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What it is called for ever, whatever becomes of its address.
    pub id: String,
    /// Where it is read.
    pub address: String,
    /// Plain text.
    pub title: String,
    /// Plain text.
    pub author: String,
    /// When it was published.
    pub published: Moment,
    /// When it changed last.
    pub updated: Moment,
    /// The first words, as plain text; may be empty.
    pub summary: String,
    /// Plain text each.
    pub tags: Vec<String>,
    /// Safe HTML with whole addresses; empty where it was left out.
    pub html: String,
    /// Where answers to it can be followed, absolute.
    pub responses_feed: Option<String>,
}

/// The longest whole feed, in bytes as they are sent.
pub const MAX_FEED: usize = 2 * 1024 * 1024;

impl Feed {
    /// Leaves out what would make the feed longer than `max` bytes: first the whole texts of the
    /// older entries, of which the first words stay, then the oldest entries.
    pub fn bounded(mut self, max: usize) -> Self {
        let mut left = max.saturating_sub(
            4096 + escaped(&self.title) + escaped(&self.description) + self.address.len() * 4,
        );
        let mut kept = Vec::with_capacity(self.entries.len());
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
            kept.push(entry);
        }
        self.entries = kept;
        self
    }
}

impl Entry {
    fn length_without_text(&self) -> usize {
        let texts = [
            &self.id,
            &self.address,
            &self.title,
            &self.author,
            &self.summary,
        ];
        let feed = self.responses_feed.as_ref().map_or(0, String::len);
        // Some stand there twice, some are escaped twice.
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

/// No form escapes text to more bytes than this.
fn escaped(text: &str) -> usize {
    let marks = text
        .bytes()
        .filter(|byte| matches!(byte, b'<' | b'>' | b'&' | b'"' | b'\'' | b'\\' | 0..=0x1f))
        .count();
    text.len() + marks * 5
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
            entries: vec![Entry {
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
        fn a_feed_is_well_formed_whatever_it_holds(text in "(\\PC|[\u{0}-\u{1f}]|\\]\\]>|<|&){0,60}") {
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
        fn a_feed_is_no_longer_than_it_may_be(
            texts in proptest::collection::vec("[a<&\"\u{1}\u{20ac}]{0,4000}", 1..12),
            max in 8_000_usize..60_000,
        ) {
            let mut feed = feed("x");
            let entry = feed.entries[0].clone();
            feed.entries = texts
                .into_iter()
                .map(|html| Entry { html, ..entry.clone() })
                .collect();
            let feed = feed.bounded(max);
            for text in [rss::render(&feed), atom::render(&feed), json::render(&feed)] {
                proptest::prop_assert!(text.len() <= max, "{} of {max}", text.len());
            }
            proptest::prop_assert!(!feed.entries.is_empty());
        }
    }

    #[test]
    fn dates_have_the_form_of_each_standard() {
        let feed = feed("x");
        assert!(rss::render(&feed).contains("<pubDate>Tue, 14 Nov 2023 22:13:20 +0000</pubDate>"));
        assert!(atom::render(&feed).contains("<published>2023-11-14T22:13:20Z</published>"));
    }
}
