//! Tests of `microformats`.

use super::*;
use crate::linkbacks::protocol::element_tree::MAX_DEPTH;
use std::time::{Duration, Instant};

const TARGET: &str = "https://news.example/post/";

fn read(html: &str) -> Option<HEntry> {
    let document = Document::read(html.as_bytes(), Some("text/html; charset=utf-8"));
    let base = Url::parse("https://blog.example/2026/a").unwrap();
    find_entry(&document, &base, &|url| url == TARGET)
}

fn url(text: &str) -> Option<Url> {
    Some(Url::parse(text).unwrap())
}

#[test]
fn an_entry_is_read_with_all_that_it_says() {
    let html = r#"<body class="h-feed"><article class="h-entry">
        <h1 class="p-name">A <em>fine</em> title</h1>
        <p>by <a class="p-author h-card" href="/me"><img class="u-photo" src="/me.png" alt="">Ann Author</a>
        on <time class="dt-published" datetime="2026-03-01T10:00:00+01:00">1 March</time>
        <a class="u-url" href="/2026/a">here</a>
        <p class="u-in-reply-to h-cite"><a class="u-url p-name" href="https://news.example/post/">The post</a>
        <div class="e-content"><p>I agree.<p>Mostly.<script>alert()</script></div></article>"#;
    assert_eq!(
        read(html),
        Some(HEntry {
            author: Some(HCard {
                name: "Ann Author".into(),
                url: url("https://blog.example/me"),
                photo: url("https://blog.example/me.png"),
            }),
            name: Some("A fine title".into()),
            content: Some("I agree. Mostly.".into()),
            kind: MentionKind::Reply,
            published: Some("2026-03-01T09:00:00Z".parse().unwrap()),
            url: url("https://blog.example/2026/a"),
        })
    );
}

#[test]
fn the_kind_is_that_of_the_property_that_leads_here() {
    for (class, kind) in [
        ("u-in-reply-to", MentionKind::Reply),
        ("x u-like-of", MentionKind::Like),
        ("u-repost-of", MentionKind::Repost),
        ("u-bookmark-of", MentionKind::Bookmark),
        ("u-syndication", MentionKind::Mention),
        ("", MentionKind::Mention),
    ] {
        let html = format!(
            "<div class=h-entry><a class='u-like-of' href='https://o.example/'>o</a>\
             <a class='{class}' href='//news.example/post/'>x</a></div>"
        );
        assert_eq!(read(&html).unwrap().kind, kind, "{class}");
    }
}

#[test]
fn the_entry_is_the_one_that_links_here() {
    let other = "<div class=h-entry><p class=p-name>Other</p></div>";
    let comment = "<div class='u-comment h-entry'><p class=p-name>Comment</p><a href=https://news.example/post/>x</a></div>";
    let html = format!("{other}<div class=h-entry><p class=p-name>Outer</p>{comment}</div>");
    assert_eq!(read(&html).unwrap().name.as_deref(), Some("Comment"));
    assert_eq!(read(other).unwrap().name.as_deref(), Some("Other"));
    assert_eq!(read(&other.repeat(2)), None);
    assert_eq!(read("<p>no entry"), None);
    let hidden = "<!-- <div class=h-entry> --><template><div class=h-entry></template>";
    assert_eq!(read(hidden), None);
}

#[test]
fn an_author_is_read_from_whatever_there_is() {
    let author = |html: &str| {
        let author = read(&format!("<div class=h-entry>{html}</div>"))?.author?;
        Some((author.name, author.url.map(String::from)))
    };
    let ann = |url: Option<&str>| Some(("Ann".to_owned(), url.map(str::to_owned)));
    assert_eq!(author("<span class=p-author>Ann</span>"), ann(None));
    assert_eq!(
        author(
            "<div class='p-author h-card'><b class=p-name>Ann</b>, editor <a class=u-url href=/a>w</a></div>"
        ),
        ann(Some("https://blog.example/a"))
    );
    assert_eq!(
        author("<a class=u-author href=/a></a>"),
        Some(("blog.example".into(), Some("https://blog.example/a".into())))
    );
    assert_eq!(
        author("<a class=p-author href=javascript:x>Ann</a>"),
        ann(None)
    );
    assert_eq!(author("<img class=p-author alt=Ann src=/a.png>"), ann(None));
    assert_eq!(author("words"), None);
    let feed = "<div class=h-feed><i class=p-author>Ann</i><div class=h-entry>x</div></div>";
    assert_eq!(read(feed).unwrap().author.unwrap().name, "Ann");
}

#[test]
fn times_are_read_in_the_forms_that_pages_have() {
    for (text, time) in [
        ("2026-03-01T10:00:00Z", Some("2026-03-01T10:00:00Z")),
        ("2026-03-01 10:00:00+0100", Some("2026-03-01T09:00:00Z")),
        (" 2026-03-01T10:00 ", Some("2026-03-01T10:00:00Z")),
        ("2026-03-01", Some("2026-03-01T00:00:00Z")),
        ("yesterday", None),
        ("", None),
    ] {
        let expected: Option<Timestamp> = time.map(|time| time.parse().unwrap());
        assert_eq!(read_time(text), expected, "{text}");
    }
}

#[test]
fn a_drawing_with_many_closed_elements_does_not_swallow_the_page() {
    let html = format!(
        "<div class=h-entry><svg>{}</svg><p class=p-name>Name</p></div><p>behind",
        "<path d=x class=y />".repeat(2000)
    );
    assert_eq!(read(&html).unwrap().name.as_deref(), Some("Name"));
}

#[test]
fn hostile_pages_of_a_mebibyte_are_read_quickly_in_a_small_stack() {
    let size = 1024 * 1024;
    let pages = [
        "<div class=h-entry>".repeat(size / 19),
        "<a class='h-entry p-author u-in-reply-to' href=x>".repeat(size / 50),
        "<a class='h-entry p-author u-in-reply-to' href=x></a>".repeat(size / 54),
        "<div>".repeat(MAX_DEPTH - 1) + &"</x>".repeat(size / 4),
        format!("<div class='{}'>", "h-entry ".repeat(size / 8)),
        "<svg><path/>".repeat(size / 12),
    ];
    let read_all = move || {
        for page in pages {
            let begun = Instant::now();
            let _ = read(&page);
            // Not a figure: what grows with the square would take an hour.
            assert!(begun.elapsed() < Duration::from_secs(60), "{}", &page[..20]);
        }
    };
    let thread = std::thread::Builder::new().stack_size(2 * 1024 * 1024);
    thread.spawn(read_all).unwrap().join().unwrap();
}

proptest::proptest! {
    #[test]
    fn never_panics_on_any_bytes(
        bytes: Vec<u8>,
        html in "(<div class=h-entry>|<a class='p-author h-card' href=x>|<img class=u-photo src=x>|<time class=dt-published>|<p class=e-content>|<svg>|<path/>|<template>|</div>|</a>|</p>|</template>|</svg>|2026-01-01|é| ){0,40}",
    ) {
        let base = Url::parse("https://blog.example/").unwrap();
        for bytes in [bytes.as_slice(), html.as_bytes()] {
            let document = Document::read(bytes, Some("text/html"));
            let _ = find_entry(&document, &base, &|_| true);
            let _ = find_entry(&document, &base, &|_| false);
        }
    }
}
