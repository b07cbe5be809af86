//! The tags and attributes that texts may contain, and how a tag is parsed. Does not know which
//! element may contain which: that is [`crate::markup::balance`].

/// Which markup a text may contain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkupProfile {
    /// A post by staff: also headings, tables and images.
    Post,
    /// A response by anyone: paragraphs, lists, quotes, code, and `nofollow` links.
    Response,
}

/// What an element may contain, and where it may be itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElementKind {
    /// Inline.
    Inline,
    /// Inline or around blocks: it may contain what its parent may.
    Transparent,
    /// Inline, without content.
    InlineVoid,
    /// A block without content.
    BlockVoid,
    /// A block of inline content alone, which ends where another block begins.
    Lines,
    /// A block of blocks or inline content.
    Block,
    /// Contains items: `ul`, `ol`, `dl`.
    List,
    /// In a list.
    Item,
    /// In a certain block: `summary`, `figcaption`.
    Label,
    Table,
    /// `thead`, `tbody`, `tfoot`.
    Section,
    /// `tr`.
    Row,
    /// `td`, `th`, `caption`.
    Cell,
}

/// An element that texts may contain.
#[derive(Debug, PartialEq, Eq)]
pub struct Element {
    /// In lower case.
    pub name: &'static str,
    pub kind: ElementKind,
    /// Whether responses may contain it too.
    in_responses: bool,
}

const fn both(name: &'static str, kind: ElementKind) -> Element {
    Element {
        name,
        kind,
        in_responses: true,
    }
}

const fn post(name: &'static str, kind: ElementKind) -> Element {
    Element {
        name,
        kind,
        in_responses: false,
    }
}

static ELEMENTS: &[Element] = &[
    both("a", ElementKind::Transparent),
    both("abbr", ElementKind::Inline),
    both("b", ElementKind::Inline),
    both("blockquote", ElementKind::Block),
    both("br", ElementKind::InlineVoid),
    both("cite", ElementKind::Inline),
    both("code", ElementKind::Inline),
    both("del", ElementKind::Transparent),
    both("em", ElementKind::Inline),
    both("i", ElementKind::Inline),
    both("ins", ElementKind::Transparent),
    both("kbd", ElementKind::Inline),
    both("li", ElementKind::Item),
    both("ol", ElementKind::List),
    both("p", ElementKind::Lines),
    both("pre", ElementKind::Block),
    both("q", ElementKind::Inline),
    both("s", ElementKind::Inline),
    both("strong", ElementKind::Inline),
    both("sub", ElementKind::Inline),
    both("sup", ElementKind::Inline),
    both("ul", ElementKind::List),
    post("caption", ElementKind::Cell),
    post("dd", ElementKind::Item),
    post("details", ElementKind::Block),
    post("dl", ElementKind::List),
    post("dt", ElementKind::Item),
    post("figcaption", ElementKind::Label),
    post("figure", ElementKind::Block),
    post("h2", ElementKind::Lines),
    post("h3", ElementKind::Lines),
    post("h4", ElementKind::Lines),
    post("h5", ElementKind::Lines),
    post("h6", ElementKind::Lines),
    post("hr", ElementKind::BlockVoid),
    post("img", ElementKind::InlineVoid),
    post("mark", ElementKind::Inline),
    post("small", ElementKind::Inline),
    post("summary", ElementKind::Label),
    post("table", ElementKind::Table),
    post("tbody", ElementKind::Section),
    post("td", ElementKind::Cell),
    post("tfoot", ElementKind::Section),
    post("th", ElementKind::Cell),
    post("thead", ElementKind::Section),
    post("tr", ElementKind::Row),
];

/// The attributes of a response's elements.
pub static RESPONSE_ATTRIBUTES: &[(&str, &[&str])] = &[("a", &["href"]), ("ol", &["start"])];

/// The attributes of a post's elements.
pub static POST_ATTRIBUTES: &[(&str, &[&str])] = &[
    ("a", &["href", "title"]),
    ("abbr", &["title"]),
    ("blockquote", &["class"]),
    ("code", &["class"]),
    ("img", &["src", "alt", "title", "width", "height"]),
    ("li", &["class"]),
    ("ol", &["start", "class"]),
    ("td", &["colspan", "rowspan", "class"]),
    ("th", &["colspan", "rowspan", "scope", "class"]),
    ("details", &["open"]),
];

