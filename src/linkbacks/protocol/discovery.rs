//! Finding out how a page wants to be told of links to it. Looks at one answer that somebody else
//! fetched; never fetches, and never says that an address is safe to call.

use url::Url;

use crate::linkbacks::protocol::link_header;
use crate::linkbacks::protocol::source::{Document, page_base};
use crate::linkbacks::protocol::trackback::unescape;

/// The most notes of trackbacks that are looked at in one page.
const MOST_NOTES: usize = 1000;

/// How a page wants to be told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Discovered {
    /// Its webmention endpoint (Webmention, section 3.1.2).
    pub webmention: Option<Url>,
    /// Its pingback server (Pingback 1.0, section 2).
    pub pingback: Option<Url>,
    /// Where it takes trackbacks (TrackBack 1.2, "Auto-Discovery of TrackBack Ping URLs").
    pub trackback: Option<Url>,
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
        trackback: trackback(document, page),
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
    from_header
        .or_else(|| element_with("webmention", document, page))
        .filter(is_web)
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

/// The note in a comment whose identifier is this page, else the first element with the relation.
fn trackback(document: Option<&Document>, page: &Url) -> Option<Url> {
    let text = document?.text();
    let notes = text.split("<rdf:Description").skip(1).take(MOST_NOTES);
    let from_note = notes
        .filter_map(|rest| {
            let tag = &rest[..rest.find('>')?];
            let identifier = Url::parse(&attribute(tag, "dc:identifier")?).ok()?;
            is_same_page(&identifier, page).then(|| attribute(tag, "trackback:ping"))?
        })
        .find_map(|ping| Url::parse(&ping).ok());
    from_note
        .or_else(|| element_with("trackback", document, page))
        .filter(is_web)
}

/// The value of an attribute in a tag of XML.
fn attribute(tag: &str, name: &str) -> Option<String> {
    tag.match_indices(name).find_map(|(at, _)| {
        let is_whole_name = tag[..at].ends_with(|c: char| c.is_ascii_whitespace());
        let value = tag[at + name.len()..].trim_start().strip_prefix('=')?;
        let value = value.trim_start();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let (value, _) = value[1..].split_once(quote)?;
        is_whole_name.then(|| unescape(value).trim().to_owned())
    })
}

fn is_same_page(one: &Url, other: &Url) -> bool {
    let (mut one, mut other) = (one.clone(), other.clone());
    one.set_fragment(None);
    other.set_fragment(None);
    one == other
}

