//! Tests of `document`.

use super::*;

#[test]
fn the_title_is_that_of_the_page_or_its_heading() {
    let title = |html: &str| Document::read(html.as_bytes(), Some("text/html")).title();
    let both = title("<title> A \n title </title><h1>H</h1>");
    assert_eq!(both.as_deref(), Some("A title"));
    let heading = title("<h1>Only <em>this</em></h1>");
    assert_eq!(heading.as_deref(), Some("Only this"));
}

#[test]
fn a_byte_order_mark_decides_without_a_media_type() {
    let mut wide = vec![0xff, 0xfe];
    wide.extend("<title>Ü</title>".encode_utf16().flat_map(u16::to_le_bytes));
    assert_eq!(Document::read(&wide, None).title().as_deref(), Some("Ü"));
}

#[test]
fn a_page_can_say_that_it_is_gone() {
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
fn the_charset_is_honoured_wherever_it_is_named() {
    let title = |bytes: &[u8], content_type: &str| {
        Document::read(bytes, Some(content_type)).title().unwrap()
    };
    assert_eq!(
        title(b"<title>caf\xe9</title>", "text/html; charset=ISO-8859-1"),
        "café"
    );
    assert_eq!(
        title(b"<meta charset=latin1><title>caf\xe9</title>", "text/html"),
        "café"
    );
    assert_eq!(title("<title>café</title>".as_bytes(), "text/html"), "café");
    assert_eq!(
        title(
            "<meta charset=utf-16><title>café</title>".as_bytes(),
            "text/html"
        ),
        "café"
    );
    assert_eq!(
        title(
            b"<meta charset=latin2><title>\xb3</title>",
            "text/html; charset=utf-7"
        ),
        "ł"
    );
    assert_eq!(title(b"<title>caf\xe9</title>", "text/html"), "café");
    assert_eq!(
        title(
            b"<title>\x83e\x83X\x83g</title>",
            "text/html; charset=Shift_JIS"
        ),
        "テスト"
    );
    assert_eq!(
        title(b"<title>+AGE-</title>", "text/html; charset=utf-7"),
        "+AGE-"
    );
}

#[test]
fn a_charset_is_found_only_in_a_meta_that_names_one() {
    for (head, charset) in [
        ("<meta charset=latin1>", Some("latin1")),
        ("<META CHARSET = 'UTF-8' />", Some("utf-8")),
        (
            "<meta http-equiv=content-type content='text/html; charset=koi8-r'>",
            Some("koi8-r"),
        ),
        (
            "<!-- <meta charset=latin1> --><meta charset=utf-8>",
            Some("utf-8"),
        ),
        ("<meta name=d content='charset=latin1'>", None),
        ("<meta charset=>", None),
    ] {
        assert_eq!(
            charset_in_meta(head.as_bytes()).as_deref(),
            charset,
            "{head}"
        );
    }
}

proptest::proptest! {
    #[test]
    fn never_panics_on_any_bytes(bytes: Vec<u8>, html in "[a-z<>/=\"' &;!-]{0,300}") {
        for bytes in [bytes.as_slice(), html.as_bytes()] {
            let _ = Document::read(bytes, None).title();
            let _ = charset_in_meta(bytes);
        }
    }
}