/// The attributes of every element of a post.
pub static POST_GENERIC: &[&str] = &["id", "lang", "dir"];

/// Whether a post may have `class` on an element.
pub fn allows_class(element: &str, class: &str) -> bool {
    match element {
        "blockquote" => matches!(class, "pullquote" | "callout" | "callout-warning"),
        "code" => class.strip_prefix("language-").is_some_and(|language| {
            (1..=32).contains(&language.len())
                && language
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"+#-_.".contains(&byte))
        }),
        "li" => class == "task",
        "ol" => class == "footnotes",
        "td" | "th" => matches!(class, "align-left" | "align-center" | "align-right"),
        _ => false,
    }
}

/// The class for what older HTML, and the parser of Markdown, say about a cell in other attributes.
fn class_of_alignment(element: &Element, name: &str, value: &str) -> Option<&'static str> {
    if !matches!(element.name, "td" | "th") {
        return None;
    }
    let side = match name {
        "align" => value,
        "style" => value
            .trim()
            .strip_prefix("text-align:")?
            .trim_end_matches(';'),
        _ => return None,
    };
    match side.trim() {
        "left" => Some("align-left"),
        "center" => Some("align-center"),
        "right" => Some("align-right"),
        _ => None,
    }
}

/// The names of the elements that `profile` allows.
pub fn names(profile: MarkupProfile) -> impl Iterator<Item = &'static str> {
    ELEMENTS
        .iter()
        .filter(move |element| element.in_responses || profile == MarkupProfile::Post)
        .map(|element| element.name)
}

/// The element `name`, in any case, where `profile` allows it.
pub fn find(name: &str, profile: MarkupProfile) -> Option<&'static Element> {
    ELEMENTS.iter().find(|element| {
        element.name.eq_ignore_ascii_case(name)
            && (element.in_responses || profile == MarkupProfile::Post)
    })
}

/// The element `name`, which must be in the list, in lower case.
pub fn element(name: &'static str) -> &'static Element {
    ELEMENTS
        .iter()
        .find(|element| element.name == name)
        .unwrap_or_else(|| unreachable!("{name} is in the list"))
}

fn allows_attribute(element: &Element, name: &str, profile: MarkupProfile) -> bool {
    let (own, generic): (_, &[&str]) = match profile {
        MarkupProfile::Response => (RESPONSE_ATTRIBUTES, &[]),
        MarkupProfile::Post => (POST_ATTRIBUTES, POST_GENERIC),
    };
    let has = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    has(generic)
        || own
            .iter()
            .any(|(of, names)| *of == element.name && has(names))
}

/// A parsed tag.
#[derive(Debug)]
pub struct Tag<'a> {
    pub element: &'static Element,
    /// Whether it is an end tag.
    pub is_end: bool,
    /// The length of the whole tag, in bytes.
    pub length: usize,
    /// The names and values of the allowed attributes, as they are written.
    pub attributes: Vec<(&'a str, &'a str)>,
}

/// The most attributes of a tag, including those that are not allowed.
const MAX_ATTRIBUTES: usize = 32;

/// The tag at the beginning of `text`, which begins with `<`, in the syntax of CommonMark (section
/// 6.6). None where there is none, or `profile` does not allow its element. Reads at most
/// `max_bytes`, and adds the number of bytes read to `seen`.
pub fn read<'a>(
    text: &'a str,
    profile: MarkupProfile,
    max_bytes: usize,
    seen: &mut usize,
) -> Option<Tag<'a>> {
    let mut cut = max_bytes.min(text.len());
    while !text.is_char_boundary(cut) {
        cut -= 1;
    }
    let mut reader = TagParser {
        text: &text[..cut],
        at: 1,
    };
    let tag = reader.tag(profile);
    *seen += reader.at;
    tag
}

