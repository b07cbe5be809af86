//! Renders Markdown to safe HTML and to plain text, in linear time and space. Never fetches
//! anything.

use std::borrow::Cow;

use pulldown_cmark::{
    CodeBlockKind, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, TextMergeStream,
};

use crate::markup::balance::balance;
use crate::markup::document::Document;
use crate::markup::excerpt;
use crate::markup::footnotes;
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
    let mut document = Document::new(profile);
    for event in TextMergeStream::new(parser).flat_map(|event| filter.filter(event)) {
        document.push(event);
    }
    let events = document.finish(&markdown);
    let mut html = String::with_capacity(markdown.len() * 3 / 2);
    pulldown_cmark::html::push_html(&mut html, events.into_iter());
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
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                let language = info.split([' ', ',', '{']).next().unwrap_or_default();
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(
                    language.to_owned().into(),
                )))
            }
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
        Some((before, _)) => {
            let text = without_notes(&render(before, MarkupProfile::Post));
            let text = footnotes::without_references(&text, markdown);
            excerpt::leading_excerpt(&text, usize::MAX)
        }
        None => excerpt::leading_excerpt(&without_notes(html), MAX_SUMMARY),
    }
}

/// Whether the author said where the summary of a post ends.
pub fn has_own_summary(markdown: &str) -> bool {
    markdown.contains(SUMMARY_END)
}

/// The plain text of a post without its footnotes.
fn without_notes(html: &SafeHtml) -> String {
    let mut parts = html.as_str().split(footnotes::LIST);
    plain::text_of(parts.next().unwrap_or_default())
}

fn options(profile: MarkupProfile) -> Options {
    let common = Options::ENABLE_STRIKETHROUGH;
    match profile {
        MarkupProfile::Response => common,
        MarkupProfile::Post => {
            common
                | Options::ENABLE_TABLES
                | Options::ENABLE_FOOTNOTES
                | Options::ENABLE_TASKLISTS
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
mod tests;
