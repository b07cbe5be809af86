//! The sanitiser, and the only code that makes [`SafeHtml`]. No other code puts unescaped HTML on a
//! page.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};
use maud::{Markup, PreEscaped, Render};

use crate::markup::balance::balance;
use crate::markup::cards::{self, Card};
use crate::markup::excerpt::leading_excerpt;
use crate::markup::headings::{ID_PREFIX, prefixed};
use crate::markup::highlight;
use crate::markup::labels::{self, Labels};
use crate::markup::pictures::{self, OwnPicture, PictureRules};
use crate::markup::plain::text_of;
pub use crate::markup::tags::MarkupProfile;
use crate::markup::tags::{self, POST_ATTRIBUTES, POST_GENERIC, RESPONSE_ATTRIBUTES};

/// HTML that went through the sanitiser and may be put on a page.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct SafeHtml(String);

/// How much of a long text is read for its beginning, and how much of that is shown.
const MAX_BEGINNING_BYTES: usize = 4096;
const MAX_BEGINNING_CHARS: usize = 500;

impl SafeHtml {
    /// Keeps what `profile` allows of `html`. Idempotent.
    pub fn sanitise(html: &str, profile: MarkupProfile) -> Self {
        Self::of_balanced(&balance(html, profile, html.len()), profile)
    }

    /// The same for HTML that went through [`balance`]: only that can be parsed without growing out
    /// of bounds.
    pub(in crate::markup) fn of_balanced(html: &str, profile: MarkupProfile) -> Self {
        let builder = match profile {
            MarkupProfile::Post => &*POST,
            MarkupProfile::Response => &*RESPONSE,
        };
        Self(builder.clean(html).to_string())
    }

    /// Plain text as one paragraph.
    pub fn of_text(text: &str) -> Self {
        Self(maud::html! { p { (text) } }.into_string())
    }

    /// The beginning of a long text as plain text, with a link to the whole at `address`.
    pub fn beginning(html: &str, address: &str, label: &str) -> Self {
        let mut cut = html.len().min(MAX_BEGINNING_BYTES);
        while !html.is_char_boundary(cut) {
            cut -= 1;
        }
        let text = leading_excerpt(&text_of(&html[..cut]), MAX_BEGINNING_CHARS);
        Self(maud::html! { p { (text) } p { a href=(address) { (label) } } }.into_string())
    }

    /// HTML from a database column that holds safe HTML. Never for any other text.
    pub fn stored(html: String) -> Self {
        Self(html)
    }

    /// The same with what a page adds for its readers: code blocks and tables can be scrolled by
    /// keyboard, and footnotes are named.
    pub fn labelled(&self, labels: &Labels<'_>) -> Self {
        Self(labels::labelled(&self.0, labels))
    }

    /// The same with its code in colour.
    pub fn highlighted(&self) -> Self {
        Self(highlight::highlight(&self.0))
    }

    /// The same with the site's own pictures in all their sizes, and links to those of other sites.
    pub fn with_pictures(&self, rules: &PictureRules, own: &HashMap<String, OwnPicture>) -> Self {
        Self(pictures::place(&self.0, rules, own))
    }

    /// The same with the link cards that are known.
    pub fn with_cards(&self, cards: &HashMap<String, Card>) -> Self {
        Self(cards::place(&self.0, cards))
    }

    /// An HTML comment. Two hyphens would end it, so they are separated.
    pub fn comment(text: &str) -> Self {
        let text = text.replace("--", "- -").replace("--", "- -");
        Self(format!("<!--\n{}\n-->", text.trim_end_matches('-')))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The HTML, to be stored.
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

static RESPONSE: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = plain(MarkupProfile::Response, RESPONSE_ATTRIBUTES);
    builder
        .generic_attributes(HashSet::new())
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("nofollow ugc noopener"));
    builder
});

