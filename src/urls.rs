//! The site's URLs, built and parsed in one place. They have WordPress's forms, so that a moved site keeps
//! its links. Never looks anything up.

use std::fmt::Display;
use std::net::IpAddr;

use jiff::civil::Date;
use url::{Host, Url};

use crate::clock::Moment;

/// Builds and parses the URLs of one site.
#[derive(Clone, Debug)]
pub struct Urls {
    base: String,
    zone: jiff::tz::TimeZone,
}

impl Urls {
    /// `base` is the home page without its final slash; permalinks name the day in `zone`.
    pub fn new(base: String, zone: jiff::tz::TimeZone) -> Self {
        Self { base, zone }
    }

    pub fn absolute(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The time zone of permalinks and of dates on pages.
    pub fn zone(&self) -> &jiff::tz::TimeZone {
        &self.zone
    }

    pub fn is_https(&self) -> bool {
        self.base.starts_with("https:")
    }

    /// The site's host, with its port where that is not the default.
    pub fn authority(&self) -> &str {
        self.base
            .split_once("://")
            .map_or(self.base.as_str(), |(_, rest)| {
                rest.split('/').next().unwrap_or(rest)
            })
    }

    /// The absolute URL of `href` on the page at `path`; None where it is neither http nor https.
    pub fn resolve(&self, path: &str, href: &str) -> Option<Url> {
        let url = Url::parse(&self.absolute(path)).ok()?.join(href).ok()?;
        matches!(url.scheme(), "http" | "https").then_some(url)
    }

    /// Whether the site's host is a name reserved for tests and private use (RFC 2606, RFC 6761,
    /// RFC 6762, RFC 8375). IP addresses are checked by `net::guard`.
    pub fn is_test_name(&self) -> bool {
        let Ok(base) = Url::parse(&self.base) else {
            return true;
        };
        let Some(Host::Domain(name)) = base.host() else {
            return false;
        };
        let name = name.trim_end_matches('.');
        let mut labels = name.rsplit('.');
        let last = labels.next().unwrap_or_default();
        let second = labels.next();
        matches!(
            last,
            "localhost" | "test" | "example" | "invalid" | "local" | "internal"
        ) || (second == Some("example") && matches!(last, "com" | "net" | "org"))
            || (second == Some("home") && last == "arpa")
            || second.is_none()
    }

    /// The site's host where it is an IP address.
    pub fn ip(&self) -> Option<IpAddr> {
        match Url::parse(&self.base).ok()?.host()? {
            Host::Ipv4(address) => Some(address.into()),
            Host::Ipv6(address) => Some(address.into()),
            Host::Domain(_) => None,
        }
    }

    /// `/YYYY/MM/DD/slug/`.
    pub fn permalink(&self, published: Moment, slug: &str) -> String {
        let day = published.in_zone(&self.zone).date();
        format!(
            "/{:04}/{:02}/{:02}/{slug}/",
            day.year(),
            day.month(),
            day.day()
        )
    }

    /// From the beginning of the day `first` to that of `end`, which is not included.
    pub fn day_range(&self, first: Date, end: Date) -> Option<(Moment, Moment)> {
        let start = first
            .to_zoned_datetime(self.zone.clone())
            .ok()?
            .timestamp()
            .into();
        let end = end
            .to_zoned_datetime(self.zone.clone())
            .ok()?
            .timestamp()
            .into();
        Some((start, end))
    }

    /// Parses an absolute URL of this site, by http or https; None for another site.
    pub fn parse(&self, address: &str) -> Option<SitePage> {
        let url = Url::parse(address).ok()?;
        if !matches!(url.scheme(), "http" | "https") {
            return None;
        }
        let base = Url::parse(&self.base).ok()?;
        let same_port = url.port() == base.port()
            || url.port_or_known_default() == base.port_or_known_default();
        if url.host() != base.host() || !same_port || !url.username().is_empty() {
            return None;
        }
        let path = url.path().strip_prefix(base.path().trim_end_matches('/'))?;
        Some(SitePage::of_path(path, url.query()))
    }
}

/// The permanent URL of a response, which redirects to the page of its thread that shows it. For links
/// that are made where that page is not known, or that outlive it.
pub fn comment_link(id: impl Display) -> String {
    format!("/comment/{id}/")
}

/// The URL of a response on page `page` of the thread at `permalink`.
pub fn comment_on_page(permalink: &str, page: u64, id: impl Display) -> String {
    match page {
        0 | 1 => format!("{permalink}#comment-{id}"),
        page => format!("{permalink}comment-page-{page}/#comment-{id}"),
    }
}

/// A page of this site that a URL names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SitePage {
    /// A post by its slug, current or former.
    Post {
        /// The last part of its permalink.
        slug: String,
    },
    /// A post by `?p=ID`.
    PostId(i64),
    /// A response by `/comment/N/`.
    Comment(i64),
    /// Any other page.
    Other,
}

