//! What a page of another site says, from its tokens alone: its words in blocks, its links, its
//! title. Builds no tree and follows nothing; its cost grows with the page.

use std::cell::{Cell, RefCell};

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

/// More attributes than this on one element are an attack: finding doubles among them takes the
/// square of their number.
const MOST_ATTRIBUTES: usize = 1000;
/// The longest piece of text that is tokenized at once, in bytes.
const LONGEST_PIECE: usize = 2048;
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
    /// The HTTP status that the first `<meta http-equiv="Status">` stands for.
    pub status: Option<u16>,
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
    /// Whether people can follow it: `<a>` and `<area>`, not pictures and quotations.
    pub is_followed: bool,
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
    let mut state = tokenize(text, Reader::default())?.0.into_inner();
    state.end_link();
    Some(state.page)
}

/// The charset that a `<meta>` at the page's beginning names.
pub fn charset_in_meta(bytes: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(META_WITHIN)]).to_ascii_lowercase();
    let mut seen = String::new();
    for (number, part) in head.split("<!--").enumerate() {
        seen.push_str(match number {
            0 => part,
            _ => part.split_once("-->").map_or("", |(_, behind)| behind),
        });
    }
    seen.split("<meta").skip(1).find_map(|rest| {
        let tag = rest.split('>').next()?;
        if tag.contains("content") && !tag.contains("http-equiv") {
            return None;
        }
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

/// Runs the tokenizer with a sink over a text; None where one tag has more attributes than anybody
/// writes, since the tokenizer compares each of them with all before.
pub(crate) fn tokenize<S: TokenSink<Handle = ()>>(text: &str, sink: S) -> Option<S> {
    tokenize_within(text, sink, MOST_ATTRIBUTES, LONGEST_PIECE)
}

fn tokenize_within<S: TokenSink<Handle = ()>>(
    text: &str,
    sink: S,
    most_attributes: usize,
    longest_piece: usize,
) -> Option<S> {
    let watched = Watched {
        sink,
        spoke: Cell::new(false),
    };
    let tokenizer = Tokenizer::new(watched, TokenizerOpts::default());
    let input = BufferQueue::default();
    let mut open = OpenTag::default();
    let mut rest = text;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(open.piece_end(rest, longest_piece));
        input.push_back(StrTendril::from(piece));
        // A sink that runs no scripts lets the tokenizer run to the end.
        let _ = tokenizer.feed(&input);
        open.follow(piece.as_bytes(), tokenizer.sink.spoke.take());
        if open.is_open && open.attributes.found > most_attributes {
            return None;
        }
        rest = after;
    }
    tokenizer.end();
    Some(tokenizer.sink.sink)
}

/// Follows the tokenizer into tags, by what goes in and by whether anything comes out.
///
/// Every `<` begins a piece, and what ends the word behind it is a piece of its own: text comes
/// out of the tokenizer at that piece, and from inside of a tag or a comment nothing does.
#[derive(Default)]
struct OpenTag {
    /// A `<` and its word are being read.
    in_word: bool,
    /// A tag or a comment is open.
    is_open: bool,
    attributes: AttributeCounter,
}

impl OpenTag {
    /// Where the next piece ends: before the next `<`, around the end of a word, not far away.
    fn piece_end(&self, rest: &str, longest: usize) -> usize {
        let near = &rest.as_bytes()[..rest.len().min(longest)];
        let first = near.first().copied().unwrap_or_default();
        if self.ends_word(first) {
            return 1;
        }
        let in_word = self.in_word || (first == b'<' && !self.is_open);
        let slash_of_end_tag = usize::from(first == b'<' && !self.is_in_name());
        let found = near.iter().enumerate().skip(1).find(|(at, byte)| {
            **byte == b'<'
                || (in_word && is_word_end(**byte) && (**byte != b'/' || *at != slash_of_end_tag))
        });
        if let Some((end, _)) = found {
            return end;
        }
        match rest.floor_char_boundary(near.len()) {
            0 => rest.ceil_char_boundary(1),
            end => end,
        }
    }

    /// In a tag's name, which may hold a `<` of its own.
    fn is_in_name(&self) -> bool {
        self.in_word && matches!(self.attributes.at, Place::TagName)
    }

    fn ends_word(&self, byte: u8) -> bool {
        let is_end_tag = byte == b'/' && matches!(self.attributes.at, Place::Opened);
        self.in_word && is_word_end(byte) && !is_end_tag
    }

    fn follow(&mut self, piece: &[u8], spoke: bool) {
        let first = piece.first().copied().unwrap_or_default();
        if self.ends_word(first) {
            let is_nothing =
                !self.is_open && first == b'>' && matches!(self.attributes.at, Place::EndOpened);
            self.in_word = false;
            self.is_open = !spoke && !is_nothing;
        } else if self.is_open {
            self.is_open = !spoke;
        } else if first == b'<' {
            if !self.is_in_name() {
                self.attributes = AttributeCounter::default();
            }
            self.in_word = true;
        }
        self.attributes.count(piece);
    }
}

fn is_word_end(byte: u8) -> bool {
    matches!(byte, b'>' | b'/') || is_space(byte)
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ')
}

/// A sink that notes whether the tokenizer has said anything.
struct Watched<S> {
    sink: S,
    spoke: Cell<bool>,
}

impl<S: TokenSink<Handle = ()>> TokenSink for Watched<S> {
    type Handle = ();

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<()> {
        if matches!(token, Token::ParseError(_)) {
            return TokenSinkResult::Continue;
        }
        self.spoke.set(true);
        self.sink.process_token(token, line)
    }
}

/// Counts the attributes of the tag that a piece of text begins, as the tokenizer's own states
/// have it (HTML, sections 13.2.5.6 to 13.2.5.40).
#[derive(Default)]
struct AttributeCounter {
    at: Place,
    found: usize,
}

/// Where in a tag.
#[derive(Clone, Copy, Default)]
enum Place {
    #[default]
    Before,
    Opened,
    EndOpened,
    TagName,
    BeforeName,
    Name,
    AfterName,
    BeforeValue,
    Quoted(u8),
    Unquoted,
    /// Behind the tag, or in what is none.
    Outside,
}

impl AttributeCounter {
    fn count(&mut self, text: &[u8]) {
        for byte in text {
            self.step(*byte);
        }
    }

    fn step(&mut self, byte: u8) {
        let space = is_space(byte);
        self.at = match (self.at, byte) {
            (Place::Outside, _) => Place::Outside,
            (Place::Before, b'<') => Place::Opened,
            (Place::Opened, b'/') => Place::EndOpened,
            (Place::Opened | Place::EndOpened, _) if byte.is_ascii_alphabetic() => Place::TagName,
            (Place::Before | Place::Opened | Place::EndOpened, _) => Place::Outside,
            (Place::Quoted(quote), _) if byte == quote => Place::BeforeName,
            (Place::Quoted(quote), _) => Place::Quoted(quote),
            (Place::BeforeValue, b'"' | b'\'') => Place::Quoted(byte),
            (Place::BeforeValue, _) if space => Place::BeforeValue,
            (_, b'>') => Place::Outside,
            (Place::BeforeValue, _) => Place::Unquoted,
            (Place::Unquoted, _) if !space => Place::Unquoted,
            (Place::Name | Place::AfterName, b'=') => Place::BeforeValue,
            (Place::Name | Place::AfterName, _) if space => Place::AfterName,
            (_, b'/') => Place::BeforeName,
            (_, _) if space => Place::BeforeName,
            (Place::TagName, _) => Place::TagName,
            (Place::Name, _) => Place::Name,
            (Place::BeforeName | Place::AfterName | Place::Unquoted, _) => {
                self.found += 1;
                Place::Name
            }
        };
    }
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
    /// How many `<svg>` are open: their titles are not the page's.
    pictures: usize,
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
            if skipped != name {
                return if opens {
                    content_of(name)
                } else {
                    TokenSinkResult::Continue
                };
            }
            *depth = if opens { *depth + 1 } else { *depth - 1 };
            if *depth == 0 {
                self.skipped = None;
                self.in_title = false;
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
                if let Some(rel) = rel.filter(|_| name != "area") {
                    self.page.relations.push(Relation {
                        rel,
                        href: href.clone(),
                    });
                }
                if name == "a" {
                    self.end_link();
                }
                if let Some(href) = href.filter(|_| name != "link") {
                    self.add_link(href, true);
                    self.open_link = (name == "a").then(|| self.page.links.len() - 1);
                }
            }
            "base" if self.page.base.is_none() => self.page.base = attribute("href"),
            "h1" => self.in_heading = self.page.heading.is_empty(),
            "meta" if self.page.status.is_none() => {
                let is_status = attribute("http-equiv")
                    .is_some_and(|name| name.trim().eq_ignore_ascii_case("status"));
                let content = attribute("content").filter(|_| is_status);
                self.page.status = content
                    .and_then(|content| content.split_ascii_whitespace().next()?.parse().ok());
            }
            _ => {}
        }
        let quoted = match name {
            "img" | "video" | "audio" | "source" | "iframe" | "embed" | "track" => attribute("src"),
            "blockquote" | "q" | "del" | "ins" => attribute("cite"),
            "object" => attribute("data"),
            _ => None,
        };
        if let Some(url) = quoted {
            self.add_link(url, false);
        }
        if name == "svg" && !tag.self_closing {
            self.pictures += 1;
        }
        let content = content_of(name);
        // White space around what is left out still parts the words beside it.
        if matches!(content, TokenSinkResult::RawData(_))
            || matches!(name, "template" | "noscript" | "select")
        {
            self.skipped = Some((name.to_owned(), 1));
            self.in_title =
                name == "title" && self.pictures == 0 && self.page.title.trim().is_empty();
        }
        content
    }

    fn end_tag(&mut self, name: &str) {
        if name == "a" {
            self.end_link();
        }
        if name == "svg" {
            self.pictures = self.pictures.saturating_sub(1);
        }
        if name == "h1" {
            self.in_heading = false;
        }
        if is_block(name) {
            self.break_block();
        }
    }

    fn add_link(&mut self, url: String, is_followed: bool) {
        let here = self.page.text.len();
        self.page.links.push(PageLink {
            url,
            start: here,
            end: here,
            is_followed,
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

/// How the tokenizer must read what an element holds (HTML, section 13.2.6).
pub(crate) fn content_of(name: &str) -> TokenSinkResult<()> {
    match name {
        "script" => TokenSinkResult::RawData(RawKind::ScriptData),
        "style" | "xmp" | "iframe" | "noembed" | "noframes" => {
            TokenSinkResult::RawData(RawKind::Rawtext)
        }
        "title" | "textarea" => TokenSinkResult::RawData(RawKind::Rcdata),
        "plaintext" => TokenSinkResult::Plaintext,
        _ => TokenSinkResult::Continue,
    }
}

pub(crate) fn is_block(name: &str) -> bool {
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
            numbered.clone(),
            format!("<a {}>", "x/".repeat(size / 2)),
            "<template>".repeat(size / 10),
            numbered.replacen("<a ", "<a b==\"", 1),
            numbered.replacen("<a ", "<a =\"", 1),
            numbered.replacen("<a ", "&<a ", 1),
            numbered.replacen(
                "<a ",
                "<template><textarea></template><!-- <a \"--></textarea x='",
                1,
            ),
            numbered.replacen("<a ", "<script></script ", 1),
            format!("<a title=\"{}\">", "<".repeat(size)),
            "<a title=\"".repeat(size / 10),
        ];
        for page in pages {
            let begun = Instant::now();
            let _ = read(&page);
            // Generous for an unoptimised build beside other tests; what grows with the square
            // would take minutes.
            assert!(begun.elapsed() < Duration::from_secs(60), "{}", &page[..20]);
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

    #[test]
    fn a_script_without_any_greater_than_is_no_attack() {
        let script = "for(i=0;i<n;i++){ a = b ; c = \"<p title=\" ; } ".repeat(1000);
        let page = read(&format!(
            "<script>{script}</script><!-- <a {} --><div data-x='{}'></div><a href=/x>y</a>",
            "b ".repeat(5000),
            "{\"k\": \"<v\"} ".repeat(5000),
        ));
        assert_eq!(page.unwrap().links.len(), 1);
    }

    #[test]
    fn attributes_are_counted_as_the_tokenizer_has_them() {
        for (tag, count) in [
            ("<a>", 0),
            ("<a b c=d e = f>", 3),
            ("<a b='x y' c=\"x y\"d>", 3),
            ("<a b==\"x y z>", 3),
            ("<a =\"x y>", 2),
            ("<a/b/c=d/e f>", 3),
            ("<a b = >c d", 1),
            ("</a b c>", 2),
            ("<!-- b c", 0),
            ("a b c", 0),
        ] {
            let mut attributes = AttributeCounter::default();
            attributes.count(tag.as_bytes());
            assert_eq!(attributes.found, count, "{tag}");
        }
    }

    #[test]
    fn the_title_is_the_pages_and_not_a_pictures() {
        let page = read("<svg><title>Menu</title></svg><h1>Real</h1>").unwrap();
        assert_eq!((page.title.as_str(), page.heading.as_str()), ("", "Real"));
        let page = read("<title></title><title>Second</title>").unwrap();
        assert_eq!(page.title, "Second");
    }

    #[test]
    fn what_is_left_out_ends_where_a_browser_ends_it() {
        let page = read(
            "<template><textarea></template><a href=/no>x</a></textarea></template><a href=/yes>y</a>",
        );
        let urls: Vec<String> = page
            .unwrap()
            .links
            .into_iter()
            .map(|link| link.url)
            .collect();
        assert_eq!(urls, ["/yes"]);
    }

    #[test]
    fn a_charset_is_found_where_it_is_one() {
        for (head, charset) in [
            ("<meta charset=latin1>", Some("latin1")),
            ("<META CHARSET = 'UTF-8' />", Some("utf-8")),
            (
                "<meta http-equiv=content-type content='text/html; charset=koi8-r'>",
                Some("koi8-r"),
            ),
            (
                "<!-- <meta charset=latin1> --><meta charset=utf-8>",
                Some("utf-8"),
            ),
            ("<meta name=d content='charset=latin1'>", None),
            ("<meta charset=>", None),
        ] {
            assert_eq!(
                charset_in_meta(head.as_bytes()).as_deref(),
                charset,
                "{head}"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics_on_any_bytes(
            bytes: Vec<u8>,
            html in "(<|</|>|a|script|template|title|svg|h1|!--|--|=|\"|'|/|&|&amp| |é){0,80}",
        ) {
            for text in [String::from_utf8_lossy(&bytes).as_ref(), html.as_str()] {
                if let Some(page) = read(text) {
                    for link in page.links {
                        proptest::prop_assert!(page.text.get(link.start..link.end).is_some());
                    }
                }
            }
            let _ = charset_in_meta(&bytes);
        }

        #[test]
        fn pieces_make_no_difference(
            html in "(<|</|>|a|script|p|!--|--|=|\"|'|&|amp;| |é){0,60}",
            longest in 1usize..20,
        ) {
            let read = |longest: usize| {
                tokenize_within(&html, Reader::default(), usize::MAX, longest)
                    .map(|sink| sink.0.into_inner().page)
            };
            proptest::prop_assert_eq!(read(longest), read(usize::MAX));
        }

        #[test]
        fn no_disguise_hides_a_tag_with_many_attributes(
            before in "(<|</|>|a|script|title|style|template|textarea|x|!|!--|--|-->|=|\"|'|&|/|\\?| ){0,30}",
            attributes in "(<|</|!|=|\"|'|/|>| b| c){0,3}",
            longest in 1usize..20,
        ) {
            let many: String = (0..40).map(|number| format!("x{number} ")).collect();
            let html = format!("{before}{attributes}{many}{attributes}>");
            let most = tokenize_within(&html, Largest::default(), usize::MAX, usize::MAX);
            let most = most.unwrap().0.get();
            if most > 4 + longest {
                proptest::prop_assert!(
                    tokenize_within(&html, Largest::default(), 4, longest).is_none(),
                    "{} has {}", html, most
                );
            }
        }
    }

    /// The most attributes of any tag.
    #[derive(Default)]
    struct Largest(Cell<usize>);

    impl TokenSink for Largest {
        type Handle = ();

        fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
            let Token::TagToken(tag) = token else {
                return TokenSinkResult::Continue;
            };
            self.0.set(self.0.get().max(tag.attrs.len()));
            if tag.kind == TagKind::StartTag {
                content_of(&tag.name)
            } else {
                TokenSinkResult::Continue
            }
        }
    }
}
