//! Reading a page of another site: which of its links leads here, under which title, among which
//! words.
//!
//! HTML is read as a stream of tokens, not as a tree: a tree of hostile markup can grow with the
//! square of its size. Never follows anything.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::LazyLock;

use encoding_rs::Encoding;
use regex::Regex;
use url::Url;

use crate::linkbacks::protocol::html::{self, Page};
use crate::markup::excerpt::{clean_line, excerpt_around};

/// The fewest characters around a link that make an excerpt; with fewer the next block is taken in.
const FEW: usize = 12;
/// The longest title that is kept, in characters.
const MAX_TITLE: usize = 300;
/// How many bytes tell what a page is that came without a media type.
const SNIFFED: usize = 1024;
/// The most links that are looked at.
const MOST_LINKS: usize = 20_000;

/// A page of another site.
#[derive(Debug)]
pub struct Document {
    text: String,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Html(Box<Page>),
    Json,
    Xml,
    Text,
    /// Pictures, archives, and HTML that nobody writes by hand.
    Other,
}

/// A link that leads where it should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Where it leads, absolute.
    pub url: String,
    /// Its own words.
    pub text: String,
    /// Its words and those around it; None where there are no words.
    pub excerpt: Option<String>,
    /// Whether it stands in a page without any words beside it, as links in lists of spam do.
    pub is_bare: bool,
}

impl Document {
    /// Reads what a server sent: by its byte order mark, its media type, its `<meta>`, and else as
    /// UTF-8 where it is valid or as windows-1252 (WHATWG Encoding; UTF-7 is not among them).
    pub fn read(bytes: &[u8], content_type: Option<&str>) -> Self {
        let (media_type, charset) = split_content_type(content_type.unwrap_or_default());
        let media_type = match media_type.as_str() {
            "" => sniff(bytes),
            named => named,
        };
        let is_html = matches!(media_type, "text/html" | "application/xhtml+xml");
        let named = charset.and_then(|label| Encoding::for_label(label.as_bytes()));
        let meta = || {
            let label = html::charset_in_meta(bytes).filter(|_| is_html)?;
            // What was found byte by byte is not UTF-16 (HTML, section 13.2.3.2).
            Encoding::for_label(label.as_bytes()).map(Encoding::output_encoding)
        };
        let text = decode(bytes, named.or_else(meta));
        let kind = match media_type {
            _ if is_html => {
                html::read(&text).map_or(Kind::Other, |page| Kind::Html(Box::new(page)))
            }
            "application/json" => Kind::Json,
            other if other.ends_with("+json") => Kind::Json,
            "application/xml" | "text/xml" => Kind::Xml,
            other if other.ends_with("+xml") => Kind::Xml,
            other if other.starts_with("text/") => Kind::Text,
            _ => Kind::Other,
        };
        Self { text, kind }
    }

    /// The page as text, decoded.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The page as HTML, where it is that.
    pub fn html(&self) -> Option<&Page> {
        match &self.kind {
            Kind::Html(page) => Some(page),
            _ => None,
        }
    }

    /// Whether the page says of itself that it is gone for good, as pages do whose server cannot:
    /// `<meta http-equiv="Status" content="410">`.
    pub fn says_gone(&self) -> bool {
        self.html().is_some_and(|page| page.status == Some(410))
    }

    /// Whether it has more links than are looked at.
    pub fn has_more_links(&self) -> bool {
        match &self.kind {
            Kind::Html(page) => page.links.len() > MOST_LINKS,
            Kind::Xml => web_addresses(&without_markup(&self.text))
                .nth(MOST_LINKS)
                .is_some(),
            Kind::Text => web_addresses(&self.text).nth(MOST_LINKS).is_some(),
            Kind::Json | Kind::Other => false,
        }
    }
}

/// The first link of the page that `is_target` says yes to; it is asked about absolute addresses.
/// In HTML only the links of real elements count (Webmention, section 3.2.2), in JSON whole string
/// values, in plain text whole words, in XML whole words of what is left when its entities are
/// resolved: feeds carry their pages escaped.
pub fn find_link(
    document: &Document,
    is_target: &dyn Fn(&str) -> bool,
    base: &Url,
) -> Option<Link> {
    match &document.kind {
        Kind::Html(page) => find_in_html(page, is_target, base),
        Kind::Json => find_in_json(&document.text, is_target),
        Kind::Xml => find_in_text(&without_markup(&document.text), is_target),
        Kind::Text => find_in_text(&document.text, is_target),
        Kind::Other => None,
    }
}

