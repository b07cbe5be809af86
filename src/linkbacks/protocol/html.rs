//! What a page of another site says, from its tokens alone: its words in blocks, its links, its
//! title. Builds no tree and follows nothing; its cost grows with the page.

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

/// More attributes than this on one element are an attack: finding doubles among them takes the
/// square of their number.
const MOST_ATTRIBUTES: usize = 1000;
/// How far into a page its `<meta charset>` is looked for (HTML, section 4.2.5.4).
const META_WITHIN: usize = 1024;

/// What a page says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// `<title>`.
    pub title: String,
    /// The first `<h1>`.
    pub heading: String,
    /// The first `<base href>`.
    pub base: Option<String>,
    /// The words that people see, white space folded, a line break between blocks.
    pub text: String,
    /// Links of real elements, in order.
    pub links: Vec<PageLink>,
    /// `<link>` and `<a>` with a relation, in order.
    pub relations: Vec<Relation>,
}

/// A link of an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageLink {
    /// As it is written.
    pub url: String,
    /// Where its words begin in the page's text.
    pub start: usize,
    /// Where they end.
    pub end: usize,
}

/// An element that says how the page stands to another address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relation {
    /// What `rel` says.
    pub rel: String,
    /// What `href` says; None where there is none.
    pub href: Option<String>,
}

/// Reads a page; None where its markup is an attack.
pub fn read(text: &str) -> Option<Page> {
    if has_monstrous_tag(text) {
        return None;
    }
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(text));
    let tokenizer = Tokenizer::new(Reader::default(), TokenizerOpts::default());
    // A sink that runs no scripts lets the tokenizer run to the end.
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    let mut state = tokenizer.sink.0.into_inner();
    state.end_link();
    Some(state.page)
}

/// The charset that a `<meta>` at the page's beginning names.
pub fn charset_in_meta(bytes: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(META_WITHIN)]).to_ascii_lowercase();
    head.split("<meta").skip(1).find_map(|rest| {
        let tag = rest.split('>').next()?;
        let value = tag
            .split("charset")
            .nth(1)?
            .trim_start()
            .strip_prefix('=')?
            .trim_start();
        let label: String = value
            .trim_start_matches(['"', '\''])
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':' | '.'))
            .collect();
        (!label.is_empty()).then_some(label)
    })
}

/// Whether some tag has more attributes than anybody writes, found in one pass.
fn has_monstrous_tag(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(found) = bytes[at..].iter().position(|byte| *byte == b'<') {
        at += found + 1;
        if !bytes
            .get(at)
            .is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'/')
        {
            continue;
        }
        let mut separators = 0;
        let mut previous = b' ';
        let mut quote = None;
        while let Some(byte) = bytes.get(at).copied() {
            at += 1;
            match quote {
                Some(end) => {
                    if byte == end {
                        quote = None;
                        separators += 1;
                    }
                    continue;
                }
                None if byte == b'>' => break,
                None if matches!(byte, b'"' | b'\'') && previous == b'=' => quote = Some(byte),
                None if byte.is_ascii_whitespace() || byte == b'/' => {
                    if previous == b'=' {
                        // White space between = and the value.
                        continue;
                    }
                    if !(previous.is_ascii_whitespace() || previous == b'/') {
                        separators += 1;
                    }
                }
                None => {}
            }
            previous = byte;
            if separators > MOST_ATTRIBUTES {
                return true;
            }
        }
    }
    false
}

#[derive(Default)]
struct Reader(RefCell<State>);

#[derive(Default)]
struct State {
    page: Page,
    /// The element whose content is not for people, and how often it is open.
    skipped: Option<(String, usize)>,
    in_title: bool,
    in_heading: bool,
    /// The open `<a>`, as its place among the links.
    open_link: Option<usize>,
}

