//! Tests of `html_page`.

use std::time::{Duration, Instant};

use super::*;

#[test]
fn hostile_pages_of_a_mebibyte_are_read_or_refused_quickly() {
    let size = 1024 * 1024;
    let mut numbered = String::from("<a ");
    for number in 0.. {
        if numbered.len() > size {
            break;
        }
        numbered.push_str(&format!("x{number} "));
    }
    let pages = [
        "<div>".repeat(size / 5),
        "<b><p>".repeat(size / 6),
        "<a href=x>".repeat(size / 10),
        "<".repeat(size),
        "<!--".repeat(size / 4),
        "&amp".repeat(size / 4),
        "&".repeat(size),
        "£".repeat(size / 2),
        "<a href=\"".to_owned() + &"x".repeat(size),
        numbered.clone(),
        format!("<a {}>", "x/".repeat(size / 2)),
        "<template>".repeat(size / 10),
        numbered.replacen("<a ", "<a b==\"", 1),
        numbered.replacen("<a ", "<a =\"", 1),
        numbered.replacen("<a ", "&<a ", 1),
        numbered.replacen(
            "<a ",
            "<template><textarea></template><!-- <a \"--></textarea x='",
            1,
        ),
        numbered.replacen("<a ", "<script></script ", 1),
        format!("<a title=\"{}\">", "<".repeat(size)),
        "<a title=\"".repeat(size / 10),
    ];
    for page in pages {
        let begun = Instant::now();
        let _ = HtmlPage::read(&page);
        // Generous for an unoptimised build beside other tests; what grows with the square
        // would take minutes.
        assert!(begun.elapsed() < Duration::from_secs(60), "{}", &page[..20]);
    }
}

#[test]
fn a_picture_inside_of_its_tag_is_no_attack() {
    let page = HtmlPage::read(&format!(
        "<img src=\"data:image/png;base64,{}\"><a href=/x>y</a>",
        "ab/+".repeat(100_000)
    ));
    assert_eq!(page.unwrap().links.len(), 2);
}

#[test]
fn a_script_without_any_greater_than_is_no_attack() {
    let script = "for(i=0;i<n;i++){ a = b ; c = \"<p title=\" ; } ".repeat(1000);
    let page = HtmlPage::read(&format!(
        "<script>{script}</script><!-- <a {} --><div data-x='{}'></div><a href=/x>y</a>",
        "b ".repeat(5000),
        "{\"k\": \"<v\"} ".repeat(5000),
    ));
    assert_eq!(page.unwrap().links.len(), 1);
}

#[test]
fn the_title_is_the_pages_and_not_a_pictures() {
    let page = HtmlPage::read("<svg><title>Menu</title></svg><h1>Real</h1>").unwrap();
    assert_eq!((page.title.as_str(), page.heading.as_str()), ("", "Real"));
    let page = HtmlPage::read("<title></title><title>Second</title>").unwrap();
    assert_eq!(page.title, "Second");
}

#[test]
fn hidden_content_ends_where_a_browser_ends_it() {
    let page = HtmlPage::read(
        "<template><textarea></template><a href=/no>x</a></textarea></template><a href=/yes>y</a>",
    );
    let urls: Vec<String> = page
        .unwrap()
        .links
        .into_iter()
        .map(|link| link.url)
        .collect();
    assert_eq!(urls, ["/yes"]);
}

proptest::proptest! {
    #[test]
    fn never_panics_on_any_bytes(
        bytes: Vec<u8>,
        html in "(<|</|>|a|script|template|title|svg|h1|!--|--|=|\"|'|/|&|&amp| |é){0,80}",
    ) {
        for text in [String::from_utf8_lossy(&bytes).as_ref(), html.as_str()] {
            if let Some(page) = HtmlPage::read(text) {
                for link in page.links {
                    proptest::prop_assert!(page.text.get(link.start..link.end).is_some());
                }
            }
        }
    }
}
