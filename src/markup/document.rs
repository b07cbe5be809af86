//! Collects the events of a text, which the profile allows, and changes those that depend on what
//! comes later: ids of headings, footnotes, pull quotes, task lists, and links to bare addresses.
//! One pass in linear time. Never decides what a profile allows.

use pulldown_cmark::{CowStr, Event, LinkType, Tag, TagEnd};

use crate::markup::addresses;
use crate::markup::footnotes::{self, Notes};
use crate::markup::headings::HeadingIds;
use crate::markup::source;
use crate::markup::tags::MarkupProfile;

/// A text while its events are collected.
pub struct Document<'a> {
    profile: MarkupProfile,
    body: Vec<Event<'a>>,
    notes: Notes<'a>,
    /// The footnotes that are being read, with their labels.
    open_notes: Vec<(String, Vec<Event<'a>>)>,
    /// Where the open heading begins, and its text so far.
    heading: Option<(usize, String)>,
    ids: HeadingIds,
    /// How many links, images and code blocks are open: addresses in them stay text.
    closed_to_links: usize,
    /// The same for links and code that were typed as HTML.
    raw_closed_to_links: usize,
}

impl<'a> Document<'a> {
    pub fn new(profile: MarkupProfile) -> Self {
        Self {
            profile,
            body: Vec::new(),
            notes: Notes::new(),
            open_notes: Vec::new(),
            heading: None,
            ids: HeadingIds::default(),
            closed_to_links: 0,
            raw_closed_to_links: 0,
        }
    }

    pub fn push(&mut self, event: Event<'a>) {
        match event {
            Event::Start(Tag::FootnoteDefinition(label)) => {
                self.open_notes
                    .push((footnotes::key_of(&label), Vec::new()));
            }
            Event::End(TagEnd::FootnoteDefinition) => {
                if let Some((label, events)) = self.open_notes.pop() {
                    // Of two with the same label, the first counts.
                    self.notes.entry(label).or_insert(events);
                }
            }
            Event::Text(text) => self.text(text),
            Event::TaskListMarker(is_done) => self.task(is_done),
            Event::SoftBreak | Event::HardBreak if self.begins_with_label() => {
                self.label_quote();
            }
            Event::End(TagEnd::Paragraph) if self.begins_with_label() => {
                self.label_quote();
                // The paragraph contained nothing but the label.
                self.events().pop();
            }
            other => {
                self.watch(&other);
                self.events().push(other);
            }
        }
    }

