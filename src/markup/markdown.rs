//! Renders Markdown to safe HTML and to plain text, in linear time and space. Never fetches
//! anything.

use std::borrow::Cow;

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use crate::markup::balance::balance;
use crate::markup::excerpt;
use crate::markup::plain;
use crate::markup::sanitise::SafeHtml;
use crate::markup::source::{self, SUMMARY_END};
use crate::markup::tags::MarkupProfile;
use crate::markup::visible;

/// The longest summary of a text without a summary mark, in characters.
const MAX_SUMMARY: usize = 280;
/// The longest address and the longest title of a link or an image, in bytes.
const MAX_ADDRESS: usize = 2048;
const MAX_TITLE: usize = 1024;
/// HTML that is longer than its Markdown times the factor, plus the extra bytes, is not shown.
const MAX_GROWTH: usize = 20;
const MAX_GROWTH_EXTRA: usize = 4 * 1024;
/// How many empty cells the parser may add to the rows of tables.
const MAX_EMPTY_CELLS: usize = 256;

/// Renders Markdown as safe HTML. Markup that `profile` does not allow stays in it as the text that
/// was typed.
pub fn render(markdown: &str, profile: MarkupProfile) -> SafeHtml {
    render_with(markdown, profile, Images::Shown)
}

/// Whether readers would see nothing of a text, which was rendered as `html`.
pub fn is_blank(markdown: &str, html: &SafeHtml, profile: MarkupProfile) -> bool {
    if profile == MarkupProfile::Post
        && ["<img ", "<hr>"]
            .iter()
            .any(|tag| html.as_str().contains(tag))
    {
        return false;
    }
    if !visible::is_visible(&plain::text_of(html.as_str())) {
        return true;
    }
    // The alternative text of an image alone says nothing.
    profile == MarkupProfile::Response && markdown.contains("![") && {
        let html = render_with(markdown, profile, Images::LeftOut);
        !visible::is_visible(&plain::text_of(html.as_str()))
    }
}

/// What happens to images. Responses show their alternative text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Images {
    Shown,
    LeftOut,
}

fn render_with(markdown: &str, profile: MarkupProfile, images: Images) -> SafeHtml {
    let markdown = with_line_feeds(markdown);
    let prepared = source::prepare(&markdown, profile);
    let mut filter = Filter {
        profile,
        images,
        image_depth: 0,
        left_out: Vec::new(),
        empty_cells: MAX_EMPTY_CELLS + markdown.len() / 2,
        pending_cell: None,
    };
    let parser = Parser::new_ext(&prepared, options(profile));
    let events = parser.flat_map(|event| filter.filter(event));
    let mut html = String::with_capacity(markdown.len() * 3 / 2);
    pulldown_cmark::html::push_html(&mut html, events);
    let html = source::restore_escaped(&html);
    let html = SafeHtml::of_balanced(&balance(&html, profile, markdown.len()), profile);
    let max = markdown.len() * MAX_GROWTH + MAX_GROWTH_EXTRA;
    if html.as_str().len() > max {
        return SafeHtml::of_text(&markdown);
    }
    html
}

/// Every kind of line break as a line feed.
fn with_line_feeds(text: &str) -> Cow<'_, str> {
    if text.contains('\r') {
        Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Adapts the parser's events to the profile.
struct Filter<'a> {
    profile: MarkupProfile,
    images: Images,
    /// How many images the event is in.
    image_depth: usize,
    /// For each open link or image, whether it is left out.
    left_out: Vec<bool>,
    /// How many cells without content may still be written.
    empty_cells: usize,
    /// The start of a cell that may turn out to be empty.
    pending_cell: Option<Event<'a>>,
}

impl<'a> Filter<'a> {
    /// One event, after the start of a pending cell.
    fn filter(&mut self, event: Event<'a>) -> impl Iterator<Item = Event<'a>> + use<'a> {
        let pending = self.pending_cell.take();
        let (first, second) = match (pending, event) {
            (None, event @ Event::Start(Tag::TableCell)) => {
                self.pending_cell = Some(event);
                (None, None)
            }
            (Some(begin), event @ Event::End(TagEnd::TableCell)) => {
                match self.empty_cells.checked_sub(1) {
                    Some(left) => {
                        self.empty_cells = left;
                        (Some(begin), Some(event))
                    }
                    None => (None, None),
                }
            }
            (pending, event) => (pending, self.fit(event)),
        };
        first.into_iter().chain(second)
    }

