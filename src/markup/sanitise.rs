//! The one sanitiser, and the sole maker of [`SafeHtml`]. Nothing else puts HTML on a page as it is.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};
use maud::{Markup, PreEscaped, Render};

/// HTML that may stand on a page: it went through the sanitiser.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct SafeHtml(String);

/// What a text may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// A post by staff: headings, tables, pictures, footnotes.
    Post,
    /// A response by anyone: paragraphs, lists, quotes, code, links that vouch for nothing.
    Response,
}

impl SafeHtml {
    /// Leaves of `html` what `profile` allows. Doing it twice changes nothing.
    pub fn sanitise(html: &str, profile: Profile) -> Self {
        let builder = match profile {
            Profile::Post => &*POST,
            Profile::Response => &*RESPONSE,
        };
        Self(builder.clean(html).to_string())
    }

    /// Plain text as a paragraph, every mark escaped.
    pub fn of_text(text: &str) -> Self {
        Self(maud::html! { p { (text) } }.into_string())
    }

    /// Takes back what was written to the database as safe HTML; for those columns alone.
    pub fn stored(html: String) -> Self {
        Self(html)
    }

    /// A comment of HTML. Two hyphens would end it: they are kept apart.
    pub fn comment(words: &str) -> Self {
        let words = words.replace("--", "- -").replace("--", "- -");
        Self(format!("<!--\n{}\n-->", words.trim_end_matches('-')))
    }

    /// The HTML.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The HTML, for the database.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl Render for SafeHtml {
    fn render(&self) -> Markup {
        PreEscaped(self.0.clone())
    }

    fn render_to(&self, buffer: &mut String) {
        buffer.push_str(&self.0);
    }
}

/// Tags in posts and responses alike.
const TEXT_TAGS: &[&str] = &[
    "a",
    "abbr",
    "b",
    "blockquote",
    "br",
    "cite",
    "code",
    "del",
    "em",
    "i",
    "ins",
    "kbd",
    "li",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "strong",
    "sub",
    "sup",
    "ul",
];
/// Tags in posts alone.
const POST_TAGS: &[&str] = &[
    "caption",
    "dd",
    "details",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "img",
    "mark",
    "small",
    "summary",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
];

static RESPONSE: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = plain();
    builder
        .tags(TEXT_TAGS.iter().copied().collect())
        .tag_attributes(HashMap::from([
            ("a", HashSet::from(["href"])),
            ("ol", HashSet::from(["start"])),
        ]))
        .generic_attributes(HashSet::new())
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("nofollow ugc noopener"));
    builder
});

static POST: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = plain();
    builder
        .tags(TEXT_TAGS.iter().chain(POST_TAGS).copied().collect())
        .tag_attributes(HashMap::from([
            ("a", HashSet::from(["href", "title"])),
            ("abbr", HashSet::from(["title"])),
            (
                "img",
                HashSet::from(["src", "alt", "title", "width", "height"]),
            ),
            ("ol", HashSet::from(["start"])),
            ("td", HashSet::from(["colspan", "rowspan"])),
            ("th", HashSet::from(["colspan", "rowspan", "scope"])),
            ("details", HashSet::from(["open"])),
        ]))
        .generic_attributes(HashSet::from(["id", "lang", "dir"]))
        .id_prefix(Some("p-"))
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(UrlRelative::PassThrough)
        .link_rel(Some("noopener"));
    builder
});

fn plain() -> Builder<'static> {
    let mut builder = Builder::empty();
    builder
        .strip_comments(true)
        .clean_content_tags(HashSet::from([
            "script", "style", "template", "textarea", "title",
        ]));
    builder
}

#[cfg(test)]
mod tests {
    use super::*;

    const ATTACKS: &[&str] = &[
        "<script>alert(1)</script>hi",
        "<img src=x onerror=alert(1)>",
        "<a href=\"javascript:alert(1)\">x</a>",
        "<a href=\" java\tscript:alert(1)\">x</a>",
        "<svg><style><img src=x onerror=alert(1)></style></svg>",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        "<p style=\"background:url(x)\" onclick=alert(1)>x</p>",
        "<iframe src=//evil.example></iframe><object data=x></object><form><input></form>",
        "<a href=\"data:text/html,<script>alert(1)</script>\">x</a>",
        "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
        "<textarea><img src=x onerror=alert(1)></textarea>",
    ];

    #[test]
    fn nothing_that_runs_is_left() {
        for profile in [Profile::Post, Profile::Response] {
            for attack in ATTACKS {
                let safe = SafeHtml::sanitise(attack, profile);
                for bad in [
                    "<script",
                    "onerror=",
                    "javascript:",
                    "onclick",
                    "<iframe",
                    "data:",
                    "<form",
                ] {
                    assert!(
                        !safe.as_str().contains(bad),
                        "{attack} -> {}",
                        safe.as_str()
                    );
                }
            }
        }
    }

    #[test]
    fn links_in_responses_vouch_for_nothing() {
        let safe = SafeHtml::sanitise(
            "<a href='https://x.example/' rel='me'>x</a>",
            Profile::Response,
        );
        assert_eq!(
            safe.as_str(),
            "<a href=\"https://x.example/\" rel=\"nofollow ugc noopener\">x</a>"
        );
    }

    proptest::proptest! {
        #[test]
        fn sanitising_twice_changes_nothing(html in "[a-z<>/=\"' &;#!-]{0,200}") {
            for profile in [Profile::Post, Profile::Response] {
                let once = SafeHtml::sanitise(&html, profile);
                let twice = SafeHtml::sanitise(once.as_str(), profile);
                proptest::prop_assert_eq!(once, twice);
            }
        }
    }
}