/// The page's `<title>`, or its first heading.
pub fn title(document: &Document) -> Option<String> {
    let page = document.html()?;
    [&page.title, &page.heading]
        .into_iter()
        .map(|title| clean_line(title, MAX_TITLE))
        .find(|title| !title.is_empty())
}

/// How many addresses on other sites the page has links to that people can follow.
pub fn count_outbound_links(document: &Document, base: &Url) -> usize {
    let Some(page) = document.html() else {
        return 0;
    };
    let relative_to = page_base(page, base);
    let found: HashSet<Url> = page
        .links
        .iter()
        .take(MOST_LINKS)
        .filter(|link| link.is_followed)
        .filter_map(|link| relative_to.join(link.url.trim()).ok())
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.host() != base.host())
        .collect();
    found.len()
}

/// What relative addresses on the page are relative to (HTML, section 4.2.3).
pub fn page_base(page: &Page, url: &Url) -> Url {
    page.base
        .as_deref()
        .and_then(|base| url.join(base.trim()).ok())
        .filter(|base| matches!(base.scheme(), "http" | "https"))
        .unwrap_or_else(|| url.clone())
}

fn find_in_html(page: &Page, is_target: &dyn Fn(&str) -> bool, base: &Url) -> Option<Link> {
    let base = page_base(page, base);
    page.links.iter().take(MOST_LINKS).find_map(|link| {
        let url = base.join(link.url.trim()).ok()?;
        if !is_target(url.as_str()) {
            return None;
        }
        let text = &page.text[link.start..link.end];
        let (before, after) = around(&page.text, link.start, link.end);
        let has_words =
            !(before.trim().is_empty() && text.trim().is_empty() && after.trim().is_empty());
        Some(Link {
            url: url.into(),
            text: clean_line(text, 100),
            excerpt: has_words.then(|| excerpt_around(before, text, after)),
            is_bare: before.trim().len() + after.trim().len() < FEW,
        })
    })
}

/// The words before and after a link in its block; where these are few, in the blocks beside it.
fn around(text: &str, start: usize, end: usize) -> (&str, &str) {
    let mut from = block_start(text, start);
    let mut to = block_end(text, end);
    for _ in 0..2 {
        if text[from..start].trim().len() + text[end..to].trim().len() >= FEW {
            break;
        }
        from = block_start(text, text[..from].trim_end().len());
        to = block_end(text, text.len() - text[to..].trim_start().len());
    }
    (&text[from..start], &text[end..to])
}

fn block_start(text: &str, at: usize) -> usize {
    text[..at]
        .rfind('\n')
        .map_or(0, |line_break| line_break + 1)
}

fn block_end(text: &str, at: usize) -> usize {
    text[at..]
        .find('\n')
        .map_or(text.len(), |length| at + length)
}

fn find_in_json(text: &str, is_target: &dyn Fn(&str) -> bool) -> Option<Link> {
    let root: serde_json::Value = serde_json::from_str(text).ok()?;
    let mut open = vec![&root];
    while let Some(value) = open.pop() {
        match value {
            serde_json::Value::String(text) if is_web_address(text) && is_target(text) => {
                return Some(bare_link(text));
            }
            serde_json::Value::Array(items) => open.extend(items),
            serde_json::Value::Object(members) => open.extend(members.values()),
            _ => {}
        }
    }
    None
}

fn find_in_text(text: &str, is_target: &dyn Fn(&str) -> bool) -> Option<Link> {
    web_addresses(text)
        .take(MOST_LINKS)
        .flat_map(|word| {
            let sentence = ['.', ',', ';', ':', '!', '?'];
            [word, word.trim_end_matches(sentence)]
        })
        .find(|word| is_target(word))
        .map(bare_link)
}

/// The whole words of a text that are addresses.
fn web_addresses(text: &str) -> impl Iterator<Item = &str> {
    BETWEEN_WORDS
        .split(text)
        .filter(|word| is_web_address(word))
}