struct TagParser<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> TagParser<'a> {
    fn tag(&mut self, profile: MarkupProfile) -> Option<Tag<'a>> {
        let is_end = self.takes(b'/');
        let name = self.run(|byte| byte.is_ascii_alphanumeric());
        let element = find(name, profile)?;
        let mut attributes: Vec<(&str, &str)> = Vec::new();
        for _ in 0..=MAX_ATTRIBUTES {
            let has_gap = !self.run(|byte| byte.is_ascii_whitespace()).is_empty();
            if self.takes(b'>') {
                return Some(Tag {
                    element,
                    is_end,
                    length: self.at,
                    attributes,
                });
            }
            if self.takes(b'/') {
                if is_end || !self.takes(b'>') {
                    return None;
                }
                return Some(Tag {
                    element,
                    is_end,
                    length: self.at,
                    attributes,
                });
            }
            if is_end || !has_gap {
                return None;
            }
            let (name, value) = self.attribute()?;
            let (name, value) = match class_of_alignment(element, name, value) {
                Some(class) => ("class", class),
                None => (name, value),
            };
            let is_new = attributes
                .iter()
                .all(|(known, _)| !known.eq_ignore_ascii_case(name));
            if is_new && allows_attribute(element, name, profile) {
                attributes.push((name, value));
            }
        }
        None
    }

    fn attribute(&mut self) -> Option<(&'a str, &'a str)> {
        let name = self
            .run(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':' | b'.' | b'-'));
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit() || c == '.' || c == '-')
        {
            return None;
        }
        let before = self.at;
        self.run(|byte| byte.is_ascii_whitespace());
        if !self.takes(b'=') {
            self.at = before;
            return Some((name, ""));
        }
        self.run(|byte| byte.is_ascii_whitespace());
        for quote in [b'"', b'\''] {
            if self.takes(quote) {
                let value = self.run(|byte| byte != quote);
                return self.takes(quote).then_some((name, value));
            }
        }
        let value = self.run(|byte| {
            !byte.is_ascii_whitespace() && !matches!(byte, b'"' | b'\'' | b'=' | b'<' | b'>' | b'`')
        });
        (!value.is_empty()).then_some((name, value))
    }

    fn takes(&mut self, byte: u8) -> bool {
        let takes = self.text.as_bytes().get(self.at) == Some(&byte);
        self.at += usize::from(takes);
        takes
    }

    /// The longest run of bytes that fit. Only ASCII bytes may end it, so that it ends at a
    /// character boundary.
    fn run(&mut self, fits: impl Fn(u8) -> bool) -> &'a str {
        let from = self.at;
        let bytes = &self.text.as_bytes()[from..];
        let length = bytes
            .iter()
            .position(|byte| !fits(*byte))
            .unwrap_or(bytes.len());
        self.at = from + length;
        &self.text[from..self.at]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attributes(text: &str, profile: MarkupProfile) -> Option<(Vec<(&str, &str)>, usize)> {
        let tag = read(text, profile, 1000, &mut 0)?;
        Some((tag.attributes, tag.length))
    }

    #[test]
    fn a_tag_is_parsed_with_its_allowed_attributes() {
        let found = attributes(
            "<A class=x href='https://x.example/?a&amp;b' title=\"t\" onclick=y>rest",
            MarkupProfile::Post,
        );
        assert_eq!(
            found,
            Some((
                vec![("href", "https://x.example/?a&amp;b"), ("title", "t")],
                65
            ))
        );
        for cell in [
            "<td align=\"right\">",
            "<TD style=\"text-align: right\">",
            "<td style='text-align:right;' align=left>",
        ] {
            let found = attributes(cell, MarkupProfile::Post);
            assert_eq!(found, Some((vec![("class", "align-right")], cell.len())));
        }
        assert_eq!(
            attributes("<br/>", MarkupProfile::Response),
            Some((Vec::new(), 5))
        );
        assert_eq!(
            attributes("</b >", MarkupProfile::Response),
            Some((Vec::new(), 5))
        );
    }

    #[test]
    fn what_is_not_an_allowed_tag_is_none() {
        for text in [
            "<",
            "<b",
            "<b x",
            "<b x=\"",
            "< b>",
            "<bold>",
            "<title>",
            "<!-- x -->",
            "<?php ?>",
            "<![CDATA[x]]>",
            "</b x>",
            "<b/ >",
            "<b x=y\"z>",
            "<b <i>",
            "<img src=x>",
            "<b\u{a0}>",
        ] {
            assert!(
                attributes(text, MarkupProfile::Response).is_none(),
                "{text}"
            );
        }
    }
}