/// Where the first `<link>` or `<a>` with a relation leads.
fn element_with(wanted: &str, document: Option<&Document>, page: &Url) -> Option<Url> {
    let html = document?.html()?;
    let relation = html.relations.iter().find(|relation| {
        let mut words = relation.rel.split_ascii_whitespace();
        relation.href.is_some() && words.any(|rel| rel.eq_ignore_ascii_case(wanted))
    })?;
    let href = relation.href.as_deref()?.trim();
    if href.is_empty() {
        // An empty address is the page itself, whatever its <base> says.
        return Some(page.clone());
    }
    page_base(html, page).join(href).ok()
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
    use crate::linkbacks::protocol::trackback::rdf;
    use crate::markup::sanitise::SafeHtml;

    fn rdf_comment(page: &str, title: &str, ping: &str) -> String {
        SafeHtml::comment(&rdf(page, title, ping)).into_string()
    }

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

    /// One of the discovery tests of webmention.rocks: its number, its `Link` headers and its page.
    type Variant = (
        u8,
        &'static [(&'static str, &'static str)],
        &'static str,
        &'static str,
    );

    /// The discovery tests of webmention.rocks, by their numbers.
    const VARIANTS: &[Variant] = &[
        (1, &[("Link", "</w>; rel=webmention")], "", "/w"),
        (
            2,
            &[("Link", "<https://t.example/w>; rel=webmention")],
            "",
            "/w",
        ),
        (3, &[], "<link rel=\"webmention\" href=\"/w\">", "/w"),
        (
            4,
            &[],
            "<link rel=\"webmention\" href=\"https://t.example/w\">",
            "/w",
        ),
        (5, &[], "<a rel=\"webmention\" href=\"/w\">x</a>", "/w"),
        (
            6,
            &[],
            "<a rel=\"webmention\" href=\"https://t.example/w\">x</a>",
            "/w",
        ),
        (
            7,
            &[("LinK", "<https://t.example/w>; rel=webmention")],
            "",
            "/w",
        ),
        (
            8,
            &[("Link", "<https://t.example/w>; rel=\"webmention\"")],
            "",
            "/w",
        ),
        (
            9,
            &[],
            "<link rel=\"webmention somethingelse\" href=\"/w\">",
            "/w",
        ),
        (
            10,
            &[("Link", "</w>; rel=\"webmention somethingelse\"")],
            "",
            "/w",
        ),
        (
            11,
            &[("Link", "</w>; rel=webmention")],
            "<link rel=webmention href=/e><a rel=webmention href=/e>x</a>",
            "/w",
        ),
        (
            12,
            &[],
            "<link rel=\"not-webmention\" href=\"/e\"><link rel=\"webmention\" href=\"/w\">",
            "/w",
        ),
        (
            13,
            &[],
            "<!-- <a href=\"/e\" rel=\"webmention\"></a> --><a href=\"/w\" rel=\"webmention\"></a>",
            "/w",
        ),
        (
            14,
            &[],
            "<code>&lt;a href=\"/e\" rel=\"webmention\"&gt;&lt;/a&gt;</code><a href=/w rel=webmention>x</a>",
            "/w",
        ),
        (
            15,
            &[],
            "<link rel=\"webmention\" href=\"\">",
            "/test/1?page",
        ),
        (
            16,
            &[],
            "<a rel=webmention href=/w>x</a><link rel=webmention href=/e>",
            "/w",
        ),
        (
            17,
            &[],
            "<link rel=webmention href=/w><a rel=webmention href=/e>x</a>",
            "/w",
        ),
        (
            18,
            &[
                ("Link", "</e>; rel=\"other\""),
                ("Link", "</w>; rel=\"webmention\""),
            ],
            "",
            "/w",
        ),
        (
            19,
            &[("Link", "</e>; rel=\"other\", </w>; rel=\"webmention\"")],
            "",
            "/w",
        ),
        (
            20,
            &[],
            "<link rel=\"webmention\"><a href=\"/w\" rel=\"webmention\">x</a>",
            "/w",
        ),
        (
            21,
            &[],
            "<link rel=\"webmention\" href=\"/w?query=yes\">",
            "/w?query=yes",
        ),
        // The page that answered stands behind a redirect for 23.
        (
            22,
            &[],
            "<link rel=\"webmention\" href=\"1/w\">",
            "/test/1/w",
        ),
        (
            23,
            &[("Link", "<w/page>; rel=webmention")],
            "",
            "/test/w/page",
        ),
    ];

    #[test]
    fn a_webmention_endpoint_is_found_in_every_form() {
        for (number, headers, html, path) in VARIANTS {
            let expected = format!("https://t.example{path}");
            assert_eq!(webmention(headers, html), Some(expected), "{number}");
        }
        assert_eq!(VARIANTS.len(), 23);
    }

    #[test]
    fn a_webmention_endpoint_is_no_other_thing() {
        let at = |path: &str| Some(format!("https://t.example{path}"));
        assert_eq!(
            webmention(&[], "<link rel=webmention href=\"/w?q=1&amp;r=2\">"),
            at("/w?q=1&r=2")
        );
        let based = "<base href=/b/><link rel=webmention href=w>";
        assert_eq!(webmention(&[], based), at("/b/w"));
        assert_eq!(
            webmention(&[("Link", "<w>; rel=webmention")], based),
            at("/test/w")
        );
        assert_eq!(
            webmention(&[], "<base href=/b/><link rel=webmention href>"),
            at("/test/1?page")
        );
        assert_eq!(
            webmention(&[("Link", "<>; rel=webmention")], ""),
            at("/test/1?page")
        );
        for html in [
            "",
            "<link rel=webmention href=javascript:x>",
            "<area rel=webmention href=/w>",
            "<template><link rel=webmention href=/w></template>",
            "<script>'<link rel=webmention href=/w>'</script>",
            "<link rel=pingback href=/w>",
        ] {
            assert_eq!(webmention(&[], html), None, "{html}");
        }
    }

    #[test]
    fn a_trackback_address_is_found_in_its_note_or_its_element() {
        let trackback = |html: &str| found(&[], html).trackback.map(String::from);
        let at = |path: &str| Some(format!("https://t.example{path}"));
        let page = "https://t.example/test/1?page";
        let note = rdf_comment(page, "A -- title", "https://t.example/tb?a--b&c");
        let other = rdf_comment("https://t.example/test/2", "x", "https://t.example/e");
        let element = "<a rel=\"nofollow TrackBack\" href=\"/tb/1\">x</a>";
        assert_eq!(
            trackback(&format!("{other}{element}{note}")),
            at("/tb?a--b&c")
        );
        assert_eq!(trackback(&format!("{other}{element}")), at("/tb/1"));
        assert_eq!(trackback(&other), None);
        assert_eq!(
            trackback(&format!(
                "<rdf:Description trackback:ping = 'https://t.example/w'\ndc:identifier='{page}#x' />"
            )),
            at("/w")
        );
        assert_eq!(
            trackback(&format!("<rdf:Description dc:identifier=\"{page}")),
            None
        );
        assert_eq!(trackback(&rdf_comment(page, "x", "javascript:x")), None);
        assert_eq!(
            discover(&[], None, &Url::parse(page).unwrap()),
            Discovered::default()
        );
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
        fn never_panics_on_any_bytes(
            value in "\\PC{0,100}",
            bytes: Vec<u8>,
            html in "(<link|<a|rel=|href=|\"|>|webmention|pingback|trackback| |<rdf:Description|dc:identifier=|trackback:ping=|https://t.example/test/1\\?page|é){0,40}",
        ) {
            let text = String::from_utf8_lossy(&bytes);
            for html in [html.as_str(), text.as_ref()] {
                found(&[("link", &value), ("x-pingback", &value)], html);
            }
        }
    }
}