    fn fit(&mut self, event: Event<'a>) -> Option<Event<'a>> {
        let is_response = self.profile == MarkupProfile::Response;
        if self.image_depth > 0 && self.images == Images::LeftOut {
            match event {
                Event::Start(Tag::Image { .. }) => self.image_depth += 1,
                Event::End(TagEnd::Image) => self.image_depth -= 1,
                _ => {}
            }
            return None;
        }
        Some(match event {
            Event::Start(Tag::Image { .. }) if is_response => {
                self.image_depth += 1;
                return None;
            }
            Event::End(TagEnd::Image) if is_response => {
                self.image_depth -= 1;
                return None;
            }
            Event::Start(Tag::Link {
                link_type,
                dest_url,
                title,
                id,
            }) => {
                let dest_url = self.begin_link(dest_url)?;
                Event::Start(Tag::Link {
                    link_type,
                    dest_url,
                    title: short(title),
                    id,
                })
            }
            Event::Start(Tag::Image {
                link_type,
                dest_url,
                title,
                id,
            }) => {
                let dest_url = self.begin_link(dest_url)?;
                Event::Start(Tag::Image {
                    link_type,
                    dest_url,
                    title: short(title),
                    id,
                })
            }
            Event::End(end @ (TagEnd::Link | TagEnd::Image)) => {
                if self.left_out.pop().unwrap_or(false) {
                    return None;
                }
                Event::End(end)
            }
            // A post's title is the page's first heading; a response has none.
            Event::Start(Tag::Heading { .. }) if is_response => Event::Start(Tag::Paragraph),
            Event::End(TagEnd::Heading(_)) if is_response => Event::End(TagEnd::Paragraph),
            Event::Start(Tag::Heading {
                level,
                id,
                classes,
                attrs,
            }) => Event::Start(Tag::Heading {
                level: below_title(level),
                id,
                classes,
                attrs,
            }),
            Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(below_title(level))),
            // In a comment, a single line break means a new line.
            Event::SoftBreak if is_response => Event::HardBreak,
            Event::Rule if is_response => return None,
            Event::Html(html) | Event::InlineHtml(html)
                if !is_response && html.contains(SUMMARY_END) =>
            {
                let rest = html.replace(SUMMARY_END, "");
                if rest.trim().is_empty() {
                    return None;
                }
                Event::InlineHtml(rest.into())
            }
            other => other,
        })
    }

