//! JSON Feed 1.1.

use serde_json::json;

use crate::feeds::Feed;

/// Its media type.
pub const MEDIA_TYPE: &str = "application/feed+json; charset=utf-8";

/// The feed as JSON.
pub fn render(feed: &Feed) -> String {
    let items: Vec<_> = feed
        .entries
        .iter()
        .map(|entry| {
            json!({
                "id": entry.id,
                "url": entry.address,
                "title": entry.title,
                "summary": entry.summary,
                "content_html": entry.html,
                "date_published": entry.published.rfc3339(),
                "date_modified": entry.updated.rfc3339(),
                "authors": [{ "name": entry.author }],
            })
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
