//! Writes Atom (RFC 4287).

use crate::feeds::Feed;
use crate::feeds::xml::XmlDocument;

pub const MEDIA_TYPE: &str = "application/atom+xml; charset=utf-8";

/// Plain text (section 3.1.1.1), which no reader treats as markup.
const PLAIN: &[(&str, &str)] = &[("type", "text")];

pub fn render(feed: &Feed) -> String {
    let mut document = XmlDocument::new();
    let spaces = [
        ("xmlns", "http://www.w3.org/2005/Atom"),
        ("xml:lang", feed.language),
    ];
    document.element("feed", &spaces, |document| {
        document.text("title", PLAIN, &feed.title);
        if !feed.description.is_empty() {
            document.text("subtitle", PLAIN, &feed.description);
        }
        document.text("id", &[], &feed.id);
        document.empty("link", &[("href", &feed.home)]);
        document.empty("link", &[("rel", "self"), ("href", &feed.address)]);
        document.text("updated", &[], &feed.updated.rfc3339());
        for entry in &feed.entries {
            document.element("entry", &[], |document| {
                document.text("title", PLAIN, &entry.title);
                document.text("id", &[], &entry.id);
                document.empty("link", &[("href", &entry.address)]);
                document.element("author", &[], |document| {
                    document.text("name", &[], &entry.author);
                });
                document.text("published", &[], &entry.published.rfc3339());
                document.text("updated", &[], &entry.updated.rfc3339());
                if !entry.summary.is_empty() {
                    document.text("summary", PLAIN, &entry.summary);
                }
                for tag in &entry.tags {
                    document.empty("category", &[("term", tag)]);
                }
                if !entry.html.is_empty() {
                    document.text("content", &[("type", "html")], &entry.html);
                }
            });
        }
    });
    document.finish()
}
