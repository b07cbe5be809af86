//! TrackBack 1.2 (Six Apart, `trackback_spec`): the form that a blog sends, the answer to it, and
//! the note in a page by which it is found. Fetches nothing and believes nothing: what a form
//! says of itself is for a person to review.

use encoding_rs::Encoding;
use percent_encoding::percent_decode;
use url::form_urlencoded;

/// The most fields of a form that are read.
const MOST_FIELDS: usize = 64;
/// The longest value of a field that is kept, in bytes.
const LONGEST: usize = 16 * 1024;
/// The longest answer that is read, in bytes.
const LONGEST_ANSWER: usize = 64 * 1024;

/// A ping ("Sending a TrackBack Ping").
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trackback {
    /// The page that links; the only field that must be there.
    pub url: String,
    /// Its title; its address where it has none.
    pub title: String,
    /// Some of its words, as text or as HTML: nobody can tell.
    pub excerpt: String,
    /// The name of its blog.
    pub blog_name: String,
}

/// Why a form is no ping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Not `application/x-www-form-urlencoded`.
    NotAForm,
    /// More fields, or longer ones, than anybody sends.
    TooLong,
    /// No `url`, or an empty one.
    NoUrl,
}

impl Refused {
    /// What to fix, for the people at the other end.
    pub fn message(self) -> &'static str {
        match self {
            Self::NotAForm => "The request must be of the type application/x-www-form-urlencoded.",
            Self::TooLong => "The request has more fields, or longer ones, than this server takes.",
            Self::NoUrl => "The field url is missing: the address of the page that links here.",
        }
    }
}

/// Reads a ping. Its charset is what the `Content-Type` says, else what the field `charset` says,
/// else UTF-8 where all of it is valid, else windows-1252 (WHATWG Encoding, which has no UTF-7).
pub fn parse_ping(body: &[u8], content_type: Option<&str>) -> Result<Trackback, Refused> {
    let content_type = content_type.unwrap_or_default();
    let mut parts = content_type.split(';').map(str::trim);
    let media_type = parts.next().unwrap_or_default();
    if !media_type.is_empty()
        && !media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded")
    {
        return Err(Refused::NotAForm);
    }
    let fields = read_fields(body)?;
    let field = |wanted: &str| {
        fields
            .iter()
            .find(|(name, _)| name.as_slice() == wanted.as_bytes())
            .map_or(&b""[..], |(_, value)| value.as_slice())
    };
    let said_outside = parts.find_map(|part| {
        let (name, value) = part.split_once('=')?;
        let is_charset = name.trim().eq_ignore_ascii_case("charset");
        is_charset.then(|| value.trim().trim_matches('"'))
    });
    let encoding = said_outside
        .and_then(|label| Encoding::for_label(label.as_bytes()))
        .or_else(|| Encoding::for_label(field("charset")))
        .unwrap_or_else(|| {
            let is_utf_8 = fields
                .iter()
                .all(|(_, value)| std::str::from_utf8(value).is_ok());
            if is_utf_8 {
                encoding_rs::UTF_8
            } else {
                encoding_rs::WINDOWS_1252
            }
        });
    // A byte order mark in a field says nothing of the others.
    let text = |name: &str| {
        let (text, _) = encoding.decode_without_bom_handling(field(name));
        text.trim().to_owned()
    };
    let url = text("url");
    if url.is_empty() {
        return Err(Refused::NoUrl);
    }
    let title = Some(text("title")).filter(|title| !title.is_empty());
    Ok(Trackback {
        title: title.unwrap_or_else(|| url.clone()),
        excerpt: text("excerpt"),
        blog_name: text("blog_name"),
        url,
    })
}

/// The answer to a ping ("Sending a TrackBack Ping": error 0 for success, 1 and a message for
/// failure).
pub fn answer(outcome: Result<(), &str>) -> String {
    let inside = match outcome {
        Ok(()) => "<error>0</error>".to_owned(),
        Err(message) => format!(
            "<error>1</error>\n<message>{}</message>",
            escape(message, false)
        ),
    };
    format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<response>\n{inside}\n</response>\n")
}

/// Reads what the other blog answered; the error is its words, or ours where it has none.
pub fn parse_answer(body: &[u8]) -> Result<(), String> {
    let body = &body[..body.len().min(LONGEST_ANSWER)];
    let text = String::from_utf8_lossy(body);
    let element = |name: &str| {
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        let (content, _) = rest.split_once(&format!("</{name}>"))?;
        let content = content.trim();
        let plain = content
            .strip_prefix("<![CDATA[")
            .and_then(|content| content.strip_suffix("]]>"));
        Some(plain.map_or_else(|| unescape(content), str::to_owned))
    };
    match element("error").as_deref() {
        Some("0") => Ok(()),
        Some(_) => Err(element("message")
            .filter(|message| !message.is_empty())
            .unwrap_or_else(|| "The other blog refused, and did not say why.".to_owned())),
        None => Err("The other blog did not answer as TrackBack has it.".to_owned()),
    }
}