impl TokenSink for Reader {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut state = self.0.borrow_mut();
        match token {
            Token::CharacterTokens(text) => state.text(&text),
            Token::TagToken(tag) => return state.tag(&tag),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl State {
    fn text(&mut self, text: &str) {
        if self.in_title {
            self.page.title.push_str(text);
            return;
        }
        if self.skipped.is_some() {
            return;
        }
        if self.in_heading {
            self.page.heading.push_str(text);
        }
        for c in text.chars() {
            if !c.is_whitespace() {
                self.page.text.push(c);
            } else if !self.page.text.ends_with([' ', '\n']) {
                self.page.text.push(' ');
            }
        }
    }

    fn tag(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name: &str = &tag.name;
        let opens = tag.kind == TagKind::StartTag;
        if let Some((skipped, depth)) = &mut self.skipped {
            if skipped == name {
                *depth = if opens { *depth + 1 } else { *depth - 1 };
                if *depth == 0 {
                    self.skipped = None;
                    self.in_title = false;
                }
            }
            return TokenSinkResult::Continue;
        }
        if !opens {
            self.end_tag(name);
            return TokenSinkResult::Continue;
        }
        self.start_tag(name, tag)
    }

    fn start_tag(&mut self, name: &str, tag: &Tag) -> TokenSinkResult<()> {
        let attribute = |wanted: &str| {
            tag.attrs
                .iter()
                .find(|attribute| *attribute.name.local == *wanted)
                .map(|attribute| attribute.value.to_string())
        };
        if is_block(name) {
            self.break_block();
        }
        match name {
            "a" | "area" | "link" => {
                let (href, rel) = (attribute("href"), attribute("rel"));
                if let Some(rel) = rel {
                    self.page.relations.push(Relation {
                        rel,
                        href: href.clone(),
                    });
                }
                if name == "a" {
                    self.end_link();
                }
                if let Some(href) = href.filter(|_| name != "link") {
                    self.add_link(href);
                    self.open_link = (name == "a").then(|| self.page.links.len() - 1);
                }
            }
            "base" if self.page.base.is_none() => self.page.base = attribute("href"),
            "h1" => self.in_heading = self.page.heading.is_empty(),
            _ => {}
        }
        let quoted = match name {
            "img" | "video" | "audio" | "source" | "iframe" | "embed" | "track" => attribute("src"),
            "blockquote" | "q" | "del" | "ins" => attribute("cite"),
            "object" => attribute("data"),
            _ => None,
        };
        if let Some(url) = quoted {
            self.add_link(url);
        }
        let raw = match name {
            "script" => Some(RawKind::ScriptData),
            "style" | "xmp" | "iframe" | "noembed" | "noframes" => Some(RawKind::Rawtext),
            "title" | "textarea" => Some(RawKind::Rcdata),
            _ => None,
        };
        // White space around what is left out still parts the words beside it.
        if raw.is_some() || matches!(name, "template" | "noscript" | "select") {
            self.skipped = Some((name.to_owned(), 1));
            self.in_title = name == "title" && self.page.title.is_empty();
        }
        match raw {
            Some(kind) => TokenSinkResult::RawData(kind),
            None if name == "plaintext" => TokenSinkResult::Plaintext,
            None => TokenSinkResult::Continue,
        }
    }

    fn end_tag(&mut self, name: &str) {
        if name == "a" {
            self.end_link();
        }
        if name == "h1" {
            self.in_heading = false;
        }
        if is_block(name) {
            self.break_block();
        }
    }

    fn add_link(&mut self, url: String) {
        let here = self.page.text.len();
        self.page.links.push(PageLink {
            url,
            start: here,
            end: here,
        });
    }

    fn end_link(&mut self) {
        let here = self.page.text.len();
        if let Some(link) = self
            .open_link
            .take()
            .and_then(|at| self.page.links.get_mut(at))
        {
            link.end = here;
        }
    }

    fn break_block(&mut self) {
        if !self.page.text.ends_with('\n') {
            self.page.text.push('\n');
        }
    }
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "body"
            | "br"
            | "caption"
            | "dd"
            | "details"
            | "dialog"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hr"
            | "legend"
            | "li"
            | "main"
            | "nav"
            | "ol"
            | "option"
            | "p"
            | "pre"
            | "section"
            | "summary"
            | "table"
            | "tbody"
            | "td"
            | "tfoot"
            | "th"
            | "thead"
            | "tr"
            | "ul"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    #[test]
    fn hostile_pages_of_a_mebibyte_are_read_or_refused_quickly() {
        let size = 1024 * 1024;
        let mut numbered = String::from("<a ");
        for number in 0.. {
            if numbered.len() > size {
                break;
            }
            numbered.push_str(&format!("x{number} "));
        }
        let pages = [
            "<div>".repeat(size / 5),
            "<b><p>".repeat(size / 6),
            "<a href=x>".repeat(size / 10),
            "<".repeat(size),
            "<!--".repeat(size / 4),
            "&amp".repeat(size / 4),
            "<a href=\"".to_owned() + &"x".repeat(size),
            numbered,
            format!("<a {}>", "x/".repeat(size / 2)),
            "<template>".repeat(size / 10),
        ];
        for page in pages {
            let begun = Instant::now();
            let _ = read(&page);
            // Generous for an unoptimised build beside other tests; what grows with the square
            // would take minutes.
            assert!(begun.elapsed() < Duration::from_secs(10), "{}", &page[..20]);
        }
    }

    #[test]
    fn a_picture_inside_of_its_tag_is_no_attack() {
        let page = read(&format!(
            "<img src=\"data:image/png;base64,{}\"><a href=/x>y</a>",
            "ab/+".repeat(100_000)
        ));
        assert_eq!(page.unwrap().links.len(), 2);
    }
}