    /// All events of the text. `markdown` is its source.
    pub fn finish(mut self, markdown: &str) -> Vec<Event<'a>> {
        let ids = self.ids;
        let resolve = |events: &mut Vec<Event<'a>>| {
            for event in events {
                if let Event::Start(Tag::Link { dest_url, .. }) = event
                    && let Some(fragment) = dest_url.strip_prefix('#')
                    && let Some(address) = ids.address(fragment)
                {
                    *dest_url = address.into();
                }
            }
        };
        resolve(&mut self.body);
        if self.notes.is_empty() {
            return self.body;
        }
        self.notes.values_mut().for_each(resolve);
        footnotes::write(self.body, self.notes, &footnotes::fingerprint(markdown))
    }

    /// Where the next event goes.
    fn events(&mut self) -> &mut Vec<Event<'a>> {
        match self.open_notes.last_mut() {
            Some((_, events)) => events,
            None => &mut self.body,
        }
    }

    /// Keeps track of where the text is.
    fn watch(&mut self, event: &Event<'a>) {
        match event {
            Event::Start(Tag::Heading { .. }) => {
                self.raw_closed_to_links = 0;
                self.heading = Some((self.events().len(), String::new()));
            }
            Event::End(TagEnd::Heading(_)) => self.end_heading(),
            Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::CodeBlock(_)) => {
                self.closed_to_links += 1;
            }
            Event::End(TagEnd::Link | TagEnd::Image | TagEnd::CodeBlock) => {
                self.closed_to_links = self.closed_to_links.saturating_sub(1);
            }
            Event::Start(Tag::Paragraph | Tag::Item | Tag::TableCell) => {
                self.raw_closed_to_links = 0;
            }
            Event::InlineHtml(html) => self.watch_html(html),
            Event::Code(code) => {
                if let Some((_, text)) = &mut self.heading {
                    text.push_str(&source::restore(code));
                }
            }
            _ => {}
        }
    }

    fn watch_html(&mut self, html: &str) {
        let Some(tag) = html.strip_prefix('<') else {
            return;
        };
        let (tag, is_end) = match tag.strip_prefix('/') {
            Some(tag) => (tag, true),
            None => (tag, false),
        };
        let end = tag.find(|c: char| !c.is_ascii_alphanumeric());
        let name = tag[..end.unwrap_or(tag.len())].to_ascii_lowercase();
        if matches!(name.as_str(), "a" | "code" | "kbd" | "pre") {
            self.raw_closed_to_links = match is_end {
                true => self.raw_closed_to_links.saturating_sub(1),
                false => self.raw_closed_to_links + 1,
            };
        }
    }

    fn end_heading(&mut self) {
        let Some((at, text)) = self.heading.take() else {
            return;
        };
        let own = match self.events().get(at) {
            Some(Event::Start(Tag::Heading { id: Some(id), .. })) => Some(id.to_string()),
            _ => None,
        };
        let assigned = match own {
            Some(own) => self.ids.assign_chosen(&source::restore(&own)),
            None => self.ids.assign(&text),
        };
        if let Some(Event::Start(Tag::Heading { id, .. })) = self.events().get_mut(at) {
            *id = assigned.map(CowStr::from);
        }
    }

    /// Text with links to the addresses in it.
    fn text(&mut self, text: CowStr<'a>) {
        if let Some((_, heading)) = &mut self.heading {
            heading.push_str(&source::restore(&text));
        }
        if self.closed_to_links + self.raw_closed_to_links > 0 {
            self.events().push(Event::Text(text));
            return;
        }
        let restored = source::restore(&text);
        let found = addresses::find(&restored);
        if found.is_empty() {
            drop(restored);
            self.events().push(Event::Text(text));
            return;
        }
        let plain = |text: &str| Event::Text(CowStr::from(text.to_owned()));
        let mut end = 0;
        let mut events = Vec::new();
        for range in found {
            let address = &restored[range.clone()];
            events.push(plain(&restored[end..range.start]));
            events.push(Event::Start(Tag::Link {
                link_type: LinkType::Autolink,
                dest_url: addresses::target(address).into(),
                title: CowStr::Borrowed(""),
                id: CowStr::Borrowed(""),
            }));
            events.push(plain(address));
            events.push(Event::End(TagEnd::Link));
            end = range.end;
        }
        events.push(plain(&restored[end..]));
        drop(restored);
        self.events().append(&mut events);
    }

    /// The box of a task, as a character that readers and screen readers know.
    fn task(&mut self, is_done: bool) {
        let events = self.events();
        let item = match events.last() {
            Some(Event::Start(Tag::Paragraph)) => events.len().checked_sub(2),
            _ => events.len().checked_sub(1),
        };
        if let Some(item) = item.and_then(|at| events.get_mut(at))
            && matches!(item, Event::Start(Tag::Item))
        {
            *item = Event::Html("<li class=\"task\">".into());
        }
        // A space that does not break: the box stays on the line of a very long word.
        let mark = if is_done {
            "☑\u{202f}"
        } else {
            "☐\u{202f}"
        };
        events.push(Event::Text(mark.into()));
    }

    /// Whether a quote has just begun with the label of a pull quote or a note.
    fn begins_with_label(&mut self) -> bool {
        self.profile == MarkupProfile::Post
            && matches!(
                self.events().as_slice(),
                [.., Event::Start(Tag::BlockQuote(_)), Event::Start(Tag::Paragraph), Event::Text(text)]
                    if class_of_label(text).is_some()
            )
    }

    /// Removes the label and writes its class.
    fn label_quote(&mut self) {
        let events = self.events();
        let Some(Event::Text(label)) = events.pop() else {
            return;
        };
        let quote = events.len().checked_sub(2);
        if let (Some(class), Some(quote)) = (class_of_label(&label), quote)
            && let Some(quote) = events.get_mut(quote)
        {
            *quote = Event::Html(format!("<blockquote class=\"{class}\">\n").into());
        }
    }
}

fn class_of_label(text: &str) -> Option<&'static str> {
    let name = text.trim().strip_prefix("[!")?.strip_suffix(']')?;
    match name.to_ascii_lowercase().as_str() {
        "pullquote" => Some("pullquote"),
        "note" | "tip" | "important" => Some("callout"),
        "warning" | "caution" => Some("callout-warning"),
        _ => None,
    }
}