/// The note by which a page tells where it takes pings ("Auto-Discovery of TrackBack Ping URLs"):
/// RDF for a comment of HTML, which it does not end, whatever the title holds.
pub fn rdf(permalink: &str, title: &str, ping_url: &str) -> String {
    let (permalink, title, ping_url) = (
        escape(permalink, true),
        escape(title, true),
        escape(ping_url, true),
    );
    format!(
        "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"\n         \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\"\n         \
         xmlns:trackback=\"http://madskills.com/public/xml/rss/module/trackback/\">\n\
         <rdf:Description rdf:about=\"{permalink}\"\n    \
         dc:identifier=\"{permalink}\"\n    \
         dc:title=\"{title}\"\n    \
         trackback:ping=\"{ping_url}\" />\n\
         </rdf:RDF>"
    )
}

/// A ping as the form to send, in UTF-8; fields without words are left out.
pub fn form_body(trackback: &Trackback) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("url", &trackback.url);
    for (name, value) in [
        ("title", &trackback.title),
        ("excerpt", &trackback.excerpt),
        ("blog_name", &trackback.blog_name),
    ] {
        if !value.is_empty() {
            form.append_pair(name, value);
        }
    }
    form.finish()
}

/// The name and the value of a field as bytes: their charset is not known yet.
type Field = (Vec<u8>, Vec<u8>);

fn read_fields(body: &[u8]) -> Result<Vec<Field>, Refused> {
    let mut fields = Vec::new();
    for pair in body
        .split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
    {
        if fields.len() == MOST_FIELDS || pair.len() > 3 * LONGEST {
            return Err(Refused::TooLong);
        }
        let equals = pair.iter().position(|byte| *byte == b'=');
        let (name, value) = match equals {
            Some(at) => (&pair[..at], &pair[at + 1..]),
            None => (pair, &b""[..]),
        };
        let (name, value) = (decoded(name), decoded(value));
        if value.len() > LONGEST {
            return Err(Refused::TooLong);
        }
        fields.push((name, value));
    }
    Ok(fields)
}

fn decoded(text: &[u8]) -> Vec<u8> {
    let spaced: Vec<u8> = text
        .iter()
        .map(|byte| if *byte == b'+' { b' ' } else { *byte })
        .collect();
    percent_decode(&spaced).collect()
}

/// Text for XML, without what XML 1.0, section 2.2, forbids; `in_comment` also keeps two hyphens
/// apart, which would end a comment.
fn escape(text: &str, in_comment: bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // Readers without an XML parser still know an address with single hyphens.
            '-' if in_comment && escaped.ends_with('-') => escaped.push_str("&#45;"),
            '\t' | '\n' | '\r' => escaped.push(' '),
            _ if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            _ => escaped.push(c),
        }
    }
    escaped
}

/// XML's own five entities and characters by number; anything else stays as it is.
pub(crate) fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        // The longest is &#1114111;.
        let end = rest.bytes().take(12).position(|byte| byte == b';');
        match end.and_then(|end| Some((entity(&rest[1..end])?, end))) {
            Some((c, end)) => {
                plain.push(c);
                rest = &rest[end + 1..];
            }
            None => {
                plain.push('&');
                rest = &rest[1..];
            }
        }
    }
    plain.push_str(rest);
    plain
}

