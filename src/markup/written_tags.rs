//! Reads the tags that the sanitiser wrote, where every attribute value is in double quotes and escaped. Never
//! used on other HTML.

/// The length of the tag that `text` begins with, including its `>`.
pub fn tag_length(text: &str) -> usize {
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

/// The name of a tag, with the slash of an end tag.
pub fn name_of(tag: &str) -> &str {
    let inner = tag.get(1..).unwrap_or_default();
    let end = inner.find([' ', '>', '\t', '\n']).unwrap_or(inner.len());
    &inner[..end]
}

/// The value of an attribute, still escaped.
pub fn attribute<'t>(tag: &'t str, wanted: &str) -> Option<&'t str> {
    let mut rest = tag.get(1 + name_of(tag).len()..)?;
    loop {
        let (name, after) = rest.split_once("=\"")?;
        let (value, after) = after.split_once('"')?;
        if name.trim() == wanted {
            return Some(value);
        }
        rest = after;
    }
}

/// The value of an attribute, or a text without tags, as it is read.
pub fn unescaped(escaped: &str) -> String {
    escaped
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&nbsp;", "\u{a0}")
        // Last: what comes out of it is no escape.
        .replace("&amp;", "&")
}
