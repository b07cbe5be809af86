//! Tests of `evidence`.

use super::*;

const TARGET: &str = "https://news.example/2026/11/23/post/";

fn fetched(html: &str) -> Fetched {
    Fetched {
        url: Url::parse("https://blog.example/a").unwrap(),
        status: 200,
        headers: vec![("content-type".into(), "text/html; charset=utf-8".into())],
        body: html.as_bytes().to_vec(),
        truncated: false,
    }
}

fn read(html: &str, protocol: Protocol, claims: &SenderClaims) -> Option<Evidence> {
    let is_target = |url: &str| url.split('#').next() == Some(TARGET);
    match read_source(&fetched(html), protocol, claims, TARGET, "", &is_target) {
        SourceReading::Links(evidence) => Some(*evidence),
        _ => None,
    }
}

#[test]
fn a_page_that_was_not_read_to_its_end_may_still_link() {
    let is_target = |url: &str| url == TARGET;
    let read = |page: &Fetched| {
        read_source(
            page,
            Protocol::Webmention,
            &SenderClaims::default(),
            TARGET,
            "",
            &is_target,
        )
    };
    let mut page = fetched("<p>Nothing so far");
    assert_eq!(read(&page), SourceReading::NoLink);
    page.truncated = true;
    assert_eq!(read(&page), SourceReading::NoLinkWithinLimit);
    let linked = fetched(&format!(
        "<meta http-equiv=Status content='410 Gone'><a href='{TARGET}'>x</a>"
    ));
    assert_eq!(read(&linked), SourceReading::Gone);
}

#[test]
fn a_webmention_is_shown_by_its_entry() {
    let html = format!(
        "<div class=h-entry><a class='p-author h-card' href=/me>Ann</a> \
         <a class=u-in-reply-to href='{TARGET}#comment-7'>re</a><p class=e-content>I agree.</p></div>"
    );
    let evidence = read(&html, Protocol::Webmention, &SenderClaims::default()).unwrap();
    assert_eq!(evidence.mention, Some(MentionKind::Reply));
    assert_eq!(evidence.name, "Ann");
    assert_eq!(evidence.text, "I agree.");
    assert_eq!(evidence.in_reply_to, Some(ResponseId(7)));
    assert_eq!(
        evidence.author_url.as_deref(),
        Some("https://blog.example/me")
    );
}

#[test]
fn a_trackback_is_shown_as_claimed_and_judged_by_its_page() {
    let html = format!("<title>T</title><p>We read <a href='{TARGET}'>it</a> and liked it.</p>");
    let claims = SenderClaims {
        title: "Our title".into(),
        excerpt: "We read it and liked it.".into(),
        blog_name: "Our blog".into(),
    };
    let evidence = read(&html, Protocol::Trackback, &claims).unwrap();
    assert_eq!(evidence.name, "Our title — Our blog");
    assert_eq!(evidence.text, "We read it and liked it.");
    assert!(!evidence.signals.excerpt_not_on_page);
    let spam = SenderClaims {
        title: "Best Pills".into(),
        excerpt: "Nice site, buy cheap pills".into(),
        blog_name: "best pills".into(),
    };
    let evidence = read(&html, Protocol::Trackback, &spam).unwrap();
    assert!(evidence.signals.excerpt_not_on_page && evidence.signals.title_is_blog_name);
    assert_eq!(evidence.name, "Best Pills");
}

#[test]
fn a_bare_link_and_a_page_in_another_language_are_signals() {
    let others: String = (0..12)
        .map(|n| format!("<li><a href='https://{n}.example/'>x</a></li>"))
        .collect();
    let bare = format!("<ul><li><a href='{TARGET}'>Some long link text here</a></li>{others}</ul>");
    let evidence = read(&bare, Protocol::Pingback, &SenderClaims::default()).unwrap();
    assert!(evidence.signals.bare_link);
    let english =
        "The people of the city were asked what they think about the plans of the council. "
            .repeat(6);
    let german =
        "Die Menschen in der Stadt wurden gefragt, was sie von den Plänen des Rates halten. "
            .repeat(6);
    assert_eq!(other_language(&german, &english), Some("German"));
    assert_eq!(other_language(&english, &english), None);
    assert_eq!(other_language("Kurz.", &english), None);
}
