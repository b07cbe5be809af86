//! Finding out how a page wants to be told of links to it. Looks at one answer that somebody else
//! fetched.

use url::Url;

use crate::linkbacks::protocol::link_header;
use crate::linkbacks::protocol::source::{Document, page_base};

/// How a page wants to be told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Discovered {
    /// Its webmention endpoint (Webmention, section 3.1.2).
    pub webmention: Option<Url>,
    /// Its pingback server (Pingback 1.0, section 2).
    pub pingback: Option<Url>,
}

/// Reads an answer's headers and, where it has one, its document. `page` is the address that
/// answered, after redirects.
pub fn discover(
    headers: &[(String, String)],
    document: Option<&Document>,
    page: &Url,
) -> Discovered {
    Discovered {
        webmention: webmention(headers, document, page),
        pingback: pingback(headers, document),
    }
}

/// The first `Link` header with the relation, else the first element with it; an empty address is
/// the page itself.
fn webmention(
    headers: &[(String, String)],
    document: Option<&Document>,
    page: &Url,
) -> Option<Url> {
    let from_header = values(headers, "link")
        .flat_map(link_header::parse)
        .find(|link| {
            link.relations
                .iter()
                .any(|relation| relation == "webmention")
        })
        .and_then(|link| page.join(&link.target).ok());
    let from_element = || {
        let html = document?.html()?;
        let relation = html.relations.iter().find(|relation| {
            relation.href.is_some()
                && relation
                    .rel
                    .split_ascii_whitespace()
                    .any(|rel| rel.eq_ignore_ascii_case("webmention"))
        })?;
        page_base(html, page)
            .join(relation.href.as_deref()?.trim())
            .ok()
    };
    from_header.or_else(from_element).filter(is_web)
}

/// The header goes before the element, and the element is found by the specification's own
/// pattern, whatever HTML makes of it.
fn pingback(headers: &[(String, String)], document: Option<&Document>) -> Option<Url> {
    let from_header = values(headers, "x-pingback")
        .next()
        .and_then(|url| Url::parse(url.trim()).ok());
    let from_element = || {
        document?
            .text()
            .split("<link rel=\"pingback\" href=\"")
            .skip(1)
            .find_map(|rest| {
                let (href, after) = rest.split_once('"')?;
                let after = after.strip_prefix(' ').unwrap_or(after);
                let ends = after.strip_prefix('/').unwrap_or(after).starts_with('>');
                let href = href
                    .replace("&lt;", "<")
                    .replace("&gt;", ">")
                    .replace("&quot;", "\"")
                    .replace("&amp;", "&");
                if ends && !href.is_empty() {
                    Url::parse(&href).ok()
                } else {
                    None
                }
            })
    };
    from_header.or_else(from_element).filter(is_web)
}

