//! The site's URLs, built and parsed in one place. They have WordPress's forms, so that a moved site keeps
//! its links. Never looks anything up.

use std::fmt::Display;
use std::net::IpAddr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use url::{Host, Url};

use crate::clock::Moment;

/// Year, month and day in the address of a post.
const DAY_SEGMENTS: usize = 3;
/// The most levels of pages: `/A/B/C/`.
pub const MAX_PAGE_LEVELS: usize = 3;

/// Builds and parses the URLs of one site.
#[derive(Clone, Debug)]
pub struct Urls {
    base: String,
}

impl Urls {
    /// `base` is the home page without its final slash.
    pub fn new(base: String) -> Self {
        Self { base }
    }

    pub fn absolute(&self, path: &str) -> String {
        format!("{}{path}", self.base)
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

    /// `/YYYY/MM/DD/slug/`; `day` is the post's, as [`permalink_day`] made it.
    pub fn permalink(day: &str, slug: &str) -> String {
        format!("/{day}/{slug}/")
    }

    /// `/PAGE/` or `/PARENT/PAGE/`; `path` has the slugs from the top page down.
    pub fn page(path: &str) -> String {
        format!("/{path}/")
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

/// The day in a permalink, such as `2026/11/27`. It is stored with the post, so that no address changes when
/// the site moves to another time zone.
pub fn permalink_day(published: Moment, zone: &TimeZone) -> String {
    let day = published.in_zone(zone).date();
    format!("{:04}/{:02}/{:02}", day.year(), day.month(), day.day())
}

/// From the beginning of the day `first` to that of `end`, which is not included.
pub fn day_range(first: Date, end: Date, zone: &TimeZone) -> Option<(Moment, Moment)> {
    let start_of = |day: Date| {
        let start = day.to_zoned_datetime(zone.clone()).ok()?;
        Some(start.timestamp().into())
    };
    Some((start_of(first)?, start_of(end)?))
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
    /// What may be a page such as About, by the slugs from the top page down: which addresses are pages is
    /// not known here.
    Page { slugs: Vec<String> },
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
        let decoded = |part: &str| {
            percent_encoding::percent_decode_str(part)
                .decode_utf8()
                .ok()
                .filter(|part| !part.chars().any(char::is_control))
                .map(std::borrow::Cow::into_owned)
        };
        let has_day = parts.len() >= DAY_SEGMENTS
            && parts[0].len() == 4
            && parts[..DAY_SEGMENTS]
                .iter()
                .all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
        // A page of the thread is the post, too.
        let named = match parts.split_last() {
            Some((last, above @ [_, ..])) if last.starts_with("comment-page-") => above,
            _ => &parts,
        };
        match named {
            [_, _, _, slug] if has_day => {
                decoded(slug).map_or(Self::Other, |slug| Self::Post { slug })
            }
            slugs if !has_day && slugs.len() <= MAX_PAGE_LEVELS => slugs
                .iter()
                .map(|slug| decoded(slug))
                .collect::<Option<_>>()
                .map_or(Self::Other, |slugs| Self::Page { slugs }),
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn urls() -> Urls {
        Urls::new("https://news.example".to_owned())
    }

    #[test]
    fn a_permalink_has_the_day_in_the_sites_zone() {
        let late = Moment(1_700_000_000_000);
        let day = permalink_day(late, &TimeZone::UTC);
        assert_eq!(Urls::permalink(&day, "a-post"), "/2023/11/14/a-post/");
        let kiritimati = TimeZone::get("Pacific/Kiritimati").unwrap();
        assert_eq!(permalink_day(late, &kiritimati), "2023/11/15");
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
    fn an_address_without_a_date_may_be_a_page() {
        for (address, slugs) in [
            ("https://news.example/about/", vec!["about"]),
            (
                "https://news.example/about/team#comment-7",
                vec!["about", "team"],
            ),
            (
                "https://news.example/about/team/ada/comment-page-2/",
                vec!["about", "team", "ada"],
            ),
            ("https://news.example/ab%6Fut/", vec!["about"]),
        ] {
            let slugs = slugs.into_iter().map(str::to_owned).collect();
            assert_eq!(
                urls().parse(address),
                Some(SitePage::Page { slugs }),
                "{address}"
            );
        }
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
            "https://news.example/a/b/c/d/",
            "https://news.example/2023/11/14/",
            "https://news.example/comment/x/",
        ] {
            assert_eq!(urls().parse(address), Some(SitePage::Other), "{address}");
        }
    }
}
