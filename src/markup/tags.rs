//! The tags and attributes that texts may hold, and how one is read. Knows nothing of what may stand
//! in what: that is [`crate::markup::balance`].

/// What a text may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// A post by staff: headings, tables, pictures, footnotes.
    Post,
    /// A response by anyone: paragraphs, lists, quotes, code, links that vouch for nothing.
    Response,
}

/// What may stand in an element, and where it may stand itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Part of a line.
    Inline,
    /// Part of a line, or around blocks: what it may hold is what its parent may.
    Transparent,
    /// Part of a line, without content.
    InlineVoid,
    /// A block without content.
    BlockVoid,
    /// A block that holds lines alone, and ends where another block begins.
    Lines,
    /// A block that holds blocks or lines.
    Block,
    /// Holds items: `ul`, `ol`, `dl`.
    List,
    /// Stands in a list.
    Item,
    /// Stands at the beginning of a certain block: `summary`, `figcaption`.
    Label,
    /// A table.
    Table,
    /// `thead`, `tbody`, `tfoot`.
    Section,
    /// `tr`.
    Row,
    /// `td`, `th`, `caption`.
    Cell,
}

/// A tag that texts may hold.
#[derive(Debug, PartialEq, Eq)]
pub struct Element {
    /// In small letters.
    pub name: &'static str,
    /// What may stand where.
    pub kind: Kind,
    /// Whether responses may hold it too.
    in_responses: bool,
}

const fn both(name: &'static str, kind: Kind) -> Element {
    Element {
        name,
        kind,
        in_responses: true,
    }
}

const fn post(name: &'static str, kind: Kind) -> Element {
    Element {
        name,
        kind,
        in_responses: false,
    }
}

static ELEMENTS: &[Element] = &[
    both("a", Kind::Transparent),
    both("abbr", Kind::Inline),
    both("b", Kind::Inline),
    both("blockquote", Kind::Block),
    both("br", Kind::InlineVoid),
    both("cite", Kind::Inline),
    both("code", Kind::Inline),
    both("del", Kind::Transparent),
    both("em", Kind::Inline),
    both("i", Kind::Inline),
    both("ins", Kind::Transparent),
    both("kbd", Kind::Inline),
    both("li", Kind::Item),
    both("ol", Kind::List),
    both("p", Kind::Lines),
    both("pre", Kind::Block),
    both("q", Kind::Inline),
    both("s", Kind::Inline),
    both("strong", Kind::Inline),
    both("sub", Kind::Inline),
    both("sup", Kind::Inline),
    both("ul", Kind::List),
    post("caption", Kind::Cell),
    post("dd", Kind::Item),
    post("details", Kind::Block),
    post("dl", Kind::List),
    post("dt", Kind::Item),
    post("figcaption", Kind::Label),
    post("figure", Kind::Block),
    post("h2", Kind::Lines),
    post("h3", Kind::Lines),
    post("h4", Kind::Lines),
    post("h5", Kind::Lines),
    post("h6", Kind::Lines),
    post("hr", Kind::BlockVoid),
    post("img", Kind::InlineVoid),
    post("mark", Kind::Inline),
    post("small", Kind::Inline),
    post("summary", Kind::Label),
    post("table", Kind::Table),
    post("tbody", Kind::Section),
    post("td", Kind::Cell),
    post("tfoot", Kind::Section),
    post("th", Kind::Cell),
    post("thead", Kind::Section),
    post("tr", Kind::Row),
];

/// The attributes of a response's elements.
pub static RESPONSE_ATTRIBUTES: &[(&str, &[&str])] = &[("a", &["href"]), ("ol", &["start"])];

/// The attributes of a post's elements.
pub static POST_ATTRIBUTES: &[(&str, &[&str])] = &[
    ("a", &["href", "title"]),
    ("abbr", &["title"]),
    ("img", &["src", "alt", "title", "width", "height"]),
    ("ol", &["start"]),
    ("td", &["colspan", "rowspan"]),
    ("th", &["colspan", "rowspan", "scope"]),
    ("details", &["open"]),
];

