//! Finds bare web addresses in text, by the rules of GitHub's extended autolinks with two
//! differences: the punctuation of any script ends an address, and so does what no address
//! contains. Linear in the length of the text. Never checks whether an address exists.

use std::ops::Range;

/// The longest address that becomes a link, in bytes.
const MAX_ADDRESS: usize = 2048;
/// The longest host name (RFC 1035), in bytes.
const MAX_HOST: usize = 253;

/// Where the addresses in `text` are, in order. Each begins with `http://`, `https://` or `www.`.
pub fn find(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let prefix = prefix_length(&bytes[at..]);
        if prefix == 0 || !may_begin(bytes, at) || !has_host(&text[at + prefix..]) {
            at += prefix.max(1);
            continue;
        }
        let length = text[at..].find(is_end).unwrap_or(text.len() - at);
        if length <= MAX_ADDRESS {
            found.push(at..at + without_punctuation(&text[at..at + length]).len());
        }
        at += length;
    }
    found
}

/// The address that a link leads to, for one that was found.
pub fn target(address: &str) -> String {
    match prefix_length(address.as_bytes()) {
        WWW => format!("http://{address}"),
        _ => address.to_owned(),
    }
}

/// The length of `www.`, in bytes.
const WWW: usize = 4;

/// The length of the prefix by which an address is recognised; 0 where there is none.
fn prefix_length(bytes: &[u8]) -> usize {
    let begins = |prefix: &[u8]| {
        bytes
            .get(..prefix.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(prefix))
    };
    [&b"http://"[..], b"https://", b"www."]
        .into_iter()
        .find(|prefix| begins(prefix))
        .map_or(0, <[u8]>::len)
}

/// Whether an address may begin here, and not in the middle of a word or of another address.
fn may_begin(bytes: &[u8], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).map(|before| bytes[before]) else {
        return true;
    };
    let is_www = bytes[at].eq_ignore_ascii_case(&b'w');
    !(before.is_ascii_alphanumeric()
        || is_www && matches!(before, b'.' | b'/' | b'@' | b'-' | b'_'))
}

/// Whether `text` begins with a host name that has at least two parts.
fn has_host(text: &str) -> bool {
    let is_outside = |c: char| !c.is_alphanumeric() && !matches!(c, '-' | '_' | '.');
    let mut cut = text.len().min(MAX_HOST + 1);
    while !text.is_char_boundary(cut) {
        cut -= 1;
    }
    let host = &text[..cut];
    let host = &host[..host.find(is_outside).unwrap_or(host.len())];
    let host = host.trim_end_matches(['.', '-', '_']);
    if host.len() > MAX_HOST || host.split('.').any(str::is_empty) {
        return false;
    }
    // An underscore is not allowed in what can be registered.
    let mut parts = host.rsplit('.');
    let (last, before) = (parts.next(), parts.next());
    last.zip(before)
        .is_some_and(|(last, before)| !last.contains('_') && !before.contains('_'))
}

/// Whether an address ends before `c`.
fn is_end(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '<' | '>' | '"' | '`' | '|' | '\\' | '^' | '{' | '}')
        || matches!(
            c,
            '…' | '«' | '»' | '‹' | '›' | '‘' | '’' | '“' | '”' | '„' | '‚'
        )
        || matches!(c, '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3011}' | '\u{3014}'..='\u{301f}')
        || matches!(
            c,
            '！' | '（'
                | '）'
                | '，'
                | '．'
                | '：'
                | '；'
                | '？'
                | '｡'
                | '､'
                | '،'
                | '؛'
                | '؟'
                | '।'
        )
}

/// `address` without the punctuation of the sentence around it. A closing bracket belongs to it
/// where it has the opening one too.
fn without_punctuation(address: &str) -> &str {
    let count = |bracket: char| address.matches(bracket).count();
    let mut extra_round = count(')').saturating_sub(count('('));
    let mut extra_square = count(']').saturating_sub(count('['));
    let mut rest = address;
    while let Some(last) = rest.chars().next_back() {
        match last {
            '?' | '!' | '.' | ',' | ':' | ';' | '*' | '_' | '~' | '\'' => {}
            ')' if extra_round > 0 => extra_round -= 1,
            ']' if extra_square > 0 => extra_square -= 1,
            _ => break,
        }
        rest = &rest[..rest.len() - last.len_utf8()];
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        find(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn addresses_end_where_the_sentence_goes_on() {
        for (text, address) in [
            (
                "See https://a.example/x_y-z?a=1&b=2#c.",
                "https://a.example/x_y-z?a=1&b=2#c",
            ),
            ("(http://a.example/x_(y))", "http://a.example/x_(y)"),
            ("[see www.a.example/x]", "www.a.example/x"),
            ("**HTTPS://A.example**, then", "HTTPS://A.example"),
            ("„https://a.example/ä“", "https://a.example/ä"),
            ("見て：https://a.example/x。次", "https://a.example/x"),
            ("https://a.example:8080/'x'!?", "https://a.example:8080/'x"),
            ("Website:www.a.example", "www.a.example"),
            ("http://müller.example/~me/", "http://müller.example/~me/"),
        ] {
            assert_eq!(found(text), [address], "{text}");
        }
        assert_eq!(found("www.a.example, http://b.example").len(), 2);
    }

    #[test]
    fn what_is_no_address_stays_text() {
        for text in [
            "http://",
            "https://x",
            "www.",
            "www.x",
            "xhttp://a.example",
            "me@www.a.example",
            "http://a..example",
            "http://a_b.c_d/",
            "ftp://a.example",
            "a.example",
            "www.a.",
        ] {
            assert!(find(text).is_empty(), "{text}");
        }
        let long = format!("http://a.example/{}", "x".repeat(MAX_ADDRESS));
        assert!(find(&long).is_empty());
        assert!(find(&format!("http://{}.example", "x".repeat(300))).is_empty());
    }

    #[test]
    fn the_target_has_a_scheme() {
        assert_eq!(target("www.a.example"), "http://www.a.example");
        assert_eq!(target("https://a.example"), "https://a.example");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in "(http://|www\\.|a\\.b|[()\\[\\]._/ ]|\\PC){0,60}") {
            let mut end = 0;
            for range in find(&text) {
                proptest::prop_assert!(range.start >= end && range.end <= text.len());
                proptest::prop_assert!(text.get(range.clone()).is_some());
                end = range.end;
            }
        }
    }
}