/// What no address goes on behind: white space, brackets, quotation marks, and the punctuation of
/// other scripts, which write it without a space. Letters of any script may be part of an address.
static BETWEEN_WORDS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"[\s\p{Cc}\u{200b}\u{feff}<>()\[\]{}"'`]|[\p{P}&&[^\x00-\x7f]]|[\p{S}&&[\u{3000}-\u{303f}\u{ff00}-\u{ffef}]]"#)
        .unwrap_or_else(|_| unreachable!("the expression is fixed"))
});

/// XML without comments, and with its entities resolved twice: once for the XML, once for the HTML
/// that a feed carries in it.
fn without_markup(xml: &str) -> String {
    let once = resolve_entities(&without_comments(xml)).into_owned();
    resolve_entities(&without_comments(&once)).into_owned()
}

fn without_comments(xml: &str) -> String {
    let mut kept = String::with_capacity(xml.len());
    let mut rest = xml;
    while let Some((before, comment)) = rest.split_once("<!--") {
        kept.push_str(before);
        kept.push(' ');
        rest = comment.split_once("-->").map_or("", |(_, behind)| behind);
    }
    kept.push_str(rest);
    kept
}

/// The five entities that XML knows by name, and all numbers.
fn resolve_entities(text: &str) -> Cow<'_, str> {
    ENTITIES.replace_all(text, |found: &regex::Captures<'_>| {
        let number = |digits: &str, radix| u32::from_str_radix(digits, radix).ok();
        let resolved = match &found[1] {
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            "amp" => Some('&'),
            name => match name.strip_prefix("#x") {
                Some(digits) => number(digits, 16),
                None => number(name.trim_start_matches('#'), 10),
            }
            .and_then(char::from_u32),
        };
        resolved.map_or_else(|| found[0].to_owned(), String::from)
    })
}

static ENTITIES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"&(lt|gt|quot|apos|amp|#[0-9]{1,8}|#x[0-9a-fA-F]{1,6});")
        .unwrap_or_else(|_| unreachable!("the expression is fixed"))
});

fn bare_link(url: &str) -> Link {
    Link {
        url: url.to_owned(),
        text: String::new(),
        excerpt: None,
        is_bare: false,
    }
}

fn split_content_type(content_type: &str) -> (String, Option<String>) {
    let mut parts = content_type.split(';');
    let media_type = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
    let charset = parts.find_map(|part| {
        let (name, value) = part.split_once('=')?;
        let is_charset = name.trim().eq_ignore_ascii_case("charset");
        is_charset.then(|| value.trim().trim_matches('"').to_owned())
    });
    (media_type, charset)
}

fn is_web_address(text: &str) -> bool {
    ["http://", "https://"].iter().any(|scheme| {
        text.get(..scheme.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(scheme))
    })
}

/// The media type of what came without one, by its first bytes.
fn sniff(bytes: &[u8]) -> &'static str {
    let head = &bytes[..bytes.len().min(SNIFFED)];
    let marked = [&[0xff, 0xfe][..], &[0xfe, 0xff]]
        .iter()
        .any(|mark| head.starts_with(mark));
    if !marked && head.contains(&0) {
        return "application/octet-stream";
    }
    let head = decode(head, None);
    match head.trim_start().chars().next() {
        Some('{' | '[') => "application/json",
        _ if head.trim_start().starts_with("<?xml") && !head.contains("<html") => "application/xml",
        _ if head.contains('<') => "text/html",
        _ => "text/plain",
    }
}

