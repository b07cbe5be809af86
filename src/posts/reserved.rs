//! The slugs that no page may have, because the program itself is at those addresses. Pure. Posts are
//! free to have them: their addresses begin with a date.

use crate::error::{Error, Field, Problem, Result};
use crate::markup::slug;
use crate::texts::Message;

/// The first parts of the program's own addresses, and of those that it may have one day, as far as they
/// have the form of a slug. The test `pages.rs` compares them with the routes.
const ROUTES: [&str; 43] = [
    "admin",
    "api",
    "author",
    "category",
    "comment",
    "comments",
    "desk",
    "embed",
    "feed",
    "fonts",
    "health",
    "icons",
    "linkbacks",
    "login",
    "logout",
    "media",
    "metrics",
    "moderation-log",
    "page",
    "queue",
    "receipt",
    "report",
    "respond",
    "search",
    "settings",
    "setup",
    "sitemap",
    "static",
    "subscribe",
    "subscriptions",
    "tag",
    "theme",
    "trackback",
    "unsubscribe",
    "uploads",
    "webmention",
    "well-known",
    "wp-admin",
    "wp-content",
    "wp-includes",
    "wp-json",
    "wp-login",
    "xmlrpc",
];

/// Whether a page may have this slug.
pub fn may_be_page(slug: &str) -> bool {
    slug::is_valid(slug) && !is_reserved(slug)
}

/// Fails where the program itself is at this slug, with a message that names it.
pub fn check(slug: &str) -> Result<()> {
    if !is_reserved(slug) {
        return Ok(());
    }
    let message = match is_year(slug) {
        true => Message::new("slug-reserved-year"),
        false => Message::new("slug-reserved"),
    };
    let problem = Problem::Unusable(message.with("slug", slug));
    Err(Error::field(Field::Slug, problem))
}

/// Whether `segment` is the first part of an address of the program itself.
pub fn is_reserved(segment: &str) -> bool {
    ROUTES.contains(&segment) || is_year(segment) || segment.starts_with("comment-page-")
}

/// Whether `segment` is the first part of the address of a post or an archive.
pub fn is_year(segment: &str) -> bool {
    segment.len() == 4 && segment.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_of_the_program_is_refused_by_its_name() {
        for slug in ["feed", "login", "2026", "comment-page-2", "static"] {
            assert!(!may_be_page(slug), "{slug}");
            let error = check(slug).unwrap_err().to_string();
            assert!(error.contains(slug), "{error}");
        }
        for slug in ["about", "20260", "feeds", "our-login"] {
            assert!(may_be_page(slug) && check(slug).is_ok(), "{slug}");
        }
        assert!(!may_be_page(&"x".repeat(5_000)));
    }
}
