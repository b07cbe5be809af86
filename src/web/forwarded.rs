//! The headers of reverse proxies: X-Forwarded-For, and Forwarded (RFC 7239). Pure: which proxies are
//! trusted is for `client` to decide.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;

use crate::config::ForwardedHeader;

/// How many entries are read, from the right.
const MAX_ENTRIES: usize = 64;

/// The addresses that the request was forwarded for, the last one first. None is an entry without an
/// address, such as `unknown`.
pub fn chain(headers: &HeaderMap, which: ForwardedHeader) -> Vec<Option<IpAddr>> {
    let plain = lines(headers, "x-forwarded-for");
    let standard = lines(headers, "forwarded");
    match which {
        ForwardedHeader::XForwardedFor => addresses(&plain),
        ForwardedHeader::Forwarded => forwarded_for(&standard),
        ForwardedHeader::Auto if plain.is_empty() => forwarded_for(&standard),
        ForwardedHeader::Auto => addresses(&plain),
    }
}

/// The elements of all lines of a header, in order.
fn lines(headers: &HeaderMap, name: &str) -> Vec<Vec<u8>> {
    headers
        .get_all(name)
        .iter()
        .flat_map(|line| elements(line.as_bytes(), b','))
        .collect()
}

/// Splits at `separator` outside of quotes. A quote that is never closed quotes nothing, so that
/// what a client sent cannot swallow what the proxy added to it.
fn elements(line: &[u8], separator: u8) -> Vec<Vec<u8>> {
    let mut found = vec![Vec::new()];
    let mut position = 0;
    while position < line.len() {
        let byte = line[position];
        if byte == b'"'
            && let Some(length) = quoted_length(&line[position..])
        {
            if let Some(last) = found.last_mut() {
                last.extend_from_slice(&line[position..position + length]);
            }
            position += length;
            continue;
        }
        if byte == separator {
            found.push(Vec::new());
        } else if let Some(last) = found.last_mut() {
            last.push(byte);
        }
        position += 1;
    }
    found
}

/// The longest quoted string that is read, in bytes: an address or a host is short.
const MAX_QUOTED: usize = 256;

/// The length of the quoted string at the beginning of `bytes` (RFC 9110, section 5.6.4), which must be the
/// end of a pair or an element: the quote that a proxy opens does not close one that a client left open.
fn quoted_length(bytes: &[u8]) -> Option<usize> {
    let mut is_escaped = false;
    for (position, byte) in bytes.iter().enumerate().take(MAX_QUOTED).skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => {
                let behind = bytes.get(position + 1);
                let is_end = matches!(behind, None | Some(b',' | b';' | b' ' | b'\t'));
                return is_end.then_some(position + 1);
            }
            _ => {}
        }
    }
    None
}

fn addresses(entries: &[Vec<u8>]) -> Vec<Option<IpAddr>> {
    entries
        .iter()
        .rev()
        .take(MAX_ENTRIES)
        .map(|entry| std::str::from_utf8(entry).ok().and_then(address))
        .collect()
}

fn forwarded_for(entries: &[Vec<u8>]) -> Vec<Option<IpAddr>> {
    entries
        .iter()
        .rev()
        .take(MAX_ENTRIES)
        .map(|entry| {
            elements(entry, b';').iter().find_map(|pair| {
                let (name, value) = std::str::from_utf8(pair).ok()?.split_once('=')?;
                name.trim()
                    .eq_ignore_ascii_case("for")
                    .then(|| address(value))?
            })
        })
        .collect()
}