fn values<'a>(headers: &'a [(String, String)], name: &'a str) -> impl Iterator<Item = &'a str> {
    headers
        .iter()
        .filter(move |(other, _)| other.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
}

fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(headers: &[(&str, &str)], html: &str) -> Discovered {
        let headers: Vec<(String, String)> = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let document = Document::read(html.as_bytes(), Some("text/html"));
        discover(
            &headers,
            Some(&document),
            &Url::parse("https://t.example/test/1?page").unwrap(),
        )
    }

    fn webmention(headers: &[(&str, &str)], html: &str) -> Option<String> {
        found(headers, html).webmention.map(String::from)
    }

    fn pingback(headers: &[(&str, &str)], html: &str) -> Option<String> {
        found(headers, html).pingback.map(String::from)
    }

    /// The forms that webmention.rocks tests senders with.
    #[test]
    fn a_webmention_endpoint_is_found_in_every_form() {
        let at = |path: &str| Some(format!("https://t.example{path}"));
        assert_eq!(
            webmention(&[("Link", "</w>; rel=webmention")], ""),
            at("/w")
        );
        assert_eq!(
            webmention(&[("link", "<https://t.example/w>; rel=\"webmention\"")], ""),
            at("/w")
        );
        assert_eq!(webmention(&[], "<link rel=webmention href=/w>"), at("/w"));
        assert_eq!(
            webmention(
                &[],
                "<link rel=\"webmention\" href=\"https://t.example/w\">"
            ),
            at("/w")
        );
        assert_eq!(webmention(&[], "<a rel=webmention href=/w>x</a>"), at("/w"));
        assert_eq!(
            webmention(&[("LinK", "</w>; rel=webmention")], ""),
            at("/w")
        );
        assert_eq!(
            webmention(&[("Link", "</w>; rel=\"webmention somethingelse\"")], ""),
            at("/w")
        );
        assert_eq!(
            webmention(&[], "<link rel=\"somethingelse webmention\" href=/w>"),
            at("/w")
        );
        assert_eq!(
            webmention(&[], "<link rel=\"webmention\" href=\"\">"),
            at("/test/1?page")
        );
        assert_eq!(
            webmention(
                &[("Link", "</w>; rel=webmention")],
                "<link rel=webmention href=/e>"
            ),
            at("/w")
        );
        assert_eq!(
            webmention(
                &[],
                "<a rel=webmention href=/first>x</a><link rel=webmention href=/second>"
            ),
            at("/first")
        );
        assert_eq!(
            webmention(
                &[],
                "<!-- <a rel=webmention href=/e></a> --><a rel=webmention href=/w></a>"
            ),
            at("/w")
        );
        assert_eq!(
            webmention(
                &[],
                "<code>&lt;link rel=webmention href=/e&gt;</code><a rel=webmention href=/w></a>"
            ),
            at("/w")
        );
        assert_eq!(
            webmention(
                &[],
                "<link rel=\"not-webmention\" href=/e><link rel=webmention href=/w>"
            ),
            at("/w")
        );
        assert_eq!(
            webmention(
                &[
                    ("Link", "</e>; rel=other"),
                    ("Link", "</w>; rel=webmention")
                ],
                ""
            ),
            at("/w")
        );
        assert_eq!(
            webmention(&[("Link", "</e>; rel=other, </w>; rel=webmention")], ""),
            at("/w")
        );
        assert_eq!(
            webmention(&[], "<link rel=webmention><a rel=webmention href=/w></a>"),
            at("/w")
        );
        assert_eq!(
            webmention(&[], "<link rel=webmention href=\"/w?q=1&amp;r=2\">"),
            at("/w?q=1&r=2")
        );
        assert_eq!(
            webmention(&[], "<link rel=webmention href=w>"),
            at("/test/w")
        );
        assert_eq!(
            webmention(&[], "<base href=/b/><link rel=webmention href=w>"),
            at("/b/w")
        );
        assert_eq!(
            webmention(&[], "<link rel=webmention href=javascript:x>"),
            None
        );
        assert_eq!(webmention(&[], ""), None);
    }

    #[test]
    fn a_pingback_server_is_found_as_the_specification_says() {
        let at = |path: &str| Some(format!("https://t.example{path}"));
        let element = "<link rel=\"pingback\" href=\"https://t.example/e?a=1&amp;b=2\">";
        assert_eq!(
            pingback(&[("X-Pingback", "https://t.example/x")], element),
            at("/x")
        );
        assert_eq!(pingback(&[], element), at("/e?a=1&b=2"));
        assert_eq!(
            pingback(
                &[],
                "<link rel=\"pingback\" href=\"https://t.example/e\" />"
            ),
            at("/e")
        );
        assert_eq!(
            pingback(&[], "<link rel=\"pingback\" href=\"https://t.example/e\"/>"),
            at("/e")
        );
        assert_eq!(
            pingback(&[], "<link href=\"https://t.example/e\" rel=\"pingback\">"),
            None
        );
        assert_eq!(
            pingback(&[], "<link rel=pingback href=https://t.example/e>"),
            None
        );
    }

    proptest::proptest! {
        #[test]
        fn any_page_is_read(value in "\\PC{0,100}", html in "(<link|<a|rel=|href=|\"|>|webmention|pingback| ){0,40}") {
            found(&[("link", &value), ("x-pingback", &value)], &html);
        }
    }
}
