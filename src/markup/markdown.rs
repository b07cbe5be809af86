//! Markdown to safe HTML and to plain text.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use crate::markup::excerpt;
use crate::markup::sanitise::{Profile, SafeHtml};

/// Stands where a post's summary ends, as in WordPress.
const MORE: &str = "<!--more-->";
/// The longest summary that is taken from the text by itself, in characters.
const SUMMARY: usize = 280;

/// Markdown as the HTML that is shown.
pub fn render(markdown: &str, profile: Profile) -> SafeHtml {
    let mut html = String::with_capacity(markdown.len() * 3 / 2);
    let events = Parser::new_ext(markdown, options(profile)).map(|event| match event {
        // A post's title is the page's first heading; a response has none.
        Event::Start(Tag::Heading {
            level,
            id,
            classes,
            attrs,
        }) if profile == Profile::Post => Event::Start(Tag::Heading {
            level: below_title(level),
            id,
            classes,
            attrs,
        }),
        Event::End(TagEnd::Heading(level)) if profile == Profile::Post => {
            Event::End(TagEnd::Heading(below_title(level)))
        }
        Event::Start(Tag::Heading { .. }) => Event::Start(Tag::Paragraph),
        Event::End(TagEnd::Heading(_)) => Event::End(TagEnd::Paragraph),
        // People press Enter where they want a new line.
        Event::SoftBreak if profile == Profile::Response => Event::HardBreak,
        other => other,
    });
    pulldown_cmark::html::push_html(&mut html, events);
    SafeHtml::sanitise(&html, profile)
}

/// Markdown as plain text: one line a block, no marks.
pub fn plain_text(markdown: &str) -> String {
    let mut text = String::with_capacity(markdown.len());
    for event in Parser::new_ext(markdown, options(Profile::Post)) {
        match event {
            Event::Text(part) | Event::Code(part) => text.push_str(&part),
            Event::SoftBreak | Event::HardBreak => text.push(' '),
            Event::End(
                TagEnd::Paragraph
                | TagEnd::Heading(_)
                | TagEnd::Item
                | TagEnd::CodeBlock
                | TagEnd::TableCell,
            ) => text.push('\n'),
            _ => {}
        }
    }
    text
}

/// A post's first words for lists and feeds: up to the mark `<!--more-->`, or as many as fit.
pub fn summary(markdown: &str) -> String {
    match markdown.split_once(MORE) {
        Some((before, _)) => excerpt::first_words(&plain_text(before), usize::MAX),
        None => excerpt::first_words(&plain_text(markdown), SUMMARY),
    }
}

fn options(profile: Profile) -> Options {
    let common = Options::ENABLE_STRIKETHROUGH;
    match profile {
        Profile::Response => common,
        Profile::Post => {
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
            Profile::Post,
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
            Profile::Response,
        );
        assert_eq!(html.as_str(), "<p>Loud</p>\n<p>one<br>\ntwo </p>\n");
    }

    #[test]
    fn a_summary_ends_at_the_mark_or_at_a_word() {
        assert_eq!(summary("One **two**.\n\n<!--more-->\n\nThree."), "One two.");
        let long = "word ".repeat(200);
        let summary = summary(&long);
        assert!(summary.chars().count() <= 281, "{summary}");
        assert!(summary.ends_with('…'), "{summary}");
    }

    proptest::proptest! {
        #[test]
        fn any_text_renders(markdown in "\\PC{0,300}") {
            render(&markdown, Profile::Post);
            render(&markdown, Profile::Response);
            summary(&markdown);
        }
    }
}