fn entity(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|c| *c != '\0')
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: Option<&str> = Some("application/x-www-form-urlencoded");

    fn title(body: &[u8], content_type: Option<&str>) -> String {
        parse_ping(body, content_type).unwrap().title
    }

    #[test]
    fn a_ping_is_read_with_all_its_fields() {
        let body = b"title=Foo+Bar&url=http%3A%2F%2Fwww.bar.com%2F&excerpt=My%20Excerpt&blog_name=Foo&other=x";
        assert_eq!(
            parse_ping(body, FORM),
            Ok(Trackback {
                url: "http://www.bar.com/".into(),
                title: "Foo Bar".into(),
                excerpt: "My Excerpt".into(),
                blog_name: "Foo".into(),
            })
        );
    }

    #[test]
    fn a_ping_without_a_title_has_its_address_for_one() {
        for body in [
            &b"url=http://a.example/"[..],
            b"url=http://a.example/&title=+",
        ] {
            assert_eq!(title(body, FORM), "http://a.example/");
        }
    }

    #[test]
    fn the_charset_is_honoured_wherever_it_is_said() {
        let latin = Some("application/x-www-form-urlencoded; Charset=\"ISO-8859-1\"");
        assert_eq!(title(b"url=x&title=caf%E9", latin), "café");
        assert_eq!(title(b"url=x&title=%C3%A9&charset=koi8-r", latin), "Ã©");
        assert_eq!(title(b"url=x&title=%C3%A9&charset=utf-8", FORM), "é");
        assert_eq!(
            title(b"url=x&title=%83e%83X&charset=Shift_JIS", FORM),
            "テス"
        );
        assert_eq!(title(b"url=x&title=caf%C3%A9", FORM), "café");
        assert_eq!(title(b"url=x&title=caf%E9", FORM), "café");
        assert_eq!(title(b"url=x&title=caf\xe9", None), "café");
        assert_eq!(title(b"url=x&title=%FF%FEab", FORM), "ÿþab");
        let seven = Some("application/x-www-form-urlencoded; charset=utf-7");
        assert_eq!(title(b"url=x&title=%2BAGE-&charset=utf-7", seven), "+AGE-");
    }

    #[test]
    fn what_is_no_ping_is_refused_for_its_reason() {
        let many = "a=b&".repeat(MOST_FIELDS + 1);
        let long = format!("url=x&excerpt={}", "x".repeat(LONGEST + 1));
        for (body, content_type, refused) in [
            ("", FORM, Refused::NoUrl),
            ("title=x", FORM, Refused::NoUrl),
            ("url=+%20", FORM, Refused::NoUrl),
            ("URL=x", FORM, Refused::NoUrl),
            ("url=x", Some("text/xml"), Refused::NotAForm),
            (many.as_str(), FORM, Refused::TooLong),
            (long.as_str(), FORM, Refused::TooLong),
        ] {
            assert_eq!(parse_ping(body.as_bytes(), content_type), Err(refused));
            assert!(answer(Err(refused.message())).contains("<error>1</error>"));
        }
    }

    #[test]
    fn an_answer_is_read_back_as_it_was_written() {
        assert_eq!(parse_answer(answer(Ok(())).as_bytes()), Ok(()));
        assert_eq!(
            parse_answer(answer(Err("no <link> & \"none\"\u{1}")).as_bytes()),
            Err("no <link> & \"none\"".into())
        );
        assert_eq!(
            parse_answer(
                b"<response><error>1</error><message><![CDATA[a & b]]></message></response>"
            ),
            Err("a & b".into())
        );
        assert!(parse_answer(b"<response><error>1</error></response>").is_err());
        assert!(parse_answer(b"<html>0</html>").is_err());
        assert!(parse_answer(b"").is_err());
    }

    #[test]
    fn no_title_ends_the_comment_of_a_page() {
        for title in [
            "a -- b",
            "a ---- b",
            "-->",
            "--!>",
            "<!--",
            "x-",
            "\"/><script>",
            "]]>",
        ] {
            let comment = rdf(
                "https://a.example/x--y",
                title,
                "https://a.example/tb?a=1&b=2",
            );
            let inside = comment;
            assert!(!inside.contains("--"), "{title}");
            let (_, rest) = inside.split_once("dc:title=\"").unwrap();
            assert_eq!(unescape(rest.split('"').next().unwrap()), title);
        }
    }

    #[test]
    fn entities_are_read_once_and_unknown_ones_are_left() {
        assert_eq!(
            unescape("&amp;lt; &#65;&#x42; &nbsp; & &; &#0;"),
            "&lt; AB &nbsp; & &; &#0;"
        );
        assert_eq!(unescape("&ééééééééé;"), "&ééééééééé;");
    }

    proptest::proptest! {
        #[test]
        fn never_panics_on_any_bytes(
            body: Vec<u8>,
            form in "(url|title|charset|utf-8|utf-7|=|&|%|%4|%E9|\\+|é){0,40}",
            content_type in proptest::option::of("(application/x-www-form-urlencoded)?(;|=|charset|\"){0,5}"),
            xml in "(<error>|</error>|<message>|</message>|0|&|#|x|;|é){0,30}",
        ) {
            for body in [body.as_slice(), form.as_bytes()] {
                let _ = parse_ping(body, content_type.as_deref());
                let _ = parse_ping(body, None);
                let _ = parse_answer(body);
            }
            let _ = parse_answer(xml.as_bytes());
        }

        #[test]
        fn any_ping_survives_the_way(url in "[!-~]{1,40}", title in "\\PC{0,40}", excerpt in "\\PC{0,40}") {
            let title = Some(title.trim()).filter(|title| !title.is_empty()).unwrap_or(&url).to_owned();
            let sent = Trackback { url, title, excerpt: excerpt.trim().into(), blog_name: String::new() };
            let read = parse_ping(form_body(&sent).as_bytes(), FORM);
            proptest::prop_assert_eq!(read, Ok(sent));
        }

        #[test]
        fn any_title_leaves_the_comment_whole(title: String) {
            let comment = rdf(&title, &title, &title);
            proptest::prop_assert!(!comment.contains("--"));
            proptest::prop_assert_eq!(comment.matches('>').count(), 3);
        }
    }
}
