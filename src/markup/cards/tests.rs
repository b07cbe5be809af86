//! Link cards in a text.

use super::*;
use crate::markup::markdown;
use crate::markup::sanitise::{MarkupProfile, SafeHtml};

const ADDRESS: &str = "https://www.other.example/a?b=1&c=2";

fn cards() -> HashMap<String, Card> {
    let card = Card {
        title: "A <b>title</b>".into(),
        description: "What \"it\" says".into(),
        site_name: "Other".into(),
        picture: Some(OwnPicture {
            src: "/media/ab/320.webp".into(),
            width: 320,
            height: 200,
            ..OwnPicture::default()
        }),
    };
    HashMap::from([(ADDRESS.to_owned(), card)])
}

fn rendered(markdown: &str) -> SafeHtml {
    markdown::render(markdown, MarkupProfile::Post)
}

fn shown(markdown: &str) -> String {
    place(rendered(markdown).as_str(), &cards())
}

#[test]
fn a_link_alone_with_the_title_card_is_a_card() {
    let html = shown(&format!(
        "Before\n\n[My *title*]({ADDRESS} \"card\")\n\nAfter"
    ));
    assert!(
        html.contains(
            "<div class=\"link-card\"><a href=\"https://www.other.example/a?b=1&amp;c=2\""
        ),
        "{html}"
    );
    assert!(
        html.contains("<strong dir=\"auto\">My <em>title</em></strong>"),
        "{html}"
    );
    assert!(html.contains("width=\"320\" height=\"200\""), "{html}");
    assert!(html.contains("What &quot;it&quot; says"), "{html}");
    assert!(
        html.contains("<bdi>Other</bdi> · <bdi>other.example</bdi>"),
        "{html}"
    );
    assert!(!html.contains("title=\"card\""), "{html}");
    assert!(
        html.starts_with("<p>Before</p>") && html.trim_end().ends_with("<p>After</p>"),
        "{html}"
    );
}

#[test]
fn a_link_that_is_its_address_gets_the_pages_title() {
    let html = shown(&format!("[{ADDRESS}]({ADDRESS} \"card\")"));
    assert!(html.contains("A &lt;b&gt;title&lt;/b&gt;"), "{html}");
}

#[test]
fn what_is_not_known_is_a_plain_link() {
    let html = shown("[T](https://unknown.example/ \"card\")");
    assert_eq!(
        html.trim(),
        "<p><a href=\"https://unknown.example/\" rel=\"noopener\">T</a></p>"
    );
}

#[test]
fn only_what_asks_for_a_card_is_one() {
    for markdown in [
        format!("[T]({ADDRESS})"),
        format!("[T]({ADDRESS} \"Card\")"),
        format!("Text [T]({ADDRESS} \"card\")"),
        format!("[T]({ADDRESS} \"card\") text"),
        format!("`[T]({ADDRESS} \"card\")`"),
        ADDRESS.to_owned(),
        "https://video.example/watch?v=1".to_owned(),
        "[T](/about/ \"card\")".to_owned(),
        "[T](mailto:a@b.example \"card\")".to_owned(),
        format!("[![a](/media/ab/x.jpg)]({ADDRESS} \"card\")"),
    ] {
        let html = rendered(&markdown);
        assert_eq!(addresses(html.as_str()), Vec::<String>::new(), "{markdown}");
        assert_eq!(place(html.as_str(), &cards()), html.as_str());
    }
}

#[test]
fn addresses_are_found_once_and_not_without_end() {
    let twice = format!("[a]({ADDRESS} \"card\")\n\n[b]({ADDRESS} \"card\")");
    assert_eq!(addresses(rendered(&twice).as_str()), [ADDRESS]);
    let many: String = (0..MAX_CARDS + 5)
        .map(|n| format!("[a](https://o.example/{n} \"card\")\n\n"))
        .collect();
    assert_eq!(addresses(rendered(&many).as_str()).len(), MAX_CARDS);
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
    fn nothing_unsafe_is_made(html in "(<p>|</p>|<a href=\"https://www.other.example/a?b=1&amp;c=2\"| title=\"card\"|>|</a>|<b>|</b>|[a-z<>/=\"' &;-]){0,80}") {
        let safe = SafeHtml::sanitise(&html, MarkupProfile::Post);
        let placed = place(safe.as_str(), &cards());
        let mut known = names(safe.as_str());
        known.extend(
            [
                "a", "alt", "bdi", "class", "decoding", "dir", "div", "height", "href", "img", "loading",
                "rel", "span", "src", "strong", "width",
            ]
            .map(str::to_owned),
        );
        for name in names(&placed) {
            proptest::prop_assert!(known.contains(&name), "{} in {}", name, placed);
        }
    }
}