fn decode(bytes: &[u8], named: Option<&'static Encoding>) -> String {
    let encoding = named.unwrap_or_else(|| {
        if std::str::from_utf8(bytes).is_ok() {
            encoding_rs::UTF_8
        } else {
            encoding_rs::WINDOWS_1252
        }
    });
    encoding.decode(bytes).0.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TARGET: &str = "https://news.example/post/";

    fn base() -> Url {
        Url::parse("https://blog.example/2026/a").unwrap()
    }

    fn find(html: &str) -> Option<Link> {
        let document = Document::read(html.as_bytes(), Some("text/html; charset=utf-8"));
        find_link(&document, &|url| url == TARGET, &base())
    }

    #[test]
    fn a_link_is_found_with_the_words_around_it() {
        let link = find("<html><body><p>Other.</p><p>I read <em>this</em> <a class=x HREF='https://news.example/post/'>good&amp;long report</a>, twice.</p><p>More.</p>").unwrap();
        assert_eq!(link.text, "good&long report");
        assert_eq!(
            link.excerpt.as_deref(),
            Some("[…] I read this good&long report, twice. […]")
        );
    }

    #[test]
    fn a_link_alone_in_its_block_takes_words_from_its_neighbours() {
        let link = find("<p>Before it stand these words.</p><p><a href=https://news.example/post/>Here</a></p><p>And behind it these.</p>").unwrap();
        assert_eq!(
            link.excerpt.as_deref(),
            Some("[…] Before it stand these words. Here And behind it these. […]")
        );
    }

    #[test]
    fn other_elements_and_relative_addresses_count_too() {
        for html in [
            "<img src=https://news.example/post/>",
            "<base href='https://news.example/x/'><a href='../post/'>x</a>",
            "<blockquote cite='https://news.example/post/'>x</blockquote>",
            "<a href=' https://news.example/post/ '>x</a>",
            "<a href='//news.example/post/'>x</a>",
            "<a href='https&#58;//news.example/post/'>x</a>",
        ] {
            assert!(find(html).is_some(), "{html}");
        }
    }

    #[test]
    fn what_is_no_link_of_a_real_element_does_not_count() {
        for html in [
            "<!-- <a href='https://news.example/post/'>x</a> -->",
            "<script>'<a href=\"https://news.example/post/\">x</a>'</script>",
            "<style><a href='https://news.example/post/'>x</a></style>",
            "<textarea><a href='https://news.example/post/'>x</a></textarea>",
            "<title><a href='https://news.example/post/'>x</a></title>",
            "<template><a href='https://news.example/post/'>x</a></template>",
            "<noscript><a href='https://news.example/post/'>x</a></noscript>",
            "&lt;a href='https://news.example/post/'&gt;x&lt;/a&gt;",
            "https://news.example/post/",
            "<a data-href='https://news.example/post/'>x</a>",
            "<a href='https://news.example/post/2'>x</a>",
            "<a href='https://news.example/posts'>x</a>",
            "<a title=\"href='https://news.example/post/'\">x</a>",
            "<link rel=canonical href='https://news.example/post/'>",
        ] {
            assert_eq!(find(html), None, "{html}");
        }
    }

    #[test]
    fn json_and_plain_text_are_read_too() {
        let is_target = |url: &str| url == TARGET;
        let json = Document::read(
            br#"{"a":[{"url":"https://news.example/post/"}]}"#,
            Some("application/json"),
        );
        assert!(find_link(&json, &is_target, &base()).is_some());
        let text = Document::read(
            b"see <https://news.example/post/> there",
            Some("text/plain"),
        );
        assert!(find_link(&text, &is_target, &base()).is_some());
        for text in [
            "('https://news.example/post/')",
            "See https://news.example/post/.",
            "“https://news.example/post/”,",
        ] {
            let text = Document::read(text.as_bytes(), Some("text/plain; charset=utf-8"));
            assert!(find_link(&text, &is_target, &base()).is_some());
        }
        let longer = Document::read(b"see https://news.example/post/2", Some("text/plain"));
        assert!(find_link(&longer, &is_target, &base()).is_none());
        let picture = Document::read(b"https://news.example/post/", Some("image/png"));
        assert!(find_link(&picture, &is_target, &base()).is_none());
    }

    #[test]
    fn feeds_and_other_xml_are_read_in_all_their_ways_of_carrying_a_page() {
        let linked = |media_type: &str, text: &str| {
            let document = Document::read(text.as_bytes(), Some(media_type));
            find_link(
                &document,
                &|url| url == "https://news.example/post/?a=1&b=2",
                &base(),
            )
            .is_some()
        };
        let target = "https://news.example/post/?a=1&amp;b=2";
        let twice = "https://news.example/post/?a=1&amp;amp;b=2";
        for text in [
            format!("<entry><link href='{target}'/></entry>"),
            format!("<item><link>{target}</link></item>"),
            format!("<content type='html'>&lt;a href=&quot;{twice}&quot;&gt;x&lt;/a&gt;</content>"),
            format!("<content:encoded><![CDATA[<a href=\"{target}\">x</a>]]></content:encoded>"),
            format!(
                "<content><a xmlns='http://www.w3.org/1999/xhtml' href='{target}'>x</a></content>"
            ),
            format!("<content>&#60;a href=&#x22;{twice}&#x22;></content>"),
        ] {
            for media_type in [
                "application/atom+xml",
                "application/rss+xml; charset=utf-8",
                "application/xml",
                "text/xml",
                "image/svg+xml",
            ] {
                assert!(linked(media_type, &text), "{media_type} {text}");
            }
            let declared = format!("<?xml version='1.0'?><feed>{text}</feed>");
            let document = Document::read(declared.as_bytes(), None);
            assert!(matches!(document.kind, Kind::Xml), "{declared}");
        }
        for text in [
            format!("<!-- <link href='{target}'/> -->"),
            format!("<content>&lt;!-- &lt;a href='{twice}'&gt; --&gt;</content>"),
            format!("<link href='{target}c'/>"),
            "<!-- never ended".to_owned(),
        ] {
            assert!(!linked("application/atom+xml", &text), "{text}");
        }
    }

    #[test]
    fn the_punctuation_of_any_script_ends_an_address_in_a_text() {
        for text in [
            "見よ「https://news.example/post/」と。",
            "見よ、https://news.example/post/。次",
            "（https://news.example/post/）",
            "看https://elsewhere.example/，https://news.example/post/！",
            "《https://news.example/post/》",
            "https://news.example/post/…",
            "https://news.example/post/؟",
            "https://news.example/post/।",
            "„https://news.example/post/“ – ja",
            "https://news.example/post/？！",
            "https://news.example/post/～",
            "see https://news.example/post/.",
        ] {
            let document = Document::read(text.as_bytes(), Some("text/plain; charset=utf-8"));
            assert!(
                find_link(&document, &|url| url == TARGET, &base()).is_some(),
                "{text}"
            );
        }
        for text in [
            "https://news.example/post/時事",
            "https://news.example/post/é",
        ] {
            let document = Document::read(text.as_bytes(), Some("text/plain; charset=utf-8"));
            assert!(
                find_link(&document, &|url| url == TARGET, &base()).is_none(),
                "{text}"
            );
        }
    }

    #[test]
    fn a_page_can_say_by_itself_that_it_is_gone() {
        let says_gone = |html: &str| Document::read(html.as_bytes(), Some("text/html")).says_gone();
        for html in [
            "<meta http-equiv=\"Status\" content=\"410\">",
            "<head><META HTTP-EQUIV=status CONTENT='410 Gone'></head>",
            "<meta content=' 410 GONE' http-equiv='STATUS'>",
        ] {
            assert!(says_gone(html), "{html}");
        }
        for html in [
            "<meta http-equiv=Status content='200 OK'>",
            "<meta name=Status content=410>",
            "<meta http-equiv=Status content=4100>",
            "<meta http-equiv=refresh content=410>",
            "<!-- <meta http-equiv=Status content=410> -->",
            "<template><meta http-equiv=Status content=410></template>",
            "<textarea><meta http-equiv=Status content=410></textarea>",
            "<meta http-equiv=Status content=200><meta http-equiv=Status content=410>",
            "&lt;meta http-equiv=Status content=410&gt;",
            "410 Gone",
        ] {
            assert!(!says_gone(html), "{html}");
        }
    }

    #[test]
    fn a_page_with_more_links_than_are_looked_at_says_so() {
        let page = |count: usize| {
            let html = "<a href=/>x</a>".repeat(count);
            Document::read(html.as_bytes(), Some("text/html")).has_more_links()
        };
        assert!(!page(MOST_LINKS));
        assert!(page(MOST_LINKS + 1));
    }

    #[test]
    fn a_page_without_a_media_type_is_what_it_looks_like() {
        for (body, expected) in [
            (
                &b" <!doctype html><a href='https://news.example/post/'>x</a>"[..],
                true,
            ),
            (b"words <a href='https://news.example/post/'>x</a>", true),
            (b"{\"a\": \"https://news.example/post/\"}", true),
            (b"see https://news.example/post/", true),
            (b"\x89PNG\0 https://news.example/post/", false),
            (b"<p>https://news.example/post/", false),
            (b"", false),
        ] {
            let document = Document::read(body, None);
            let link = find_link(&document, &|url| url == TARGET, &base());
            assert_eq!(
                link.is_some(),
                expected,
                "{}",
                String::from_utf8_lossy(body)
            );
        }
        let mut wide = vec![0xff, 0xfe];
        wide.extend("<title>Ü</title>".encode_utf16().flat_map(u16::to_le_bytes));
        assert_eq!(title(&Document::read(&wide, None)).as_deref(), Some("Ü"));
    }

    #[test]
    fn a_hundred_thousand_nested_elements_are_read_in_a_small_stack() {
        let html = format!(
            "{}<a href=https://news.example/post/>x</a>{}",
            "<div>".repeat(100_000),
            "</div>".repeat(100_000)
        );
        let read = move || {
            let document = Document::read(html.as_bytes(), Some("text/html"));
            let begun = std::time::Instant::now();
            let link = find_link(&document, &|url| url == TARGET, &base());
            let outbound = count_outbound_links(&document, &base());
            let took = begun.elapsed();
            drop(document);
            (link.is_some(), outbound, took)
        };
        let thread = std::thread::Builder::new().stack_size(2 * 1024 * 1024);
        let (found, outbound, took) = thread.spawn(read).unwrap().join().unwrap();
        assert!(found);
        assert_eq!(outbound, 1);
        assert!(took < std::time::Duration::from_millis(100), "{took:?}");
    }

    #[test]
    fn a_base_that_is_no_web_address_is_passed_over() {
        assert!(find("<base href='javascript:x'><a href='//news.example/post/'>x</a>").is_some());
        let document = Document::read(
            b"<base href=https://o.example/><a href=/1>a</a><a href=/1>b</a><a href=/2>c</a><img src=/3>",
            Some("text/html"),
        );
        assert_eq!(count_outbound_links(&document, &base()), 2);
    }

    #[test]
    fn the_charset_is_honoured_wherever_it_is_said() {
        let words = |bytes: &[u8], content_type: &str| {
            title(&Document::read(bytes, Some(content_type))).unwrap()
        };
        assert_eq!(
            words(b"<title>caf\xe9</title>", "text/html; charset=ISO-8859-1"),
            "café"
        );
        assert_eq!(
            words(b"<meta charset=latin1><title>caf\xe9</title>", "text/html"),
            "café"
        );
        assert_eq!(words("<title>café</title>".as_bytes(), "text/html"), "café");
        assert_eq!(
            words(
                "<meta charset=utf-16><title>café</title>".as_bytes(),
                "text/html"
            ),
            "café"
        );
        assert_eq!(
            words(
                b"<meta charset=latin2><title>\xb3</title>",
                "text/html; charset=utf-7"
            ),
            "ł"
        );
        assert_eq!(words(b"<title>caf\xe9</title>", "text/html"), "café");
        assert_eq!(
            words(
                b"<title>\x83e\x83X\x83g</title>",
                "text/html; charset=Shift_JIS"
            ),
            "テスト"
        );
        assert_eq!(
            words(b"<title>+AGE-</title>", "text/html; charset=utf-7"),
            "+AGE-"
        );
    }

    #[test]
    fn a_page_has_a_title_and_a_count_of_links() {
        let document = Document::read(
            b"<title> A \n title </title><h1>H</h1><a href=/x>1</a><a href=https://o.example>2</a><a href=mailto:a@b>3</a>",
            Some("text/html"),
        );
        assert_eq!(title(&document).as_deref(), Some("A title"));
        assert_eq!(count_outbound_links(&document, &base()), 1);
        let headed = Document::read(b"<h1>Only <em>this</em></h1>", Some("text/html"));
        assert_eq!(title(&headed).as_deref(), Some("Only this"));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read(bytes: Vec<u8>, html in "[a-z<>/=\"' &;!-]{0,300}") {
            for bytes in [bytes.as_slice(), html.as_bytes()] {
                let document = Document::read(bytes, None);
                let _ = find_link(&document, &|_| true, &base());
                let _ = title(&document);
                let _ = count_outbound_links(&document, &base());
            }
        }
    }
}