impl SitePage {
    fn of_path(path: &str, query: Option<&str>) -> Self {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        if parts.is_empty() {
            return query
                .into_iter()
                .flat_map(|query| url::form_urlencoded::parse(query.as_bytes()))
                .find(|(name, _)| name == "p")
                .and_then(|(_, id)| id.parse().ok())
                .map_or(Self::Other, Self::PostId);
        }
        if let ["comment", id] = parts[..] {
            return id.parse().map_or(Self::Other, Self::Comment);
        }
        let day = parts.len() >= 4
            && parts[0].len() == 4
            && parts[..3]
                .iter()
                .all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
        let under = parts.get(4);
        let of_post = match under {
            None => parts.len() == 4,
            Some(page) => parts.len() == 5 && page.starts_with("comment-page-"),
        };
        let slug = percent_encoding::percent_decode_str(parts[3.min(parts.len() - 1)])
            .decode_utf8()
            .ok()
            .filter(|slug| !slug.chars().any(char::is_control));
        match slug {
            Some(slug) if day && of_post => Self::Post {
                slug: slug.into_owned(),
            },
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn urls() -> Urls {
        Urls::new("https://news.example".to_owned(), jiff::tz::TimeZone::UTC)
    }

    #[test]
    fn a_permalink_has_the_day_in_the_sites_zone() {
        let late = Moment(1_700_000_000_000);
        assert_eq!(urls().permalink(late, "a-post"), "/2023/11/14/a-post/");
        let kiritimati = Urls::new(
            "https://news.example".to_owned(),
            jiff::tz::TimeZone::get("Pacific/Kiritimati").unwrap(),
        );
        assert_eq!(kiritimati.permalink(late, "a-post"), "/2023/11/15/a-post/");
    }

    #[test]
    fn every_spelling_of_a_posts_address_is_the_same_page() {
        let post = Some(SitePage::Post {
            slug: "a-post".to_owned(),
        });
        for address in [
            "https://news.example/2023/11/14/a-post/",
            "http://news.example/2023/11/14/a-post",
            "https://NEWS.example:443/2023/11/14/a-post/#comment-7",
            "https://news.example/2023/11/14/a-post/?utm=1",
            "https://news.example/2023/11/14/a-post/comment-page-2/",
            "https://news.example/2023/11/14/a%2Dpost/",
        ] {
            assert_eq!(urls().parse(address), post, "{address}");
        }
        assert_eq!(
            urls().parse("https://news.example/?p=12"),
            Some(SitePage::PostId(12))
        );
        assert_eq!(
            urls().parse("https://news.example/comment/7/#comment-7"),
            Some(SitePage::Comment(7))
        );
    }

    #[test]
    fn other_addresses_are_not_posts_of_this_site() {
        for address in [
            "https://news.example.org/2023/11/14/a-post/",
            "https://user@news.example/2023/11/14/a-post/",
            "https://news.example:8443/2023/11/14/a-post/",
            "ftp://news.example/2023/11/14/a-post/",
            "/2023/11/14/a-post/",
            "",
        ] {
            assert_eq!(urls().parse(address), None, "{address}");
        }
        for address in [
            "https://news.example/",
            "https://news.example/2023/11/14/a-post/feed/",
            "https://news.example/tag/x/",
            "https://news.example/comment/x/",
            "https://news.example/comment/",
        ] {
            assert_eq!(urls().parse(address), Some(SitePage::Other), "{address}");
        }
    }
}
