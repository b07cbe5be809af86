//! Writes JSON Feed 1.1.

use serde_json::json;

use crate::feeds::Feed;

pub const MEDIA_TYPE: &str = "application/feed+json; charset=utf-8";

pub fn render(feed: &Feed) -> String {
    let items: Vec<_> = feed
        .entries
        .iter()
        .map(|entry| {
            let mut item = json!({
                "id": entry.id,
                "url": entry.address,
                "title": entry.title,
                "summary": entry.summary,
                "date_published": entry.published.rfc3339(),
                "date_modified": entry.updated.rfc3339(),
                "authors": [{ "name": entry.author }],
                "tags": entry.tags,
            });
            // An item must have either a text or an HTML text (section “Items”).
            let (form, text) = match entry.html.is_empty() {
                true => ("content_text", &entry.summary),
                false => ("content_html", &entry.html),
            };
            item[form] = json!(text);
            item
        })
        .collect();
    json!({
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "description": feed.description,
        "home_page_url": feed.home,
        "feed_url": feed.address,
        "language": feed.language,
        "items": items,
    })
    .to_string()
}