/// An address as proxies write it: in quotes, in brackets, with a port, with a zone.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim().trim_matches('"').trim();
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(address.to_canonical());
    }
    if let Ok(address) = text.parse::<SocketAddr>() {
        return Some(address.ip().to_canonical());
    }
    let inside = match text.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0,
        // An IPv4 address with a port that is not a number, which RFC 7239 allows.
        None if text.matches(':').count() == 1 => text.split_once(':')?.0,
        None => text,
    };
    let without_zone = inside.split('%').next()?;
    without_zone
        .parse::<IpAddr>()
        .ok()
        .map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        address(text).map(|address| address.to_string())
    }

    #[test]
    fn an_address_is_read_in_every_form_that_proxies_write() {
        for text in [
            "192.0.2.7",
            " 192.0.2.7 ",
            "192.0.2.7:4711",
            "\"192.0.2.7:4711\"",
            "192.0.2.7:_port",
            "::ffff:192.0.2.7",
            "[::ffff:192.0.2.7]:80",
        ] {
            assert_eq!(read(text).as_deref(), Some("192.0.2.7"), "{text}");
        }
        for text in [
            "2001:db8::7",
            "[2001:db8::7]",
            "[2001:db8::7]:4711",
            "\"[2001:db8::7]:4711\"",
            "[2001:db8::7%eth0]:1",
            "2001:db8::7%1",
            "[2001:db8::7]:_x",
        ] {
            assert_eq!(read(text).as_deref(), Some("2001:db8::7"), "{text}");
        }
        for text in [
            "", "unknown", "_hidden", "192.0.2", "[192", "a:b:c", "for=1",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn entries_are_read_from_the_last_to_the_first_over_all_lines() {
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", "192.0.2.1, unknown".parse().unwrap());
        headers.append("x-forwarded-for", "192.0.2.3:80".parse().unwrap());
        let found = chain(&headers, ForwardedHeader::Auto);
        let found: Vec<_> = found
            .iter()
            .map(|one| one.map(|one| one.to_string()))
            .collect();
        assert_eq!(
            found,
            [
                Some("192.0.2.3".to_owned()),
                None,
                Some("192.0.2.1".to_owned())
            ]
        );
    }

    #[test]
    fn a_quote_that_nobody_opened_ends_nothing() {
        let found = elements(b"for=192.0.2.1, x\"", b',');
        assert_eq!(found, [&b"for=192.0.2.1"[..], b" x\""]);
    }

    #[test]
    fn the_standard_header_is_read_with_its_quotes() {
        let mut headers = HeaderMap::new();
        let line = "for=192.0.2.43;by=203.0.113.60;proto=http, For=\"[2001:db8:cafe::17]:4711\";host=\"a,b;for=x\", for=unknown, proto=https";
        headers.append("forwarded", line.parse().unwrap());
        let found = chain(&headers, ForwardedHeader::Forwarded);
        let found: Vec<_> = found
            .iter()
            .map(|one| one.map(|one| one.to_string()))
            .collect();
        assert_eq!(
            found,
            [
                None,
                None,
                Some("2001:db8:cafe::17".to_owned()),
                Some("192.0.2.43".to_owned())
            ]
        );
        assert!(chain(&headers, ForwardedHeader::XForwardedFor).is_empty());
    }

    #[test]
    fn what_a_client_forged_does_not_hide_what_the_proxy_added() {
        let mut headers = HeaderMap::new();
        let line = b"\xff\"junk, 192.0.2.9".as_slice();
        headers.append("x-forwarded-for", line.try_into().unwrap());
        let found = chain(&headers, ForwardedHeader::Auto);
        assert_eq!(found[0].unwrap().to_string(), "192.0.2.9");
        for line in [
            "for=\"1.1.1.1, for=192.0.2.9",
            "for=1.2.3.4;x=\", for=\"192.0.2.9:4711\"",
            "for=1.2.3.4;x=\", for=192.0.2.9;host=\"a:8443\"",
        ] {
            let mut headers = HeaderMap::new();
            headers.append("forwarded", line.parse().unwrap());
            let found = chain(&headers, ForwardedHeader::Auto);
            assert_eq!(found[0].unwrap().to_string(), "192.0.2.9", "{line}");
        }
    }
}
