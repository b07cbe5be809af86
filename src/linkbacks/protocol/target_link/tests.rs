//! Tests of `target_link`.

use super::*;

const TARGET: &str = "https://news.example/post/";

fn base() -> Url {
    Url::parse("https://blog.example/2026/a").unwrap()
}

fn find(html: &str) -> Option<TargetLink> {
    let document = Document::read(html.as_bytes(), Some("text/html; charset=utf-8"));
    find_link(&document, &|url| url == TARGET, &base())
}

#[test]
fn a_link_is_found_with_the_text_around_it() {
    let link = find("<html><body><p>Other.</p><p>I read <em>this</em> <a class=x HREF='https://news.example/post/'>good&amp;long report</a>, twice.</p><p>More.</p>").unwrap();
    assert_eq!(link.text, "good&long report");
    assert_eq!(
        link.excerpt.as_deref(),
        Some("[…] I read this good&long report, twice. […]")
    );
}

#[test]
fn a_link_alone_in_its_block_takes_text_from_its_neighbours() {
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
fn only_links_of_real_elements_count() {
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
fn feeds_and_other_xml_are_read_however_they_carry_a_page() {
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
        format!("<content><a xmlns='http://www.w3.org/1999/xhtml' href='{target}'>x</a></content>"),
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
        assert!(matches!(document.kind(), DocumentKind::Xml), "{declared}");
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
fn more_links_than_are_read_are_noticed() {
    let page = |count: usize| {
        let html = "<a href=/>x</a>".repeat(count);
        has_more_links(&Document::read(html.as_bytes(), Some("text/html")))
    };
    assert!(!page(MAX_LINKS));
    assert!(page(MAX_LINKS + 1));
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
fn a_base_that_is_not_a_web_address_is_ignored() {
    assert!(find("<base href='javascript:x'><a href='//news.example/post/'>x</a>").is_some());
    let document = Document::read(
        b"<base href=https://o.example/><a href=/1>a</a><a href=/1>b</a><a href=/2>c</a><img src=/3>",
        Some("text/html"),
    );
    assert_eq!(count_outbound_links(&document, &base()), 2);
}

#[test]
fn links_to_other_sites_are_counted() {
    let document = Document::read(
        b"<a href=/x>1</a><a href=https://o.example>2</a><a href=mailto:a@b>3</a>",
        Some("text/html"),
    );
    assert_eq!(count_outbound_links(&document, &base()), 1);
}

proptest::proptest! {
    #[test]
    fn never_panics_on_any_bytes(bytes: Vec<u8>, html in "[a-z<>/=\"' &;!-]{0,300}") {
        for bytes in [bytes.as_slice(), html.as_bytes()] {
            let document = Document::read(bytes, None);
            let _ = find_link(&document, &|_| true, &base());
            let _ = count_outbound_links(&document, &base());
        }
    }
}