static POST: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = plain(MarkupProfile::Post, POST_ATTRIBUTES);
    builder
        .generic_attributes(POST_GENERIC.iter().copied().collect())
        .id_prefix(Some(ID_PREFIX))
        .attribute_filter(post_attribute)
        .url_relative(UrlRelative::PassThrough)
        .link_rel(Some("noopener"));
    builder
});

/// An attribute of a post's element as it may be: the known classes alone, and links to the ids
/// that the sanitiser writes.
fn post_attribute<'v>(element: &str, name: &str, value: &'v str) -> Option<Cow<'v, str>> {
    match (element, name) {
        (_, "class") => {
            let classes = value.split_ascii_whitespace();
            let classes: Vec<&str> = classes
                .filter(|class| tags::allows_class(element, class))
                .collect();
            (!classes.is_empty()).then(|| Cow::Owned(classes.join(" ")))
        }
        ("a", "href") => match value.strip_prefix('#') {
            Some(fragment) if !is_of_page(fragment) => {
                Some(Cow::Owned(format!("#{}", prefixed(fragment))))
            }
            _ => Some(Cow::Borrowed(value)),
        },
        _ => Some(Cow::Borrowed(value)),
    }
}

/// Whether a link to `fragment` in a post leads to a part of the page around it.
fn is_of_page(fragment: &str) -> bool {
    matches!(fragment, "" | "top" | "main" | "comments" | "respond")
        || fragment.starts_with("comment-")
}

