//! A `Content-Type` header (RFC 9110, section 8.3) as other sites write it: what cannot be understood is
//! ignored. Says nothing about the content itself.

use encoding_rs::Encoding;

/// The media type in lower case, empty where there is none, and the charset where it is a known one (WHATWG
/// Encoding, which has no UTF-7).
pub fn read_content_type(header: Option<&str>) -> (String, Option<&'static Encoding>) {
    let mut parts = header.unwrap_or_default().split(';');
    let media_type = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
    let label = parts.find_map(|part| {
        let (name, value) = part.split_once('=')?;
        let is_charset = name.trim().eq_ignore_ascii_case("charset");
        is_charset.then(|| value.trim().trim_matches('"'))
    });
    let charset = label.and_then(|label| Encoding::for_label(label.as_bytes()));
    (media_type, charset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_servers_write_is_understood() {
        for (header, charset) in [
            ("text/html", None),
            ("TEXT/HTML; Charset=\"ISO-8859-2\"", Some("ISO-8859-2")),
            ("text/html;charset=iso-8859-2;", Some("ISO-8859-2")),
            ("text/html ; charset=iso-8859-2", Some("ISO-8859-2")),
            ("text/html;\tcharset = iso-8859-2 ; x=y", Some("ISO-8859-2")),
            ("text/html;; x; charset=\"iso-8859-2", Some("ISO-8859-2")),
            ("text/html; charset", None),
            ("text/html; charset=", None),
            ("text/html; charset=utf-7", None),
            ("text/html; charset=é", None),
        ] {
            let (media_type, found) = read_content_type(Some(header));
            assert_eq!(media_type, "text/html", "{header}");
            assert_eq!(found.map(Encoding::name), charset, "{header}");
        }
        assert_eq!(read_content_type(None), (String::new(), None));
        assert_eq!(read_content_type(Some("")), (String::new(), None));
    }
}
