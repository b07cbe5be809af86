//! The addresses of files, `/media/TOKEN/NAME`, and the names in them. Pure: never looks anything up.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::store::entity::media::{MediaKind, Model as Media};

/// What addresses of files begin with.
pub const PREFIX: &str = "/media/";
/// The longest name without its ending, in characters.
const MAX_STEM: usize = 60;
/// The length of a token, in hex digits.
const TOKEN_LENGTH: usize = 32;
/// The name under which the file itself is stored.
pub const ORIGINAL: &str = "original";

/// Letters of other scripts are encoded, as in every address.
const NAME: &AsciiSet = &CONTROLS.add(b' ').add(b'%').add(b'/').add(b'?').add(b'#');

/// The name for an address: the letters and digits of the name that the file came with, in any script, and
/// the ending of what it is. Never contains a slash or begins with a dot.
pub fn file_name(uploaded: &str, extension: &str) -> String {
    let uploaded = uploaded.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = match uploaded.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => uploaded,
    };
    let mut name = String::new();
    for c in stem.chars().take(4 * MAX_STEM) {
        if c.is_alphanumeric() || c == '_' {
            name.extend(c.to_lowercase());
        } else if is_mark(c) && !name.is_empty() {
            name.push(c);
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
    }
    let name: String = name.chars().take(MAX_STEM).collect();
    let name = name.trim_end_matches('-');
    // A number alone is the name of a smaller size.
    let name = match name {
        "" => "file".to_owned(),
        name if name.bytes().all(|byte| byte.is_ascii_digit()) => format!("file-{name}"),
        name => name.to_owned(),
    };
    format!("{name}.{extension}")
}

/// Vowel signs and accents that follow their letter.
fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

/// The path of the file itself.
pub fn of_original(media: &Media) -> String {
    let name = utf8_percent_encode(&media.file_name, NAME);
    format!("{PREFIX}{}/{name}", media.token)
}

/// The path of a smaller size.
pub fn of_variant(token: &str, width: i64) -> String {
    format!("{PREFIX}{token}/{}", variant_name(width))
}

/// The name of a smaller size.
pub fn variant_name(width: i64) -> String {
    format!("{width}.webp")
}

/// The width in the name of a smaller size.
pub fn variant_width(name: &str) -> Option<i64> {
    let width = name.strip_suffix(".webp")?;
    let number: i64 = width.parse().ok()?;
    (number > 0 && number.to_string() == width).then_some(number)
}

/// Whether a folder can be that of an upload.
pub fn is_token(text: &str) -> bool {
    text.len() == TOKEN_LENGTH
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// The Markdown that shows a picture, or links to a document, in a post.
pub fn markdown(media: &Media) -> String {
    let address = of_original(media);
    match media.kind {
        MediaKind::Picture if media.caption.is_empty() => {
            format!("![{}]({address})", escaped(&media.alt))
        }
        MediaKind::Picture => {
            let caption = escaped(&media.caption).replace('"', "\\\"");
            format!("![{}]({address} \"{caption}\")", escaped(&media.alt))
        }
        MediaKind::Document => {
            let label = match media.caption.as_str() {
                "" => &media.file_name,
                caption => caption,
            };
            format!("[{}]({address})", escaped(label))
        }
    }
}

/// Text that stays as it is in Markdown.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '[' | ']' | '*' | '_' | '`' | '<' | '&') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_letters_and_nothing_else() {
        for (uploaded, name) in [
            ("Harbour at dusk.JPEG", "harbour-at-dusk.jpg"),
            ("../../etc/passwd", "passwd.jpg"),
            ("..\\..\\boot.ini", "boot.jpg"),
            ("..", "file.jpg"),
            (".htaccess", "htaccess.jpg"),
            ("", "file.jpg"),
            ("640.webp", "file-640.jpg"),
            ("صورة الميناء.png", "صورة-الميناء.jpg"),
            ("हिन्दी.png", "हिन्दी.jpg"),
            ("写真 (1).png", "写真-1.jpg"),
            ("a\u{202e}gpj.exe", "a-gpj.jpg"),
            ("<script>.html", "script.jpg"),
        ] {
            assert_eq!(file_name(uploaded, "jpg"), name, "{uploaded}");
        }
        let long = file_name(&"é".repeat(5000), "pdf");
        assert_eq!(long.chars().count(), MAX_STEM + 4);
    }

    #[test]
    fn a_width_has_one_name() {
        assert_eq!(variant_width("640.webp"), Some(640));
        for name in [
            "0.webp",
            "0640.webp",
            "-1.webp",
            "+1.webp",
            "a.webp",
            "640.jpg",
            ".webp",
        ] {
            assert_eq!(variant_width(name), None, "{name}");
        }
    }

    #[test]
    fn tokens_are_hex() {
        assert!(is_token(&"0a".repeat(16)));
        for text in ["", "..", &"0A".repeat(16), &"0a".repeat(17), "incoming"] {
            assert!(!is_token(text), "{text}");
        }
    }
}