fn plain(
    profile: MarkupProfile,
    attributes: &[(&'static str, &'static [&'static str])],
) -> Builder<'static> {
    let mut builder = Builder::empty();
    builder
        .tags(tags::names(profile).collect())
        .tag_attributes(
            attributes
                .iter()
                .map(|(name, attributes)| (*name, attributes.iter().copied().collect()))
                .collect::<HashMap<_, HashSet<_>>>(),
        )
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
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
        "<!--><img src=x onerror=alert(1)>-->",
        "<!--more--><img src=x onerror=alert(1)>",
        "<?><img src=x onerror=alert(1)>?>",
        "<![CDATA[><img src=x onerror=alert(1)>]]>",
        "<title><img src=x onerror=alert(1)></title>",
        "<b <img src=x onerror=alert(1)>",
        "<b title=\"><img src=x onerror=alert(1)>\">x",
        "<a href=\"x\"onclick=alert(1)>x</a>",
        "<a href=x\"><script>alert(1)</script>>x</a>",
        "<a\x0chref=\"&#106;avascript:alert(1)\">x</a>",
        "<a href='java&Tab;script&colon;alert(1)'>x</a>",
        "<table><tr><td></table><svg><p><style><g title=\"</style><img src onerror=alert(1)>\">",
        "<ul><b><li><form action=javascript:alert(1)><button>",
        "<p id=\"&quot; onclick=alert(1) x=&quot;\">x",
        "<</b>script>alert(1)<</b>/script>",
        "<scr<b>ipt>alert(1)</scr</b>ipt>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "</p><script>alert(1)</script>",
        "<xmp><b title='</xmp><img src=x onerror=alert(1)>'>",
        "<td class=\"align-right site-header\" align='x' style='text-align:right;position:fixed'>x",
        "<blockquote class=\"pullquote skip\"><ol class=footnotes><li class='task x'><code class='language-a\" x'>",
        "[^1] http://x.example/\"onclick=alert(1) www.x.example/<script>\n\n[^1]: <script>alert(1)</script>",
        "[!note]\n<iframe src=x>",
    ];

    /// Every element of `html` with its attributes, as a browser makes them.
    fn elements(html: &str) -> Vec<(String, Vec<(String, String)>)> {
        let tree = scraper::Html::parse_fragment(html);
        tree.tree
            .values()
            .filter_map(scraper::Node::as_element)
            .map(|element| {
                let attributes = element.attrs().map(|(n, v)| (n.to_owned(), v.to_owned()));
                (element.name().to_owned(), attributes.collect())
            })
            .collect()
    }

    fn assert_harmless(html: &str, profile: MarkupProfile, source: &str) {
        for (name, attributes) in elements(html) {
            let is_known = tags::find(&name, profile).is_some()
                || matches!(name.as_str(), "html" | "head" | "body");
            assert!(is_known, "<{name}> from {source}: {html}");
            for (attribute, value) in attributes {
                assert!(
                    matches!(
                        attribute.as_str(),
                        "href"
                            | "rel"
                            | "title"
                            | "start"
                            | "src"
                            | "alt"
                            | "width"
                            | "height"
                            | "colspan"
                            | "rowspan"
                            | "scope"
                            | "open"
                            | "id"
                            | "lang"
                            | "dir"
                            | "class"
                    ),
                    "{attribute} from {source}: {html}"
                );
                if attribute == "class" {
                    let is_known =
                        |class| profile == MarkupProfile::Post && tags::allows_class(&name, class);
                    assert!(
                        value.split(' ').all(is_known),
                        "{value} from {source}: {html}"
                    );
                }
                if matches!(attribute.as_str(), "href" | "src") {
                    let url = url::Url::options()
                        .base_url(url::Url::parse("https://base.example/").ok().as_ref())
                        .parse(&value);
                    let is_safe =
                        url.is_ok_and(|url| matches!(url.scheme(), "http" | "https" | "mailto"));
                    assert!(is_safe, "{value} from {source}: {html}");
                }
            }
        }
    }

    #[test]
    fn nothing_that_runs_is_left() {
        for profile in [MarkupProfile::Post, MarkupProfile::Response] {
            for attack in ATTACKS {
                let safe = SafeHtml::sanitise(attack, profile);
                assert_harmless(safe.as_str(), profile, attack);
                for wrapped in [
                    (*attack).to_owned(),
                    format!("text {attack} text"),
                    format!("> {attack}\n\n- {attack}"),
                    format!("[x]({attack})"),
                    format!("[x](<{attack}> \"{attack}\")"),
                    format!("![{attack}](https://x.example/ '{attack}')"),
                    format!("<p title=\"{attack}\">{attack}</p>"),
                    format!("`` {attack} ``\n\n```{attack}\n{attack}\n```\n"),
                    format!("# {attack} {{#{attack} .{attack}}}\n\n|{attack}|\n|-|\n|{attack}|\n"),
                    format!("\u{fdd0}{attack}\u{fdd1}"),
                    attack.replace('<', "\u{fdd0}"),
                    attack.replace('<', "&lt;"),
                ] {
                    let html = crate::markup::markdown::render(&wrapped, profile);
                    assert_harmless(html.as_str(), profile, &wrapped);
                }
            }
        }
    }

    #[test]
    fn links_in_responses_vouch_for_nothing() {
        let safe = SafeHtml::sanitise(
            "<a href='https://x.example/' rel='me'>x</a>",
            MarkupProfile::Response,
        );
        assert_eq!(
            safe.as_str(),
            "<a href=\"https://x.example/\" rel=\"nofollow ugc noopener\">x</a>"
        );
    }

    #[test]
    fn ids_are_unique_and_links_in_the_text_reach_them() {
        let safe = SafeHtml::sanitise(
            "<p id=a>x</p><p id='p-a'>x</p><p id='a b'>x</p><a href='#a'>a</a><a href='#comments'>b</a>",
            MarkupProfile::Post,
        );
        assert_eq!(
            safe.as_str(),
            "<p id=\"p-a\">x</p><p>x</p><p>x</p><a href=\"#p-a\" rel=\"noopener\">a</a>\
             <a href=\"#comments\" rel=\"noopener\">b</a>"
        );
    }

    proptest::proptest! {
        #[test]
        fn sanitising_twice_changes_nothing(html in "[a-z<>/=\"' &;#!-]{0,200}") {
            for profile in [MarkupProfile::Post, MarkupProfile::Response] {
                let once = SafeHtml::sanitise(&html, profile);
                let twice = SafeHtml::sanitise(once.as_str(), profile);
                proptest::prop_assert_eq!(once, twice);
            }
        }
    }
}
