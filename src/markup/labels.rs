//! What a page adds to a text for its readers: wide code blocks and tables can be scrolled by
//! keyboard, and footnotes say what they are. The text is stored without labels, in no language.
//! Reads only what the sanitiser wrote, where every attribute value is in double quotes; never
//! changes such a value.

use maud::{Markup, html};

use crate::markup::footnotes;

/// The labels in the language of the page.
pub struct Labels<'a> {
    pub code: &'a str,
    pub table: &'a str,
    pub footnotes: &'a str,
    /// The label of the link back to the reference with this number.
    pub back: &'a dyn Fn(&str) -> String,
}

/// `html` with these labels.
pub fn labelled(html: &str, labels: &Labels<'_>) -> String {
    let (code, table) = (scrollable(labels.code), scrollable(labels.table));
    let mut out = String::with_capacity(html.len() + 128);
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        out.push_str(before);
        let (tag, after) = tag.split_at(tag_length(tag));
        match name_of(tag) {
            "pre" => {
                insert(&mut out, tag, &code);
            }
            "table" => {
                out.push_str("<div class=\"table-scroll\"");
                out.push_str(&table);
                out.push('>');
                out.push_str(tag);
            }
            "ol" if tag == footnotes::LIST => {
                let label = html! { x aria-label=(labels.footnotes) {} };
                insert(&mut out, tag, &attributes_of(&label));
            }
            "a" if tag.starts_with(BACK_LINK) => {
                let reference = tag[BACK_LINK.len()..].split('"').next();
                let number = reference.and_then(|id| id.split_once('-'));
                let label = (labels.back)(number.map_or("", |(_, number)| number));
                let link = html! { x role="doc-backlink" aria-label=(label) {} };
                insert(&mut out, tag, &attributes_of(&link));
            }
            "a" if tag.starts_with(NOTE_LINK) => {
                insert(&mut out, tag, " role=\"doc-noteref\"");
            }
            "/table" => {
                out.push_str(tag);
                out.push_str("</div>");
            }
            _ => out.push_str(tag),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// How the links of footnotes begin, as [`crate::markup::footnotes`] writes them.
const NOTE_LINK: &str = "<a href=\"#p-fn:";
const BACK_LINK: &str = "<a href=\"#p-fnref:";

/// Writes `tag` with `attributes` after its name.
fn insert(out: &mut String, tag: &str, attributes: &str) {
    let (name, rest) = tag.split_at(1 + name_of(tag).len());
    out.push_str(name);
    out.push_str(attributes);
    out.push_str(rest);
}

/// The attributes of what scrolls. A group and not a region: a page can have many, and they are not
/// landmarks.
fn scrollable(label: &str) -> String {
    attributes_of(&html! { x tabindex="0" role="group" aria-label=(label) {} })
}

/// The attributes of an element that is named `x`, escaped.
fn attributes_of(element: &Markup) -> String {
    let element = &element.0;
    element["<x".len()..element.len() - "></x>".len()].to_owned()
}

/// The length of the tag that `text` begins with, including its `>`.
fn tag_length(text: &str) -> usize {
    let mut quoted = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'>' if !quoted => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn name_of(tag: &str) -> &str {
    let inner = tag.get(1..).unwrap_or_default();
    let end = inner.find([' ', '>', '\t', '\n']).unwrap_or(inner.len());
    &inner[..end]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markup::sanitise::{MarkupProfile, SafeHtml};

    fn with_labels(html: &str, code: &str) -> String {
        let back = |number: &str| format!("Back to {number}");
        labelled(
            html,
            &Labels {
                code,
                table: "T",
                footnotes: "F",
                back: &back,
            },
        )
    }

    #[test]
    fn footnotes_say_what_they_are() {
        assert_eq!(
            with_labels(
                "<a href=\"#p-fn:ab12-1\" id=\"x\">1</a><ol class=\"footnotes\"><li>\
                 <a href=\"#p-fnref:ab12-1-2\">↩2</a></li></ol><a href=\"#p-x\">x</a>",
                "C"
            ),
            "<a role=\"doc-noteref\" href=\"#p-fn:ab12-1\" id=\"x\">1</a>\
             <ol aria-label=\"F\" class=\"footnotes\"><li>\
             <a role=\"doc-backlink\" aria-label=\"Back to 1-2\" href=\"#p-fnref:ab12-1-2\">↩2</a>\
             </li></ol><a href=\"#p-x\">x</a>"
        );
    }

    #[test]
    fn code_and_tables_can_be_scrolled_by_keyboard() {
        assert_eq!(
            with_labels("<p>a</p><pre id=\"x\"><code>b</code></pre>", "C\""),
            "<p>a</p><pre tabindex=\"0\" role=\"group\" aria-label=\"C&quot;\" id=\"x\"><code>b</code></pre>"
        );
        assert_eq!(
            with_labels("<table><tr></tr></table>", "C"),
            "<div class=\"table-scroll\" tabindex=\"0\" role=\"group\" aria-label=\"T\"><table><tr></tr></table></div>"
        );
    }

    #[test]
    fn what_stands_in_an_attribute_stays_there() {
        let hostile =
            "<a href=\"https://x.example/\" title=\"<pre onmouseover=alert(1)> <table>\">x</a>";
        let safe = SafeHtml::sanitise(hostile, MarkupProfile::Post);
        assert_eq!(with_labels(safe.as_str(), "C"), safe.as_str());
    }

    proptest::proptest! {
        #[test]
        fn nothing_but_the_frame_is_added(html in "(<pre>|</pre>|<table>|<td>|</table>|<a title=\"|[a-z<>/=\"' &;-]){0,80}") {
            for profile in [MarkupProfile::Post, MarkupProfile::Response] {
                let safe = SafeHtml::sanitise(&html, profile);
                let marked = with_labels(safe.as_str(), "C");
                let bare = marked
                    .replace("<pre tabindex=\"0\" role=\"group\" aria-label=\"C\"", "<pre")
                    .replace("<div class=\"table-scroll\" tabindex=\"0\" role=\"group\" aria-label=\"T\">", "")
                    .replace("</table></div>", "</table>");
                proptest::prop_assert_eq!(bare, safe.as_str());
            }
        }
    }
}
