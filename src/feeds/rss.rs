//! Writes RSS 2.0 (RSS Advisory Board), with full texts in `content:encoded`.

use crate::feeds::Feed;
use crate::feeds::plain::{as_html, for_either};
use crate::feeds::xml::XmlDocument;

pub const MEDIA_TYPE: &str = "application/rss+xml; charset=utf-8";

pub fn render(feed: &Feed) -> String {
    let mut document = XmlDocument::new();
    let spaces = [
        ("version", "2.0"),
        ("xmlns:atom", "http://www.w3.org/2005/Atom"),
        ("xmlns:content", "http://purl.org/rss/1.0/modules/content/"),
        ("xmlns:dc", "http://purl.org/dc/elements/1.1/"),
        ("xmlns:wfw", "http://wellformedweb.org/CommentAPI/"),
    ];
    document.element("rss", &spaces, |document| {
        document.element("channel", &[], |document| channel(document, feed));
    });
    document.finish()
}

fn channel(document: &mut XmlDocument, feed: &Feed) {
    document.text("title", &[], &for_either(&feed.title));
    document.text("link", &[], &feed.home);
    document.text("description", &[], &as_html(&feed.description));
    document.text("language", &[], feed.language);
    document.text("lastBuildDate", &[], &feed.updated.rfc2822());
    document.empty(
        "atom:link",
        &[
            ("href", &feed.address),
            ("rel", "self"),
            ("type", "application/rss+xml"),
        ],
    );
    for entry in &feed.entries {
        document.element("item", &[], |document| {
            document.text("title", &[], &for_either(&entry.title));
            document.text("link", &[], &entry.address);
            document.text("guid", &[("isPermaLink", "false")], &entry.id);
            document.text("dc:creator", &[], &for_either(&entry.author));
            for tag in &entry.tags {
                document.text("category", &[], &for_either(tag));
            }
            document.text("pubDate", &[], &entry.published.rfc2822());
            if !entry.summary.is_empty() {
                document.text("description", &[], &as_html(&entry.summary));
            }
            if !entry.html.is_empty() {
                document.text("content:encoded", &[], &entry.html);
            }
            if let Some(feed) = &entry.responses_feed {
                document.text("wfw:commentRss", &[], feed);
                document.text("comments", &[], &format!("{}#comments", entry.address));
            }
        });
    }
}
