//! Tests of `discovery`.

use super::*;
use crate::linkbacks::protocol::trackback::rdf;
use crate::markup::sanitise::SafeHtml;

fn rdf_comment(page: &str, title: &str, ping: &str) -> String {
    SafeHtml::comment(&rdf(page, title, ping)).into_string()
}

fn found(headers: &[(&str, &str)], html: &str) -> Endpoints {
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
        Endpoints::default()
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
