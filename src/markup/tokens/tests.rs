//! Tests of `tokens`.

use std::fmt::Write;

use super::*;

/// The tokens of a text, written down; None where a tag has too many attributes.
fn written(html: &str) -> Option<String> {
    let mut written = String::new();
    read_tokens(html, |token| {
        let _ = match token {
            HtmlToken::Text(text) => write!(written, "{text}"),
            HtmlToken::EndTag(name) => write!(written, "[/{name}]"),
            HtmlToken::StartTag(tag) => {
                let mut attributes = String::new();
                for (name, value) in tag.attributes() {
                    let _ = write!(attributes, " {name}={value}");
                }
                let end = if tag.is_self_closing { "/" } else { "" };
                write!(written, "[{}{attributes}{end}]", tag.name)
            }
        };
    })
    .ok()?;
    Some(written)
}

#[test]
fn tags_and_text_come_in_order_and_decoded() {
    for (html, tokens) in [
        ("a &amp; b&nbsp;&notit;", "a & b\u{a0}¬it;"),
        ("<P Z=1 A='x &lt; y' b>t</P>", "[p z=1 a=x < y b=]t[/p]"),
        ("<br/><a href=/x/>", "[br/][a href=/x/]"),
        ("a<!-- <b> -->c<!DOCTYPE html><?x?>d", "acd"),
        ("1 < 2 <3 </ > <", "1 < 2 <3  <"),
        ("a\0b\r\nc&#0;&#128;", "ab\nc\u{fffd}€"),
        ("</a b=c>", "[/a]"),
        ("é<é a=é>é", "é<é a=é>é"),
        ("\u{feff}a<b>\u{feff}c", "\u{feff}a[b]\u{feff}c"),
        ("<a b", ""),
        ("<![CDATA[x]]>", ""),
    ] {
        assert_eq!(written(html).as_deref(), Some(tokens), "{html}");
    }
}

#[test]
fn of_attributes_with_the_same_name_the_first_counts() {
    let mut found = None;
    let read = read_tokens("<a HREF=1 href=2 x>", |token| {
        if let HtmlToken::StartTag(tag) = token {
            found = tag.attribute("href").map(str::to_owned);
            assert_eq!(tag.attribute("x"), Some(""));
            assert_eq!(tag.attribute("y"), None);
        }
    });
    assert_eq!((read, found.as_deref()), (Ok(()), Some("1")));
}

#[test]
fn content_that_is_not_markup_ends_at_its_own_end_tag() {
    for name in ["script", "style", "xmp", "iframe", "noembed", "noframes"] {
        let html = format!("<{name}><b>&amp;</b></x></{name}><i>");
        let tokens = format!("[{name}]<b>&amp;</b></x>[/{name}][i]");
        assert_eq!(written(&html), Some(tokens));
        assert!(is_raw(name), "{name}");
    }
    for name in ["title", "textarea"] {
        let html = format!("<{name}><b>&amp;</{name} x><i>");
        let tokens = format!("[{name}]<b>&[/{name}][i]");
        assert_eq!(written(&html), Some(tokens));
        assert!(is_raw(name), "{name}");
    }
    assert_eq!(
        written("<plaintext><b></plaintext>").as_deref(),
        Some("[plaintext]<b></plaintext>")
    );
    assert!(!is_raw("plaintext") && !is_raw("p"));
}

#[test]
fn a_tag_with_more_attributes_than_one_may_have_ends_the_reading() {
    let most: String = (0..MAX_ATTRIBUTES).map(|n| format!("x{n} ")).collect();
    for (begin, end) in [
        ("<a ", ">"),
        ("<a ", "/>"),
        ("</a ", ">"),
        ("&<a ", ">"),
        ("<script></script ", ">"),
        (
            "<template><textarea></template><!-- <a \"--></textarea ",
            ">",
        ),
        ("<a =\" ", ">"),
    ] {
        let extra = begin.contains('=');
        let html = format!("{begin}{}{end}", &most[if extra { 3 } else { 0 }..]);
        assert!(written(&html).is_some(), "{begin}");
        let html = format!("{begin}{most}x{end} ");
        assert!(written(&html).is_none(), "{begin}");
    }
    let unfinished = format!("<a {most}x y");
    assert!(written(&unfinished).is_none(), "a tag need not end");
    let same = format!("<a {}>", "x ".repeat(MAX_ATTRIBUTES + 1));
    assert!(written(&same).is_none(), "the same name counts each time");
    let tags = format!("<a {most}></a {most}>").repeat(3);
    assert!(written(&tags).is_some(), "each tag counts alone");
    for (begin, end) in [("<!-- <a ", " -->"), ("<script>", ""), ("<a b='", "'>")] {
        let html = format!("{begin}{most}{most}{end}");
        assert!(written(&html).is_some(), "{begin} is no tag");
    }
}

proptest::proptest! {
    #[test]
    fn plain_text_is_one_token_as_it_is(text in "[^<&\0\r]{1,200}") {
        let mut texts = Vec::new();
        let read = read_tokens(&text, |token| {
            if let HtmlToken::Text(text) = token {
                texts.push(text.to_owned());
            }
        });
        proptest::prop_assert_eq!((read, texts), (Ok(()), vec![text]));
    }
}
