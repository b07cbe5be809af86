//! Makes wide code blocks and tables scrollable by keyboard. Reads only what the sanitiser wrote,
//! where every attribute value is in double quotes; never reads or changes such a value.

use maud::{Markup, html};

/// `html` with its code blocks and tables focusable, named by these labels.
pub fn scrollable(html: &str, code: &str, table: &str) -> String {
    let (code, table) = (attributes(code), attributes(table));
    let mut out = String::with_capacity(html.len() + 128);
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        out.push_str(before);
        let (tag, after) = tag.split_at(tag_length(tag));
        match name_of(tag) {
            "pre" => {
                out.push_str("<pre");
                out.push_str(&code);
                out.push_str(&tag["<pre".len()..]);
            }
            "table" => {
                out.push_str("<div class=\"table-scroll\"");
                out.push_str(&table);
                out.push('>');
                out.push_str(tag);
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

/// The attributes. A group and not a region: a page can have many, and they are not landmarks.
fn attributes(label: &str) -> String {
    let attributes: Markup = html! { x tabindex="0" role="group" aria-label=(label) {} };
    let attributes = attributes.into_string();
    attributes["<x".len()..attributes.len() - "></x>".len()].to_owned()
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

    #[test]
    fn code_and_tables_can_be_scrolled_by_keyboard() {
        assert_eq!(
            scrollable("<p>a</p><pre id=\"x\"><code>b</code></pre>", "C\"", "T"),
            "<p>a</p><pre tabindex=\"0\" role=\"group\" aria-label=\"C&quot;\" id=\"x\"><code>b</code></pre>"
        );
        assert_eq!(
            scrollable("<table><tr></tr></table>", "C", "T"),
            "<div class=\"table-scroll\" tabindex=\"0\" role=\"group\" aria-label=\"T\"><table><tr></tr></table></div>"
        );
    }

    #[test]
    fn what_stands_in_an_attribute_stays_there() {
        let hostile =
            "<a href=\"https://x.example/\" title=\"<pre onmouseover=alert(1)> <table>\">x</a>";
        let safe = SafeHtml::sanitise(hostile, MarkupProfile::Post);
        assert_eq!(scrollable(safe.as_str(), "C", "T"), safe.as_str());
    }

    proptest::proptest! {
        #[test]
        fn nothing_but_the_frame_is_added(html in "(<pre>|</pre>|<table>|<td>|</table>|<a title=\"|[a-z<>/=\"' &;-]){0,80}") {
            for profile in [MarkupProfile::Post, MarkupProfile::Response] {
                let safe = SafeHtml::sanitise(&html, profile);
                let marked = scrollable(safe.as_str(), "C", "T");
                let bare = marked
                    .replace("<pre tabindex=\"0\" role=\"group\" aria-label=\"C\"", "<pre")
                    .replace("<div class=\"table-scroll\" tabindex=\"0\" role=\"group\" aria-label=\"T\">", "")
                    .replace("</table></div>", "</table>");
                proptest::prop_assert_eq!(bare, safe.as_str());
            }
        }
    }
}
