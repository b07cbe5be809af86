//! Tests of `trackback`.

use super::*;

const FORM: Option<&str> = Some("application/x-www-form-urlencoded");

fn title(body: &[u8], content_type: Option<&str>) -> String {
    parse_ping(body, content_type).unwrap().title
}

#[test]
fn a_ping_is_read_with_all_its_fields() {
    let body =
        b"title=Foo+Bar&url=http%3A%2F%2Fwww.bar.com%2F&excerpt=My%20Excerpt&blog_name=Foo&other=x";
    assert_eq!(
        parse_ping(body, FORM),
        Ok(TrackbackPing {
            url: "http://www.bar.com/".into(),
            title: "Foo Bar".into(),
            excerpt: "My Excerpt".into(),
            blog_name: "Foo".into(),
        })
    );
}

#[test]
fn a_ping_without_a_title_has_its_address_for_one() {
    for body in [
        &b"url=http://a.example/"[..],
        b"url=http://a.example/&title=+",
    ] {
        assert_eq!(title(body, FORM), "http://a.example/");
    }
}

#[test]
fn the_charset_is_honoured_wherever_it_is_said() {
    let latin = Some("application/x-www-form-urlencoded; Charset=\"ISO-8859-1\"");
    assert_eq!(title(b"url=x&title=caf%E9", latin), "café");
    assert_eq!(title(b"url=x&title=%C3%A9&charset=koi8-r", latin), "Ã©");
    assert_eq!(title(b"url=x&title=%C3%A9&charset=utf-8", FORM), "é");
    assert_eq!(
        title(b"url=x&title=%83e%83X&charset=Shift_JIS", FORM),
        "テス"
    );
    assert_eq!(title(b"url=x&title=caf%C3%A9", FORM), "café");
    assert_eq!(title(b"url=x&title=caf%E9", FORM), "café");
    assert_eq!(title(b"url=x&title=caf\xe9", None), "café");
    assert_eq!(title(b"url=x&title=%FF%FEab", FORM), "ÿþab");
    let seven = Some("application/x-www-form-urlencoded; charset=utf-7");
    assert_eq!(title(b"url=x&title=%2BAGE-&charset=utf-7", seven), "+AGE-");
}

#[test]
fn what_is_no_ping_is_refused_for_its_reason() {
    let many = "a=b&".repeat(MAX_FIELDS + 1);
    let long = format!("url=x&excerpt={}", "x".repeat(MAX_VALUE + 1));
    for (body, content_type, refused) in [
        ("", FORM, PingFormError::UrlMissing),
        ("title=x", FORM, PingFormError::UrlMissing),
        ("url=+%20", FORM, PingFormError::UrlMissing),
        ("URL=x", FORM, PingFormError::UrlMissing),
        ("url=x", Some("text/xml"), PingFormError::NotAForm),
        (many.as_str(), FORM, PingFormError::TooLong),
        (long.as_str(), FORM, PingFormError::TooLong),
    ] {
        assert_eq!(parse_ping(body.as_bytes(), content_type), Err(refused));
        assert!(answer(Err(&refused.message().to_string())).contains("<error>1</error>"));
    }
}

#[test]
fn an_answer_is_read_back_as_it_was_written() {
    assert_eq!(parse_answer(answer(Ok(())).as_bytes()), Ok(()));
    assert_eq!(
        parse_answer(answer(Err("no <link> & \"none\"\u{1}")).as_bytes()),
        Err(PingRefusal::Refused("no <link> & \"none\"".into()))
    );
    assert_eq!(
        parse_answer(b"<response><error>1</error><message><![CDATA[a & b]]></message></response>"),
        Err(PingRefusal::Refused("a & b".into()))
    );
    assert!(parse_answer(b"<response><error>1</error></response>").is_err());
    for body in [&b"<html>0</html>"[..], b""] {
        assert_eq!(parse_answer(body), Err(PingRefusal::NotTrackback));
    }
}

#[test]
fn no_title_ends_the_comment_of_a_page() {
    for title in [
        "a -- b",
        "a ---- b",
        "-->",
        "--!>",
        "<!--",
        "x-",
        "\"/><script>",
        "]]>",
    ] {
        let comment = rdf(
            "https://a.example/x--y",
            title,
            "https://a.example/tb?a=1&b=2",
        );
        let inside = comment;
        assert!(!inside.contains("--"), "{title}");
        let (_, rest) = inside.split_once("dc:title=\"").unwrap();
        assert_eq!(xml::unescape(rest.split('"').next().unwrap()), title);
    }
}

#[test]
fn an_answer_that_is_barely_xml_is_still_read() {
    for (body, expected) in [
        (
            "\n<?xml version='1.0'?><response><error> 0 </error>",
            Ok(()),
        ),
        (
            "<response><error>1</error><message>a & b &nbsp; <b>c</b></message>",
            Err("a & b &nbsp; c"),
        ),
        ("<p><error>1</error></b><message>no</message>", Err("no")),
    ] {
        let expected = expected.map_err(|message| PingRefusal::Refused(message.into()));
        assert_eq!(parse_answer(body.as_bytes()), expected, "{body}");
    }
}

proptest::proptest! {
    #[test]
    fn never_panics_on_any_bytes(
        body: Vec<u8>,
        form in "(url|title|charset|utf-8|utf-7|=|&|%|%4|%E9|\\+|é){0,40}",
        content_type in proptest::option::of("(application/x-www-form-urlencoded)?(;|=|charset|\"){0,5}"),
        xml in "(<error>|</error>|<message>|</message>|0|&|#|x|;|é){0,30}",
    ) {
        for body in [body.as_slice(), form.as_bytes()] {
            let _ = parse_ping(body, content_type.as_deref());
            let _ = parse_ping(body, None);
            let _ = parse_answer(body);
        }
        let _ = parse_answer(xml.as_bytes());
    }

    #[test]
    fn any_ping_survives_the_way(url in "[!-~]{1,40}", title in "\\PC{0,40}", excerpt in "\\PC{0,40}") {
        let title = Some(title.trim()).filter(|title| !title.is_empty()).unwrap_or(&url).to_owned();
        let sent = TrackbackPing { url, title, excerpt: excerpt.trim().into(), blog_name: String::new() };
        let read = parse_ping(form_body(&sent).as_bytes(), FORM);
        proptest::prop_assert_eq!(read, Ok(sent));
    }

    #[test]
    fn any_title_leaves_the_comment_whole(title: String) {
        let comment = rdf(&title, &title, &title);
        proptest::prop_assert!(!comment.contains("--"));
        proptest::prop_assert_eq!(comment.matches('>').count(), 3);
    }
}