    /// The address of a link or an image; None where it is left out.
    fn begin_link(&mut self, address: CowStr<'a>) -> Option<CowStr<'a>> {
        let is_left_out = address.len() > MAX_ADDRESS;
        self.left_out.push(is_left_out);
        if is_left_out {
            return None;
        }
        Some(match source::restore(&address) {
            Cow::Borrowed(_) => address,
            Cow::Owned(restored) => restored.into(),
        })
    }
}

fn short(title: CowStr<'_>) -> CowStr<'_> {
    if title.len() > MAX_TITLE {
        CowStr::Borrowed("")
    } else {
        title
    }
}

/// Markdown as the plain text that readers see.
pub fn plain_text(markdown: &str) -> String {
    plain::text_of(render(markdown, MarkupProfile::Post).as_str())
}

/// The summary of a post for lists and feeds: its text up to `<!--more-->`, or as much as fits.
/// `html` is the rendered post.
pub fn summary(markdown: &str, html: &SafeHtml) -> String {
    match markdown.split_once(SUMMARY_END) {
        Some((before, _)) => excerpt::leading_excerpt(&plain_text(before), usize::MAX),
        None => excerpt::leading_excerpt(&plain::text_of(html.as_str()), MAX_SUMMARY),
    }
}

fn options(profile: MarkupProfile) -> Options {
    let common = Options::ENABLE_STRIKETHROUGH;
    match profile {
        MarkupProfile::Response => common,
        MarkupProfile::Post => {
            common
                | Options::ENABLE_TABLES
                | Options::ENABLE_SMART_PUNCTUATION
                | Options::ENABLE_HEADING_ATTRIBUTES
        }
    }
}

fn below_title(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 => HeadingLevel::H2,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_post_has_headings_below_its_title() {
        let html = render(
            "# One\n\nText *with* a [link](https://x.example/).",
            MarkupProfile::Post,
        );
        assert_eq!(
            html.as_str(),
            "<h2>One</h2>\n<p>Text <em>with</em> a <a href=\"https://x.example/\" rel=\"noopener\">link</a>.</p>\n"
        );
    }

    #[test]
    fn a_response_keeps_its_lines_and_has_no_headings_or_pictures() {
        let html = render(
            "# Loud\none\ntwo ![p](https://x.example/p.png)",
            MarkupProfile::Response,
        );
        assert_eq!(html.as_str(), "<p>Loud</p>\n<p>one<br>\ntwo p</p>\n");
    }

    #[test]
    fn what_is_not_allowed_stands_as_it_was_typed() {
        for (typed, seen) in [
            ("The <title> of your page", "The <title> of your page"),
            ("A Vec<String> and *more*", "A Vec<String> and more"),
            ("<!-- x\n\nand *more*", "<!-- x\n\nand more"),
            ("<?php echo 1;\n\nand *more*", "<?php echo 1;\n\nand more"),
            ("<![CDATA[ x ]]>", "<![CDATA[ x ]]>"),
            ("<!DOCTYPE html>", "<!DOCTYPE html>"),
            ("<script>alert(1)</script>", "<script>alert(1)</script>"),
            ("<foo>\n*x*\n</foo>", "<foo>\nx\n</foo>"),
            ("`<title>` and ``<!--``", "<title> and <!--"),
            ("    <title>\n    >>>\n", "<title>\n>>>"),
            ("\\<b> \\<title>", "<b> <title>"),
            (
                "<p>in <tt>html</tt> <!-- y --></p>",
                "in <tt>html</tt> <!-- y -->",
            ),
            ("a < b and c > d &lt; &amp;", "a < b and c > d < &"),
        ] {
            for profile in [MarkupProfile::Post, MarkupProfile::Response] {
                let html = render(typed, profile);
                let words = plain::text_of(html.as_str());
                let lines = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
                assert_eq!(lines(&words), lines(seen), "{typed}: {}", html.as_str());
            }
        }
        let html = render("One.\n\n<!--more-->\n\nTwo.", MarkupProfile::Post);
        assert_eq!(html.as_str(), "<p>One.</p>\n<p>Two.</p>\n");
        let html = render("[a](</x y>) <https://x.example/?a=b>", MarkupProfile::Post);
        assert!(
            html.as_str().contains("href=\"/x%20y\""),
            "{}",
            html.as_str()
        );
        assert!(html.as_str().contains("href=\"https://x.example/?a=b\""));
    }

    #[test]
    fn what_readers_would_not_see_is_blank() {
        let is_blank = |text: &str, profile| {
            let html = render(text, profile);
            super::is_blank(text, &html, profile)
        };
        for text in [
            "",
            "***",
            "- - -",
            "![a](https://x.example/a.png)",
            "[![a](b)](https://x.example/)",
            "\u{200b}\u{3164}",
            "<b></b>",
            "> ",
            "-",
            "&#8203;",
            "[](https://x.example/)",
            "[a]: https://x.example/",
            "#",
            "<br>",
        ] {
            assert!(is_blank(text, MarkupProfile::Response), "{text}");
        }
        for text in ["a", "🏴", "![a](b) c", "<title>", "`x`", "***\n\n1"] {
            assert!(!is_blank(text, MarkupProfile::Response), "{text}");
        }
        assert!(!is_blank("![a](/a.png)", MarkupProfile::Post));
        assert!(is_blank("\u{200b}", MarkupProfile::Post));
    }

    #[test]
    fn a_summary_ends_at_the_mark_or_at_a_word() {
        let summary = |text: &str| summary(text, &render(text, MarkupProfile::Post));
        assert_eq!(summary("One **two**.\n\n<!--more-->\n\nThree."), "One two.");
        let long = "word ".repeat(200);
        let summary = summary(&long);
        assert!(summary.chars().count() <= 281, "{summary}");
        assert!(summary.ends_with('…'), "{summary}");
    }

    proptest::proptest! {
        #[test]
        fn any_text_renders(markdown in "\\PC{0,300}") {
            let html = render(&markdown, MarkupProfile::Post);
            render(&markdown, MarkupProfile::Response);
            summary(&markdown, &html);
        }

        #[test]
        fn the_html_is_never_much_longer_than_its_markdown(
            parts in proptest::collection::vec("[-<>*_`#|!\\[\\]()~.a-c1 \n]{1,6}", 0..6),
            times in 1usize..300,
        ) {
            let markdown = parts.join("").repeat(times);
            for profile in [MarkupProfile::Post, MarkupProfile::Response] {
                let html = render(&markdown, profile);
                proptest::prop_assert!(
                    html.as_str().len() <= markdown.len() * MAX_GROWTH + MAX_GROWTH_EXTRA
                );
            }
        }
    }
}
