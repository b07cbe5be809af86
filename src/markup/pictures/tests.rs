//! Pictures of the library and of other sites in a text.

use super::*;
use crate::markup::markdown;
use crate::markup::sanitise::{MarkupProfile, SafeHtml};

fn own() -> HashMap<String, OwnPicture> {
    let picture = OwnPicture {
        src: "/media/ab/640.webp".into(),
        srcset: "/media/ab/320.webp 320w, /media/ab/640.webp 640w".into(),
        width: 640,
        height: 480,
        alt: "A \"harbour\"".into(),
        caption: String::new(),
        credit: "Ada <x>".into(),
    };
    HashMap::from([("ab".to_owned(), picture)])
}

fn rules() -> PictureRules {
    PictureRules {
        prefix: "/media/",
        origin: "https://news.example".into(),
        allowed_hosts: vec!["img.example.org".into()],
    }
}

fn render(markdown: &str) -> String {
    let html = markdown::render(markdown, MarkupProfile::Post);
    place(html.as_str(), &rules(), &own())
}

#[test]
fn a_picture_alone_is_a_figure() {
    let html = render("![Ships \"here\"](/media/ab/x.jpg \"At <dusk>\")");
    assert_eq!(
        html.trim(),
        "<figure class=\"picture\"><img src=\"/media/ab/640.webp\" \
         srcset=\"/media/ab/320.webp 320w, /media/ab/640.webp 640w\" sizes=\"(min-width: 43rem) 40.5rem, \
         calc(100vw - 2.5rem)\" width=\"640\" height=\"480\" fetchpriority=\"high\" decoding=\"async\" \
         alt=\"Ships “here”\"><figcaption>At &lt;dusk&gt; <span class=\"credit\">Ada &lt;x&gt;</span>\
         </figcaption></figure>"
    );
}

#[test]
fn later_pictures_are_lazy_and_use_the_librarys_text() {
    let html = render("![a](/media/ab/x.jpg)\n\nText ![](/media/ab/x.jpg) more");
    assert_eq!(html.matches("fetchpriority").count(), 1);
    assert_eq!(html.matches("loading=\"lazy\"").count(), 1);
    assert!(html.contains("alt=\"A &quot;harbour&quot;\""), "{html}");
    assert_eq!(html.matches("<figure").count(), 1);
}

#[test]
fn the_whole_address_of_a_picture_works_too() {
    let html = render("![a](https://news.example/media/ab/x.jpg)");
    assert!(
        html.contains("<figure") && html.contains("srcset"),
        "{html}"
    );
}

#[test]
fn other_addresses_of_this_site_stay_as_they_are() {
    for markdown in [
        "![a](/media/cd/x.jpg)",
        "![a](/media/ab)",
        "![a](/uploads/x.jpg)",
        "![a](https://news.example/uploads/x.jpg)",
        "[a](/media/ab/x.jpg)",
        "`![a](/media/ab/x.jpg)`",
        "[a](https://other.example/x.jpg)",
    ] {
        let html = markdown::render(markdown, MarkupProfile::Post);
        assert_eq!(place(html.as_str(), &rules(), &own()), html.as_str());
    }
}

#[test]
fn a_picture_of_another_site_is_a_link_to_it() {
    let html = render("![A *ship* & \"more\"](https://other.example/x.jpg?a=1&b=2 \"At dusk\")");
    assert_eq!(
        html.trim(),
        "<p><a class=\"picture-elsewhere\" href=\"https://other.example/x.jpg?a=1&amp;b=2\" \
         title=\"At dusk\" rel=\"noopener\">A ship &amp; “more”</a></p>"
    );
    let html = render("![](https://other.example/x.jpg)");
    assert!(html.contains(">other.example/x.jpg</a>"), "{html}");
    for address in [
        "//other.example/x.jpg",
        "http://img.example.org/x.jpg",
        "https://img.example.org:8443/x.jpg",
        "https://img.example.org.evil.example/x.jpg",
        "https://img.example.org@evil.example/x.jpg",
        "https://news.example.evil.example/media/ab/x.jpg",
        "http://news.example/media/ab/x.jpg",
    ] {
        let html = render(&format!("![a]({address})"));
        assert!(!html.contains("<img"), "{address}: {html}");
    }
}

#[test]
fn a_linked_picture_of_another_site_is_the_links_text() {
    let html = render("[![A ship](https://other.example/s.jpg)](https://other.example/l.jpg)");
    assert_eq!(
        html.trim(),
        "<p><a href=\"https://other.example/l.jpg\" rel=\"noopener\">A ship</a></p>"
    );
}

#[test]
fn a_picture_of_an_allowed_host_is_shown() {
    for address in [
        "https://img.example.org/x.jpg",
        "https://IMG.example.org:443/x.jpg",
    ] {
        let html = render(&format!("![a]({address})"));
        assert!(
            html.contains("<img loading=\"lazy\"") && html.contains("no-referrer"),
            "{html}"
        );
    }
}

#[test]
fn a_picture_without_a_usable_address_is_its_text() {
    assert_eq!(
        render("![A ship](data:image/png;base64,AAAA)").trim(),
        "<p>A ship</p>"
    );
}

#[test]
fn tokens_of_pictures_and_links_are_found() {
    let html = markdown::render(
        "![a](/media/ab/x.jpg) [b](/media/cd/y.pdf) ![c](https://news.example/media/ab/x.jpg) `/media/ef/z`",
        MarkupProfile::Post,
    );
    assert_eq!(tokens(html.as_str(), &rules()), ["ab", "cd"]);
}

/// The names of all elements and attributes of `html`, as a browser makes them.
fn names(html: &str) -> Vec<String> {
    let tree = scraper::Html::parse_fragment(html);
    let elements = tree.tree.values().filter_map(scraper::Node::as_element);
    elements
        .flat_map(|element| {
            let attributes = element.attrs().map(|(name, _)| name.to_owned());
            std::iter::once(element.name().to_owned()).chain(attributes)
        })
        .collect()
}

proptest::proptest! {
    #[test]
    fn nothing_unsafe_is_made(html in "(<p>|</p>|<a href=\"x\">|</a>|<img src=\"/media/ab/x\"|<img src=\"https://o.example/&quot;\"|alt=\"|title=\"|>|[a-z<>/=\"' &;-]){0,80}") {
        let safe = SafeHtml::sanitise(&html, MarkupProfile::Post);
        let placed = place(safe.as_str(), &rules(), &own());
        let mut known = names(safe.as_str());
        known.extend(
            [
                "a", "alt", "class", "decoding", "fetchpriority", "figcaption", "figure", "height", "href",
                "img", "loading", "rel", "sizes", "span", "src", "srcset", "title", "width",
            ]
            .map(str::to_owned),
        );
        for name in names(&placed) {
            proptest::prop_assert!(known.contains(&name), "{} in {}", name, placed);
        }
    }
}