/// The attributes of every element of a post.
pub static POST_GENERIC: &[&str] = &["id", "lang", "dir"];

/// The names of all elements that `profile` allows.
pub fn names(profile: Profile) -> impl Iterator<Item = &'static str> {
    ELEMENTS
        .iter()
        .filter(move |element| element.in_responses || profile == Profile::Post)
        .map(|element| element.name)
}

/// The element `name`, in any case, where `profile` allows it.
pub fn find(name: &str, profile: Profile) -> Option<&'static Element> {
    ELEMENTS.iter().find(|element| {
        element.name.eq_ignore_ascii_case(name)
            && (element.in_responses || profile == Profile::Post)
    })
}

/// The element `name` of those that are always there, in small letters.
pub fn known(name: &'static str) -> &'static Element {
    ELEMENTS
        .iter()
        .find(|element| element.name == name)
        .unwrap_or_else(|| unreachable!("{name} is in the list"))
}

fn allows_attribute(element: &Element, name: &str, profile: Profile) -> bool {
    let (own, generic): (_, &[&str]) = match profile {
        Profile::Response => (RESPONSE_ATTRIBUTES, &[]),
        Profile::Post => (POST_ATTRIBUTES, POST_GENERIC),
    };
    let has = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    has(generic)
        || own
            .iter()
            .any(|(of, names)| *of == element.name && has(names))
}

/// A tag that was read.
#[derive(Debug)]
pub struct Tag<'a> {
    /// Which element it begins or ends.
    pub element: &'static Element,
    /// Whether it ends it.
    pub is_end: bool,
    /// The length of the whole tag, in bytes.
    pub length: usize,
    /// The names and values of the attributes that are allowed, as they are written.
    pub attributes: Vec<(&'a str, &'a str)>,
}

/// The most attributes of a tag, allowed or not.
const MAX_ATTRIBUTES: usize = 32;

/// The tag at the beginning of `text`, which begins with `<`: written as CommonMark has it (section
/// 6.6), of an element that `profile` allows. None for everything else. Looks at no more than
/// `max_bytes`; `seen` grows by how many bytes were looked at.
pub fn read<'a>(
    text: &'a str,
    profile: Profile,
    max_bytes: usize,
    seen: &mut usize,
) -> Option<Tag<'a>> {
    let mut cut = max_bytes.min(text.len());
    while !text.is_char_boundary(cut) {
        cut -= 1;
    }
    let mut reader = Reader {
        text: &text[..cut],
        at: 1,
    };
    let tag = reader.tag(profile);
    *seen += reader.at;
    tag
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn tag(&mut self, profile: Profile) -> Option<Tag<'a>> {
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

    /// The longest run of bytes that fit. The bytes that end one are ASCII, so that it ends at a
    /// character's boundary.
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

    fn attributes(text: &str, profile: Profile) -> Option<(Vec<(&str, &str)>, usize)> {
        let tag = read(text, profile, 1000, &mut 0)?;
        Some((tag.attributes, tag.length))
    }

    #[test]
    fn a_tag_is_read_with_the_attributes_that_are_allowed() {
        let found = attributes(
            "<A class=x href='https://x.example/?a&amp;b' title=\"t\" onclick=y>rest",
            Profile::Post,
        );
        assert_eq!(
            found,
            Some((
                vec![("href", "https://x.example/?a&amp;b"), ("title", "t")],
                65
            ))
        );
        assert_eq!(
            attributes("<br/>", Profile::Response),
            Some((Vec::new(), 5))
        );
        assert_eq!(
            attributes("</b >", Profile::Response),
            Some((Vec::new(), 5))
        );
    }

    #[test]
    fn what_is_no_tag_or_not_allowed_is_none() {
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
            assert!(attributes(text, Profile::Response).is_none(), "{text}");
        }
    }
}
